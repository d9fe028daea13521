"""Sizes, tensors and scalars: text of the language, with what the generator knows about it.

Where a value can be told, it is computed here too, in plain Python: a witness that shares nothing with the compiler.
"""
import math
from typing import NamedTuple


class Size(NamedTuple):
    """A size as it is written, and its number. Two are equal if the texts are."""

    text: str
    value: int


class Skip(Exception):
    """A step that does not fit what is there; another one is tried."""


def product(numbers):
    result = 1
    for number in numbers:
        result *= number
    return result


def times(a, b):
    """a * b of two sizes; numbers have no names."""
    if a.text.isdigit() and b.text.isdigit():
        return number(a.value * b.value)
    return Size(f"{wrapped(a)} * {wrapped(b)}", a.value * b.value)


def plus(a, n):
    if a.text.isdigit():
        return number(a.value + n)
    return Size(f"{a.text} {'+' if n >= 0 else '-'} {abs(n)}", a.value + n)


def number(n):
    return Size(str(n), n)


def wrapped(size):
    return size.text if size.text.isidentifier() or size.text.isdigit() else f"({size.text})"


class Tensor:
    """A named value: f32, i32 or bool. `bound` limits the magnitude, `below` is the size that integers stay under."""

    def __init__(self, name, axes, kind="f32", bound=1.0, below=None, values=None, depends=frozenset()):
        self.name, self.axes, self.kind, self.bound, self.below = name, list(axes), kind, bound, below
        self.values, self.depends = values, frozenset(depends)

    @property
    def shape(self):
        return [axis.value for axis in self.axes]

    @property
    def rank(self):
        return len(self.axes)

    @property
    def count(self):
        return product(self.shape)

    @property
    def type(self):
        sizes = f"[{', '.join(axis.text for axis in self.axes)}]" if self.axes else ""
        limit = f" < {self.below.text}" if self.below and self.kind == "i32" else ""
        return self.kind + sizes + limit

    def at(self, positions):
        flat = 0
        for position, size in zip(positions, self.shape):
            if not 0 <= position < size:
                raise IndexError(f"{self.name}: {positions} of {self.shape}")
            flat = flat * size + position
        return self.values[flat]


class Scalar:
    """A number at each point: text, how tightly it binds, a bound of its magnitude, its value (None: not told here)."""

    def __init__(self, text, level=9, bound=1.0, at=None, depends=frozenset()):
        self.text, self.level, self.bound, self.at, self.depends = text, level, bound, at, frozenset(depends)

    def inside(self, level):
        """The text as an operand of something that binds with `level`."""
        return self.text if self.level >= level else f"({self.text})"


def constant(value):
    text = repr(value)
    return Scalar(text, 9 if value >= 0 else 6, abs(value), lambda point: value)


def every_point(axes):
    """All points of the axes, in row-major order."""
    points = [()]
    for axis in axes:
        points = [point + (i,) for point in points for i in range(axis.value)]
    return points


def softplus(x):
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
