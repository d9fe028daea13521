"""Steps in index notation: contractions, windows, gathers, reductions of expressions, softmax with masks."""
import math

from expressions import combine, depends
from steps_elementwise import REDUCTIONS
from tensors import Scalar, Skip, every_point, number, product, wrapped

NAMES = "ijklmn"


class Index:
    """An index and the size that it runs over."""

    def __init__(self, name, size, shown=False):
        self.name, self.size, self.shown = name, size, shown


def read(f, tensor, subscripts):
    """tensor[...] as a scalar; a subscript is its text and its value at a point (None: not told)."""
    at = None
    if tensor.values is not None and all(s[1] is not None for s in subscripts):
        at = lambda point: tensor.at([int(value(point)) for _, value in subscripts])
    inside = f"[{', '.join(text for text, _ in subscripts)}]" if subscripts else ""
    return Scalar(f"{tensor.name}{inside}", 9, tensor.bound, at, tensor.depends)


def plain(index):
    return index.name, lambda point: point[index.name]


def subscript(f, size, indices):
    """Text and value of a position on an axis of this size, by one of the indices where it is possible."""
    fitting = [index for index in indices if index.size == size]
    form = f.rng.random()
    if fitting and form < 0.75:
        index = f.rng.choice(fitting)
        if form < 0.1:
            return f"{size.text} - 1 - {index.name}", lambda point: size.value - 1 - point[index.name]
        return plain(index)
    if not indices or form < 0.8:
        k = f.rng.randrange(min(size.value, 3))
        return str(k), lambda point: k
    index = f.rng.choice(indices)
    factor, offset = f.rng.choice([1, 1, 2, 3]), f.rng.randrange(3)
    value = lambda point: (factor * point[index.name] + offset) % size.value
    inner = f"{factor} * {index.name}" if factor > 1 else index.name
    return f"({inner} + {offset}) % {wrapped(size)}", value


def leaf(f, indices):
    """A scalar that reads a tensor at a point of the indices."""
    options = [t for t in f.scope if t.kind == "f32" and t.bound <= 12 and t.rank <= 4]
    named = [index for index in indices if index.size in f.dims]
    if named and (f.rng.random() < 0.3 or not options):
        try:
            rank = f.rng.randrange(1, min(3, len(named)) + 1)
            chosen = f.rng.sample(named, rank)
            if len({index.size for index in chosen}) == rank:
                return read(f, f.input([index.size for index in chosen]), [plain(index) for index in chosen])
        except Skip:
            pass
    if not options:
        raise Skip
    sizes = {index.size for index in indices}
    options.sort(key=lambda t: -sum(axis in sizes for axis in t.axes) / (t.rank + 1))
    tensor = options[min(f.rng.randrange(len(options)), f.rng.randrange(len(options)))]
    return read(f, tensor, [subscript(f, axis, indices) for axis in tensor.axes])


def used(scalar, index):
    return any(word == index.name for word in "".join(c if c.isalnum() or c == "_" else " " for c in scalar.text).split())


def body(f, indices, depth):
    """An expression over the indices; each of them occurs in it."""
    leaves = [lambda: leaf(f, indices)]
    if f.rng.random() < 0.15 and indices:
        index = f.rng.choice(indices)
        leaves.append(lambda: Scalar(f"(0.5 * {index.name})", 9, float(index.size.value), lambda point: 0.5 * point[index.name]))
    return f.expressions.draw(leaves, depth)


def new_indices(f, count, names, smallest=1):
    return [Index(name, size) for name, size in zip(names, f.axes(count, smallest))]


def left_side(name, indices):
    """All ranges are written: not every index stands alone somewhere."""
    return f"{name}[{', '.join(f'{i.name} < {i.size.text}' for i in indices)}]"


def reduce(f, name, inner, indices):
    """`name[k < n, ..] inner`, as an operand; sum and its kin take a product after them."""
    make, bound = REDUCTIONS[name]
    n = product(index.size.value for index in indices)
    ranges = ", ".join(f"{i.name} < {i.size.text}" if f.rng.random() < 0.5 or not stands_alone(inner, i) else i.name for i in indices)
    at = None
    if inner.at is not None:
        points = [dict(zip([i.name for i in indices], p)) for p in every_point([i.size for i in indices])]
        at = lambda point: make([inner.at({**point, **p}) for p in points])
    return Scalar(f"({name}[{ranges}] {inner.inside(4)})", 9, bound(inner.bound, n), at, inner.depends)


def stands_alone(scalar, index):
    """Whether the index subscripts some axis alone, so that its range is known."""
    text = scalar.text.replace(" ", "")
    return any(a + index.name + b in text for a in "[," for b in ",]")


def reducible(f, name, inner, indices):
    n = product(index.size.value for index in indices)
    if name == "prod" and (inner.bound > 2 or n > 9) or name in ("max", "min") and not f.kinks:
        return False
    return n <= 300


def pointwise(f):
    """y[i, j] = e."""
    outer = new_indices(f, f.rng.choice([1, 2, 2, 3]), NAMES)
    return statement(f, outer, body(f, outer, f.rng.randrange(1, 4)))


def statement(f, outer, scalar):
    name = f.fresh()
    axes = [index.size for index in outer]
    values = None
    if scalar.at is not None:
        try:
            values = [scalar.at(dict(zip([i.name for i in outer], p))) for p in every_point(axes)]
        except (OverflowError, ValueError, ZeroDivisionError):
            pass
    tensor = f.result(name, axes, bound=scalar.bound, values=values, depends=scalar.depends)
    f.add(f"{left_side(name, outer)} = {scalar.text}")
    return f.settle(tensor)


def contraction(f):
    """y[i, j] = sum[k] a[i, k] * b[k, j], with more factors, functions and another term now and then."""
    count = f.rng.choice([1, 2, 2, 3])
    all_of = new_indices(f, count + 1, NAMES)
    if f.rng.random() < 0.3:
        all_of += new_indices(f, 1, NAMES[count + 1:])
    outer, inner = all_of[:count], all_of[count:]
    factors = []
    for _ in range(f.rng.choice([1, 2, 2, 2, 3])):
        subset = [index for index in all_of if f.rng.random() < 0.6] or inner
        factor = leaf(f, subset)
        if f.rng.random() < 0.25:
            factor = f.expressions.unary(factor)
        factors.append(factor)
    text = " * ".join(factor.inside(5) for factor in factors)
    bound = product(factor.bound for factor in factors)
    inside = Scalar(text, 4, bound, combine(lambda *v: product(v), *factors), depends(*factors))
    result = reduce(f, f.rng.choice(["sum", "sum", "sum", "mean"]), inside, inner)
    if f.rng.random() < 0.3:
        result = f.expressions.binary(result, leaf(f, outer))
    return statement(f, outer, result)


def reduction(f):
    """A reduction of an expression; sometimes one in another, or two side by side."""
    outer = new_indices(f, f.rng.choice([0, 1, 1, 2]), NAMES[:2])
    inner = new_indices(f, f.rng.choice([1, 1, 2]), NAMES[2:4])
    name = f.rng.choice(list(REDUCTIONS))
    inside = body(f, outer + inner, f.rng.randrange(0, 3))
    if not any(used(inside, index) for index in inner) or not reducible(f, name, inside, inner):
        raise Skip
    result = reduce(f, name, inside, inner)
    form = f.rng.random()
    if form < 0.25:
        result = f.expressions.binary(result, body(f, outer, 1))
    elif form < 0.4:
        result = f.expressions.unary(result)
    if not outer:
        value = None if result.at is None else [result.at({})]
        return f.settle(f.define(result.text, [], bound=result.bound, values=value, depends=result.depends))
    return statement(f, outer, result)


def nested(f):
    """sum[k] of a factor times a reduction over another index."""
    outer = new_indices(f, 1, NAMES[:1])
    k, m = new_indices(f, 2, NAMES[2:4])
    name = f.rng.choice(list(REDUCTIONS))
    inside = body(f, outer + [k, m], 1)
    if not used(inside, m) or not reducible(f, name, inside, [m]):
        raise Skip
    inner = reduce(f, name, inside, [m])
    if inner.bound > 30:
        inner = f.expressions.unary(inner)
    factor = leaf(f, outer + [k])
    return statement(f, outer, reduce(f, "sum", Scalar(f"{factor.inside(5)} * {inner.inside(5)}", 4, factor.bound * inner.bound,
                                                       combine(lambda a, b: a * b, factor, inner), depends(factor, inner)), [k]))


def window_sizes(f, size):
    """Width, stride and count of windows inside an axis."""
    width, stride = f.rng.randrange(1, min(5, size.value) + 1), f.rng.randrange(1, 5)
    return width, stride, (size.value - width) // stride + 1


def windows(f):
    """Windows along one or two axes of a tensor, reduced, weighted or kept."""
    x = f.tensor(fits=lambda t: 1 <= t.rank <= 3 and t.shape[-1] >= 2, new=0.6)
    along = 2 if x.rank > 1 and x.shape[-2] >= 2 and f.rng.random() < 0.5 else 1
    lead = [Index(name, axis) for name, axis in zip("ab", x.axes[:x.rank - along])]
    outer, inner, subscripts = list(lead), [], [plain(index) for index in lead]
    for axis, i, u in zip(x.axes[x.rank - along:], "ij", "uv"):
        width, stride, count = window_sizes(f, axis)
        outer.append(Index(i, number(count)))
        inner.append(Index(u, number(width)))
        factor = f"{stride} * {i}" if stride > 1 else i
        subscripts.append((f"{factor} + {u}", lambda point, s=stride, i=i, u=u: s * point[i] + point[u]))
    inside = read(f, x, subscripts)
    if f.rng.random() < 0.4:
        inside = f.expressions.unary(inside)
    if f.rng.random() < 0.2 and along == 1:
        return statement(f, outer + inner, inside)
    weighted = f.rng.random() < 0.4
    if weighted:
        w = f.input([index.size for index in inner])
        weight = read(f, w, [plain(index) for index in inner])
        inside = Scalar(f"{inside.inside(5)} * {weight.text}", 4, inside.bound * weight.bound,
                        combine(lambda a, b: a * b, inside, weight), depends(inside, weight))
    name = "sum" if weighted else f.rng.choice(list(REDUCTIONS))
    if not reducible(f, name, inside, inner):
        raise Skip
    return statement(f, outer, reduce(f, name, inside, inner))


def gather(f):
    """x at integers: its gradient scatters."""
    x = f.tensor(fits=lambda t: 1 <= t.rank <= 3 and t.axes[0] in f.dims)
    axes = f.axes(f.rng.choice([1, 2]))
    if any(axis in x.axes for axis in axes):
        raise Skip
    u = f.input(axes, "i32", x.axes[0])
    if f.rng.random() < 0.4:
        rest = x.axes[1:]
        values = None
        if x.values is not None:
            values = [x.at([u.at(p[:u.rank])] + list(p[u.rank:])) for p in every_point(axes + rest)]
        return f.define(f"{x.name}[{u.name}]", axes + rest, bound=x.bound, values=values, depends=x.depends)
    outer = [Index(name, axis) for name, axis in zip(NAMES, axes)]
    picked = read(f, u, [plain(index) for index in outer])
    rest = [Index(name, axis) for name, axis in zip("pqr", x.axes[1:])]
    kept = [index for index in rest if f.rng.random() < 0.7]
    others = [plain(i) if i in kept else subscript(f, i.size, outer) for i in rest]
    return statement(f, outer + kept, read(f, x, [(picked.text, picked.at)] + others))


def masked_softmax(f):
    """softmax[j] or log_softmax[j] of scores, some of which a comparison of indices leaves out."""
    i, j = new_indices(f, 2, "ij")
    score = body(f, [i, j], 1)
    if not used(score, j):
        raise Skip
    name = f.fresh()
    function = f.rng.choice(["softmax", "softmax", "log_softmax"])
    masks = ["j <= i", "j >= i", "j != i + 1", "(i + j) % 2 == 0", "j < 2 or i == j", f"j <= i + 1 and j + 2 > i"]
    if function == "softmax" and f.rng.random() < 0.6:
        text = f"where({f.rng.choice(masks)}, {score.text}, -inf)"
    else:
        text = score.inside(9) if score.level == 9 else f"({score.text})"
    f.add(f"{left_side(name, [i, j])} = {function}[j] {text}")
    return f.result(name, [i.size, j.size], bound=1.0 if function == "softmax" else 10.0, depends=score.depends)


def product_of_matrices(f):
    """a @ b with two or more axes."""
    x = f.tensor(fits=lambda t: 2 <= t.rank <= 3 and t.axes[-1] in f.dims)
    out = f.axes(1)[0]
    if out in x.axes:
        raise Skip
    w = f.input([x.axes[-1], out])
    axes = x.axes[:-1] + [out]
    values = None
    if x.values is not None and w.values is not None:
        n = x.axes[-1].value
        values = [sum(x.at(list(p[:-1]) + [k]) * w.at([k, p[-1]]) for k in range(n)) for p in every_point(axes)]
    return f.settle(f.define(f"{x.name} @ {w.name}", axes, bound=x.bound * w.bound * w.shape[0], values=values,
                             depends=x.depends | w.depends))


STEPS = [(3, pointwise), (5, contraction), (4, reduction), (2, nested), (4, windows), (4, gather), (3, masked_softmax),
         (3, product_of_matrices)]
