"""Steps of elementwise code and reductions of whole tensors."""
import math

from tensors import Skip, every_point, product


def logsumexp(values):
    top = max(values)
    return top + math.log(sum(math.exp(v - top) for v in values))


REDUCTIONS = {
    "sum": (sum, lambda bound, n: bound * n),
    "mean": (lambda values: sum(values) / len(values), lambda bound, n: bound),
    "prod": (product, lambda bound, n: bound**n),
    "max": (max, lambda bound, n: bound),
    "min": (min, lambda bound, n: bound),
    "logsumexp": (logsumexp, lambda bound, n: bound + math.log(n)),
}


def usable(f, tensor, name):
    """Whether a reduction of all of the tensor's numbers keeps its digits."""
    if name in ("max", "min") and not f.kinks:
        return False
    return name != "prod" or (tensor.bound <= 2 and tensor.count <= 12)


def subsets(f, axes):
    """Some of the axes, in order: what broadcasts into them."""
    return [axis for axis in axes if f.rng.random() < 0.6]


def elementwise(f):
    """Operators and functions on tensors of one shape, and of shapes that go into it."""
    base = f.tensor()
    if len({axis.text for axis in base.axes}) < base.rank or any(not axis.text.isidentifier() for axis in base.axes):
        leaves = [lambda: f.whole(base)]
    else:
        others, smaller = [base], subsets(f, base.axes)  # One shape that is smaller: two may not go into each other.
        for _ in range(f.rng.randrange(3)):
            try:
                others.append(f.like(f.rng.choice([base.axes, smaller])))
            except Skip:
                pass
        leaves = [lambda t=t: f.whole(t) for t in others]
    expression = f.expressions.draw(leaves + [leaves[0]], f.rng.randrange(1, 5))
    if not f.reads(expression.text, base.name):
        expression = f.expressions.binary(f.whole(base), expression)
    axes = base.axes
    return f.settle(f.define(expression.text, axes, bound=expression.bound, values=f.evaluate(expression, axes),
                             depends=expression.depends))


def reduce_axis(f):
    """A reduction along one axis, by name or position, along several, or of everything."""
    x = f.tensor(fits=lambda t: t.rank >= 1)
    name = f.rng.choice(list(REDUCTIONS))
    if not usable(f, x, name):
        raise Skip
    make, bound = REDUCTIONS[name]
    count = f.rng.choice([1, 1, 1, 2, x.rank])
    gone = sorted(f.rng.sample(range(x.rank), min(count, x.rank)))
    spelled = [x.axes[i].text if f.rng.random() < 0.6 and unique(x, i) else str(i) for i in gone]
    if len(gone) == x.rank and f.rng.random() < 0.5:
        text = f"{name}({x.name})"
    elif len(gone) == 1:
        text = f"{name}({x.name}, axis = {spelled[0]})"
    else:
        text = f"{name}({x.name}, axis = ({', '.join(spelled)}))"
    left = [axis for i, axis in enumerate(x.axes) if i not in gone]
    n = product(x.axes[i].value for i in gone)
    if n == 0:
        raise Skip
    return f.settle(f.define(text, left, bound=bound(x.bound, n), values=reduced(x, gone, make), depends=x.depends))


def unique(x, i):
    """Whether the axis can be told by its name."""
    return x.axes[i].text.isidentifier() and sum(axis.text == x.axes[i].text for axis in x.axes) == 1


def reduced(x, gone, make):
    if x.values is None:
        return None
    groups = {}
    for point, value in zip(every_point(x.axes), x.values):
        groups.setdefault(tuple(p for i, p in enumerate(point) if i not in gone), []).append(value)
    try:
        return [make(values) for values in groups.values()]
    except (OverflowError, ValueError):
        return None


def along(x, axis, make):
    """The values after each row along the axis was replaced."""
    if x.values is None:
        return None
    rows = {}
    points = every_point(x.axes)
    for point, value in zip(points, x.values):
        rows.setdefault(point[:axis] + point[axis + 1:], []).append(value)
    made = {key: make(row) for key, row in rows.items()}
    return [made[point[:axis] + point[axis + 1:]][point[axis]] for point in points]


def softmax_row(row):
    total = logsumexp(row)
    return [math.exp(v - total) for v in row]


def running(combine):
    def make(row):
        kept = [row[0]]
        for value in row[1:]:
            kept.append(combine(kept[-1], value))
        return kept
    return make


ROWS = {
    "softmax": (softmax_row, lambda bound, n: 1.0),
    "log_softmax": (lambda row: [v - logsumexp(row) for v in row], lambda bound, n: 2 * bound + math.log(n)),
    "cumsum": (running(lambda a, b: a + b), lambda bound, n: bound * n),
    "cumprod": (running(lambda a, b: a * b), lambda bound, n: max(bound, bound**n)),
    "sort": (sorted, lambda bound, n: bound),
}


def row_function(f):
    """softmax, running sums and the like along the last or a named axis."""
    x = f.tensor(fits=lambda t: t.rank >= 1)
    name = f.rng.choice(list(ROWS))
    if name == "sort" and not f.kinks or name == "cumprod" and x.bound > 2:
        raise Skip
    axis = f.rng.choice([x.rank - 1, f.rng.randrange(x.rank)])
    if name == "cumprod" and x.shape[axis] > 6:
        raise Skip
    where = f", axis = {x.axes[axis].text if unique(x, axis) else axis}"
    if axis == x.rank - 1 and f.rng.random() < 0.5:
        where = ""
    make, bound = ROWS[name]
    return f.settle(f.define(f"{name}({x.name}{where})", x.axes, bound=bound(x.bound, x.shape[axis]),
                             values=along(x, axis, make), depends=x.depends))


def norm(f):
    """A norm written out: centred, scaled by the root of a mean of squares."""
    x = f.tensor(fits=lambda t: t.rank >= 2 and unique(t, t.rank - 1) and t.shape[-1] > 1)
    d = x.axes[-1].text
    if f.rng.random() < 0.5:
        text = f"({x.name} - mean({x.name}, axis = {d})) / sqrt(mean(({x.name} - mean({x.name}, axis = {d}))^2, axis = {d}) + 0.01)"
    else:
        text = f"{x.name} / sqrt(mean({x.name}^2, axis = {d}) + 0.1)"
    if len({axis.text for axis in x.axes}) < x.rank:
        raise Skip
    return f.define(text, x.axes, bound=4.0, depends=x.depends)


STEPS = [(6, elementwise), (4, reduce_axis), (3, row_function), (1, norm)]
