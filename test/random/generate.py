"""Random valid programs. usage: generate.py SEED [FRAGMENTS]     prints one

A program is a handful of fragments, each of which stands alone: sizes, declarations, one entry or objective. The same seed gives
the same program.
"""
import random
import sys

import steps_attention
import steps_control
import steps_elementwise
import steps_formulas
import steps_index
import steps_layers
import steps_scan
import steps_shape
from fragment import Fragment
from objectives import Objective
from tensors import Size, Skip

FAMILIES = [(4, steps_elementwise), (5, steps_index), (4, steps_shape), (2, steps_attention), (3, steps_scan), (3, steps_control),
            (2, steps_formulas)]
TRAINED = FAMILIES + [(7, steps_layers)]  # of fragments that may own parameters


class Program:
    """Sizes and fragments. `kept` limits which fragments are written."""

    def __init__(self, seed, count):
        self.seed = seed
        rng = random.Random(f"program {seed}")
        sizes = [rng.choice([1, 2, 2, 3, 3, 4, 5, 5, 6, 7, 8, 9]) for _ in range(5)] + [rng.choice([11, 16, 17, 19])]
        self.dims = [Size(f"d{letter}", n) for letter, n in zip("abcefg", sizes)]
        mode = rng.choice(["entry", "entry", "entry", "objective"])  # An entry beside nets would ask for a checkpoint.
        self.fragments = [fragment(seed, i, self.dims, mode) for i in range(count)]

    def text(self, kept=None):
        fragments = [f for f in self.fragments if kept is None or f.number in kept]
        parts = ["dim " + ", ".join(f"{d.text} = {d.value}" for d in self.dims)]
        parts += [f.text() for f in fragments]
        return "\n\n".join(parts) + "\n"


def fragment(seed, number, dims, mode):
    """The fragment of this seed and number; attempts that come to nothing are made again."""
    for attempt in range(200):
        rng = random.Random(f"fragment {seed} {number} {attempt}")
        if mode == "objective" and number % 3 == 2:
            try:
                return Objective(rng, number, dims)
            except Skip:
                continue
        made = Fragment(rng, number, dims, mode)
        made.exact_ties = rng.random() < 0.1
        try:
            grow(made)
            made.finish()
        except Skip:
            continue
        if made.moved:
            return made
    raise RuntimeError(f"no fragment for {seed} {number}")


def grow(made):
    """Adds two to six steps."""
    wanted = made.rng.choice([2, 2, 3, 3, 4, 5])
    done = 0
    for _ in range(40):
        _, family = pick(made.rng, TRAINED if made.mode == "objective" else FAMILIES)
        _, step = pick(made.rng, family.STEPS)
        before = (list(made.inputs), list(made.scope), list(made.lines), list(made.declarations), list(made.inner), made.names)
        try:
            step(made)
            done += 1
        except Skip:
            made.inputs, made.scope, made.lines, made.declarations, made.inner, made.names = before
        if done == wanted:
            return
    raise Skip


def pick(rng, weighted):
    return rng.choices(weighted, [weight for weight, _ in weighted])[0]


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    print(Program(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 12).text(), end="")
