"""Counts of draws that share a distribution. usage: shared.py EXECUTABLE"""
import subprocess
import sys

import os
sys.path.insert(0, os.path.dirname(__file__))
import math

from npy import read


def run(*words):
    subprocess.run([sys.argv[1], *words], check=True, stdout=subprocess.DEVNULL)


def fits(counts, weights, what):
    """Chi-square over cells of at least ten expected draws, the others together."""
    n, total, rest, seen, statistic, cells = sum(counts), sum(weights), 0.0, 0, 0.0, 0
    for c, w in zip(counts, weights):
        expected = n * w / total
        assert c == 0 or w > 0, (what, "an outcome of probability 0 was drawn")
        if expected < 10:
            rest, seen = rest + expected, seen + c
            continue
        statistic, cells = statistic + (c - expected) ** 2 / expected, cells + 1
    if rest >= 10:
        statistic, cells = statistic + (seen - rest) ** 2 / rest, cells + 1
    bound = cells + 5 * math.sqrt(2 * cells) + 10
    assert statistic < bound, (what, statistic, bound)
    print(what, "chi-square", round(statistic, 1), "of", cells)


def flat(name):
    return list(read(name)[1])


def counted(values, size):
    counts = [0] * size
    for v in values:
        counts[int(v)] += 1
    return counts


run("words", "--run", "none")
p = [0.0 if v % 3 == 1 else 1 / (v + 1) for v in range(6000)]
words = flat("words.npy")
fits(counted(words, 6000), p, "words")
fits(counted(flat("by_logits.npy"), 6000), p, "by logits")
for name in ("score.npy", "score_logits.npy"):
    worst = max(abs(s - math.log(p[int(w)] / sum(p))) for s, w in zip(flat(name), words))
    assert worst < 2e-5, (name, worst)
run("rows", "--run", "none")
places, scores = flat("places.npy"), flat("score.npy")
for t in range(3):
    q = [0.0 if v < 10 * (t + 1) else 1 + t * v for v in range(70)]
    fits(counted(places[t::3], 70), q, f"row {t}")
    assert max(abs(s - math.log(q[int(w)] / sum(q))) for s, w in zip(scores[t::3], places[t::3])) < 2e-5
hot = flat("hot.npy")
assert set(hot) == {0.0, 1.0} and sum(hot) == 4000
fits([sum(hot[v::70]) for v in range(70)], [0.0 if v < 10 else 1.0 for v in range(70)], "one-hot")
fits(counted(flat("few.npy"), 3), [1, 0, math.e], "few")
# Neighbours are independent: the same word twice in a row as often as it should be.
pairs, total = sum(a == b for a, b in zip(words, words[1:])), sum(p)
expected = (len(words) - 1) * sum((x / total) ** 2 for x in p)
assert abs(pairs - expected) < 6 * math.sqrt(expected), (pairs, expected)
print("shared draws: ok")
