"""Densities of repeated parameters against formulas. usage: broadcast.py EXECUTABLE"""
import json
import math
import subprocess
import sys


def run(entry, **arrays):
    words = [sys.argv[1], entry, "--json", "--run", "none"]
    for name, rows in arrays.items():
        rows = rows if isinstance(rows[0], list) else [rows]
        with open(name + ".csv", "w") as file:
            file.writelines(",".join(map(str, row)) + "\n" for row in rows)
        words += ["--" + name, name + ".csv"]
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def normal(x, m, s):
    return -0.5 * ((x - m) / s) ** 2 - math.log(s) - 0.5 * math.log(2 * math.pi)


def mixed(logits, densities):
    total = math.log(sum(map(math.exp, logits)))
    return math.log(sum(math.exp(a - total + d) for a, d in zip(logits, densities)))


def check(found, wanted, what):
    assert len(found) == len(wanted) and all(abs(a - b) < 1e-5 * max(1, abs(b)) for a, b in zip(found, wanted)), (what, found, wanted)


w = [[0.3 * n - 0.2 * c * n for c in range(3)] for n in range(5)]
x = [-1.2, 0.1, 0.4, 2.0, 1.0]
found = run("mixture", w=w, x=x)
check(found["density"], [mixed(w[n], [normal(x[n], m, 0.5) for m in (-1, 0, 1)]) for n in range(5)], "common components")
check(found["shared_weights"], [mixed(w[0], [normal(x[n], 0.1 * n + c, 0.5) for c in range(3)]) for n in range(5)], "common weights")
check(found["vector_density"], [mixed(w[n], [normal(1, 2 * c, 1) + normal(1, 2 * c + 1, 1) for c in range(3)]) for n in range(5)], "vectors")
assert len(found["drawn"]) == len(found["other"]) == 5 and len(found["vector"]) == 5, found

m = [[0.5 * b, -b] for b in range(4)]
l = [[1.5, 0.0], [0.5, 2.0]]
points = [[1.0, 0.5], [0.0, -1.0], [2.0, 2.0], [1.0, -3.0]]


def correlated(point, mean, factor):
    z0 = (point[0] - mean[0]) / (factor * l[0][0])
    z1 = (point[1] - mean[1] - factor * l[1][0] * z0) / (factor * l[1][1])
    return normal(z0, 0, 1) + normal(z1, 0, 1) - math.log(factor * l[0][0]) - math.log(factor * l[1][1])


found = run("correlated", m=m, l=l, x=points)
check(found["density"], [correlated(p, m[b], 1) for b, p in enumerate(points)], "a common factor")
check(found["other_density"], [correlated(p, m[0], b + 1) for b, p in enumerate(points)], "a common mean")
check(found["entropy"], [math.log(3) + 1 + math.log(2 * math.pi)] * 4, "entropy")
trace = 1.5 ** 2 + 0.5 ** 2 + 2 ** 2
check(found["divergence"], [0.5 * (trace + m[b][0] ** 2 + m[b][1] ** 2 - 2) - math.log(3) for b in range(4)], "divergence")
print("repeated parameters: ok")
