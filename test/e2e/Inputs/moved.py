"""Compares checkpoints byte by byte. usage: moved.py A.safetensors B.safetensors PATTERN...

Every tensor whose name matches a pattern (from its start) differs, every other one is equal; each pattern matches one.
"""
import re
import sys

from tensors import read

first, second, *patterns = sys.argv[1:]
a, b = read(first), read(second)
if a.keys() != b.keys():
    sys.exit(f"other tensors: {sorted(a.keys() ^ b.keys())}")
for pattern in patterns:
    if not any(re.match(pattern, name) for name in a):
        sys.exit(f"no tensor matches {pattern}")
for name in a:
    expected = any(re.match(pattern, name) for pattern in patterns)
    if expected != (a[name] != b[name]):
        sys.exit(f"{name}: {'the same bytes' if expected else 'other bytes'}")
