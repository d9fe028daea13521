"""Compiling a program in one configuration, running its fragments, and reading what they print."""
import json
import os
import re
import shutil
import struct
import subprocess

LIMIT = 240  # seconds for a command; a hang is a finding


class Config:
    """How a program is compiled; `real` is f32 or f64."""

    def __init__(self, flags=(), real="f32"):
        self.flags, self.real = list(flags), real

    @property
    def name(self):
        return " ".join(self.flags + ([f"--real={self.real}"] if self.real != "f32" else [])) or "default"


class Ended(Exception):
    """A command that did not end as it should: what, exit code, what it said."""

    def __init__(self, what, code, said):
        super().__init__(f"{what}: exit {code}: {said[:2000]}")
        self.what, self.code, self.said = what, code, said


def command(arguments, folder):
    """Standard output of a command; Ended if it fails."""
    try:
        ran = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, errors="replace", timeout=LIMIT)
    except subprocess.TimeoutExpired:
        raise Ended(os.path.basename(arguments[0]), "timeout", "") from None
    if ran.returncode:
        raise Ended(os.path.basename(arguments[0]), ran.returncode, ran.stderr + ran.stdout)
    return ran.stdout


def compile_program(nnc, text, config, folder, stem):
    """The executable of a program's text."""
    source, made = os.path.join(folder, f"{stem}.nn"), os.path.join(folder, stem)
    with open(source, "w") as file:
        file.write(text)
    command([nnc, source, "-o", made, f"--real={config.real}", *config.flags], folder)
    return made


def write_npy(path, shape, values, kind):
    code = {"f32": ("<f4", "f"), "i32": ("<i4", "i"), "bool": ("|b1", "?")}[kind]
    header = f"{{'descr': '{code[0]}', 'fortran_order': False, 'shape': ({''.join(f'{n}, ' for n in shape)})}}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(struct.pack(f"<{len(values)}{code[1]}", *values))


def run_entry(made, number, inputs, folder, *flags):
    """Shown values by name: lists of numbers, null where they are not finite. `inputs` are files, and numbers of scalars."""
    arguments = [made, f"e{number}", "--json", *flags]
    for name, value in inputs.items():
        arguments += [f"--{name}={value}"]
    out = command(arguments, folder)
    return {name: flat(value) for name, value in json.loads(out.strip().splitlines()[-1]).items()}


def flat(value):
    if isinstance(value, list):
        return [number for item in value for number in flat(item)]
    return [value]


def run_training(made, number, folder, *flags):
    """Losses, gradient norms and reports of the steps, and the parameters at the end."""
    place = os.path.join(folder, os.path.basename(made) + f".run{number}")
    shutil.rmtree(place, ignore_errors=True)  # A second training would go on from the first.
    command([made, f"t{number}", "--run", place, *flags], folder)
    values = {}
    with open(os.path.join(place, "metrics.jsonl")) as file:
        for record in map(json.loads, file):
            if "step" in record and "validation" not in record:
                for name, value in record.items():
                    if name not in ("step", "epoch", "ms", "lr"):
                        values.setdefault(name, []).append(value)
    values.update(checkpoint(os.path.join(place, "last.safetensors"), f"param/m{number}"))
    return values


def checkpoint(path, start):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    codes = {"F32": "f", "F64": "d", "I32": "i"}
    found = {}
    for name, entry in header.items():
        if name.startswith(start) and entry["dtype"] in codes:
            raw = data[slice(*entry["data_offsets"])]
            found[name] = list(struct.unpack(f"<{len(raw) // struct.calcsize(codes[entry['dtype']])}{codes[entry['dtype']]}", raw))
    return found


def wrong_gradients(made, folder, seed=0):
    """Numbers of the objectives whose gradients differ from differences, with what check-grad says."""
    try:
        out = command([made, "check-grad", "--seed", str(seed)], folder)
    except Ended as ended:
        if ended.code != 5:
            raise
        out = ended.said
    wrong, at = {}, None
    for line in out.splitlines():
        if match := re.match(r"o(\d+)\S* \(", line):
            at = int(match[1])
        elif line.rstrip().endswith("WRONG") and line.startswith(" "):
            wrong.setdefault(at, []).append(line.strip())
    return wrong
