"""Values and gradients at certain outcomes. usage: certain.py EXECUTABLE"""
import json
import math
import subprocess
import sys


def run(entry, **arrays):
    words = [sys.argv[1], entry, "--json"]
    for name, row in arrays.items():
        with open(name + ".csv", "w") as file:
            file.write(",".join(map(str, row)) + "\n")
        words += ["--" + name, name + ".csv"]
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def check(entry, found, **wanted):
    for name, value in wanted.items():
        row = found[name] if isinstance(found[name], list) else [found[name]]
        value = value if isinstance(value, list) else [value]
        assert len(row) == len(value), (entry, name, row)
        for x, y in zip(row, value):
            x = -math.inf if x in ("-inf", None) else float(x)
            assert x == y or abs(x - y) < 2e-6 * max(1, abs(y)), (entry, name, row, value)


log2, inf = math.log(2), math.inf
check("bernoulli", run("bernoulli", p=[0, 1, 0.5], q=[0.5, 0.5, 0.5]),
      entropy=[0, 0, log2], kl=[log2, log2, 0], to_logits=[log2, log2, 0], from_logits=[0, 0, 0],
      one=[-inf, 0, -log2], d_zero=[-1, 0, -2], d_zero_of_p=[-1, 0, -2], d_one_of_p=[0, 1, 2], d_entropy=[1, -1, 0], mean=[0, 1, 0.5], mode=[0, 1, 0])
found = run("bernoulli", p=[0, 1, 0.5], q=[0, 1, 0.25])
check("bernoulli", found, kl=[0, 0, 0.5 * math.log(2) + 0.5 * math.log(0.5 / 0.75)])
assert all(math.isfinite(x) for x in found["d_kl"]) and found["draw"][:2] == [0, 1], found
check("logits", run("logits", a=["-inf", "inf", 0]), entropy=[0, 0, log2], self=[0, 0, 0], zero=[0, -inf, -log2],
      d_entropy=[0, 0, 0], d_self=[0, 0, 0], d_zero=[0, 0, -0.5], kl=[log2, log2, 0])
two = -(2 / 3 * math.log(2 / 3) + 1 / 3 * math.log(1 / 3))
found = run("categorical", p=[0, 1, 0.5])
check("categorical", found, entropy=two, entropy_one_hot=two, d_log_prob=[-2 / 3, 1 / 3, -2 / 3],
      d_one_hot=[-2 / 3, 1 / 3, -2 / 3], d_never=[-2 / 3, -2 / 3, -2 / 3], uniform=math.log(3) - two, self=0, mean=[0, 2 / 3, 1 / 3], mode=1, never=0)
check("categorical", {"d": found["d_entropy"][1:]}, d=[-0.15403274, 0.3080654])
assert all(math.isfinite(x) for x in found["d_entropy"] + found["d_kl"]) and found["often"] in (True, 1), found
found = run("masked_logits", a=["-inf", 0, 0])
check("masked_logits", found, entropy=log2, d=[0, 0, 0], kl=math.log(3) - log2)
print("certain outcomes: ok")
