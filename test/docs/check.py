"""Checks what the documentation shows against what nnc does.

usage: check.py dumps DOCUMENT --nnc NNC --root ROOT
       check.py blocks DOCUMENT --nnc NNC --root ROOT

dumps: each fenced block that follows a comment `<!-- nnc ARGS -->` is an excerpt of that command's output (both streams).
Its lines occur there in this order; `...` stands for any text, alone on a line for any lines.

blocks: each fenced block with the info string
  nn               is a file that compiles as far as stage loops
  nn fragment      is statements of a body; `context` below surrounds them
  nn error CODE    is a file that ends with the error CODE
  nn fragment error CODE   is statements that end with it
"""
import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile

# What a fragment sees: activations x and y, a matrix w, words u, labels. Sizes have names, and different ones.
context = """dim T = 6, d = 8, n = 4, heads = 2, V = 40
vocab word[V] = words("words.txt")
layer Context(x: f32[B, T, d], y: f32[B, T, d], w: f32[d, n], u: word[B, T], label: i32[B] < V) -> f32[B, T, d] {
%s
  x
}
net context = Context
entry ask(x: f32[B, T, d], y: f32[B, T, d], w: f32[d, n], u: word[B, T], label: i32[B] < V) {
  show x = context(x, y, w, u, label)
}
"""


# What a block may import.
imported = """dim side = 28
fn twice(x: f32[..]) -> f32[..] = 2 * x
"""


def fenced(text):
    """Yields (line number, the comment or text line before the fence, info string, lines)."""
    before, info, block, start = "", None, [], 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("```"):
            if info is None:
                info, block, start = line[3:].strip(), [], number
            else:
                yield start, before, info, block
                before, info = "", None
        elif info is not None:
            block.append(line)
        elif line.strip():
            before = line.strip()


def matches(pattern, line):
    """Whether an excerpt's line is this line of the output; `...` stands for any text, spaces at the ends do not count."""
    parts = [re.escape(part) for part in pattern.strip().split("...")]
    return re.fullmatch(".*".join(parts), line.strip()) is not None


def first_missing(block, output):
    """The first line of the excerpt that the output lacks after the lines before it, or None."""
    rest = iter(output)
    for pattern in block:
        if pattern.strip() in ("", "..."):
            continue
        if not any(matches(pattern, line) for line in rest):
            return pattern
    return None


def run(nnc, arguments, root):
    done = subprocess.run([nnc, *arguments], cwd=root, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def check_dumps(document, text, nnc, root):
    outputs, checked, failures = {}, 0, 0
    for number, before, _, block in fenced(text):
        command = re.fullmatch(r"<!-- nnc (.*) -->", before)
        if not command:
            continue
        checked += 1
        arguments = shlex.split(command[1])
        if command[1] not in outputs:
            outputs[command[1]] = run(nnc, arguments, root)[1].split("\n")
        missing = first_missing(block, outputs[command[1]])
        if missing is not None:
            failures += 1
            print(f"{document}:{number}: nnc {command[1]}: the output does not have, in this order, the line\n  {missing.strip()}")
            words = re.findall(r"[a-z_]+\.[a-z_]+|[\w.]{4,}", missing)
            near = [line for line in outputs[command[1]] if words and words[0] in line]
            print("".join(f"  near: {line.strip()[:200]}\n" for line in near[:5]), end="")
    return checked, failures


def check_block(info, block, nnc, root, folder):
    """None, or what is wrong with the block."""
    words = info.split()[1:]
    source = "\n".join(block)
    if words[:1] == ["fragment"]:
        source, words = context % source, words[1:]
    path = os.path.join(folder, "block.nn")
    with open(path, "w") as file:
        file.write(source + "\n")
    arguments = ["--check", path] if words[:1] == ["error"] else ["--emit=loops", path, "-o", os.path.join(folder, "out")]
    status, output = run(nnc, arguments, root)
    if words[:1] == ["error"]:
        found = re.findall(r"^error\[(\w+)\]", output, re.MULTILINE)
        return None if status == 1 and found == words[1:] else f"expected {words[1:]}, found {found}\n{output}"
    if words:
        return f"unknown info string: {info}"
    return None if status == 0 else f"nnc ended with {status}\n{output}"


def check_blocks(document, text, nnc, root):
    checked = failures = 0
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "shapes.nn"), "w") as file:
            file.write(imported)
        for number, _, info, block in fenced(text):
            if info.split()[:1] != ["nn"]:
                continue
            checked += 1
            problem = check_block(info, block, nnc, root, folder)
            if problem:
                failures += 1
                print(f"{document}:{number}: ```{info}: {problem}")
    return checked, failures


def main():
    arguments = argparse.ArgumentParser(description="checks the documentation")
    arguments.add_argument("mode", choices=["dumps", "blocks"])
    arguments.add_argument("document")
    arguments.add_argument("--nnc", required=True)
    arguments.add_argument("--root", required=True)
    given = arguments.parse_args()
    with open(given.document, encoding="utf-8") as file:
        text = file.read()
    check = check_dumps if given.mode == "dumps" else check_blocks
    checked, failures = check(given.document, text, os.path.abspath(given.nnc), given.root)
    print(f"{given.document}: {checked} blocks, {failures} wrong")
    return 1 if failures or not checked else 0


sys.exit(main())
