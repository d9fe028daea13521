"""Writes weights without metadata. usage: weights.py FILE (NAME SHAPE VALUES).. with commas"""
import json
import struct
import sys

header, data = {}, b""
for name, shape, values in zip(*[iter(sys.argv[2:])] * 3):
    numbers = [float(value) for value in values.split(",")]
    begin = len(data)
    data += struct.pack(f"<{len(numbers)}f", *numbers)
    header[name] = {"dtype": "F32", "shape": [int(size) for size in shape.split(",")], "data_offsets": [begin, len(data)]}
text = json.dumps(header).encode()
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
