"""Runs the entries of readers.nn on files of many forms: what is read, what is refused, and with which words.

usage: readers.py EXECUTABLE
"""
import struct
import subprocess
import sys
import zlib

executable = sys.argv[1]
failures = []


def write(name, content):
    with open(name, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())


def npy(kind, shape, values, order="False"):
    sizes = "(%s)" % "".join("%d, " % n for n in shape)
    header = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n" % (kind[0] + kind[1:3], order, sizes)
    code = {"f4": "f", "f8": "d", "f2": "e", "i4": "i", "i8": "q", "u8": "Q", "u1": "B", "b1": "?"}[kind[1:]]
    mark = ">" if kind[0] == ">" else "<"
    return (b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
            + struct.pack(mark + "%d%s" % (len(values), code), *values))


def run(arguments):
    result = subprocess.run([executable] + arguments, capture_output=True, text=True)
    return result.returncode, result.stdout, result.stderr


def expect(arguments, code, text):
    """The output, or of an error its text, has `text` in it."""
    got, out, err = run(arguments.split(" ") if isinstance(arguments, str) else arguments)
    said = err if code else out
    if got != code or text not in said:
        failures.append("%s\n  expected %d, %r\n  found %d, %r %r" % (arguments, code, text, got, out, err))


def shapes():
    six = [0, 1, 2, 3, 4, 5]
    write("x.npy", npy("<f4", (1, 2, 3), six))
    expect("array", 0, "x=[[[0, 1, 2], [3, 4, 5]]]")
    expect("line", 0, "x=[[0, 1, 2, 3, 4, 5]]")
    write("x.npy", npy("<f4", (1, 6), six))
    expect("array", 0, "x=[[[0, 1, 2], [3, 4, 5]]]")
    write("x.npy", npy("<f4", (1, 3, 2), six))
    expect("array", 2, "x.npy: x: expected rows of [2, 3], found [3, 2]")
    expect("line", 0, "x=[[0, 1, 2, 3, 4, 5]]")
    write("x.npy", npy("<f4", (1, 1, 2, 3), six))
    expect("array", 2, "x.npy: x: expected rows of [2, 3], found [1, 2, 3]")
    write("x.idx", struct.pack(">IIII", 0x803, 1, 3, 2) + bytes(six))
    expect("digit", 2, "x.idx: image: expected rows of [2, 3], found [3, 2]")
    write("x.idx", struct.pack(">IIII", 0x803, 1, 2, 3) + bytes(six))
    expect("digit", 0, "x=[[[0, 1, 2], [3, 4, 5]]]")
    for shape in [(3, 2), (6,), (1, 6), (1, 2, 3)]:
        write("t.npy", npy("<f4", shape, six))
        expect("tensor --x t.npy", 2, "t.npy: --x: expected [2, 3], found %s" % str(list(shape)))
    write("t.npy", npy(">f8", (2, 3), six))
    expect("tensor --x t.npy", 0, "x=[[0, 1, 2], [3, 4, 5]]")
    write("t.npy", npy("<f4", (2, 3), six, "True"))
    expect("tensor --x t.npy", 2, "t.npy: NPY order: expected C order, found Fortran order")
    for text in ["0,1,2\n3,4,5\n", "0,1,2,3,4,5\n", "a,b,c\n0,1,2\n3,4,5\n"]:
        write("t.csv", text)
        expect("tensor --x t.csv", 0, "x=[[0, 1, 2], [3, 4, 5]]")
    write("t.csv", "0,1\n2,3\n4,5\n")
    expect("tensor --x t.csv", 2, "t.csv: --x: expected [2, 3], found 3 rows of 2")
    write("t.csv", "0,,2\n3,4,5\n")
    expect("tensor --x t.csv", 2, "t.csv: line 1, column 1: --x: expected a number, found ''")
    for name, content in [("e.npy", npy("<f4", (2, 2, 2), range(8))), ("e.csv", "0,1,2,3\n4,5,6,7\n")]:
        write(name, content)
        expect("each --x " + name, 0, "s=6\ns=22\n")
    write("e.npy", npy("<f4", (2, 4), range(8)))
    expect("each --x e.npy", 2, "e.npy: --x: expected rows of [2, 2], found [2, 4]")


def indices():
    bad = "y.npy: y: row 1: expected an index in [0, 5), found "
    for kind, value, said in [("<i8", 2**32 + 3, "4294967299"), ("<i8", -2**63, "-9223372036854775808"),
                              ("<u8", 2**63 + 1, "9223372036854775809"), ("<f4", float("nan"), "nan"),
                              ("<f8", 2.7, "2.7"), ("<f4", -0.5, "-0.5"), ("<f2", 5, "5"), ("<i4", -1, "-1")]:
        write("y.npy", npy(kind, (3,), [1, value, 4]))
        expect("mark", 2, bad + said)
        expect("index --u y.npy", 2, "y.npy: --u: row 1: expected an index in [0, 5), found " + said)
    write("y.npy", npy("<i8", (3,), [1, 2**40 + 7, 4]))
    expect("number", 2, "y.npy: y: row 1: expected an integer from -2147483648 to 2147483647, found 1099511627783")
    expect("earlier", 2, "y.npy: y: row 1: expected an integer")
    write("y.npy", npy(">i8", (3, 1), [1, 3, 4]))
    expect("mark", 0, "y=[1, 3, 4]")
    expect("earlier", 0, "y=[0, 2, 3]")
    write("y.npy", npy("<f4", (3,), [1, 0, 4]))
    expect("earlier", 2, "y.npy: row 1: y: expected an index in [0, 5), found -1")
    for value in [256, 2]:
        write("y.npy", npy("<i4", (3,), [1, value, 0]))
        expect("truth", 2, "y.npy: y: row 1: expected 0 or 1, found %d" % value)
    write("y.npy", npy("<f4", (3,), [1, 0.5, 0]))
    expect("truth", 2, "y.npy: y: row 1: expected 0 or 1, found 0.5")
    write("y.npy", npy("<b1", (3,), [True, False, True]))
    expect("truth", 0, "y=2")
    for cell in ["nan", "2.7", "5", "-1", "4294967299", "1e400"]:
        write("y.csv", "1\n%s\n4\n" % cell)
        expect("class", 2, "y.csv: line 2, column 0: y: expected an index in [0, 5), found '%s'" % cell)
    write("half.csv", "0.5\n2.5\n5\n")
    expect("stars", 0, "y=[1, 5, 10]")
    write("half.csv", "0.5\n2.25\n5\n")
    expect("stars", 2, "half.csv: row 1: stars: expected an index in [0, 11), found 4.5")
    write("ids.csv", "16777217\n33554435\n20000001\n")
    expect("id", 0, "high=[16777, 20000, 33554]\nlow=[1, 217, 435]\nless=[0, 216, 434]")


def tables():
    good = "3,4\n5,6\n7,8\n"
    for first, smallest in [("1,2\n", 1), ("\ufeff1,2\n", 1), ("1e-400,2\n", 0), ("x,y\n1,2\n", 1),
                            ("\ufeffx,y\r\n1,2\r\n", 1), ('"1","2"\n', 1)]:
        write("rows.csv", first + good)
        expect("row", 0, "x=[[%d, 2], [3, 4], [5, 6], [7, 8]]" % smallest)
    write("rows.csv", ("1,2\n" + good).replace("\n", "\r"))
    expect("row", 0, "x=[[1, 2], [3, 4], [5, 6], [7, 8]]")
    for first, column, found in [("NA,2\n", 0, "NA"), (",2\n", 0, ""), ("1,3x\n", 1, "3x"), ("1,\n", 1, "")]:
        write("rows.csv", first + good)
        expect("row", 2, "rows.csv: line 1, column %d: x: expected a number, found '%s'" % (column, found))
    write("rows.csv", "x,y\n1,2\n" + good)
    if "note: rows.csv: line 1 is taken as a header" not in run(["row"])[2]:
        failures.append("no note about a header")
    write("rows.csv", good)
    expect("row", 2, "rows.csv: data rows: expected 4 rows for row, found 3")
    write("rows.csv", "1,2\n3,4,5\n")
    expect("row", 2, "rows.csv: line 2: expected 2 columns as in line 1, found 3")
    write("rows.csv", b"\xff\xfe1\0,\x002\0\n\0")
    expect("row", 2, "rows.csv: expected text in UTF-8, found the byte order mark of UTF-16")
    write("rows.csv", "1,1e39\n" + good)
    expect("row", 2, "rows.csv: line 1, column 1: x: expected a number in the range of f32, found '1e39'")
    write("named.tsv", "\ufeffb\tc\ta\ntrue\tx\t1.5\n0\ty\t2\n")
    expect("name", 0, "a=3.5\nb=1")
    write("named.tsv", "b\tc\n1\t2\n")
    expect("name", 2, "named.tsv: header: expected a column 'a', found 'b', 'c'")
    write("named.tsv", "")
    expect("name", 2, "named.tsv: header: expected a column 'a', found an empty file")
    write("named.tsv", "a\tb\n1\t2\n3\t1\n")
    expect("name", 2, "named.tsv: line 2, column 1: b: expected true or false, found '2'")


def scalars():
    for flag, text, said in [("k", "-2147483648", "k=-2147483648"), ("k", " +5", "k=5"), ("k", "1e3", "k=1000"),
                             ("r", "1e-400", "r=0"), ("r", "inf", "r=inf"), ("t", "0", "t=false"), ("j", "4", "j=4")]:
        expect(["scalars", "--" + flag, text], 0, said)
    for flag, text, code, said in [("k", "2147483648", 1, "an integer from -2147483648 to 2147483647"),
                                   ("k", "nan", 1, "an integer"), ("k", "0x10", 1, "an integer"),
                                   ("k", "1_000", 1, "an integer"), ("k", "1e400", 1, "an integer from"),
                                   ("r", "1e400", 1, "a number in the range of f32"), ("t", "2", 1, "true or false"),
                                   ("j", "5", 2, "an index in [0, 5)"), ("j", "1.5", 1, "an integer")]:
        expect(["scalars", "--" + flag, text], code, "--%s: expected %s" % (flag, said))


def mock():
    expect("mock-data --rows 100000000000 --data-dir .", 6, "expected room for ")
    expect("mock-data --rows 8 --data-dir mocked", 0, "mocked/y.npy: ")
    for entry in ["array", "mark", "number", "class", "id", "row", "name"]:
        expect(entry + " --data-dir mocked", 0, "=")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, extra=b"", interlace=0):
    """A picture of rows of bytes; `colour` is PNG's number."""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))
            + extra + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) + chunk(b"IEND", b""))


def pictures():
    sixteen = [struct.pack(">3H", 0, 13107, 26214), struct.pack(">3H", 39321, 52428, 65535)]
    gamma = chunk(b"gAMA", struct.pack(">I", 100000))
    fifths = "x=[[0, 0.2, 0.4], [0.6, 0.8, 1]]"
    eight = [bytes([0, 51, 102]), bytes([153, 204, 255])]
    palette = chunk(b"PLTE", bytes(v for k in range(6) for v in [51 * k] * 3))
    alpha = [b"".join(bytes([v, 7]) for v in row) for row in eight]
    coloured = [b"".join(bytes([v, v, v]) for v in row) for row in eight]
    for content in [png(3, 2, 16, 0, sixteen), png(3, 2, 16, 0, sixteen, gamma), png(3, 2, 8, 0, eight, gamma),
                    png(3, 2, 8, 3, [bytes([0, 1, 2]), bytes([3, 4, 5])], palette),
                    png(3, 2, 4, 3, [b"\x01\x20", b"\x34\x50"], palette),
                    png(3, 2, 4, 0, [b"\x03\x60", b"\x9c\xf0"]),
                    png(3, 2, 8, 3, [bytes([0, 1, 2]), bytes([3, 4, 5])], palette + chunk(b"tRNS", b"\0\x80")),
                    png(3, 2, 8, 4, alpha), png(3, 2, 8, 2, coloured)]:
        write("x.png", content)
        expect("tensor --x x.png", 0, fifths)
    write("x.png", png(3, 2, 8, 0, [b"\0", b"\x66", b"\x33", b"\x99\xcc\xff"], interlace=1))  # Passes 1, 4, 6 and 7.
    expect("tensor --x x.png", 0, fifths)
    write("x.png", png(3, 2, 8, 2, [bytes([0, 0, 0, 255, 0, 0, 0, 255, 0]), bytes([0, 0, 255, 255, 255, 255, 9, 9, 9])]))
    expect("tensor --x x.png", 0, "x=[[0, 0.299, 0.587], [0.114, 1, 0.03529412]]")
    write("x.png", png(3, 2, 1, 0, [b"\x40", b"\xa0"]))
    expect("tensor --x x.png", 0, "x=[[0, 1, 0], [1, 0, 1]]")
    write("x.png", png(3, 2, 2, 0, [b"\x18", b"\xe4"]))
    expect("tensor --x x.png", 0, "x=[[0, 0.33333334, 0.6666667], [1, 0.6666667, 0.33333334]]")
    write("x.png", png(2, 3, 8, 0, [b"\0\1", b"\2\3", b"\4\5"]))
    expect("tensor --x x.png", 2, "x.png: --x: expected [2, 3], found a picture of [3, 2] (height, width)")
    write("x.png", png(3, 2, 16, 0, sixteen)[:60])
    expect("tensor --x x.png", 2, "x.png: cannot read the picture: ")
    write("x.png", "1,2,3\n")
    expect("tensor --x x.png", 2, "x.png: cannot read the picture: ")


for check in [mock, shapes, indices, tables, scalars, pictures]:
    check()
if failures:
    sys.exit("\n".join(failures))
