"""usage: ... values --json | scan_in_scan.py: what the entry of scan_in_scan.nn shows, computed with Python's loops."""
import json
import math
import sys

n, T = 3, 4
x = [[math.sin(i * n + j + 1) for j in range(n)] for i in range(T)]
want = {"sums": [2 * sum(row) for row in x]}

c, want["seen"] = list(x[0]), []
for t in range(T):
    h = sum(c[s] * (t + s) for s in range(n))
    c = [value + h / 10 for value in c]
    want["seen"].append(h)

want["columns"] = [[0.0] * n for _ in range(T - 1)]
for t in range(n):
    g = 0.0
    for s in range(T - 1):
        g = g / 2 + x[s + 1][t]
        want["columns"][s][t] = g

want["backwards"] = []
for a in x:
    v = [sum(a[i] * a[n - 1 - s] for i in range(n)) + a[s] * a[s] for s in range(n)]
    want["backwards"].append(sum(v[s] * (s + 1) for s in range(n)))

want["three"] = []
for t in range(2):
    a = [value + 1 for value in x[t]]
    m = [sum(a[s] * x[t + 1][r] * a[n - 1 - r] * x[r][s] for r in range(n)) for s in range(n)]
    want["three"].append(math.prod(m))

want["ends"] = []
for a in x:
    h = 0.0
    for s in range(n):
        h += abs(a[s])
        if h > 0.5:
            break
    want["ends"].append(h if h > 1 else h + sum(a))


def flat(value):
    return [number for item in value for number in flat(item)] if isinstance(value, list) else [value]


shown = {}
for line in sys.stdin:
    shown.update(json.loads(line))
for name, value in want.items():
    a, b = flat(shown[name]), flat(value)
    assert len(a) == len(b) and all(abs(p - q) < 1e-6 for p, q in zip(a, b)), (name, a, b)
