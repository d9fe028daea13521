"""Whether two runs gave the same numbers."""
import math

# The error that is allowed, relative to the largest number of the tensor, and absolute.
ROUNDING = {"f32": (1e-3, 2e-5), "f64": (1e-9, 1e-11)}


def difference(a, b, real):
    """What differs between the values of two runs, as one line; empty if nothing does."""
    if a.keys() != b.keys():
        return f"values {sorted(a.keys() ^ b.keys())} are on one side only"
    relative, absolute = ROUNDING[real]
    for name in a:
        if len(a[name]) != len(b[name]):
            return f"{name}: {len(a[name])} and {len(b[name])} numbers"
        scale = max((abs(x) for x in a[name] + b[name] if is_real(x)), default=0.0)
        for i, (x, y) in enumerate(zip(a[name], b[name])):
            if not same(x, y, relative * scale + absolute):
                return f"{name}[{i}]: {x} and {y} (largest {scale:.6g})"
    return ""


def is_real(x):
    return isinstance(x, (int, float)) and not isinstance(x, bool) and math.isfinite(x)


def same(x, y, limit):
    if is_real(x) and is_real(y):
        if isinstance(x, int) and isinstance(y, int):
            return x == y
        return abs(x - y) <= limit
    return x == y or x is None and y is None


def unequal(a, b):
    """Like difference, for runs that have to agree bit for bit."""
    for name in a:
        if repr(a[name]) != repr(b.get(name)):
            return f"{name}: {a[name][:6]} and {(b.get(name) or [])[:6]}"
    return ""
