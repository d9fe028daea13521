"""Formulas written out that have a name, choices that guard an operation, products with one-hot rows."""
import math

from tensors import Skip, sigmoid, softplus

# Spellings of a function of {x}, its name's value, a bound.
SPELLED = [
    (["1 / (1 + exp(-{x}))", "exp({x}) / (1 + exp({x}))", "exp({x}) / (exp({x}) + 1)", "1 - 1 / (1 + exp({x}))", "(tanh({x} / 2) + 1) / 2",
      "2.5 / (1 + exp(-{x})) / 2.5", "exp(-softplus(-{x}))"], sigmoid, 1.0),
    (["log(1 + exp({x}))", "log1p(exp({x}))", "max({x}, 0) + log1p(exp(-abs({x})))", "-log(sigmoid(-{x}))", "{x} - log_sigmoid({x})",
      "relu({x}) + log(1 + exp(-abs({x})))"], softplus, 4.0),
    (["(exp({x}) - exp(-{x})) / (exp({x}) + exp(-{x}))", "2 * sigmoid(2 * {x}) - 1", "1 - 2 / (1 + exp(2 * {x}))"], math.tanh, 1.0),
    (["{x} / (1 + exp(-{x}))", "{x} * (1 - 1 / (1 + exp({x})))"], lambda x: x * sigmoid(x), 3.0),
    (["abs({x}) / (1 + abs({x}))", "{x}^2 / (abs({x}) + {x}^2 + 0.5)"], None, 1.0),
]

# A choice and what it guards.
GUARDED = [
    ("where({x} > 0, log({x}), 0.3)", lambda x: math.log(x) if x > 0 else 0.3),
    ("where({x} > 0, sqrt({x}), 0)", lambda x: math.sqrt(x) if x > 0 else 0.0),
    ("where({x} > 0.05, 1 / {x}, -1)", lambda x: 1 / x if x > 0.05 else -1.0),
    ("where(abs({x}) > 0.1, sin({x}) / {x}, 1)", lambda x: math.sin(x) / x if abs(x) > 0.1 else 1.0),
    ("where({x} < 0.9, log(1 - {x}), -2)", lambda x: math.log(1 - x) if x < 0.9 else -2.0),
    ("where({x} <= 0, 0, {x}^0.5)", None),
    ("where(not ({x} > 0.1), 0.2, {x} * log({x}))", lambda x: x * math.log(x) if x > 0.1 else 0.2),
]


def spelled(f):
    x = f.tensor(fits=lambda t: t.bound <= 5)
    texts, make, bound = f.rng.choice(SPELLED)
    values = None if make is None or x.values is None else [make(v) for v in x.values]
    text = f.rng.choice(texts).format(x=x.name)
    if not f.kinks and any(word in text for word in ("abs", "max", "relu")):
        raise Skip
    return f.define(text, x.axes, bound=bound, values=values, depends=x.depends)


def guarded(f):
    """Bounds of the results: logarithms of small numbers are large, so a calm function follows."""
    x = f.tensor(fits=lambda t: t.bound <= 5)
    if not f.kinks:
        raise Skip
    text, make = f.rng.choice(GUARDED)
    name, outer = f.rng.choice([("tanh", math.tanh), ("cos", math.cos)])
    values = None if make is None or x.values is None else [outer(0.3 * make(v)) for v in x.values]
    return f.define(f"{name}(0.3 * {text.format(x=x.name)})", x.axes, values=values, depends=x.depends)


def one_hot_product(f):
    """A product with one-hot rows reads these rows of the other factor."""
    classes, width = f.axes(2)
    u = f.input(f.axes(f.rng.choice([1, 2])), "i32", classes)
    if width in u.axes or classes in u.axes:
        raise Skip
    w = f.like([classes, width])
    values = None
    if w.values is not None:
        values = [w.at([label, j]) for label in u.values for j in range(width.value)]
    return f.define(f"one_hot[{classes.text}]({u.name}) @ {w.name}", u.axes + [width], bound=w.bound, values=values, depends=w.depends)


def softmax_by_hand(f):
    """Along any axis, with and without the maximum."""
    x = f.tensor(fits=lambda t: t.rank >= 2 and t.bound <= 5 and len({a.text for a in t.axes}) == t.rank
                 and all(a.text.isidentifier() for a in t.axes))
    axis = f.rng.choice(x.axes).text
    text = f.rng.choice([
        f"exp({x.name}) / sum(exp({x.name}), axis = {axis})", f"exp({x.name} - logsumexp({x.name}, axis = {axis}))",
        f"exp({x.name} - max({x.name}, axis = {axis})) / sum(exp({x.name} - max({x.name}, axis = {axis})), axis = {axis})",
        f"{x.name} - log(sum(exp({x.name}), axis = {axis}))", f"exp(2 * {x.name}) / (0.5 + sum(exp(2 * {x.name}), axis = {axis}))",
        f"log(exp({x.name}) / sum(exp({x.name}), axis = {axis}))"])
    return f.settle(f.define(text, x.axes, bound=12, depends=x.depends))


STEPS = [(3, spelled), (3, guarded), (2, one_hot_product), (2, softmax_by_hand)]
