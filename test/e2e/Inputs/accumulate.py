"""Compares trainings by accumulated batches with trainings by whole ones."""
import json
import re
import subprocess
import sys

program = sys.argv[1]


def run(*words):
    return subprocess.run([program, *words], check=True, capture_output=True, text=True).stdout


def numbers(text):
    return [float(x) for x in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", text)]


def records(folder):
    with open(folder + "/metrics.jsonl") as lines:
        return [r for r in map(json.loads, lines) if "ms" in r]


def close(a, b, what):
    assert len(a) == len(b) and all(abs(x - y) <= 1e-5 * max(1, abs(y)) for x, y in zip(a, b)), (what, a, b)


with open("d.csv", "w") as file:  # 11 rows: an epoch is two batches of four, however they are cut
    for row in range(11):
        file.write(",".join(str((row * 7 + k * 5) % 11 - 4 + 0.5 * k) for k in range(3)) + "\n")

for parts, whole in (("parts", "whole"), ("game_parts", "game_whole")):
    for block in (parts, whole):
        run(block, "--run", block)
    steps = records(parts), records(whole)
    assert len(steps[0]) == len(steps[1]) == (4 if parts == "parts" else 9), [len(s) for s in steps]
    for a, b in zip(*steps):
        assert a.keys() == b.keys()
        close([v for k, v in a.items() if k != "ms"], [v for k, v in b.items() if k != "ms"], (parts, a, b))
    close(numbers(run("shown", "--run", parts)), numbers(run("shown", "--run", whole)), parts)

run("one", "--run", "one")
run("four", "--run", "four")
one, four = numbers(run("drawn", "--run", "one"))[0:], numbers(run("drawn", "--run", "four"))
assert max(abs(x) for x in four) < 0.4 < max(abs(x) for x in one), (one, four)  # a mean of 400 draws, three times
kept = [r["noisy.kept"] for r in records("four")]
assert all(0.4 < k < 0.6 for k in kept) and len(set(kept)) == 3, kept
norm = records("four")[0]["grad_norm"]
assert norm < 0.2, norm
print("accumulated steps: ok")
