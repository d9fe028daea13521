#!/usr/bin/env bash
# Builds and runs every test: GoogleTest suites, lit tests. Ends with `N passed, N failed`.
# usage: test/run.sh [--sanitize]   (--sanitize: also test/fuzz/run.sh, some five minutes)
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/test/setup.sh" --test || exit 1
"$root/examples/data.sh" || exit 1
cd "$root/build" || exit 1
export NN_DATA="$root/build/data"

passed=0
failed=0
for suite in bin/*-tests; do
  [ -x "$suite" ] || continue
  echo "== $suite"
  "$suite" --gtest_brief=1 | tee suite.log
  [ "${PIPESTATUS[0]}" = 0 ] || grep -q FAILED suite.log || failed=$((failed + 1))  # It crashed before it could say so.
  passed=$((passed + $(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' suite.log | head -n 1 || echo 0)))
  failed=$((failed + $(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' suite.log | head -n 1 | grep . || echo 0)))
done

echo "== lit"
rm -f lit.xml
/usr/lib/llvm-22/bin/lit -sv -j2 --no-progress-bar --xunit-xml-output=lit.xml test
if [ ! -f lit.xml ]; then
  echo "lit wrote no results" >&2
  exit 1
fi
read -r ran bad < <(python3 - <<'PY'
import xml.etree.ElementTree as tree
root = tree.parse("lit.xml").getroot()
suites = root.iter("testsuite")
total = failures = 0
for suite in suites:
    total += int(suite.get("tests", 0)) - int(suite.get("skipped", 0))
    failures += int(suite.get("failures", 0))
print(total, failures)
PY
)
passed=$((passed + ran - bad))
failed=$((failed + bad))

if [ "${1:-}" = --sanitize ]; then
  "$root/test/fuzz/run.sh" | tee fuzz.log
  read -r good bad < <(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' fuzz.log | tail -n 1 | grep . || echo 0 1)
  passed=$((passed + good))
  failed=$((failed + bad))
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
