/// Random numbers of the reference evaluator: Philox4x32-10 (Salmon et al. 2011), its key mixed
/// from seed and site.
#include "test/nn/Interpreter.h"

#include <array>
#include <cmath>
#include <numbers>

using namespace mlir;

namespace nnc::test {

static std::array<uint32_t, 4> philox(std::array<uint32_t, 4> c, uint64_t key) {
  auto k0 = uint32_t(key), k1 = uint32_t(key >> 32);
  for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    uint64_t p = uint64_t(0xD2511F53u) * c[0], q = uint64_t(0xCD9E8D57u) * c[2];
    c = {uint32_t(q >> 32) ^ c[1] ^ k0, uint32_t(q), uint32_t(p >> 32) ^ c[3] ^ k1, uint32_t(p)};
  }
  return c;
}

/// The finaliser of splitmix64.
static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

LogicalResult evaluateRandom(Operation *op, ArrayRef<Tensor> in, std::vector<Tensor> &out) {
  auto random = dyn_cast<nn::RandomOp>(op);
  if (!random)
    return failure();
  auto seed = uint64_t(in[0].data[0]), step = uint64_t(in[1].data[0]);
  auto turn = uint32_t(in[2].data[0]);
  const uint64_t key = mix(seed + uint64_t(random.getSite()));
  for (size_t e = 0; e < out[0].data.size(); ++e) {
    auto words = philox({uint32_t(e / 4), turn, uint32_t(step), uint32_t(step >> 32)}, key);
    auto uniform = [&](size_t k) { return ((words[k] >> 9) + 0.5) / 8388608.0; };
    size_t k = e % 4;
    if (random.getKind() == nn::RandomKind::uniform) {
      out[0].data[e] = uniform(k);
      continue;
    }
    double radius = std::sqrt(-2 * std::log(uniform(k & 2)));
    double angle = 2 * std::numbers::pi * uniform((k & 2) + 1);
    out[0].data[e] = radius * (k & 1 ? std::sin(angle) : std::cos(angle));
  }
  return success();
}

} // namespace nnc::test
