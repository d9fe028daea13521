"""Compares the records of grad-variance. usage: estimators.py variance.jsonl"""
import json
import sys

records = {}
with open(sys.argv[1]) as file:
    for line in file:
        record = json.loads(line)
        records[record["objective"], record["estimator"]] = record


def distance(a, b):
    """The largest difference of two means in standard errors."""
    return max(
        abs(x - y) / max((s**2 + t**2) ** 0.5, 1e-12)
        for x, y, s, t in zip(a["mean"], b["mean"], a["standard_error"], b["standard_error"])
    )


def expect(what, holds):
    print(what, "ok" if holds else "FAILED")
    if not holds:
        sys.exit(1)


exact = records["unrolled", "enumerate"]
expect("enumeration has no variance", exact["variance"] < 1e-20)
expect("enumeration is not zero", exact["mean_norm"] > 0.1)
for estimator in ("score", "score, no baseline"):
    for objective in ("chain", "unrolled"):
        record = records[objective, estimator]
        off, whole = distance(record, records[objective, "enumerate"]), record["standard_errors_off"]
        expect(f"{objective}, {estimator}: {off:.2f} standard errors off, {whole:.2f} together", off < 4 and whole < 2)
    off = distance(records["turns", estimator], exact)
    expect(f"turns, {estimator}: {off:.2f} standard errors off", off < 4)
for objective in ("chain", "turns", "unrolled"):
    mean, plain = records[objective, "score"]["variance"], records[objective, "score, no baseline"]["variance"]
    expect(f"{objective}: the mean as baseline helps ({mean:.3g} against {plain:.3g})", mean < plain)
