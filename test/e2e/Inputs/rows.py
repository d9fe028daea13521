"""Rows of small normal numbers as csv. usage: rows.py ROWS COLUMNS"""
import random
import sys

source = random.Random(1)
for _ in range(int(sys.argv[1])):
    print(",".join(f"{source.gauss(0, 0.5):.3f}" for _ in range(int(sys.argv[2]))))
