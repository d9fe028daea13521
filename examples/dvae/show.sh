#!/usr/bin/env bash
# The same program by each estimator: one word of the source changes. Prints the bound that each training reaches, then the variance of
# each gradient where the training by enumeration ended. usage: show.sh ./dvae   (trained)
set -euo pipefail
program=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
nnc="$here/../../build/bin/nnc"

row() { printf '%-24s %s\n' "$1" "$("$2" eval </dev/null | tr '\n' ' ')"; }
echo "== the same with one word changed"
row enumerate "$program"
for word in "score(baseline = mean)" "score(baseline = 0)" "gumbel(tau = 0.5)"; do
  name=$(echo "$word" | tr -dc 'a-z0-9')
  sed "s/z ~ q by enumerate/z ~ q by $word/" "$here/dvae.nn" >"$name.nn"
  "$nnc" --compare-estimators "$name.nn" -o "./$name"
  "./$name" train --seed 1 </dev/null >"$name.txt"
  row "$word" "./$name"
done
echo "== variance of the gradient of one batch, where the training by enumeration ended"
for name in scorebaselinemean gumbeltau05; do
  "./$name" grad-variance --samples 60 --checkpoint "$program.run/last.safetensors" </dev/null
done
