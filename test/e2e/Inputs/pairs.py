"""Writes sentences and their translation, word by word. usage: pairs.py ROWS > pairs.tsv"""
import random
import sys

random.seed(1)
for _ in range(int(sys.argv[1])):
    words = [random.choice("abcdefgh") for _ in range(random.randint(2, 5))]
    print(" ".join(words) + "\t" + " ".join(word.upper() for word in words))
