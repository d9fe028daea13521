"""Runs executables and reads what they leave: checkpoints as tensors."""
import json
import os
import struct
import subprocess
import sys

import torch

SEED = 3  # of every run

TYPES = {"F32": (torch.float32, "f", 4), "F64": (torch.float64, "d", 8)}


def read_safetensors(path):
    """Tensors of the floating types by name, and the metadata."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] not in TYPES:
            continue
        kind, code, size = TYPES[entry["dtype"]]
        first, last = entry["data_offsets"]
        values = struct.unpack(f"<{(last - first) // size}{code}", data[first:last])
        tensors[name] = torch.tensor(values, dtype=kind).reshape(entry["shape"])
    return tensors, metadata


def parameters(folder):
    tensors, metadata = read_safetensors(os.path.join(folder, "last.safetensors"))
    prefix = "param/"
    return {name[len(prefix) :]: t for name, t in tensors.items() if name.startswith(prefix)}, metadata


def run(executable, run_folder, folder, *arguments):
    command = [executable, *arguments, "--seed", str(SEED), "--run", run_folder, "--data-dir", folder]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed ({done.returncode}):\n{done.stdout}")
