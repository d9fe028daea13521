#!/usr/bin/env bash
# Convolutions and both their gradients beside the processor's multiply-add rate; results are compared with the reference first.
# usage: test/benchmark/convolution.sh [BUILD_FOLDER] [ROUNDS]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${1:-$here/../../build}
cmake --build "$build" --target nn-check
exec python3 "$here/convolution.py" "$build" "${2:-5}"
