#!/usr/bin/env bash
# Do the recipes of CONTRIBUTING.md work? Follows one on a copy of the sources, builds it, and uses what was added; then leaves each step
# out, which has to be noticed. Each needs a whole build.
# usage: test/recipes/run.sh distribution
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
recipe=${1:?usage: test/recipes/run.sh distribution}
copy=$root/build-recipes
rm -rf "$copy"
mkdir "$copy"
git -C "$root" ls-files -z --cached --others --exclude-standard | tar -C "$root" --null -T - -cf - | tar -C "$copy" -xf -
cd "$copy"
cmake --preset default
python3 "test/recipes/$recipe.py"
