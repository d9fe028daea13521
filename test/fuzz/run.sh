#!/usr/bin/env bash
# The parser and the runtime under AddressSanitizer and UndefinedBehaviorSanitizer: their GoogleTest suites, then each fuzzer.
# usage: test/fuzz/run.sh [SECONDS]   (for each fuzzer; default 60, two run at a time). Ends with `N passed, N failed`.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
seconds=${1:-60}
cd "$root" || exit 1
[ -f build-fuzz/build.ninja ] || cmake --preset fuzz >/dev/null || exit 1
cmake --build --preset fuzz || exit 1
cd build-fuzz || exit 1
export ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1

passed=0
failed=0
for suite in runtime-tests syntax-tests; do
  echo "== $suite, sanitized"
  "bin/$suite" --gtest_brief=1 | tee suite.log
  [ "${PIPESTATUS[0]}" = 0 ] || grep -q FAILED suite.log || failed=$((failed + 1))
  count() { sed -n "s/^\[  $1  \] \([0-9]*\) test.*/\1/p" suite.log | head -n 1 | grep . || echo 0; }
  passed=$((passed + $(count PASSED)))
  failed=$((failed + $(count FAILED)))
done

python3 "$root/test/fuzz/seeds.py" seeds || exit 1
mkdir -p seeds/parser && find "$root/examples" "$root/test" -name '*.nn' -exec cp {} seeds/parser/ \;

# fuzz NAME: what it finds is kept in found/NAME-*; corpus/NAME keeps inputs that reach more code for the next run.
fuzz() {
  mkdir -p "corpus/$1" found
  "bin/$1-fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="found/$1-" "corpus/$1" "seeds/$1" >"$1.log" 2>&1
}
names=(parser idx npy csv safetensors text)
echo "== fuzzers, $seconds s each: ${names[*]}"
for ((k = 0; k < ${#names[@]}; k += 2)); do
  pids=()
  for name in "${names[@]:k:2}"; do
    fuzz "$name" &
    pids+=($!)
  done
  for ((j = 0; j < ${#pids[@]}; ++j)); do
    name=${names[k + j]}
    if wait "${pids[j]}"; then
      passed=$((passed + 1))
      echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$name.log") inputs, nothing found"
    else
      failed=$((failed + 1))
      echo "$name: FAILED; the input is in build-fuzz/found"
      grep -v '^#' "$name.log" | tail -n 40
    fi
  done
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
