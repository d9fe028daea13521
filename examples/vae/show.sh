#!/usr/bin/env bash
# Samples of the prior, and held-out pictures above their reconstructions. usage: show.sh EXECUTABLE
set -euo pipefail
"$1" sample --grid samples.png
"$1" reconstruct --pictures reconstructions.png
