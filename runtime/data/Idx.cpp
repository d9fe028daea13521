/// The idx format of MNIST.
#include "runtime/data/Formats.h"

namespace nnrt {

namespace {

std::optional<Raw> typeOf(uint64_t code) {
  switch (code) {
  case 0x08:
    return Raw::U8;
  case 0x09:
    return Raw::I8;
  case 0x0B:
    return Raw::I16;
  case 0x0C:
    return Raw::I32;
  case 0x0D:
    return Raw::F32;
  case 0x0E:
    return Raw::F64;
  default:
    return std::nullopt;
  }
}

} // namespace

RawRows parseIdx(FileBytes content, const std::string &file) {
  ByteReader reader(content, file);
  uint64_t magic = reader.bigEndian(4, "IDX magic"), rank = magic & 0xff;
  std::optional<Raw> type = typeOf(magic >> 8);
  if (!type)
    fail(Exit::Data, "{}: IDX magic: expected 00 00 and a type of 08 09 0b 0c 0d 0e, found {:08x}",
         file, magic);
  if (rank == 0)
    fail(Exit::Data, "{}: IDX rank: expected at least 1, found 0", file);
  std::vector<uint64_t> sizes;
  for (uint64_t i = 0; i < rank; ++i)
    sizes.push_back(reader.bigEndian(4, "IDX dimensions"));
  RawRows rows =
      arrayRows(std::move(content), reader.offset(), *type, sizes, file, "IDX", "IDX dimensions");
  rows.swapped = true;
  return rows;
}

} // namespace nnrt
