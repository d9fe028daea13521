/// The idx format of MNIST.
#include "runtime/data/Formats.h"

namespace nnrt {

RawRows parseIdx(FileBytes content, const std::string &file) {
  ByteReader reader(content, file);
  uint64_t magic = reader.bigEndian(4, "IDX magic");
  RawRows rows;
  rows.swapped = true;
  switch (magic >> 8) {
  case 0x08:
    rows.type = Raw::U8;
    break;
  case 0x09:
    rows.type = Raw::I8;
    break;
  case 0x0B:
    rows.type = Raw::I16;
    break;
  case 0x0C:
    rows.type = Raw::I32;
    break;
  case 0x0D:
    rows.type = Raw::F32;
    break;
  case 0x0E:
    rows.type = Raw::F64;
    break;
  default:
    fail(Exit::Data, "{}: IDX magic: expected 00 00 and a type of 08 09 0b 0c 0d 0e, found {:08x}",
         file, magic);
  }
  uint64_t rank = magic & 0xff;
  if (rank == 0)
    fail(Exit::Data, "{}: IDX rank: expected at least 1, found 0", file);
  std::vector<uint64_t> sizes;
  for (uint64_t i = 0; i < rank; ++i)
    sizes.push_back(reader.bigEndian(4, "IDX dimensions"));
  rows.rows = sizes[0];
  uint64_t elements = checkedProduct(std::span(sizes).subspan(1), file, "IDX dimensions");
  sizes.push_back(sizeOf(rows.type));
  uint64_t total = checkedProduct(sizes, file, "IDX dimensions");
  if (reader.remaining() != total)
    fail(Exit::Data, "{}: IDX data: expected {} bytes after the header, found {}", file, total,
         reader.remaining());
  rows.start = reader.offset();
  rows.elements = int64_t(elements);
  rows.stride = elements * sizeOf(rows.type);
  rows.shape.assign(sizes.begin() + 1, sizes.end() - 1);
  rows.file = file;
  rows.content = std::make_shared<FileBytes>(std::move(content));
  return rows;
}

} // namespace nnrt
