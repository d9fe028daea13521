"""usage: division.py EXE: what the entries of division.nn print, or the line that they fail at."""
import subprocess
import sys

ZERO, LEAST = "division by 0", "-2147483648 divided by -1 is more than its type holds"
cases = [
    ("scalars", "q=3 r=1"),
    ("scalars --a=-7", "q=-4 r=1"),
    ("scalars --b 0", (2, ZERO)),
    ("scalars --a=-2147483648 --b=-1", (2, LEAST)),
    ("rest --a=-2147483648 --b=-1", "r=0"),
    ("rest --b 0", (3, ZERO)),
    ("tensors --a a.csv --b c.csv", "q=[3, 1]"),
    ("tensors --a a.csv --b b.csv", (5, ZERO)),
    ("tensors --a least.csv --b minus.csv", (5, LEAST)),
    ("turns --b c.csv", "q=[50, 70]"),
    ("turns --b b.csv", (8, ZERO)),
    ("chosen --a a.csv --b b.csv", "before=[3, -1] y=[[4, 1], [0, 0]] both=[true, false] odd=true"),
    ("chosen --a least.csv --b minus.csv", (13, LEAST)),
    ("branch", "q=-1"),
    ("branch --b 3", "q=2"),
    ("places --b c.csv", "y=[1, 4]"),
    ("places --b b.csv", (25, ZERO)),
    ("spread --a b.csv", (29, ZERO)),
    ("spread --a minus.csv --b 5", "q=[-1, 2]"),
]
for arguments, want in cases:
    done = subprocess.run([sys.argv[1], *arguments.split()], capture_output=True, text=True)
    if isinstance(want, str):
        assert done.returncode == 0 and " ".join(done.stdout.split("\n")).strip() == want, (arguments, done)
    else:
        line, message = want
        assert done.returncode == 5 and f"line {line}: assertion failed: {message}" in done.stderr, (arguments, done)
