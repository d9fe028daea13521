"""Statistics of draws at fixed seeds. usage: samplers.py SAMPLERS RELAXED        in the folder where files go

Continuous families: Kolmogorov and Smirnov's distance of each coordinate to its distribution function, and the correlation of each
two coordinates. Discrete families: chi-squared of the counts. Limits are those that a right sampler exceeds once in 10^4 to 10^5
times; the seeds are fixed, so a right one does not at all.
"""
import json
import math
import os
import shutil
import struct
import subprocess
import sys
from decimal import Decimal

import npy
from special import digamma, gamma_cdf, gamma_slope, laplace_cdf, student_cdf

N, P, D, K, S = 40000, 4, 3, 5, 300
MEANS = [0.0, -3.0, 100.0, 0.5]
SCALES = [1.0, 0.01, 7.0, 2.5]
LOGITS = [[0.0, 0.0, 0.0, 0.0, 0.0], [2.0, -1.0, 0.5, 0.0, -3.0], [60.0, 61.0, 59.0, 0.0, 60.0], [-1.0, -6.0, 1.0, -2.0, 1.5]]
TRIANGLES = [[[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[2, 0, 0], [-1.5, 0.5, 0], [1, 1, 0.2]], [[0.1, 0, 0], [0.1, 0.1, 0], [0.1, 0.1, 0.1]],
             [[1, 0, 0], [-0.9, 0.4, 0], [0, 0.5, 2]]]
VECTORS = [[MEANS[(p + d) % 4] for d in range(D)] for p in range(P)]
SPREADS = [[SCALES[(p + 2 * d) % 4] for d in range(D)] for p in range(P)]
PLACES = [[float((k - 2) * (p + 1)) for k in range(K)] for p in range(P)]
WIDTHS = [[0.2 + 0.3 * ((k + p) % K) for k in range(K)] for p in range(P)]
failures = 0


def report(name, value, limit):
    global failures
    good = value <= limit
    failures += not good
    print(f"{name}: {value:.3g} (limit {limit:.3g}): {'ok' if good else 'FAILED'}")


def flatten(values):
    return [x for row in values for x in flatten(row)] if isinstance(values[0], list) else values


def shape_of(values):
    return [len(values)] + (shape_of(values[0]) if isinstance(values[0], list) else [])


def draws(entry, shown="z", seed=1, threads=1, **parameters):
    """Runs an entry; gives what it shows, as a list of coordinates (the axes after the first) of N numbers."""
    command = [executable, entry, "--seed", str(seed), "--threads", str(threads)]
    for name, values in parameters.items():
        npy.write(f"{entry}.{name}.npy", shape_of(values), flatten(values), "f4")
        command += [f"--{name}", f"{entry}.{name}.npy"]
    path = f"{entry}.out.{shown}.npy"
    subprocess.run(command + [f"--{shown}", path], stdout=subprocess.DEVNULL, check=True)
    shape, values = npy.read(path)
    count = len(values) // shape[0]
    return [values[k::count] for k in range(count)]


def kolmogorov(values, cdf):
    """sqrt(N) times the largest distance of the two distribution functions."""
    n, worst = len(values), 0.0
    for i, x in enumerate(sorted(values)):
        f = cdf(x)
        worst = max(worst, f - i / n, (i + 1) / n - f)
    return worst * math.sqrt(n)


def chi_squared(counts, probabilities):
    """In standard deviations above its mean, after Wilson and Hilferty; outcomes too rare to count are one."""
    n, observed, expected = sum(counts), [], []
    rare = [0, 0.0]
    for count, p in zip(counts, probabilities):
        if n * p < 5:
            rare = [rare[0] + count, rare[1] + n * p]
        else:
            observed.append(count)
            expected.append(n * p)
    if rare[1] < 5 and rare[0] > 15 + 10 * rare[1]:
        return math.inf
    if rare[1] >= 5:
        observed.append(rare[0])
        expected.append(rare[1])
    degrees = len(observed) - 1
    if degrees == 0:
        return 0.0
    x = sum((o - e) ** 2 / e for o, e in zip(observed, expected))
    return ((x / degrees) ** (1 / 3) - (1 - 2 / (9 * degrees))) / math.sqrt(2 / (9 * degrees))


def correlation(a, b):
    """sqrt(N) times the correlation of two columns: standard normal if they are independent."""
    n, ma, mb = len(a), sum(a) / len(a), sum(b) / len(b)
    product = sum((x - ma) * (y - mb) for x, y in zip(a, b))
    return math.sqrt(n) * product / math.sqrt(sum((x - ma) ** 2 for x in a) * sum((y - mb) ** 2 for y in b))


def normal_cdf(m, s):
    return lambda x: 0.5 * math.erfc((m - x) / (s * math.sqrt(2)))


def softmax(logits):
    top = max(logits)
    e = [math.exp(l - top) for l in logits]
    return [x / sum(e) for x in e]


def moments(name, values, mean, deviation, fourth=3.0):
    """Mean and variance, in their own standard deviations. `fourth` is the kurtosis."""
    n = len(values)
    m = sum(values) / n
    v = sum((x - mean) ** 2 for x in values) / n
    report(name + " mean", abs(m - mean) / deviation * math.sqrt(n), 4)
    report(name + " variance", abs(v / deviation**2 - 1) * math.sqrt(n / (fourth - 1)), 4)


KOLMOGOROV = 2.2  # exceeded with probability 1.3e-4
SIGMAS = 4.0  # 6e-5


def continuous():
    z = draws("normal", m=MEANS, s=SCALES)
    for p in range(P):
        report(f"normal {p}", kolmogorov(z[p], normal_cdf(MEANS[p], SCALES[p])), KOLMOGOROV)
        moments(f"normal {p}", z[p], MEANS[p], SCALES[p])
    beyond = sum(abs(x - m) > 3 * s for zs, m, s in zip(z, MEANS, SCALES) for x in zs) / (N * P)
    report("normal beyond 3 sigma", abs(beyond - 0.0026998) * math.sqrt(N * P / 0.0026998), SIGMAS)
    high = [m + s for m, s in zip(MEANS, SCALES)]
    z = draws("uniform", low=MEANS, high=high)
    for p in range(P):
        report(f"uniform {p}", kolmogorov(z[p], lambda x: (x - MEANS[p]) / SCALES[p]), KOLMOGOROV)
        moments(f"uniform {p}", z[p], MEANS[p] + SCALES[p] / 2, SCALES[p] / math.sqrt(12), 1.8)
        report(f"uniform {p} outside", sum(not MEANS[p] <= x <= high[p] for x in z[p]), 0)
    z = draws("diag_normal", m=VECTORS, s=SPREADS)
    for k in range(P * D):
        m, s = VECTORS[k // D][k % D], SPREADS[k // D][k % D]
        report(f"diag_normal {k}", kolmogorov(z[k], normal_cdf(m, s)), KOLMOGOROV)
    independent("diag_normal", z)


def tails():
    """Laplace, StudentT, Gamma: Kolmogorov's distance, in tails too."""
    degrees, shapes, rates = [0.7, 2.0, 5.0, 200.0], [0.2, 0.8, 3.0, 400.0], [1.0, 100.0, 0.2, 7.0]
    for name, given, cdf in (("laplace", dict(m=MEANS, s=SCALES), lambda p, x: laplace_cdf((x - MEANS[p]) / SCALES[p])),
                             ("student_t", dict(df=degrees, m=MEANS, s=SCALES), lambda p, x: student_cdf(degrees[p], (x - MEANS[p]) / SCALES[p])),
                             ("gamma", dict(a=shapes, b=rates), lambda p, x: gamma_cdf(shapes[p], rates[p] * x))):
        z = draws(name, **given)
        for p in range(P):
            report(f"{name} {p}", kolmogorov(z[p], lambda x: cdf(p, x)), KOLMOGOROV)
            far = [cdf(p, x) for x in z[p]]
            for where, count in (("below", sum(f < 1e-3 for f in far)), ("above", sum(f > 1 - 1e-3 for f in far))):
                report(f"{name} {p} {where} all but a thousandth", abs(count - N * 1e-3) / math.sqrt(N * 1e-3), SIGMAS)
        if name != "student_t":
            independent(name, z)


def slopes():
    """Derivatives of draws in their shape: of each one the implicit one; of means, that of the mean."""
    shapes = [1.0, 1.3, 4.0, 7.9, 20.0, 100.0] * 50
    z, slope = zip(*draws("gamma_slopes", a=shapes))
    errors = [abs(d / gamma_slope(struct.unpack("f", struct.pack("f", a))[0], x) - 1) for a, x, d in zip(shapes, z, slope)]
    report("gamma slopes", max(errors), 1e-5)
    below, df = 0.4, 5.0
    by_gamma, by_log, by_t = zip(*draws("mean_slopes", a=[below] * N, df=[df] * N))

    def t_mean(df):
        return 3 * 2 * math.sqrt(df / math.pi) * math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2)) / (df - 1)

    h = 1e-5
    truths = {"gamma": 0.5, "log gamma": float(digamma(Decimal(below) + Decimal(h)) - digamma(Decimal(below))) / h,
              "student_t": (t_mean(df + h) - t_mean(df - h)) / (2 * h)}
    for (name, truth), column in zip(truths.items(), (by_gamma, by_log, by_t)):
        mean = sum(column) / N
        deviation = math.sqrt(sum((x - mean) ** 2 for x in column) / N)
        report(f"slope of the mean of {name}: {mean:.4f} of {truth:.4f}", abs(mean - truth) / deviation * math.sqrt(N), SIGMAS)


def independent(name, columns):
    worst = max(abs(correlation(a, b)) for i, a in enumerate(columns) for b in columns[:i])
    report(name + " correlations", worst, SIGMAS)


def covariance_errors(name, z, p, mean, sigma):
    """Each entry of the covariance, in the standard deviations of its estimate for normal vectors."""
    worst = 0.0
    for i in range(D):
        for j in range(i + 1):
            a, b = z[p * D + i], z[p * D + j]
            c = sum((x - mean[i]) * (y - mean[j]) for x, y in zip(a, b)) / N
            worst = max(worst, abs(c - sigma[i][j]) * math.sqrt(N / (sigma[i][i] * sigma[j][j] + sigma[i][j] ** 2)))
    report(f"{name} {p} covariance", worst, SIGMAS)


def full():
    z = draws("full_normal", m=VECTORS, l=TRIANGLES)
    for p, l in enumerate(TRIANGLES):
        sigma = [[sum(l[i][k] * l[j][k] for k in range(D)) for j in range(D)] for i in range(D)]
        covariance_errors("full_normal", z, p, VECTORS[p], sigma)
        for d in range(D):
            report(f"full_normal {p} {d}", kolmogorov(z[p * D + d], normal_cdf(VECTORS[p][d], math.sqrt(sigma[d][d]))), KOLMOGOROV)


def mixture_cdf(weights, means, scales):
    parts = [(w, normal_cdf(m, s)) for w, m, s in zip(softmax(weights), means, scales)]
    return lambda x: sum(w * f(x) for w, f in parts)


def mixtures():
    z = draws("mixture", w=LOGITS, m=PLACES, s=WIDTHS)
    for p in range(P):
        report(f"mixture {p}", kolmogorov(z[p], mixture_cdf(LOGITS[p], PLACES[p], WIDTHS[p])), KOLMOGOROV)
    independent("mixture", z)
    centers = [[[PLACES[p][k] * (d + 1) for d in range(D)] for k in range(K)] for p in range(P)]
    shapes = [[TRIANGLES[(p + k) % 4] for k in range(K)] for p in range(P)]
    z = draws("full_mixture", w=LOGITS, m=centers, l=shapes)
    for p in range(P):
        for d in range(D):
            deviations = [math.sqrt(sum(x * x for x in l[d])) for l in shapes[p]]
            cdf = mixture_cdf(LOGITS[p], [c[d] for c in centers[p]], deviations)
            report(f"full_mixture {p} {d}", kolmogorov(z[p * D + d], cdf), KOLMOGOROV)
        # All coordinates come from one component: a sum of coordinates has that component's mean and variance.
        total = [sum(x) for x in zip(*z[p * D : p * D + D])]
        deviations = [math.sqrt(sum(sum(row[j] for row in l) ** 2 for j in range(D))) for l in shapes[p]]
        report(f"full_mixture {p} sum", kolmogorov(total, mixture_cdf(LOGITS[p], [sum(c) for c in centers[p]], deviations)), KOLMOGOROV)


def counts_of(values, outcomes=K):
    counts = [0] * outcomes
    for x in values:
        counts[int(x)] += 1
    return counts


def largest(columns):
    """The coordinate of the largest of K columns, for each draw."""
    return [max(range(K), key=row.__getitem__) for row in zip(*columns)]


def discrete():
    logits = [0.0, 1.2, -3.5, 6.0]
    for shown in ("z", "b"):
        z = draws("bernoulli", shown, logits=logits)
        for p in range(P):
            one = 1 / (1 + math.exp(-logits[p]))
            report(f"bernoulli {shown} {p}", chi_squared(counts_of(z[p], 2), [1 - one, one]), SIGMAS)
    z = draws("categorical", logits=LOGITS)
    for p in range(P):
        report(f"categorical {p}", chi_squared(counts_of(z[p]), softmax(LOGITS[p])), SIGMAS)
    independent("categorical", z)
    z = draws("discrete_uniform")
    for p in range(P):
        report(f"discrete_uniform {p}", chi_squared(counts_of(z[p]), [1 / K] * K), SIGMAS)
    z = draws("hot", logits=LOGITS)
    for p in range(P):
        columns = z[p * K : p * K + K]
        report(f"hot {p}", chi_squared(counts_of(largest(columns)), softmax(LOGITS[p])), SIGMAS)
        report(f"hot {p} rows that are not one-hot", sum(sorted(row) != [0] * (K - 1) + [1] for row in zip(*columns)), 0)


def relaxed():
    shutil.rmtree("relaxed.run", ignore_errors=True)
    subprocess.run([relaxation, "train", "--run", "relaxed.run"], stdout=subprocess.DEVNULL, check=True)
    with open("relaxed.run/metrics.jsonl") as file:
        record = next(r for r in map(json.loads, file) if "relaxed" in r)
    report("relaxed rows that do not add up to 1", record["relaxed"], 1e-9)
    weights = softmax([1.0, 0.5, 0.0, -1.0, -2.0])
    truths = {"soft_first": weights[0], "hard_first": weights[0], "hard_last": weights[-1]}
    for name, x in (("minus_two", -2), ("minus_one", -1), ("zero", 0), ("two", 2)):
        truths["below_" + name] = 1 / (1 + math.exp(-x))
    for name, truth in truths.items():
        error = abs(record["relaxed." + name] - truth) * math.sqrt(N / (truth * (1 - truth)))
        report("relaxed " + name, error, SIGMAS)


def integral(f, low, high, steps=20000):
    h = (high - low) / steps
    return h * sum(f(low + (i + 0.5) * h) for i in range(steps))


def estimates():
    w, m, s = [0.0, 1.0, -1.0, 0.5, 0.0], [-2.0, -0.5, 0.0, 1.0, 3.0], [0.5, 1.0, 0.3, 0.7, 1.0]

    def density(x, mean, scale):
        return math.exp(-(((x - mean) / scale) ** 2) / 2) / (scale * math.sqrt(2 * math.pi))

    def prior(x):
        return sum(p * density(x, a, b) for p, a, b in zip(softmax(w), m, s))

    def own(x):
        return density(x, 0.5, 0.8)

    truths = {"kl": integral(lambda x: own(x) * (math.log(own(x)) - math.log(prior(x))), -6, 7),
              "entropy": integral(lambda x: -prior(x) * math.log(prior(x)), -12, 12)}
    for name, truth in truths.items():
        (values,) = draws("estimates", name, w=w, m=m, s=s)
        mean = sum(values) / N
        deviation = math.sqrt(sum((x - mean) ** 2 for x in values) / N)
        report(f"estimated {name} {mean:.4f} of {truth:.4f}", abs(mean - truth) / deviation * math.sqrt(N), SIGMAS)


def streams():
    z = [list(column) for column in zip(*draws("streams"))]  # Rows are the streams here.
    other = [list(column) for column in zip(*draws("streams", seed=2))]
    independent("streams", z + other)
    for k, values in enumerate(z):
        report(f"stream {k}", kolmogorov(values, normal_cdf(0, 1)), KOLMOGOROV)
        shifts = max(abs(correlation(values[:-d], values[d:])) for d in (1, 2, 3, 4, 8, 64))
        report(f"stream {k} with itself", shifts, SIGMAS)
    rows = draws("rows", x=[[0.0] * P for _ in range(2000)])
    report("rows", kolmogorov([x for column in rows for x in column], normal_cdf(0, 1)), KOLMOGOROV)
    report("rows in order", max(abs(correlation(c[:-1], c[1:])) for c in rows), SIGMAS)
    report("rows that repeat", len(rows[0]) - len(set(rows[0])), 2)


def threads():
    for seed in (1, 2):
        one = draws("mixture", seed=seed, threads=1, w=LOGITS, m=PLACES, s=WIDTHS)
        report("two threads differ", sum(a != b for a, b in zip(one, draws("mixture", seed=seed, threads=2, w=LOGITS, m=PLACES, s=WIDTHS))), 0)
    again = draws("mixture", seed=1, w=LOGITS, m=PLACES, s=WIDTHS)
    report("columns equal under another seed", sum(a == b for a, b in zip(one, again)), 0)


executable, relaxation = map(os.path.abspath, sys.argv[1:])
for part in (continuous, tails, slopes, full, mixtures, discrete, relaxed, estimates, streams, threads):
    part()
print(f"{failures} failed")
sys.exit(1 if failures else 0)
