"""Trains large.nn on files that are larger than what it may take of memory.

usage: large.py EXECUTABLE
"""
import gzip
import os
import resource
import subprocess
import sys

executable = sys.argv[1]
limit = 1 << 30


def run(arguments, bound=None):
    """Exit code, error text, and the most memory that the command held, in bytes."""
    def bind():
        if bound:
            resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    process = subprocess.Popen([executable] + arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               preexec_fn=bind)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, error, usage.ru_maxrss * 1024


def sparse_npy(name, kind, shape, size):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n" % (kind, shape)
    with open(name, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
        file.truncate(file.tell() + size)


def check(what, result, code, error, most):
    if result[0] != code or error not in result[1] or result[2] > most:
        sys.exit("%s: %s" % (what, result))


with open("text.txt", "w") as file:
    for k in range(200_000):
        file.write("In the beginning was the word %d, \u03bb\u03cc\u03b3\u03bf\u03c2, and more of the same; it goes on and on.\n" % k)
with open("lines.txt", "w") as file:
    for k in range(3_000_000):
        file.write("line %d\n" % k if k % 1000 else "a line that has no room in its field\n")
rows = 10_000_000
sparse_npy("x.npy", "<f4", "(%d, 256)" % rows, rows * 1024)
sparse_npy("y.npy", "<i8", "(%d,)" % rows, rows * 8)
few = 200 << 20
check("npy", run(["numbers"]), 0, "", few)
check("text", run(["text"]), 0, "3000 of 3000000 rows are longer than their field and are left out, first lines.txt: line 1: ", few)
os.truncate("y.npy", os.path.getsize("y.npy") - 1)
check("cut", run(["numbers"]), 2, "y.npy: NPY data: expected 80000000 bytes after the header, found 79999999", few)
with open("table.csv", "w") as file:
    file.write("1,2\n3,4\n" * 1000)
check("cells", run(["cells"]), 0, "", few)
with open("table.csv", "a") as file:
    file.truncate(2 * limit)
check("a table that does not fit", run(["cells"], limit), 2, "table.csv: expected a file that fits into memory, found one that needs ", few)
# A gzip file of many members does not say how large it is: it is refused when that shows.
with open("table.gz", "wb") as file:
    file.write(gzip.compress(b"1,2\n" * (4 << 20), 1) * 100)
check("a compressed table", run(["cells", "--table", "table.gz"], limit), 2,
      "table.gz: expected a file that fits into memory, found one that needs ", limit)
