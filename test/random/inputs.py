"""Input files of the entries of a program's text: what its signatures ask for, with other values for each variant."""
import random
import re

from execute import write_npy


def sizes_of(text):
    return {name: int(value) for name, value in re.findall(r"(\w+) = (\d+)", text.split("\n", 1)[0])}


def signatures(text):
    """For each entry its inputs: name, kind, shape, what integers stay under."""
    sizes = sizes_of(text)
    number = lambda size: int(eval(size, {"__builtins__": {}}, sizes))
    found = {}
    for entry, arguments in re.findall(r"^entry e(\d+)\((.*)\) \{$", text, re.M):
        found[int(entry)] = [
            (name, kind, [number(size) for size in axes.split(",")] if axes else [], number(below) if below else None)
            for name, kind, _, axes, _, below in re.findall(r"(\w+): (f32|i32|bool)(\[([^\]]*)\])?( < ([^,]+))?", arguments)]
    return found


def values_of(name, kind, count, below, variant):
    """Random values; variant 1 and every third have many equal ones and zeros."""
    rng = random.Random(f"{name} {variant}")
    if kind == "i32":
        return [rng.randrange(below or 5) for _ in range(count)]
    if kind == "bool":
        return [rng.random() < 0.5 for _ in range(count)]
    return [rng.randrange(-2**20, 2**20) / 2**20 * 1.5 for _ in range(count)]


def write_all(text, folder, variant=0, known=None):
    """Writes the files; `known` holds values by entry and input for variant 0. Gives for each entry what its flags are."""
    made = {}
    for entry, inputs in signatures(text).items():
        made[entry] = {}
        for name, kind, shape, below in inputs:
            count = 1
            for n in shape:
                count *= n
            values = (known or {}).get((entry, name))
            if values is None or len(values) != count:
                values = values_of(name, kind, count, below, variant)
            if shape:
                made[entry][name] = f"{folder}/e{entry}_{name}.npy"
                write_npy(made[entry][name], shape, values, kind)
            else:
                made[entry][name] = str(values[0]).lower()
    return made
