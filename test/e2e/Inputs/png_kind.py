"""Prints name, width, height and kind of pictures. usage: png_kind.py FILE.."""
import struct
import sys

for name in sys.argv[1:]:
    with open(name, "rb") as file:
        head = file.read(26)
    width, height, _, kind = struct.unpack(">IIBB", head[16:26])
    print(name, width, height, {0: "grey", 2: "colour"}[kind])
