"""Random scalar expressions over leaves: elementwise code, and what stands at a point of index notation.

Magnitudes stay small and denominators away from 0, so that f32 and f64 have to agree on the digits that f32 has.
"""
import math

from tensors import Scalar, constant, sigmoid, softplus

# name, largest argument that it takes, bound of the result for an argument bound, value
SMOOTH = [
    ("sin", 20, lambda b: 1, math.sin), ("cos", 20, lambda b: 1, math.cos), ("tanh", 20, lambda b: 1, math.tanh),
    ("exp", 2, math.exp, math.exp), ("expm1", 2, math.exp, math.expm1), ("erf", 20, lambda b: 1, math.erf),
    ("sinh", 2, math.sinh, math.sinh), ("cosh", 2, math.cosh, math.cosh), ("atan", 50, lambda b: 1.6, math.atan),
    ("sigmoid", 20, lambda b: 1, sigmoid), ("silu", 10, lambda b: b, lambda x: x * sigmoid(x)),
    ("gelu", 5, lambda b: b, lambda x: 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))),
]
KINKED = [
    ("abs", 50, lambda b: b, abs), ("relu", 50, lambda b: b, lambda x: max(x, 0.0)),
    ("leaky_relu", 50, lambda b: b, lambda x: max(x, 0.2 * x)),
]
STABLE = [("softplus", 10, lambda b: b + 1, softplus), ("log_sigmoid", 10, lambda b: b + 1, lambda x: -softplus(-x))]
COMPARISONS = [("<", lambda a, b: a < b), ("<=", lambda a, b: a <= b), (">", lambda a, b: a > b), (">=", lambda a, b: a >= b)]


def combine(make, *parts):
    """The value of an expression from the values of its parts; None if one of them is not told."""
    values = [part.at for part in parts]
    if any(value is None for value in values):
        return None
    return lambda point: make(*(value(point) for value in values))


def depends(*parts):
    return frozenset().union(*(part.depends for part in parts))


def call(name, make, bound, *parts):
    text = f"{name}({', '.join(part.text for part in parts)})"
    return Scalar(text, 9, bound, combine(make, *parts), depends(*parts))


def infix(operator, level, make, bound, left, right):
    """Operators of one level group from the left; a negative number on the right stands in parentheses."""
    second = right.inside(level + 1)
    text = f"{left.inside(level)} {operator} {second if not second.startswith('-') else f'({second})'}"
    return Scalar(text, level, bound, combine(make, left, right), depends(left, right))


def add(a, b):
    return infix("+", 3, lambda x, y: x + y, a.bound + b.bound, a, b)


def subtract(a, b):
    return infix("-", 3, lambda x, y: x - y, a.bound + b.bound, a, b)


def multiply(a, b):
    return infix("*", 4, lambda x, y: x * y, a.bound * b.bound, a, b)


def divide(a, b, least):
    return infix("/", 4, lambda x, y: x / y, a.bound / least, a, b)


def power(a, n):
    text = f"{a.inside(7)}^{n}"
    return Scalar(text, 6, a.bound**n, combine(lambda x: x**n, a), a.depends)


def negative(a):
    return Scalar(f"-{a.inside(5)}", 5, a.bound, combine(lambda x: -x, a), a.depends)


def calm(a, limit):
    """a itself, or what keeps it below the limit."""
    if a.bound <= limit:
        return a
    return call("tanh", math.tanh, 1, a) if limit < 3 else multiply(constant(3.0), call("sin", math.sin, 1, a))


class Expressions:
    """Draws expressions of one fragment. `kinks`: also functions whose slope jumps."""

    def __init__(self, rng, kinks=True):
        self.rng, self.kinks = rng, kinks

    def constant(self):
        return constant(self.rng.choice([0.5, 2.0, 1.5, 0.25, 0.3, 1.7, 3.0, 0.125]))

    def condition(self, a, b):
        sign, holds = self.rng.choice(COMPARISONS)
        return infix(sign, 2, holds, 1, a, b)

    def draw(self, leaves, depth):
        """An expression of at most this depth over the leaves, which are functions that make a Scalar."""
        rng = self.rng
        if depth <= 0 or rng.random() < 0.12:
            return self.constant() if rng.random() < 0.12 else rng.choice(leaves)()
        form = rng.random()
        if form < 0.4:
            return self.unary(self.draw(leaves, depth - 1))
        if form < 0.85:
            return self.binary(self.draw(leaves, depth - 1), self.draw(leaves, depth - 2))
        return self.choice(leaves, depth)

    def unary(self, a):
        rng = self.rng
        form = rng.random()
        if form < 0.5:
            table = SMOOTH + STABLE + (KINKED if self.kinks else [])
            name, largest, bound, make = rng.choice(table)
            a = calm(a, largest)
            return call(name, make, bound(a.bound), a)
        if form < 0.6:
            return negative(a)
        if form < 0.75:
            a = calm(a, 3)
            return power(a, rng.choice([2, 2, 3]))
        safe = add(power(calm(a, 4), 2), constant(rng.choice([0.5, 1.0])))
        if form < 0.85:
            return call("log", math.log, 4, safe)
        if form < 0.95:
            return call("sqrt", math.sqrt, math.sqrt(safe.bound), safe)
        return call("log1p", math.log1p, 4, safe)

    def binary(self, a, b):
        form = self.rng.random()
        if form < 0.3:
            return add(a, b)
        if form < 0.5:
            return subtract(a, b)
        if form < 0.75:
            return multiply(calm(a, 6), calm(b, 6))
        if form < 0.9:
            return divide(calm(a, 10), add(power(calm(b, 3), 2), constant(1.5)), 1.5)
        if not self.kinks:
            return add(a, b)
        name, make = self.rng.choice([("max", max), ("min", min)])
        return call(name, make, max(a.bound, b.bound), a, b)

    def choice(self, leaves, depth):
        a, b = self.draw(leaves, depth - 1), self.draw(leaves, depth - 2)
        if not self.kinks:
            return subtract(a, b)
        test = self.condition(self.draw(leaves, depth - 2), self.constant())
        return call("where", lambda c, x, y: x if c else y, max(a.bound, b.bound), test, a, b)
