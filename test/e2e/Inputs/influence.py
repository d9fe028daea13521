"""How many rows of a CSV file without a header a training depends on. usage: influence.py EXECUTABLE FILE MORE_THAN AT_MOST

One block alone depends on MORE_THAN rows; both blocks on more than that, and on AT_MOST.
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tensors


def learned(executable, flags):
    subprocess.run([executable, "train", "--run", "influence.run", *flags], check=True, capture_output=True)
    return {name: t for name, t in tensors.read("influence.run/last.safetensors").items() if name.startswith("param/")}


def influential(executable, path, flags):
    with open(path) as file:
        rows = file.read().splitlines()
    before, count = learned(executable, flags), 0
    for k, row in enumerate(rows):
        changed = list(rows)
        changed[k] = ",".join(str(float(x) + 1) for x in row.split(","))
        with open(path, "w") as file:
            file.write("\n".join(changed) + "\n")
        count += learned(executable, flags) != before
    with open(path, "w") as file:
        file.write("\n".join(rows) + "\n")
    return count


executable, path, more_than, at_most = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
one = influential(executable, path, ["--second", "0"])
both = influential(executable, path, [])
print(f"one block depends on {one} rows, both on {both}")
sys.exit(not (one == more_than < both <= at_most))
