"""Writes small valid files for the fuzzers to start from. usage: seeds.py FOLDER"""
import json
import os
import struct
import sys


def idx(kind, sizes, data):
    return bytes([0, 0, kind, len(sizes)]) + b"".join(struct.pack(">I", size) for size in sizes) + data


def npy(descr, shape, data, version=1):
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header + data


def safetensors(header, data):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


vocabulary = {"kind": "characters", "counts": [0, 0, 0, 0, 0, 3], "tokens": ["<pad>", "<unk>", "<bos>", "<eos>", "<mask>", "a"]}
tensors = {
    "__metadata__": {"nnc.version": "1", "nnc.vocab.char": json.dumps(vocabulary)},
    "param/w": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]},
    "run/n": {"dtype": "I64", "shape": [], "data_offsets": [8, 16]},
}
seeds = {
    "idx": [idx(0x08, [2, 3], b"abcdef"), idx(0x0D, [2], struct.pack(">2f", 1.5, 3e38)), idx(0x0E, [1], struct.pack(">d", -1e300))],
    "npy": [npy("<f4", (2, 1), bytes(8)), npy(">i2", (2,), b"\0\1\0\2"), npy("|b1", (), b"\1", 2), npy("<u8", (1,), b"\xff" * 8, 3)],
    "csv": [b'a,b,label\n1,"2,""x""",3\r\n\n+1.5e2, 7 ,x\n', b"x\ty\n1\t2\n"],
    "safetensors": [safetensors(tensors, bytes(16)), safetensors({}, b"")],
    "text": ["In the beginning, <mask> é 漢\n'tis".encode(), b"\xff\xc3 half", json.dumps(vocabulary).encode()],
}
for name, contents in seeds.items():
    folder = os.path.join(sys.argv[1], name)
    os.makedirs(folder, exist_ok=True)
    for k, content in enumerate(contents):
        with open(os.path.join(folder, f"seed{k}"), "wb") as file:
            file.write(content)
