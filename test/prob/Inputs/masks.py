"""The same evidence with holes, and without the rows' holes but masked by numbers. usage: masks.py EXECUTABLE"""
import json
import subprocess
import sys


def step(rows, name):
    with open("d.csv", "w") as file:
        file.write(rows)
    subprocess.run([sys.argv[1], "train", "--run", name], check=True, stdout=subprocess.DEVNULL)
    with open(name + "/metrics.jsonl") as lines:
        return [json.loads(line) for line in lines][1]


first = step("1,nan,0,2\nnan,0.5,7,1\n", "a")
second = step("1,nan,0,2\nnan,0.5,7,1\n", "b")
other = step("1,nan,0,2\nnan,0.5,8,1\n", "c")
assert first["missing"] == second["missing"] != other["missing"], (first, second, other)
assert first["grad_norm"] > 0.01, first
print("masks:", first["missing"], first["grad_norm"])
