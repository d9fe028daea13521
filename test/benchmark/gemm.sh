#!/usr/bin/env bash
# Matrix products against OpenBLAS, oneDNN and BLIS (Debian: libopenblas0-openmp libdnnl2 libblis4-openmp; what is
# missing is left out), on one and on two threads.
#
#   test/benchmark/gemm.sh [BUILD_FOLDER] [gemm-benchmark's options]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$here/../../build
if [[ $# -gt 0 && $1 != --* ]]; then build=$1; shift; fi
cmake --build "$build" --target gemm-benchmark
# One pool for everybody: pinned, and asleep when idle.
export OMP_PROC_BIND=true OMP_PLACES=cores OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-active}
# Peers older than the processor fall back to plain C (BLIS 0.9) or AVX2 (OpenBLAS 0.3.21): name their best form.
# BLIS: 0 is AVX-512, 6 is AVX2.
if grep -qw avx512f /proc/cpuinfo; then
  export BLIS_ARCH_TYPE=${BLIS_ARCH_TYPE:-0} OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-SkylakeX}
else
  export BLIS_ARCH_TYPE=${BLIS_ARCH_TYPE:-6}
fi
for threads in 1 2; do
  OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads "$build/bin/gemm-benchmark" --threads $threads "$@"
done
