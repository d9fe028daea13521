"""A fragment: one fn (or layer) made of random steps, and the entry or objective that runs it.

A step adds a statement or two that read what is in scope. The fragment ends in a scalar `loss` that depends on its results, so
that each value has a gradient; weights by position make a transposed or shifted result another loss.
"""
import math

from expressions import Expressions
from tensors import Scalar, Size, Skip, Tensor, every_point, product


class Fragment:
    """Statements under construction. `mode` is `entry` (inputs are flags) or `objective` (inputs are parameters of a layer)."""

    largest = 600  # elements of a tensor

    def __init__(self, rng, number, dims, mode):
        self.rng, self.number, self.dims, self.mode = rng, number, dims, mode
        self.kinks = rng.random() < 0.6
        self.expressions = Expressions(rng, self.kinks)
        self.inputs, self.scope, self.lines = [], [], []
        self.declarations, self.inner = [], []  # other declarations of the file; nets and the like of the layer
        self.names = 0
        self.draws = self.layers = False
        self.exact_ties = False

    # Names and scope.

    def fresh(self, letter="v"):
        self.names += 1
        return f"{letter}{self.names}"

    def add(self, line):
        self.lines.append(line)

    def define(self, text, axes, kind="f32", bound=1.0, below=None, values=None, depends=()):
        """Adds `name = text` and returns the new tensor."""
        tensor = self.result(self.fresh(), axes, kind, bound, below, values, depends)
        self.add(f"{tensor.name} = {text}")
        return tensor

    def result(self, name, axes, kind="f32", bound=1.0, below=None, values=None, depends=()):
        """A tensor that a statement written elsewhere has defined; large values are calmed."""
        if product(axis.value for axis in axes) > self.largest:
            raise Skip
        tensor = Tensor(name, axes, kind, bound, below, values, depends)
        self.scope.append(tensor)
        return tensor

    def settle(self, tensor, limit=12.0):
        """The tensor, or one with smaller numbers if they may be large."""
        if tensor.kind != "f32" or tensor.bound <= limit:
            return tensor
        name, make = self.rng.choice([("tanh", math.tanh), ("sin", math.sin)])
        factor = self.rng.choice([0.5, 0.25, 0.125])
        values = None if tensor.values is None else [make(factor * x) for x in tensor.values]
        self.scope.remove(tensor)
        return self.define(f"{name}({factor} * {tensor.name})", tensor.axes, bound=1.0, values=values, depends=tensor.depends)

    def input(self, axes, kind="f32", below=None):
        if len(self.inputs) >= 5 or product(axis.value for axis in axes) > self.largest:
            raise Skip
        name = self.fresh("x" if kind == "f32" else "u")
        tensor = Tensor(name, axes, kind, 2.0, below, depends=[name] if kind == "f32" else [])
        tensor.values = self.numbers(tensor)
        self.inputs.append(tensor)
        self.scope.append(tensor)
        return tensor

    def numbers(self, tensor):
        """The values of an input, exact in f32. Some fragments have many equal numbers."""
        if tensor.kind == "i32":
            return [self.rng.randrange(tensor.below.value) for _ in range(tensor.count)]
        if tensor.kind == "bool":
            return [self.rng.random() < 0.5 for _ in range(tensor.count)]
        if self.exact_ties:
            return [float(self.rng.randrange(-2, 3)) for _ in range(tensor.count)]
        return [self.rng.randrange(-2**20, 2**20) / 2**20 * 1.5 for _ in range(tensor.count)]

    # Choosing operands.

    def axes(self, rank, smallest=1):
        """Distinct named sizes."""
        fitting = [size for size in self.dims if size.value >= smallest]
        if len(fitting) < rank:
            raise Skip
        axes = self.rng.sample(fitting, rank)
        if product(axis.value for axis in axes) > self.largest:
            raise Skip
        return axes

    def tensor(self, rank=None, fits=lambda tensor: True, kind="f32", new=0.35):
        """A tensor in scope of this rank that fits, or a new input. Later ones are preferred."""
        found = [t for t in self.scope if t.kind == kind and t.rank == (t.rank if rank is None else rank) and fits(t)]
        if found and self.rng.random() > new:
            return self.settle(found[max(self.rng.randrange(len(found)), self.rng.randrange(len(found)))])
        for _ in range(6):
            axes = self.axes(self.rng.choice([1, 2, 2, 3, 4]) if rank is None else rank)
            if kind == "f32" and fits(Tensor("", axes)):
                return self.input(axes)
        if not found:
            raise Skip
        return self.settle(self.rng.choice(found))

    def like(self, axes, new=0.35):
        """A tensor with exactly these axes."""
        found = [t for t in self.scope if t.kind == "f32" and t.axes == list(axes)]
        if found and self.rng.random() > new:
            return self.settle(self.rng.choice(found))
        if all(axis in self.dims or axis.text.isdigit() for axis in axes):
            try:
                return self.input(axes)
            except Skip:
                pass
        if not found:
            raise Skip
        return self.settle(self.rng.choice(found))

    def whole(self, tensor):
        """The tensor as a leaf of elementwise code: a point is the positions by axis."""
        at = None
        if tensor.values is not None:
            at = lambda point: tensor.at([point[axis.text] for axis in tensor.axes])
        return Scalar(tensor.name, 9, tensor.bound, at, tensor.depends)

    def evaluate(self, scalar, axes):
        """The values of elementwise code at every point of the axes."""
        if scalar.at is None or len({axis.text for axis in axes}) < len(axes):
            return None
        names = [axis.text for axis in axes]
        try:
            return [scalar.at(dict(zip(names, point))) for point in every_point(axes)]
        except (OverflowError, ZeroDivisionError, ValueError):
            return None

    # The end of the fragment.

    def choose_step(self):
        """The line of the train block that moves the fragment's parameters. A large eps: the rounding of a gradient that is 0
        stays small."""
        optimiser = self.rng.choice(["SGD(0.1)", "SGD(0.05, momentum = 0.9)", "Adam(1e-2, eps = 0.1)", "RMSProp(1e-3, eps = 0.1)"])
        self.step = f"step o{self.number} with {optimiser}" + self.rng.choice(["", "", ", clip(0.5)"])

    def finish(self):
        """Adds the loss; the results are what is shown."""
        reals = [t for t in self.scope if t.kind == "f32" and t not in self.inputs and t.depends]
        if not reals:
            raise Skip
        last = reals[-2:]
        unread = [t for t in reals[:-2] if not any(self.reads(line, t.name) for line in self.lines)]
        self.results = (last + unread)[:5] + [t for t in self.scope if t.kind != "f32" and t not in self.inputs][-3:]
        terms = [self.term(self.settle(t)) for t in self.results if t.kind == "f32"]
        self.results = [t for t in self.results if t in self.scope]
        self.depends = frozenset().union(*(t.depends for t in last + unread))
        self.add("loss = " + " + ".join(terms))
        self.choose_step()

    @staticmethod
    def reads(line, name):
        text = line.split(" = ", 1)[-1] if "\n" not in line else line
        return any(word == name for word in "".join(c if c.isalnum() or c == "_" else " " for c in text).split())

    def term(self, tensor):
        if tensor.rank == 0:
            return f"sin({tensor.name} + 0.4)"
        if tensor.rank > 4 or self.rng.random() < 0.2:
            return f"mean(sin({tensor.name} + 0.4))"
        index = "ijkl"[:tensor.rank]
        wave = " + ".join(f"{factor} * {i}" for factor, i in zip([1.1, 0.7, 1.9, 0.4], index))
        value = self.rng.choice(["{}", "{}", "sin({})", "{}^2"]).format(f"{tensor.name}[{', '.join(index)}]")
        return f"(mean[{', '.join(index)}] {value} * sin({wave} + 0.3))"

    @property
    def moved(self):
        """The inputs that the loss has a gradient of."""
        return [x for x in self.inputs if x.kind == "f32" and x.name in self.depends]

    def signature(self):
        arguments = ", ".join(f"{x.name}: {x.type}" for x in self.inputs)
        results = ", ".join(["f32"] + [t.type for t in self.results])
        return f"({arguments}) -> {'(' + results + ')' if self.results else results}"

    def body(self):
        indented = ["  " + part for line in self.inner + self.lines for part in line.split("\n")]
        values = ", ".join(["loss"] + [t.name for t in self.results])
        return "\n".join(indented + [f"  ({values})" if self.results else "  loss"])

    def text(self):
        return self.entry_text() if self.mode == "entry" else self.objective_text()

    def entry_text(self):
        n = self.number
        names = ", ".join(x.name for x in self.inputs)
        shown = [f"  show loss = loss"] + [f"  show {t.name} = {t.name}" for t in self.results]
        shown += [f"  show d_{x.name} = grad(loss, {x.name})" for x in self.moved]
        values = ", ".join(["loss"] + [t.name for t in self.results])
        return "\n".join(self.declarations + [
            f"fn part{n}{self.signature()} {{\n{self.body()}\n}}",
            f"entry e{n}({', '.join(f'{x.name}: {x.type}' for x in self.inputs)}) {{",
            f"  ({values}) = part{n}({names})" if self.results else f"  loss = part{n}({names})",
            *shown, "}"])

    def parameters(self):
        lines = []
        for x in self.inputs:
            if x.kind == "f32":
                lines.append(f"  param {x.name}: {x.type} ~ Normal(0, 0.7)")
            else:
                lines.append(self.constants(x))
        return lines

    def constants(self, x):
        """Integers by position, in place of an input."""
        index = "ijkl"[:x.rank]
        places = " + ".join(f"{factor} * {i}" for factor, i in zip([3, 5, 2, 7], index))
        bound = ", ".join(f"{i} < {axis.text}" for i, axis in zip(index, x.axes))
        if x.kind == "bool":
            return f"  {x.name}[{bound}] = ({places} + {self.number}) % 3 > 0"
        return f"  {x.name}[{bound}] = ({places} + {self.number}) % {x.below.text}"

    def objective_text(self):
        n = self.number
        names = ", ".join(["loss"] + [t.name for t in self.results])
        target = f"({names})" if self.results else "loss"
        kept = "\n".join(self.parameters() + [self.body()])
        signature = "() ->" + self.signature().split("->", 1)[1]
        return "\n".join(self.declarations + [
            f"layer Part{n}{signature} {{\n{kept}\n}}",
            f"net m{n} = Part{n}",
            f"objective o{n} {{",
            f"  {target} = m{n}()",
            f"  minimize loss over m{n}",
            *[f"  report {t.name} = {'sum' if t.kind == 'bool' else 'mean'}({self.as_real(t)})" for t in self.results[:2]],
            "}",
            f"train t{n} {{ for 3 steps {{ {self.step} }} }}"])

    @staticmethod
    def as_real(tensor):
        return tensor.name if tensor.kind != "i32" else f"f32({tensor.name})"
