#!/bin/sh
# attention.sh [BUILD] [REPEATS]: fused attention against an unfused one on OpenBLAS (libopenblas0-pthread), one
# and two threads, on the host's instructions and on AVX2. BLAS names another library.
set -e
build=${1:-build}
repeats=${2:-50}
cmake --build "$build" --target attention-benchmark >/dev/null
# A library older than the processor falls back to AVX2: ask for its AVX-512 kernels where they run.
core=Haswell
grep -q avx512f /proc/cpuinfo && core=SkylakeX
for threads in 1 2; do
  for seen in full causal; do
    for shape in "12 1024 64" "48 64 32" "48 256 32"; do
      OPENBLAS_CORETYPE=$core "$build/bin/attention-benchmark" $shape $seen $threads "$repeats" native
      OPENBLAS_CORETYPE=Haswell "$build/bin/attention-benchmark" $shape $seen $threads "$repeats" x86-64-v3
    done
  done
done
