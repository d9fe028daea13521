#!/usr/bin/env bash
# Makes the data that the examples train on, from Debian packages, in build/data. usage: examples/data.sh
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data="$root/build/data"
mkdir -p "$data"

# Fashion-MNIST (Xiao et al. 2017): 70,000 pictures of clothes, 28 x 28.
for file in /usr/share/datasets/fashion-mnist/*.gz; do
  ln -sf "$file" "$data/"
done

# The King James Bible, a verse a line, without the verse numbers.
if [ ! -s "$data/bible.txt" ]; then
  bible -f gen1:1-rev22:21 </dev/null | sed -E 's/^[A-Za-z0-9]+:[0-9]+ //' >"$data/bible.tmp"
  mv "$data/bible.tmp" "$data/bible.txt"
fi
