"""Evaluations by batches of every size, against the values over all rows. usage: judged.py NNC SOURCE"""
import math
import re
import subprocess
import sys

nnc, source = sys.argv[1:]
held = [(1, 1, 0), (2, 1, 1), (3, 1, 2), (10, 0, 0), (0, 1, 1), (9, 0, 2), (8, 0, 0), (7, 0, 1), (5, 1, 2)]
with open("h.csv", "w") as file:
    file.writelines(f"{x},{m},{c}\n" for x, m, c in held)
with open("d.csv", "w") as file:
    file.writelines(f"{x},{m},{c}\n" for x, m, c in held * 4)


def expected(rows):
    y, here = [r[0] for r in rows], [r[0] for r in rows if r[1]]
    moment = [sum(r[0] for r in rows if r[2] == i) for i in range(3)]
    return {
        "o": sum(here) / max(len(here), 1) + 0.1, "o.perplexity": math.exp(sum(y) / len(y) / 10),
        "o.recall": sum(x > 2 for x in here) / max(len(here), 1), "o.most": max(y), "o.least": min(abs(x - 4) for x in y),
        "o.any_zero": float(0 in y), "o.all_small": float(all(x < 9.5 for x in y)),
        "o.log_sum": math.log(sum(map(math.exp, y))), "o.total": sum(y), "o.by_hand": sum(y) / len(y),
        "o.root": math.sqrt(sum(x * x for x in y) / len(y)), "o.size": 1.0, "o.share": 1.0,
        "o.spread": max(moment) - min(moment), "o.picked_mean": sum(y) / len(y) / 3, "o.scanned": 1.5 * sum(y) / len(y)}


def values(text):
    return {name: float(value) for name, value in re.findall(r"([\w.]+)=(\S+)", text)}


def check(found, wanted, what):
    assert found.keys() == wanted.keys(), (what, found.keys() ^ wanted.keys())
    for name, value in wanted.items():
        assert abs(found[name] - value) <= 2e-6 * max(1, abs(value)), (what, name, found[name], value)


for options in ([], ["--real=f64"], ["-O0"]):
    for size in (1, 2, 3, 4, 8, 9, 16) if not options else (4,):
        subprocess.run([nnc, "-D", f"rows={size}", source, "-o", "judged", *options], check=True)
        start = lambda *words: subprocess.run(["./judged", *words, "--run", "run"], check=True, capture_output=True, text=True)
        run = lambda *words: start(*words).stdout
        trained = run("train")
        last = [line for line in trained.splitlines() if line.startswith("validation: ")][0]
        check(values(last), expected(held), (size, options, "validate"))
        check(values(run("eval")), expected(held), (size, options, "eval"))
        part = start("eval", "--rows", "4")
        assert "o: 4 of 9 held-out rows\n" in part.stderr, part
        check(values(part.stdout), expected([held[k * 9 // 4] for k in range(4)]), (size, options, "part"))
        check(values(run("eval", "--rows", "100")), expected(held), (size, options, "all"))
print("judged: ok")
