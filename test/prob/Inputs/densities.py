"""Log densities, entropies and divergences against references with 100 decimal digits.

usage: densities.py EXECUTABLE f32|f64        in the folder where files go
The references are the definitions, by other ways than the compiler's: densities of correlated normals by the inverse and the
determinant of the covariance, sums over outcomes for discrete families. The grid has tails: values 1 to 1000 standard deviations
away, scales from 1e-3 to 1e3, logits up to 84. Limits: 1e-5 of the value in f32, 1e-10 in f64. Where a value is a small difference
of large terms (the density of a normal value is z^2 / 2 + log s + ...), the largest of its terms counts as the value.
"""
import os
import random
import struct
import subprocess
import sys
from decimal import Decimal, getcontext

import npy
from special import digamma, log_gamma

getcontext().prec = 100
N, D, K = 256, 3, 5
PI = Decimal("3.141592653589793238462643383279502884197169399375105820974944592307816406286208998628034825342117068")
INF = Decimal("Infinity")
SMALLEST = Decimal("1e-37")  # Below it, numbers of f32 have fewer digits.
HALF_LOG_TWO_PI = (2 * PI).ln() / 2


class Sum:
    """A sum that knows its largest term."""

    def __init__(self, *terms):
        self.value = sum(terms, Decimal(0))
        self.scale = max([abs(t) for t in terms] + [abs(self.value)])


def at_least_one(result):
    """For what comes from a softmax: a sum of exponentials, the largest of which is 1."""
    result.scale = max(result.scale, Decimal(1))
    return result


def log_sum_exp(terms):
    top = max(terms)
    return top + sum(((t - top).exp() for t in terms), Decimal(0)).ln()


def log_softmax(logits):
    norm = log_sum_exp(logits)
    return [l - norm for l in logits]


def normal(x, m, s):
    return Sum(-(((x - m) / s) ** 2) / 2, -s.ln(), -HALF_LOG_TWO_PI)


def normal_kl(m, s, m0, s0):
    return Sum((s / s0) ** 2 / 2, ((m - m0) / s0) ** 2 / 2, Decimal("-0.5"), -(s / s0).ln())


def laplace_kl(m, s, m0, s0):
    d = abs(m - m0)
    return Sum((s0 / s).ln(), d / s0, s / s0 * (-d / s).exp(), Decimal(-1))


def student(x, df, m, s):
    factor = log_gamma((df + 1) / 2) - log_gamma(df / 2) - (df * PI).ln() / 2
    return Sum(factor, -s.ln(), -(df + 1) / 2 * (1 + ((x - m) / s) ** 2 / df).ln())


def student_entropy(df, s):
    step = (df + 1) / 2 * (digamma((df + 1) / 2) - digamma(df / 2))
    return Sum(step, s.ln(), df.ln() / 2 + log_gamma(df / 2) + PI.ln() / 2 - log_gamma((df + 1) / 2))


def gamma(x, a, b):
    """Its terms are those of Stirling's formula: of the definition's, the largest cancel."""
    result = Sum(a * b.ln() + (a - 1) * x.ln() - b * x - log_gamma(a))
    result.scale = max(result.scale, abs(x.ln()), abs(a.ln()), Decimal(1))
    return result


def gamma_entropy(a, b):
    result = Sum(a - b.ln() + log_gamma(a) + (1 - a) * digamma(a))
    result.scale = max(result.scale, abs(b.ln()), abs(a.ln()), Decimal(1))
    return result


def gamma_kl(a, b, a0, b0):
    return at_least_one(Sum((a - a0) * digamma(a) - log_gamma(a) + log_gamma(a0) + a0 * (b / b0).ln() + a * (b0 - b) / b))


def total(parts):
    result = Sum(*[p.value for p in parts])
    result.scale = max([result.scale] + [p.scale for p in parts])
    return result


def log_sigmoid(a):
    return -(1 + (-a).exp()).ln()


def bernoulli(x, a):
    return Sum(x * log_sigmoid(a), (1 - x) * log_sigmoid(-a))


def bernoulli_kl(a, b):
    def side(a, b):
        p = log_sigmoid(a).exp()
        return [p * log_sigmoid(a), -p * log_sigmoid(b)]

    return Sum(*side(a, b), *side(-a, -b))


def categorical_kl(a, b):
    a, b = log_softmax(a), log_softmax(b)
    return at_least_one(Sum(*[x.exp() * (x - y) for x, y in zip(a, b)]))


def covariance(l):
    return [[sum(l[i][k] * l[j][k] for k in range(D)) for j in range(D)] for i in range(D)]


def solve(matrix, rhs):
    """The inverse times rhs, and the determinant, by elimination with pivots."""
    a = [row[:] + [b] for row, b in zip(matrix, rhs)]
    determinant = Decimal(1)
    for i in range(D):
        pivot = max(range(i, D), key=lambda r: abs(a[r][i]))
        if pivot != i:
            a[i], a[pivot] = a[pivot], a[i]
            determinant = -determinant
        determinant *= a[i][i]
        for r in range(D):
            if r != i:
                f = a[r][i] / a[i][i]
                a[r] = [x - f * y for x, y in zip(a[r], a[i])]
    return [a[i][D] / a[i][i] for i in range(D)], determinant


def full_normal(x, m, sigma):
    d = [a - b for a, b in zip(x, m)]
    y, determinant = solve(sigma, d)
    return Sum(-sum(a * b for a, b in zip(d, y)) / 2, -determinant.ln() / 2, -D * HALF_LOG_TWO_PI)


def full_entropy(sigma):
    return Sum(solve(sigma, [Decimal(0)] * D)[1].ln() / 2, D * (HALF_LOG_TWO_PI + Decimal("0.5")))


def full_kl(m, sigma, m0, sigma0):
    trace = sum(solve(sigma0, [sigma[r][c] for r in range(D)])[0][c] for c in range(D))
    d = [a - b for a, b in zip(m, m0)]
    y, determinant0 = solve(sigma0, d)
    determinant = solve(sigma, d)[1]
    return Sum(trace / 2, sum(a * b for a, b in zip(d, y)) / 2, -Decimal(D) / 2, (determinant0 / determinant).ln() / 2)


def mixture(weights, densities):
    logs = log_softmax(weights)
    result = Sum(log_sum_exp([w + d.value for w, d in zip(logs, densities)]))
    result.scale = max([result.scale] + [d.scale for w, d in zip(logs, densities) if w + d.value > result.value - 10])
    return at_least_one(result)


class Grid:
    """Picks values that the real type of the executable holds."""

    def __init__(self, real):
        self.code, self.source = ("d" if real == "f64" else "f"), random.Random(5)
        self.kind = "f8" if real == "f64" else "f4"

    def stored(self, x):
        return struct.unpack(self.code, struct.pack(self.code, x))[0]

    def pick(self, values):
        return self.stored(self.source.choice(values) * (1 + self.source.uniform(-0.3, 0.3)))


SCALES = [1e-3, 0.1, 0.7, 1.0, 4.0, 1e3]
MEANS = [0.0, -0.5, 3.0, -40.0]
AWAY = [0.0, 0.3, -1.0, 5.0, -20.0, 1000.0]
DEGREES = [0.3, 1.0, 3.0, 30.0, 1e3, 1e5]
SHAPES = [0.02, 0.5, 1.0, 2.5, 40.0, 5e3]
LOGITS = [0.0, 1e-3, -0.8, 2.0, -9.0, 20.0, -45.0, 65.0]


def triangle(grid):
    scale = grid.source.choice([0.05, 1.0, 20.0])
    return [[grid.stored(scale * (grid.source.uniform(0.5, 1.5) if i == j else grid.source.uniform(-1, 1) * (i > j)))
             for j in range(D)] for i in range(D)]


def around(grid, mean, scale):
    return grid.stored(mean + grid.source.choice(AWAY) * scale)


def decimals(x):
    return [decimals(y) for y in x] if isinstance(x, list) else Decimal(x)


def make_normal(g):
    row = dict(m=g.pick(MEANS), s=g.pick(SCALES))
    row.update(x=around(g, row["m"], row["s"]), s0=g.pick(SCALES))
    row["m0"] = around(g, row["m"], row["s0"])
    return row


def make_uniform(g):
    low, width = g.pick(MEANS), g.pick(SCALES)
    high = g.stored(low + width)
    grow = g.source.choice([0, 0.5, 100, -0.2])
    return dict(low=low, high=high, low0=g.stored(low - grow * width), high0=g.stored(high + grow * width),
                x=g.stored(low + width * g.source.choice([0, 0.2, 0.5, 0.999, 1.5, -3])), m0=g.pick(MEANS), s0=g.pick(SCALES))


def make_student_t(g):
    return dict(make_normal(g), df=g.pick(DEGREES))


def make_gamma(g):
    row = dict(a=g.pick(SHAPES), b=g.pick(SCALES), a0=g.pick(SHAPES), b0=g.pick(SCALES))
    row["x"] = g.stored(row["a"] / row["b"] * g.source.choice([1.0, 0.5, 2.0, 1e-3, 1.01, 30.0, -1.0, 0.0]))
    return row


def make_bernoulli(g):
    return dict(x=g.stored(g.source.choice([0, 1, 1, 0.25])), logits=g.pick(LOGITS), logits0=g.pick(LOGITS))


def make_categorical(g):
    return dict(x=g.source.randrange(K), logits=[g.pick(LOGITS) for _ in range(K)], logits0=[g.pick(LOGITS) for _ in range(K)])


def make_vectors(g):
    rows = [make_normal(g) for _ in range(D)]
    row = {name: [r[name] for r in rows] for name in ("m", "s", "s0")}
    row["l"], row["l0"] = triangle(g), triangle(g)
    row["x"] = [around(g, m, g.source.choice([1, s])) for m, s in zip(row["m"], row["s"])]
    row["m0"] = [around(g, m, s) for m, s in zip(row["m"], row["s0"])]
    return row


def make_mixture(g):
    row = dict(w=[g.pick(LOGITS) for _ in range(K)], m=[g.pick(MEANS) for _ in range(K)], s=[g.pick(SCALES) for _ in range(K)])
    row["x"] = around(g, g.source.choice(row["m"]), g.source.choice(row["s"]))
    row["mv"], row["lv"] = [[g.pick(MEANS) for _ in range(D)] for _ in range(K)], [triangle(g) for _ in range(K)]
    row["v"] = [around(g, m, 1.0) for m in g.source.choice(row["mv"])]
    return row


def expect_normal(r):
    return dict(log_prob=normal(r.x, r.m, r.s), entropy=Sum(r.s.ln(), HALF_LOG_TWO_PI, Decimal("0.5")),
                kl=normal_kl(r.m, r.s, r.m0, r.s0))


def expect_uniform(r):
    width, inside = r.high - r.low, r.low <= r.x <= r.high
    contained = r.low0 <= r.low and r.high <= r.high0
    squares = ((r.high - r.m0) ** 3 - (r.low - r.m0) ** 3) / (3 * width)  # the mean of (x - m0)^2
    return dict(log_prob=Sum(-width.ln()) if inside else Sum(-INF), entropy=Sum(width.ln()),
                kl=Sum(((r.high0 - r.low0) / width).ln()) if contained else Sum(INF),
                kl_normal=Sum(squares / (2 * r.s0**2), r.s0.ln(), HALF_LOG_TWO_PI, -width.ln()))


def expect_laplace(r):
    return dict(log_prob=Sum(-abs(r.x - r.m) / r.s, -r.s.ln(), -Decimal(2).ln()), entropy=Sum(r.s.ln(), Decimal(2).ln(), Decimal(1)),
                kl=laplace_kl(r.m, r.s, r.m0, r.s0))


def expect_student_t(r):
    return dict(log_prob=student(r.x, r.df, r.m, r.s), entropy=student_entropy(r.df, r.s))


def expect_gamma(r):
    return dict(log_prob=gamma(r.x, r.a, r.b) if r.x > 0 else Sum(-INF), entropy=gamma_entropy(r.a, r.b),
                kl=gamma_kl(r.a, r.b, r.a0, r.b0))


def expect_bernoulli(r):
    entropy = Sum(*[-log_sigmoid(a).exp() * log_sigmoid(a) for a in (r.logits, -r.logits)])
    return dict(log_prob=bernoulli(r.x, r.logits), kl=bernoulli_kl(r.logits, r.logits0), entropy=entropy)


def expect_categorical(r):
    logs, zeros = log_softmax(r.logits), [Decimal(0)] * K
    density, divergence = at_least_one(Sum(logs[int(r.x)])), categorical_kl(r.logits, r.logits0)
    entropy = at_least_one(Sum(*[-l.exp() * l for l in logs]))
    return dict(log_prob=density, log_prob_one_hot=density, entropy=entropy, entropy_one_hot=entropy, kl=divergence,
                kl_one_hot=divergence, kl_uniform=categorical_kl(r.logits, zeros))


def expect_discrete_uniform(r):
    log = Decimal(K).ln()
    return dict(log_prob=Sum(-log), entropy=Sum(log), kl=categorical_kl([Decimal(0)] * K, r.logits0))


def diagonal(s):
    return [[s[i] ** 2 if i == j else Decimal(0) for j in range(D)] for i in range(D)]


def expect_vectors(r):
    full, full0 = covariance(r.l), covariance(r.l0)
    entropy = Sum(*[s.ln() for s in r.s], D * (HALF_LOG_TWO_PI + Decimal("0.5")))
    return dict(log_prob=total([normal(*p) for p in zip(r.x, r.m, r.s)]), entropy=entropy,
                kl=total([normal_kl(*p) for p in zip(r.m, r.s, r.m0, r.s0)]),
                log_prob_full=full_normal(r.x, r.m, full), entropy_full=full_entropy(full),
                kl_full=full_kl(r.m, full, r.m0, full0), kl_to_full=full_kl(r.m, diagonal(r.s), r.m0, full0),
                kl_from_full=full_kl(r.m, full, r.m0, diagonal(r.s0)))


def expect_mixture(r):
    return dict(log_prob=mixture(r.w, [normal(r.x, m, s) for m, s in zip(r.m, r.s)]),
                log_prob_full=mixture(r.w, [full_normal(r.v, m, covariance(l)) for m, l in zip(r.mv, r.lv)]))


class Record:
    def __init__(self, row):
        self.__dict__.update({name: decimals(value) for name, value in row.items()})


CASES = {"normal": (make_normal, expect_normal), "uniform": (make_uniform, expect_uniform),
         "laplace": (make_normal, expect_laplace), "student_t": (make_student_t, expect_student_t), "gamma": (make_gamma, expect_gamma),
         "bernoulli": (make_bernoulli, expect_bernoulli), "categorical": (make_categorical, expect_categorical),
         "discrete_uniform": (make_categorical, expect_discrete_uniform), "vectors": (make_vectors, expect_vectors),
         "mixture": (make_mixture, expect_mixture)}


def flatten(values):
    shape = []
    while isinstance(values[0], list):
        shape.append(len(values[0]))
        values = [x for row in values for x in row]
    return values, shape


def run(executable, name, rows, results, kind):
    """Calls an entry on columns of the rows; gives what it shows, by name."""
    command = [executable, name]
    wanted = subprocess.run([executable, name, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    for key in rows[0]:
        if f"--{key} " not in wanted:
            continue
        values, shape = flatten([row[key] for row in rows])
        path = f"{name}.{key}.npy"
        npy.write(path, [len(rows)] + shape, values, "i4" if isinstance(values[0], int) else kind)
        command += [f"--{key}", path]
    for key in results:
        command += [f"--{key}", f"{name}.out.{key}.npy"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return {key: npy.read(f"{name}.out.{key}.npy")[1] for key in results}


def error_of(got, wanted, limit):
    """The error over its limit."""
    if abs(wanted.value) == INF or got != got or abs(got) == float("inf"):
        return 0.0 if got == float(wanted.value) else float("inf")
    return float(abs(Decimal(got) - wanted.value) / (limit * max(wanted.scale, SMALLEST)))


def main():
    executable, real = os.path.abspath(sys.argv[1]), sys.argv[2]
    limit = Decimal("1e-10") if real == "f64" else Decimal("1e-5")
    failed = False
    for name, (make, expect) in CASES.items():
        grid = Grid(real)
        rows = [make(grid) for _ in range(N)]
        expected = [expect(Record(row)) for row in rows]
        got = run(executable, name, rows, expected[0].keys(), grid.kind)
        for key in expected[0]:
            errors = [error_of(g, e[key], limit) for g, e in zip(got[key], expected)]
            worst = max(range(N), key=lambda i: errors[i])
            good = len(got[key]) == N and errors[worst] <= 1
            failed |= not good
            print(f"{name} {key}: {'ok' if good else 'FAILED'}, {errors[worst]:.2g} of the limit: "
                  f"{got[key][worst]:.9g} for {expected[worst][key].value:.9g} at {rows[worst]}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
