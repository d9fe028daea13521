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
export NN_DATA="$root/build/data"

# A net `from "OTHER.safetensors"` has what the example OTHER learned.
for other in $(sed -n 's|.* from "\([^"]*\)\.safetensors".*|\1|p' "$source" | sort -u); do
  [ -f "$NN_DATA/$other.safetensors" ] || "$root/examples/run.sh" "$other"
done

work="$root/build/examples/$name"
mkdir -p "$work"
cd "$work"
if [ -f "$root/examples/$name/data.sh" ]; then
  bash "$root/examples/$name/data.sh" "$root/build/bin/nnc" "$NN_DATA"
fi
echo "== nnc $name.nn -o $name"
"$root/build/bin/nnc" "$source" -o "./$name"

# Each line `//> ARGS: METRIC > VALUE` of the source is a command, the first one a training, and what to reach: a value that the
# command prints, or else `eval`. Lines with the same ARGS share a run.
failed=0
ran=
verdicts=()
while IFS= read -r expectation; do
  arguments=${expectation%%:*}
  read -r metric comparison target <<<"${expectation#*: }"
  if [ "$arguments" != "$ran" ]; then
    echo "== ./$name $arguments"
    # shellcheck disable=SC2086  # the arguments are words
    "./$name" $arguments </dev/null | tee printed.txt
    if ! grep -q "^$metric=" printed.txt; then
      echo "== ./$name eval"
      "./$name" eval </dev/null | tee printed.txt
    fi
    ran=$arguments
  fi
  value=$(sed -n "s/^$metric=\([^ ]*\).*/\1/p" printed.txt | tail -n 1)
  if [ -z "$value" ]; then
    echo "$name: neither '$arguments' nor eval printed $metric" >&2
    exit 1
  fi
  verdict=ok
  awk -v v="$value" -v t="$target" "BEGIN { exit !(v $comparison t) }" || verdict=MISSED failed=1
  verdicts+=("$name: $metric=$value (target $comparison $target) $verdict")
done < <(sed -n 's|^//> *||p' "$source")

if [ -f "$root/examples/$name/show.sh" ]; then
  bash "$root/examples/$name/show.sh" "./$name"
fi
printf '%s\n' "${verdicts[@]}"
[ "$failed" = 0 ]
ln -sf "$work/$name.run/last.safetensors" "$NN_DATA/$name.safetensors"
