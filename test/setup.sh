#!/usr/bin/env bash
# Installs what is missing (as root; otherwise says what is), configures and builds. Sourced or called by the two run.sh.
# usage: test/setup.sh [--test]   (--test also installs what only the tests need)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

packages=(
  clang-22 lld-22 llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools cmake ninja-build g++ pkg-config
  libfmt-dev nlohmann-json3-dev libpng-dev zlib1g-dev
  dataset-fashion-mnist bible-kjv
)
[ "${1:-}" = --test ] && packages+=(libgtest-dev libclang-rt-22-dev clang-format-22 python3 python3-numpy)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "error: these Debian packages are missing; install them as root:" >&2
    echo "  apt-get install ${missing[*]}" >&2
    exit 1
  fi
  echo "installing: ${missing[*]}"
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
  rm -f "$root/build/CMakeCache.txt" # What was not found before is looked for again.
fi

cd "$root"
if [ ! -f build/build.ninja ] || [ ! -f build/CMakeCache.txt ]; then
  cmake --preset default
fi
cmake --build --preset default
