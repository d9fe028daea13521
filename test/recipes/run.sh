#!/usr/bin/env bash
# Do the recipes of CONTRIBUTING.md work? On a copy of the sources: follows those for an op and for a distribution to the letter, builds,
# runs the tests that they add; then leaves steps of another distribution out, each of which has to be noticed. A quarter of an hour: a new
# op is seen by everything that includes the dialect. Ends with `N passed, N failed`.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
copy=$root/build-recipes
rm -rf "$copy"
mkdir "$copy"
tar -C "$root" --exclude="./build*" --exclude=./.git -cf - . | tar -C "$copy" -xf -
changed=$(python3 "$root/test/recipes/apply.py" "$copy" "Add an elementwise op" "Add a distribution")
echo "$changed"
tests=$(grep '\.\(test\|mlir\|nn\)$' <<<"$changed" | grep '^test/' | sort -u)

cd "$copy"
cmake --preset default
cmake --build build --target nnc nn-opt nn-check nnrt gradient-tests op-facts-tests
passed=0
failed=0
count() {
  echo "== $*"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
}
count build/bin/gradient-tests --gtest_brief=1
count build/bin/op-facts-tests --gtest_brief=1
cd build
for test in $tests test/docs test/nn/ops.mlir; do
  count /usr/lib/llvm-22/bin/lit -sv "$test"
done
cd ..
count python3 test/recipes/distribution.py
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
