"""Compares the derivatives that corners.nn shows at X with formulas. usage: corners.py ENTRY OUTPUT"""
import math
import sys

X = [-2.0, 0.0, 0.5, 1.0, 2.0]


def sigma(x):
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def at(below, zero, above):
    return [below(x) if x < 0 else zero if x == 0 else above(x) for x in X]


def every(f):
    return [f(x) for x in X]


bell = every(lambda x: sigma(x) * sigma(-x))
zero, one = (lambda x: 0.0), (lambda x: 1.0)
soft = every(sigma)
tanh_log = lambda x: (1 - math.tanh(math.log(x)) ** 2) / x
sinc1 = lambda x: math.cos(x) / x - math.sin(x) / x**2
sinc2 = lambda x: -math.sin(x) / x - 2 * math.cos(x) / x**2 + 2 * math.sin(x) / x**3
EXPECTED = {
    "first": {
        "relu": at(zero, 0, one), "leaky": at(lambda x: 0.2, 0.2, one), "upper": at(zero, 0.5, one), "lower": at(one, 0.5, zero),
        "same": every(one), "magnitude": at(lambda x: -1.0, 0, one), "softplus": soft, "log_sigmoid": every(lambda x: sigma(-x)),
        "bce": every(lambda x: sigma(x) - 0.25), "rectified": soft, "plain": soft, "joined": every(lambda x: 2 + sigma(x)),
         "indexed": every(lambda x: sigma(x) - 0.5)},
    "second": {
        "softplus": bell, "log_sigmoid": [-b for b in bell], "bce": bell, "rectified": bell, "turned": bell,
        "lower": [-b for b in bell], "relu": at(zero, 0, lambda x: 2.0),
        "logarithm": at(zero, 0, lambda x: -1 / x**2), "root": at(zero, 0, lambda x: -0.25 * x**-1.5), "quotient": at(sinc2, 0, sinc2)},
    "guards": {
        "logarithm": at(one, 1, lambda x: 1 / x), "root": at(zero, 0, lambda x: 0.5 / math.sqrt(x)),
        "quotient": at(lambda x: -1 / x**2, 0, lambda x: -1 / x**2), "sinc": at(sinc1, 0, sinc1),
        "power": at(zero, 0, lambda x: 0.5 / math.sqrt(x)), "nested": at(zero, 0, lambda x: 1 / (x - 1) if x > 1.5 else 1 / x),
        "product": at(zero, 0, lambda x: math.log(x) + 1), "composed": at(zero, 0, tanh_log),
        "larger": at(lambda x: 2 / x, 0, lambda x: 2 / x), "huge": every(one), "all_of": every(one),
        "norm": every(zero), "indexed": at(zero, 0, lambda x: (1 - math.log(x) / 2) / x**1.5), "scanned": at(zero, 0, lambda x: 1 / x),
        "logistic": every(lambda x: 25 * sigma(25 * x) * sigma(-25 * x)), "weighted": every(lambda x: 50 * sigma(25 * x) * sigma(-25 * x)),
        "other": every(lambda x: 100 * math.exp(-100 * x) / (2 + math.exp(-100 * x)) ** 2 if x > 0 else 0.0)},
    "direction": {"unit": [[16 / 125, 0.0, -12 / 125], [1.0, 0.0, 0.0]]},
}


def flat(values):
    return [y for x in values for y in flat(x)] if isinstance(values, list) else [float(values)]


def main():
    entry, path = sys.argv[1:]
    shown = dict(line.rstrip().split("=", 1) for line in open(path) if "=" in line)
    failed = sorted(EXPECTED[entry].keys() ^ shown.keys())
    for name, wanted in EXPECTED[entry].items():
        got = [float(x) for x in shown.get(name, "").replace("[", "").replace("]", "").split(",") if x]
        wanted = flat(wanted)
        if len(got) != len(wanted) or not all(abs(a - b) <= 2e-6 * max(1, abs(b)) for a, b in zip(got, wanted)):
            failed.append(f"{name}: {got}, not {wanted}")
    if failed:
        sys.exit("\n".join([entry, *failed]))


if __name__ == "__main__":
    main()
