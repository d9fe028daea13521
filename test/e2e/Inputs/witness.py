"""Every builtin at the limits against NumPy; gradients against PyTorch's rules, written out.

usage: witness.py EXECUTABLE f32|f64        in the folder where files go
The references are computed in f64 from what the executable reads: in f32 a subnormal number counts as 0, and so does a result. Where
the language decides otherwise than NumPy or PyTorch (the table "Where nnc differs" of the reference) the reference here says so.
"""
import os
import subprocess
import sys
from math import erf as scalar_erf

import numpy as np

executable, kind = os.path.abspath(sys.argv[1]), sys.argv[2]
REAL = np.float32 if kind == "f32" else np.float64
SMALLEST = np.finfo(REAL).tiny if kind == "f32" else 0.0
LIMIT = 2e-6 if kind == "f32" else 1e-12
INF, NAN = np.inf, np.nan
failures = 0
erf = np.vectorize(scalar_erf, otypes=[float])


def flushed(x):
    """Subnormal numbers as 0 of their sign."""
    x = np.asarray(x, np.float64)
    return np.where(np.abs(x) < SMALLEST, np.copysign(0.0, x), x)


def compare(name, got, want, limit=None, scale=None):
    """Real numbers to a relative error (of `scale`, where a value is a difference of larger ones); all others exactly."""
    global failures
    limit = LIMIT if limit is None else limit
    got, want = np.asarray(got), np.asarray(want)
    if got.shape != want.shape:
        good = np.zeros(1, bool)
        got = want = good
    elif got.dtype.kind == "f":
        with np.errstate(all="ignore"):
            w, g = want.astype(REAL).astype(np.float64), got.astype(np.float64)
            size = np.maximum(np.abs(w), 0 if scale is None else np.abs(scale))
            good = (g == w) | (np.isnan(g) & np.isnan(w)) | (np.abs(g - w) <= limit * size)
            least = max(SMALLEST, 1e-307)  # in f64 a step on the way may be subnormal
            good |= (np.abs(w) <= 1.0001 * least) & (np.abs(g) <= 1.0001 * least)
    else:
        good = got == want
    bad = np.argwhere(~good)
    failures += len(bad) > 0
    if len(bad):
        place = tuple(bad[0])
        print(f"{name}: FAILED at {len(bad)} of {good.size}, first {place}: {got[place]}, not {want[place]}")
    else:
        print(f"{name}: ok")


def run(entry, shows, **parameters):
    for name, value in parameters.items():
        np.save(f"in.{entry}.{name}.npy", value)
    command = [executable, entry, "--threads", "2"]
    for name in parameters:
        command += [f"--{name}", f"in.{entry}.{name}.npy"]
    for show in shows:
        command += [f"--{show}", f"{entry}.{show}.npy"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return {show: np.load(f"{entry}.{show}.npy") for show in shows}


def check(entry, references, limits={}, **parameters):
    got = run(entry, list(references), **parameters)
    for name, want in references.items():
        limit, scale = limits.get(name, (None, None))
        compare(f"{entry} {name}", got[name], want, limit, scale)


SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, INF, -INF, NAN, 1e-40, -1e-40, 1e-45, 1.2e-38, -1.2e-38, 1e-30, -1e-20,
           1e-8, -1e-8, 1e-4, 0.1, -0.1, 0.7, 10.0, -10.0, 17.0, -17.0, 80.0, -80.0, 87.0, -87.0, 88.5, -88.5, 90.0, -90.0, 105.0, -105.0, 1e4,
           -1e4, 12345.678, 1e6, -1e6, 1.1e6, 1e9, -1e9, 3e9, -3e9, 2147483648.0, -2147483648.0, 1e10, -1e12, 1e20, -1e20, 1e30, -1e30, 3e38,
           -3e38, 1.5707964, 3.1415927, 6.2831855, -1.5707964, 710.0, -745.0, 0.999999, 1.000001, -0.999999, 16777216.0, 33.0, 1024.0]
N, R, C = 97, 23, 19
random = np.random.default_rng(5)
grid = np.concatenate([SPECIAL, random.normal(0, 3, N - len(SPECIAL))]).astype(REAL)
x = flushed(grid)


def sigmoid(t):
    return np.where(t >= 0, 1 / (1 + np.exp(-np.abs(t))), np.exp(-np.abs(t)) / (1 + np.exp(-np.abs(t))))


def softplus(t):
    return np.maximum(t, 0) + np.log1p(np.exp(-np.abs(t)))


def truncated(t):
    """NumPy leaves what is too large and NaN undefined; here the nearest integer, and 0."""
    return np.where(np.isnan(t), 0, np.clip(np.trunc(t), -(2.0**31), 2.0**31 - 1)).astype(np.int32)


def kink(t):
    """The derivative of max(t, 0): 0 at 0; beside a NaN the 0 has not won."""
    return np.where(t <= 0, 0.0, 1.0)


def unary():
    root = np.sqrt(2 / np.pi)
    inner = root * (x + 0.044715 * x**3)
    values = {
        "exp": np.exp(x), "expm1": np.expm1(x), "log": np.log(x), "log1p": np.log1p(x), "sqrt": np.sqrt(x), "tanh": np.tanh(x),
        "log2": np.log2(x), "sinh": np.sinh(x), "cosh": np.cosh(x), "atan": np.arctan(x), "round": np.round(x),
        "sin": np.sin(x), "cos": np.cos(x), "erf": erf(x), "abs": np.abs(grid), "relu": np.maximum(x, 0), "sigmoid": sigmoid(x),
        "softplus": softplus(x), "log_sigmoid": -softplus(-x), "leaky_relu": np.maximum(x, 0.2 * x), "square": x**2, "cube": x**3,
        "inverse": 1 / x, "silu": x * sigmoid(x), "sign": np.sign(x), "floor": np.floor(x), "negative": -grid, "copied": grid,
        "truncated": truncated(x), "truth": x != 0,
    }
    limits = {"gelu": (4 * LIMIT, np.maximum(np.abs(x), 1e-30))}
    values["gelu"] = 0.5 * x * (1 + np.tanh(inner))
    slopes = {
        "exp": np.exp(x), "expm1": np.exp(x), "log": 1 / x, "log1p": 1 / (1 + x), "sqrt": 0.5 / np.sqrt(x), "tanh": 1 - np.tanh(x) ** 2,
        "log2": 1 / (x * np.log(2)), "sinh": np.cosh(x), "cosh": np.sinh(x), "atan": 1 / (1 + x * x),
        "sin": np.cos(x), "cos": -np.sin(x), "erf": 2 / np.sqrt(np.pi) * np.exp(-x * x), "abs": np.sign(x), "relu": kink(x),
        "sigmoid": sigmoid(x) * (1 - sigmoid(x)), "softplus": sigmoid(x), "log_sigmoid": sigmoid(-x),
        "leaky_relu": np.where(x > 0, 1, 0.2), "square": 2 * x, "cube": 3 * x * x, "inverse": -1 / x / x,
    }
    for name, slope in slopes.items():
        values["d_" + name] = slope
    # Differences of numbers near 1 have its digits, products of a subnormal sigmoid none.
    for name in ("d_tanh", "d_sigmoid", "d_expm1"):
        limits[name] = (LIMIT, 1.0)
    limits["silu"] = (LIMIT, 1e-30)
    limits["d_erf"] = (100 * LIMIT, None)  # exp of the square of x, rounded
    check("unary", values, limits, x=grid)


def powers(p, q):
    """d(p^q)/dp and d(p^q)/dq; the latter is 0 where p is not positive."""
    with np.errstate(all="ignore"):
        less = (q.astype(REAL) - REAL(1)).astype(np.float64)
        first = np.where(q == 0, 0.0, q * np.power(p, less))
        second = np.where(p > 0, np.power(p, q) * np.log(np.where(p > 0, p, 1)), 0.0)
    return first, second


def binary():
    a, b = np.meshgrid(grid, np.roll(grid, 1), indexing="ij")
    c = (np.add.outer(np.arange(N), np.arange(N)) % 2).astype(bool)
    p, q = flushed(a), flushed(b)
    power = np.power(p, q)
    d_p, d_q = powers(p, q)
    values = {
        "add": p + q, "sub": p - q, "mul": p * q, "div": p / q, "pow": power, "max": np.maximum(p, q), "min": np.minimum(p, q),
        "where": np.where(c, a, b), "max3": np.maximum(np.maximum(p, q), 0.5), "min3": np.minimum(np.minimum(p, q), 0.5),
        "equal": p == q, "unequal": p != q, "less": p < q, "most": p <= q, "above": p > q, "least": p >= q,
        "a_mul": q, "b_mul": p, "a_div": 1 / q, "b_div": -(p / q) / q, "a_pow": d_p, "b_pow": d_q,
        "a_where": np.where(c, 1.0, 0.0), "b_where": np.where(c, 0.0, 1.0),
    }
    got = run("binary", list(values) + ["a_max", "b_max", "a_min", "b_min"], a=a, b=b, c=c)
    # A power's exponent less 1, and a quotient in two steps, are rounded.
    limits = {"a_pow": 1e-3 if kind == "f32" else 1e-10, "b_pow": 2 * LIMIT, "b_div": 2 * LIMIT}
    for name, want in values.items():
        select = np.ones(p.shape, bool)
        if name in ("a_pow", "b_div", "b_pow"):  # where no step on the way leaves the range of f32
            big = np.abs(np.stack([power, np.power(p, q - 1), p / q, 1 / q, np.log(np.abs(p)), want]))
            select = np.all((big < 1e30) & ((big > 1e-30) | (big == 0)), axis=0)
        compare(f"binary {name}", got[name][select], np.asarray(want)[select], limits.get(name))
    # Beside a NaN neither loses, as in PyTorch.
    for name, a_loses, b_loses in (("max", p < q, p > q), ("min", p > q, p < q)):
        compare(f"binary a_{name}", got["a_" + name], np.where(a_loses, 0.0, np.where(p == q, 0.5, 1.0)))
        compare(f"binary b_{name}", got["b_" + name], np.where(b_loses, 0.0, np.where(p == q, 0.5, 1.0)))


def scalars():
    """One number at a time is computed as in a tensor."""
    names = ["sin", "exp", "log", "tanh", "pow", "max", "min"]
    y = np.roll(grid, 7)
    for first, second in zip(grid[:60:4], y[:60:4]):
        if not (np.isfinite(first) and np.isfinite(second)):
            continue
        command = [executable, "scalars", "--x", repr(float(first)), "--y", repr(float(second))]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        got = dict(line.split("=") for line in lines)
        p, q = flushed(first), flushed(second)
        want = [np.sin(p), np.exp(p), np.log(p), np.tanh(p), np.power(p, q), np.maximum(p, q), np.minimum(p, q)]
        for name, value in zip(names, want):
            compare(f"scalars {name} {first} {second}", np.float64(got[name]), flushed(np.asarray(value)), limit=1e-5)


def whole():
    least, most = -(2**31), 2**31 - 1
    a = random.integers(-50, 50, N).astype(np.int32)
    a[:8] = [0, least, most, least, -7, 7, most, 0]
    b = random.integers(-9, 9, N).astype(np.int32)
    b[b == 0] = 4
    b[:8] = [3, 2, -1, 1, 2, -2, most, 5]
    with np.errstate(all="ignore"):
        check("whole", {
            "add": a + b, "mul": a * b, "div": a // b, "mod": a % b, "abs": np.abs(a), "sign": np.sign(a), "max": np.maximum(a, b),
            "min": np.minimum(a, b), "real": a.astype(REAL), "total": np.sum(a, dtype=np.int32), "largest": np.int32(np.argmax(a)),
            "smallest": np.int32(np.argmin(a)), "sorted": np.sort(a)}, a=a, b=b)


def matrix(extra=True):
    """Rows of ordinary numbers, ties, zeros, and one special kind a row."""
    m = random.normal(0, 2, (R, C))
    m[1, 5] = NAN
    m[2, [3, 17]] = NAN
    m[3, 0] = INF
    m[4, C - 1] = -INF
    m[5] = -INF
    m[6] = np.repeat([1.0, 2.0], [10, 9])
    m[7] = 0.0
    m[8, ::2] = -0.0
    m[9] = np.round(m[9])
    m[10] = random.normal(0, 1e30, C)
    m[11] = random.normal(0, 1e-39, C)
    m[12] = NAN
    m[13, [0, 4]] = [INF, -INF]
    m[14, C - 1] = NAN
    m[15, 2] = 0.0
    m[16, [2, 9]] = 0.0
    return m.astype(REAL)


def log_sum_exp(t, axis):
    top = np.max(t, axis=axis, keepdims=True)
    top = np.where(np.isinf(top), 0, top)
    return np.log(np.sum(np.exp(t - top), axis=axis)) + np.squeeze(top, axis)


def soft_max(t, axis):
    """PyTorch's, but a row of minus infinity has 0 everywhere."""
    top = np.max(t, axis=axis, keepdims=True)
    e = np.exp(t - np.where(top == -INF, 0, top))
    total = np.sum(e, axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


def log_soft_max(t):
    top = np.max(t, axis=1, keepdims=True)
    top = np.where(top == -INF, 0, top)
    return (t - top) - np.log(np.sum(np.exp(t - top), axis=1, keepdims=True))


def descending(t, k):
    """NaN first, then from the largest; of equal ones the first."""
    order = np.argsort(np.where(np.isnan(t), -INF, -t) * 1.0, axis=1, kind="stable")
    nans = np.argsort(~np.isnan(np.take_along_axis(t, order, 1)), axis=1, kind="stable")
    return np.take_along_axis(order, nans, 1)[:, :k]


def rows():
    m = matrix()
    t = flushed(m)
    size = np.sum(np.where(np.isfinite(t), np.abs(t), 0), axis=1)
    size_0 = np.sum(np.where(np.isfinite(t), np.abs(t), 0), axis=0)
    order = descending(t, 4)
    label = np.argmin(t, axis=1)
    values = {
        "sum": t.sum(1), "sum_0": t.sum(0), "mean": t.mean(1), "mean_0": t.mean(0), "prod": t.prod(1), "prod_0": t.prod(0), "max": t.max(1),
        "max_0": t.max(0), "max_all": t.max(), "min": t.min(1), "min_0": t.min(0), "any": (t > 0).any(1), "all_0": (t > 0).all(0),
        "argmax": t.argmax(1), "argmax_0": t.argmax(0), "argmin": label, "argmin_0": t.argmin(0), "sort": np.sort(t, 1),
        "sort_0": np.sort(t, 0), "logsumexp": log_sum_exp(t, 1), "logsumexp_0": log_sum_exp(t, 0), "softmax": soft_max(t, 1),
        "softmax_0": soft_max(t, 0), "log_softmax": log_soft_max(t), "cumsum": np.cumsum(t, 1), "cumsum_0": np.cumsum(t, 0),
        "cumprod": np.cumprod(t, 1), "cross_entropy": -np.take_along_axis(log_soft_max(t), label[:, None], 1)[:, 0],
        "values": np.take_along_axis(t, order, 1), "places": order,
    }
    limits = {"sum": (None, size), "mean": (None, size / C), "sum_0": (None, size_0), "mean_0": (None, size_0 / R),
              "cumsum": (None, size[:, None]), "cumsum_0": (None, size_0[None, :]), "log_softmax": (None, 1.0), "logsumexp": (None, 1.0),
              "logsumexp_0": (None, 1.0), "softmax": (8 * LIMIT, 1e-30), "softmax_0": (8 * LIMIT, 1e-30), "cross_entropy": (None, 1.0),
              "prod": (10 * LIMIT, None), "prod_0": (10 * LIMIT, None), "cumprod": (10 * LIMIT, None)}
    for name in ("argmax", "argmax_0", "argmin", "argmin_0", "places"):
        values[name] = values[name].astype(np.int32)
    check("rows", values, limits, x=m)


def others(t):
    """The products of all elements but one, of each row."""
    result = np.ones_like(t)
    for j in range(C):
        result[:, j] = np.prod(np.delete(t, j, 1), axis=1)
    return result


def slopes():
    m = random.normal(0, 1, (R, C))
    m[1, [2, 7, 9]] = 4.0  # ties
    m[2] = 0.5
    m[3, [0, 5]] = -4.0
    m[4, 3] = 0.0
    m[5, [3, 8]] = 0.0
    m[6, [1, 2]] = -INF
    m = m.astype(REAL)
    t = flushed(m)
    w = random.normal(0, 1, (R, C)).astype(REAL)
    v = random.normal(0, 1, R).astype(REAL)
    wide, tall = w.astype(float), v.astype(float)[:, None]
    soft = soft_max(t, 1)
    first = lambda place: np.arange(C) == place[:, None]  # of equal ones, as PyTorch's max along an axis
    d_cumprod = np.zeros_like(t)
    for i in range(C):
        for j in range(i, C):
            d_cumprod[:, i] += wide[:, j] * np.prod(np.delete(t[:, : j + 1], i, 1), axis=1)
    d_sort = np.empty_like(t)
    # Of equal ones a sort takes the last first: it is the whole axis from the largest, turned around.
    np.put_along_axis(d_sort, descending(t, C)[:, ::-1], wide, 1)
    finite = np.isfinite(t).all(1)
    values = {
        "max": tall * first(t.argmax(1)), "min": tall * first(t.argmin(1)), "prod": tall * others(t),
        "cumsum": np.cumsum(wide[:, ::-1], 1)[:, ::-1], "cumprod": d_cumprod, "sort": d_sort,
        "softmax": soft * (wide - np.sum(soft * wide, 1, keepdims=True)), "log_softmax": wide - soft * np.sum(wide, 1, keepdims=True),
        "logsumexp": tall * soft,
    }
    got = run("slopes", list(values), x=m, w=w, v=v)
    for name, want in values.items():
        rows = finite if name in ("prod", "cumprod") else np.ones(R, bool)
        compare(f"slopes {name}", got[name][rows], want[rows], 10 * LIMIT, 1.0)


def single():
    m = matrix()[:, :1]
    t = flushed(m)
    check("single", {"sum": t[:, 0], "max": t[:, 0], "argmax": np.zeros(R, np.int32), "sort": t, "logsumexp": t[:, 0],
                     "softmax": np.where(np.isfinite(t), 1.0, np.where(t == -INF, 0.0, NAN)), "cumsum": t}, x=m)


with np.errstate(all="ignore"):
    for part in (unary, binary, scalars, whole, rows, slopes, single):
        part()
print(f"{failures} failed")
sys.exit(1 if failures else 0)
