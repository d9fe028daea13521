#!/usr/bin/env bash
# Compiles an example, trains it on real data, evaluates it, shows what it made, checks what it should reach.
# usage: examples/run.sh [NAME]          (default: mlp)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
name=${1:-mlp}
source="$root/examples/$name/$name.nn"
if [ ! -f "$source" ]; then
  echo "error: no example '$name'; there are:" >&2
  (cd "$root/examples" && for folder in */; do echo "  ${folder%/}"; done) >&2
  exit 1
fi
"$root/test/setup.sh"
"$root/examples/data.sh"

work="$root/build/examples/$name"
mkdir -p "$work"
cd "$work"
export NN_DATA="$root/build/data"
echo "== nnc $name.nn -o $name"
"$root/build/bin/nnc" "$source" -o "./$name"

# A line `//> train ARGS: METRIC > VALUE` in the source says how to train and what to reach.
expectation=$(sed -n 's|^//> *||p' "$source" | head -n 1)
arguments=${expectation%%:*}
condition=${expectation#*: }
read -r metric comparison target <<<"$condition"
echo "== ./$name $arguments"
# shellcheck disable=SC2086  # the arguments are words
"./$name" $arguments
echo "== ./$name eval"
"./$name" eval | tee eval.txt
if [ -f "$root/examples/$name/show.sh" ]; then
  bash "$root/examples/$name/show.sh" "./$name"
fi

value=$(sed -n "s/^$metric=\([^ ]*\).*/\1/p" eval.txt | tail -n 1)
if [ -z "$value" ]; then
  echo "$name: eval did not print $metric" >&2
  exit 1
fi
if awk -v v="$value" -v t="$target" "BEGIN { exit !(v $comparison t) }"; then
  echo "$name: $metric=$value (target $comparison $target) ok"
else
  echo "$name: $metric=$value (target $comparison $target) MISSED" >&2
  exit 1
fi
