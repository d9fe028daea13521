"""Compares checkpoints. usage: tensors.py exact|LIMIT A.safetensors B.safetensors

exact: every tensor byte for byte. A number: the parameters, each entry within LIMIT of the tensor's largest one (or of 1).
"""
import json
import struct
import sys


def read(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    return {name: (e["dtype"], e["shape"], data[slice(*e["data_offsets"])]) for name, e in header.items()}


def numbers(dtype, data):
    code = {"F32": "f", "F64": "d"}[dtype]
    return struct.unpack(f"<{len(data) // struct.calcsize(code)}{code}", data)


def error(a, b):
    largest = max(1.0, *(abs(x) for x in a))
    return max(abs(x - y) for x, y in zip(a, b)) / largest


def main():
    how, first, second = sys.argv[1:]
    a, b = read(first), read(second)
    if how != "exact":
        a, b = ({name: t for name, t in tensors.items() if name.startswith("param/")} for tensors in (a, b))
    if not a or a.keys() != b.keys():
        sys.exit(f"other tensors: {sorted(a.keys() ^ b.keys())}")
    for name in a:
        if a[name][:2] != b[name][:2]:
            sys.exit(f"{name}: {a[name][:2]} and {b[name][:2]}")
        if how == "exact" and a[name][2] != b[name][2]:
            sys.exit(f"{name}: other bytes")
        if how != "exact" and not error(numbers(a[name][0], a[name][2]), numbers(b[name][0], b[name][2])) <= float(how):
            worst = error(numbers(a[name][0], a[name][2]), numbers(b[name][0], b[name][2]))
            sys.exit(f"{name}: off by {worst:.1e}")


if __name__ == "__main__":
    main()
