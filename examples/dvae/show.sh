#!/usr/bin/env bash
# The same program by each estimator: one word of the source changes. Prints the bound that each training reaches and, at the end of
# the one by enumeration, the variance of each gradient. usage: show.sh ./dvae
set -euo pipefail
source="$(dirname "${BASH_SOURCE[0]}")/dvae.nn"
nnc="$(dirname "${BASH_SOURCE[0]}")/../../build/bin/nnc"
echo "== the same with one word changed"
for word in "enumerate" "score(baseline = mean)" "score(baseline = 0)" "gumbel(tau = 0.5)"; do
  name=$(echo "$word" | tr -dc 'a-z0-9')
  sed "s/z ~ q by enumerate/z ~ q by $word/" "$source" >"$name.nn"
  "$nnc" "$name.nn" -o "./$name"
  "./$name" train --seed 1 </dev/null >"$name.txt"
  printf '%-24s %s\n' "$word" "$("./$name" eval </dev/null | tr '\n' ' ')"
done
echo "== variance of the gradient, one batch, at the end of the training by enumeration"
for word in "score(baseline = mean)" "gumbel(tau = 0.5)"; do
  name=$(echo "$word" | tr -dc 'a-z0-9')
  "$nnc" --compare-estimators "$name.nn" -o "./$name-compared"
  "./$name-compared" grad-variance --checkpoint enumerate.run/last.safetensors </dev/null
done
