/// The binary version of CIFAR-10: records of a label and three planes.
#include "runtime/data/Formats.h"

namespace nnrt {

RawRows parseCifar10(std::shared_ptr<const FileBytes> content, const std::string &file,
                     Cifar10Part part) {
  constexpr size_t pixels = 3 * 32 * 32, record = 1 + pixels;
  if (content->size() == 0 || content->size() % record != 0)
    fail(Exit::Data, "{}: CIFAR-10 data: expected a multiple of {} bytes, found {}", file, record,
         content->size());
  RawRows rows;
  rows.file = file;
  rows.rows = content->size() / record;
  rows.stride = record;
  rows.content = std::move(content);
  if (part == Cifar10Part::Label)
    return rows;
  rows.start = 1;
  rows.elements = pixels;
  rows.shape = {3, 32, 32};
  return rows;
}

} // namespace nnrt
