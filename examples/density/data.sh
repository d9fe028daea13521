#!/usr/bin/env bash
# Draws the curves that density.nn learns, with a program of the language. usage: data.sh NNC FOLDER
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ ! -s "$2/curves.npy" ]; then
  "$1" "$here/curves.nn" -o "$2/curves"
  "$2/curves" make --seed 7 --curves "$2/curves.npy"
fi
