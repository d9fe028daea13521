#!/usr/bin/env bash
# Plots the distance that a training estimated. usage: show.sh EXECUTABLE, whose run lies beside it
set -euo pipefail
exe=$1
# The generator's steps in 300 equal parts, and the mean of each: the columns of the picture.
sed -n 's/.*"wasserstein.generator": \([^,]*\),.*/\1/p' "$exe.run/metrics.jsonl" |
  awk '{ value[NR] = $1 }
       END { for (k = 0; k < 300; k++) {
               sum = n = 0
               for (i = int(k * NR / 300) + 1; i <= (k + 1) * NR / 300; i++) { sum += value[i]; n++ }
               print sum / n
             } }' >distances.csv
"$exe" plot --distance distances.csv --curve distance.png
awk 'NR % 50 == 0 { printf "distance after %d %% of the training: %.3f\n", NR / 3, $1 }' distances.csv
