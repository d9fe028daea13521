#!/usr/bin/env bash
# Trains each model and its PyTorch twin from the same parameters and rows, in f64 and f32; `distributions` compares log densities,
# entropies and divergences with torch.distributions. usage: test/parity/run.sh [NAME...]
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
"$root/test/setup.sh" || exit 1
if ! python3 -c 'import torch' 2>/dev/null && ! /usr/bin/python3 -c 'import torch' 2>/dev/null; then
  if [ "$(id -u)" != 0 ]; then
    echo "error: PyTorch is missing; as root: apt-get install python3-torch" >&2
    exit 1
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends python3-torch || exit 1
fi
python=python3
"$python" -c 'import torch' 2>/dev/null || python=/usr/bin/python3

names=("$@")
[ ${#names[@]} -gt 0 ] || names=(distributions cells mlp autoencoder vae dvae dvae_score dvae_gumbel cnn gpt lstm gan wgan_gp)
passed=0
failed=0
# Recurrent cells against torch's modules, 7 turns and 1.
compare_cells() {
  local turns work="$root/build/parity/cells"
  mkdir -p "$work"
  for turns in 7 1; do
    if "$root/build/bin/nnc" "$root/test/parity/cells.nn" --real=f64 -D T="$turns" -o "$work/cells-$turns" &&
      "$python" "$root/test/parity/cells.py" "$work/cells-$turns" "$work/run-$turns"; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
    fi
  done
}

for name in "${names[@]}"; do
  if [ "$name" = cells ]; then
    compare_cells
    continue
  fi
  for real in f64 f32; do
    work="$root/build/parity/$name"
    mkdir -p "$work"
    if [ "$name" = distributions ]; then
      if "$root/build/bin/nnc" "$root/test/prob/Inputs/densities.nn" --real="$real" -o "$work/$real" &&
        (cd "$work" && "$python" "$root/test/parity/distributions.py" "./$real" "$real"); then
        passed=$((passed + 1))
      else
        failed=$((failed + 1))
      fi
      continue
    fi
    if "$root/build/bin/nnc" "$root/test/parity/$name.nn" --real="$real" -o "$work/$name-$real" &&
      "$python" "$root/test/parity/compare.py" "$name" "$work/$name-$real" "$work" "$real"; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
    fi
  done
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
