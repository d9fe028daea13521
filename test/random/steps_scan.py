"""Scans: carries of any shape, results in several places, forwards and backwards, one in another."""
from tensors import Scalar, Skip, number


class Loop:
    """What the body of a scan can read."""

    def __init__(self, f, index, turns, carried):
        self.f, self.index, self.turns, self.carried = f, index, turns, carried
        self.leaves, self.depends, self.tensors = [], frozenset(), []

    def reads(self, tensor, text):
        self.tensors.append(tensor)
        self.leaves.append(lambda: Scalar(text, 9, tensor.bound, None, tensor.depends))


def slice_at(f, tensor, place, position):
    """x[:, t]; trailing `:` are left out now and then."""
    parts = [":"] * place + [position]
    if f.rng.random() < 0.3:
        parts += [":"] * (tensor.rank - place - 1)
    return f"{tensor.name}[{', '.join(parts)}]"


def read_inputs(loop, axes):
    """Reads tensors of the carry's shape: a slice of each turn, and whole ones."""
    f = loop.f
    for _ in range(f.rng.choice([1, 1, 2])):
        place = f.rng.randrange(len(axes) + 1)
        x = f.like(axes[:place] + [loop.turns] + axes[place:], new=0.6)
        position = f.rng.choice([loop.index, loop.index, f"{loop.turns.text} - 1 - {loop.index}"])
        loop.reads(x, slice_at(f, x, place, position))
    if f.rng.random() < 0.4:
        y = f.like(axes)
        loop.reads(y, y.name)


def carry_start(f, axes):
    if axes and f.rng.random() < 0.3:
        y = f.like(axes)
        return y.name, y.depends
    return f.rng.choice(["0", "0.5", "1"]), frozenset()


def next_value(f, name, expression):
    """A next value that stays bounded, and forgets: turns that amplify would make any rounding large."""
    form, small = f.rng.random(), f.rng.choice(["0.1", "0.2", "0.3"])
    if form < 0.3:
        return f"tanh({small} * {expression.inside(5)} + 0.5 * {name})"
    if form < 0.6:
        return f"0.6 * {name} + {small} * sin({expression.text})"
    if form < 0.8 and f.kinks:
        return f"where({expression.inside(5)} > 0.2, {name}, {small} * cos({expression.text}))"
    return f"0.5 * ({small} * sin({expression.text}) + cos({name}))"


def scan(f, deep=True):
    """A scan over a named size with one or two carries and up to two results."""
    turns = f.axes(1)[0]
    axes = [axis for axis in f.axes(f.rng.choice([0, 1, 1, 2])) if axis != turns]
    index = f.rng.choice("tr")
    loop = Loop(f, index, turns, f.rng.choice([1, 1, 2]))
    read_inputs(loop, axes)
    names, starts = [], []
    for k in range(loop.carried):
        start, depends = carry_start(f, axes)
        loop.depends |= depends
        names.append(f.fresh("s"))
        starts.append(f"{names[-1]}: f32{'[' + ', '.join(a.text for a in axes) + ']' if axes else ''} = {start}")
        loop.leaves.append(lambda name=names[-1]: Scalar(name, 9, 2.0))
    if f.rng.random() < 0.2:
        loop.leaves.append(lambda: Scalar(f"(0.5 * {index})", 9, float(turns.value)))
    body = [inner_scan(f, loop, axes)] if deep and f.rng.random() < 0.3 else []
    if axes and f.rng.random() < 0.3:
        loop.leaves.append(lambda: Scalar(f"mean({names[0]})", 9, 2.0))
    for name in names:
        body.append(f"{name} = {next_value(f, name, f.expressions.draw(loop.leaves, 2))}")
    return write(f, loop, names, starts, axes, body)


def write(f, loop, names, starts, axes, body):
    """The statement, its results, and the carries after it."""
    wanted = f.rng.choice([0, 1, 1, 1, 2])
    head = f"scan {loop.index} < {loop.turns.text} carry {', '.join(starts)} {{"
    results, lefts, values = [], [], []
    for _ in range(wanted):
        expression = f.expressions.draw(loop.leaves + [lambda: Scalar(names[0], 9, 2.0)] * 2, 1)
        place = f.rng.randrange(len(axes) + 1)
        made = f.fresh()
        lefts.append(f"{made}[{', '.join([':'] * place + [loop.index])}]")
        # The carry gives the expression its shape.
        values.append(f"{names[0]} * 0.5 + {expression.inside(4)}")
        results.append((made, axes[:place] + [loop.turns] + axes[place:], expression.bound + 1))
    if wanted:
        body.append(f"yield {', '.join(values)}")
        head = f"{lefts[0] if wanted == 1 else '(' + ', '.join(lefts) + ')'} = {head}"
    f.add("\n".join([head] + ["  " + part for line in body for part in line.split("\n")] + ["}"]))
    depends = loop.depends.union(*(t.depends for t in loop.tensors if f.reads("\n".join(body), t.name)))
    tensors = [f.result(name, shape, bound=bound, depends=depends) for name, shape, bound in results]
    for name in names:
        tensors.append(f.result(name, axes, bound=3.0, depends=depends))
    return tensors[0]


def inner_scan(f, loop, axes):
    """A scan in the body: its last carry is read by what follows."""
    name, count, index = f.fresh("s"), f.rng.randrange(1, 4), f.rng.choice("kq")
    start = f.rng.choice(["0", "0.3"])
    expression = f.expressions.draw(loop.leaves, 1)
    kind = f"f32[{', '.join(a.text for a in axes)}]" if axes else "f32"
    text = f"scan {index} < {count} carry {name}: {kind} = {start} {{\n  {name} = {next_value(f, name, expression)} * ({index} + 1) / 3\n}}"
    loop.leaves.append(lambda: Scalar(name, 9, 3.0))
    return text


def recurrent(f):
    """A cell written by hand: products with a matrix that all turns share."""
    turns, rows, inputs, hidden = f.axes(4)
    x = f.like([turns, rows, inputs], new=0.8) if f.rng.random() < 0.5 else None
    place = 0 if x else 1
    x = x or f.like([rows, turns, inputs], new=0.8)
    w, u = f.input([inputs, hidden]), f.input([hidden, hidden])
    slice_text = slice_at(f, x, place, "t")
    name, made = f.fresh("s"), f.fresh()
    form = f.rng.randrange(3)
    if form == 0:
        product = f"{slice_text} @ {w.name} + {name} @ {u.name}"
    elif form == 1:
        product = f"concat({slice_text}, {name}) @ concat({w.name}, {u.name}, axis = 0)"
    else:
        product = f"sigmoid({slice_text} @ {w.name}) * {name} + {name} @ {u.name}"
    f.add(f"{made}[:, t] = scan t < {turns.text} carry {name}: f32[{rows.text}, {hidden.text}] = 0 {{\n"
          f"  {name} = tanh({product})\n  yield {name}\n}}")
    depends = x.depends | w.depends | u.depends
    return f.result(made, [rows, turns, hidden], bound=1.0, depends=depends)


STEPS = [(5, scan), (2, recurrent)]
