/// The processor's multiply-add rate, measured beside what is compared with it.
#ifndef NNC_TEST_BENCHMARK_PEAK_H
#define NNC_TEST_BENCHMARK_PEAK_H

namespace nnc::test {

/// Does `flops` of independent f32 multiply-adds in registers, in vectors of 256 or 512 bits.
void multiplyAdd(double flops, unsigned vectorBits);

} // namespace nnc::test

#endif
