/// Offsets in the arena: larger buffers choose first.
#include "compiler/Buffers/Arena.h"
#include "llvm/Support/MathExtras.h"

namespace nnc {

/// Tasks write whole cache lines of their own.
static constexpr int64_t alignment = 64;

static int64_t findOffset(const Buffer &buffer, llvm::ArrayRef<const Buffer *> inUse) {
  int64_t best = -1, bestGap = std::numeric_limits<int64_t>::max(), end = 0;
  for (const Buffer *other : inUse) { // By offset.
    int64_t gap = other->offset - end;
    if (gap >= buffer.bytes && gap < bestGap) {
      best = end;
      bestGap = gap;
    }
    end = std::max<int64_t>(end, llvm::alignTo(other->offset + other->bytes, alignment));
  }
  return best >= 0 ? best : end;
}

int64_t placeInArena(std::vector<Buffer> &buffers) {
  llvm::SmallVector<Buffer *> order;
  for (Buffer &buffer : buffers)
    if (!buffer.argument && buffer.first <= buffer.last)
      order.push_back(&buffer);
  llvm::sort(order, [](Buffer *a, Buffer *b) {
    return std::tuple(-a->bytes, a) < std::tuple(-b->bytes, b);
  });
  llvm::SmallVector<const Buffer *> placed, inUse; // `placed` by offset.
  int64_t size = 0;
  for (Buffer *buffer : order) {
    inUse.clear();
    for (const Buffer *other : placed)
      if (other->first <= buffer->last && buffer->first <= other->last)
        inUse.push_back(other);
    buffer->offset = findOffset(*buffer, inUse);
    size = std::max<int64_t>(size, llvm::alignTo(buffer->offset + buffer->bytes, alignment));
    placed.insert(
        llvm::upper_bound(placed, buffer,
                          [](const Buffer *a, const Buffer *b) { return a->offset < b->offset; }),
        buffer);
  }
  return size;
}

} // namespace nnc
