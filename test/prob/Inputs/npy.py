"""Reading and writing .npy files of numbers with the standard library alone."""
import ast
import struct

CODES = {"f4": "f", "f8": "d", "i4": "i", "i8": "q", "b1": "?", "u1": "B"}


def write(path, shape, values, kind):
    """Values in row-major order; kind is f4, f8 or i4."""
    header = f"{{'descr': '<{kind}', 'fortran_order': False, 'shape': ({''.join(f'{n}, ' for n in shape)})}}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(struct.pack(f"<{len(values)}{CODES[kind]}", *values))


def read(path):
    """The shape and the values in row-major order."""
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10 : 10 + length].decode())
    if data[:8] != b"\x93NUMPY\x01\x00" or header["fortran_order"]:
        raise ValueError(f"{path}: another form of npy")
    count = 1
    for size in header["shape"]:
        count *= size
    return header["shape"], struct.unpack(f"<{count}{CODES[header['descr'][1:]]}", data[10 + length :])
