#!/usr/bin/env bash
# Training steps of nnc's executables beside PyTorch (eager) and C written by hand on OpenBLAS, in turns, on one and two threads:
# losses are compared first. What is missing is left out, with a message. As root, and where PyTorch is to live:
#
#   apt-get install gcc libopenblas-dev libtcmalloc-minimal4 python3-numpy
#   python3 -m venv FOLDER && FOLDER/bin/pip install torch numpy; export PEERS_VENV=FOLDER
#
#   test/benchmark/peers.sh [BUILD_FOLDER] [--check] [--threads 1,2] [--turns 5] [--seconds 2] [--folder DIR] [CASE...]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$here/../../build
if [[ $# -gt 0 && -d $1 ]]; then build=$1; shift; fi
[ -x "$build/bin/nnc" ] || cmake --build "$build" --target nnc nnrt
for python in ${PEERS_VENV:+"$PEERS_VENV/bin/python"} python3 /usr/bin/python3; do
  if "$python" -c 'import numpy' 2>/dev/null; then
    exec "$python" "$here/peers/compare.py" "$build" "$@"
  fi
done
echo "error: numpy is missing: apt-get install python3-numpy" >&2
exit 1
