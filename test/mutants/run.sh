#!/usr/bin/env bash
# Can the tests fail? Builds a copy of the sources with small mistakes in it, turns them on one by one, and runs the tests that have
# to see each. Ends with `N seen, N not seen`. A whole build, and some twenty minutes of tests.
# usage: test/mutants/run.sh [NAME...]   (names are in mutants.py)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
"$root/test/setup.sh" --test
"$root/examples/data.sh"
copy=$root/build-mutants
rm -rf "$copy"
mkdir "$copy"
git -C "$root" ls-files -z --cached --others --exclude-standard | tar -C "$root" --null -T - -cf - | tar -C "$copy" -xf -
python3 "$copy/test/mutants/mutants.py" apply "$copy"
cd "$copy"
cmake --preset default
cmake --build --preset default
NN_DATA=$root/build/data python3 test/mutants/mutants.py run build "$@"
