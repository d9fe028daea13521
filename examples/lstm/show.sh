#!/usr/bin/env bash
# Writes 400 characters after each of two first ones. usage: show.sh EXE
set -euo pipefail
seed=0
for first in I A; do
  seed=$((seed + 1))
  "$1" write --first "$first" --seed "$seed" </dev/null
done
