"""usage: builtins.py PROGRAM.nn EXECUTABLE: each `show NAME = .. // = PYTHON` prints what the Python says."""
import json
import math
import re
import subprocess
import sys

A = [[1.5, -0.5, 0.25], [0.0, 2.0, -3.0]]
C = [[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]]
I = [[7, -7, 0], [2, -3, 5]]
M = [[1.0, 2.0, 3.0, 4.0], [0.5, 0.0, -1.0, 2.0], [0.25, 1.0, 1.0, -2.0]]


def each(f, x):
    return [each(f, part) for part in x] if isinstance(x, list) else f(x)


def flat(x):
    return [y for part in x for y in flat(part)] if isinstance(x, list) else [x]


def turn(x):
    return [list(column) for column in zip(*x)]


def cols(f, x):
    return [f(column) for column in turn(x)]


def rows(f, x):
    return [f(row) for row in x]


def mean(x):
    return sum(x) / len(x)


def lse(x):
    return math.log(sum(math.exp(y) for y in x))


def softmax(x):
    return [math.exp(y) / sum(math.exp(z) for z in x) for y in x]


def running(f, x):
    out = x[:1]
    for y in x[1:]:
        out.append(f(out[-1], y))
    return out


def cut(x, n):
    return [x[k:k + n] for k in range(0, len(x), n)]


def shape(x):
    return [len(x)] + shape(x[0]) if isinstance(x, list) else []


def close(a, b):
    return abs(float(a) - float(b)) <= 2e-6 * max(1.0, abs(float(b)))


program, executable = sys.argv[1:]
printed = json.loads(subprocess.run([executable, "values", "--json"], capture_output=True, text=True, check=True).stdout)
wrong = 0
lines = re.findall(r"show (\w+) = .*// = (.*)", open(program).read())
for name, python in lines:
    expected, found = eval(python), printed[name]
    if shape(expected) != shape(found) or not all(map(close, flat(found), flat(expected))):
        print(f"{name}: {found}, expected {expected}")
        wrong += 1
assert len(lines) == len(printed), "a value without its Python"
print(f"{len(lines)} values, {wrong} wrong")
