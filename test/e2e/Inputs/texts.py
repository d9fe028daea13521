"""Trains texts.nn and asks its entries: whole cells as words, and typed text read as the data's fields are.

usage: texts.py EXECUTABLE
"""
import subprocess
import sys

executable = sys.argv[1]
failures = []


def write(name, text):
    with open(name, "w", newline="") as file:
        file.write(text)


def expect(arguments, code, *texts, stream=None):
    result = subprocess.run([executable] + arguments, capture_output=True, text=True)
    said = {"out": result.stdout, "err": result.stderr}[stream or ("err" if code else "out")]
    for text in texts:
        if result.returncode != code or text not in said:
            failures.append("%s\n  expected %d, %r\n  found %d, %r %r"
                            % (arguments, code, text, result.returncode, result.stdout, result.stderr))


write("towns.csv", "\ufefftown,x\nParis,1\nLe Mans,2\nSaint-Denis,3\n\"Aix, en\",4\n")
write("lines.txt", "\ufeffthe cat sat\nthe dog\n")
expect(["train"], 0, "data towns[4]: 4 rows")
expect(["rows"], 0, "Le Mans", "Saint-Denis", "Aix, en", "x=[1, 2, 3, 4]")
expect(["one", "--town", "Le Mans"], 0, "town=Le Mans")
expect(["one", "--town", "town"], 0, "town=<unk>")      # The header is no word.
expect(["one", "--town", "Le"], 0, "id=1")
expect(["one", "--town", "<mask>"], 0, "id=4")
expect(["one", "--town", ""], 0, "id=0")
expect(["lines"], 0, "the cat sat", "the dog")
expect(["text", "--text", "the cat"], 0, "the cat", "used=3", "ends=1")
expect(["text", "--text", "the cat <eos>"], 0, "used=3", "ends=1")
expect(["text", "--text", "a b c d e"], 1, "--text: expected at most 5 tokens, found 6 with the ends that the data's rows have")
expect(["line", "--line", "the cat"], 0, "used=4", "begins=true")
expect(["other", "--prompt", "the cat"], 0, "used=2")
expect(["said", "--prompt", "the cat"], 0, "used=3")
expect(["said"], 1, "--prompt: expected a value, found none")
expect(["default"], 0, "used=4")
expect(["bare", "--text", "the cat"], 0, "used=2")
expect(["specials", "--prompt", "<mask> <eos> <bos> <unk> <pad>"], 0, "ids=[4, 3, 2, 1, 0]")
write("lines.txt", "the cat sat\nthe dog saw the cat again\nthe dog\n")
expect(["lines"], 2, "lines.txt: line 2: text: expected at most 5 tokens, found 7 ('the dog saw the cat again'); "
                     "an entry leaves no row out")
write("towns.csv", "town,x\nParis,1\nLe Mans,2\n")
expect(["rows"], 2, "towns.csv: data towns: expected 4 rows for rows, found 2")
if failures:
    sys.exit("\n".join(failures))
