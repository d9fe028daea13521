#!/usr/bin/env python3
"""What the tree promises about itself: usage: check.py folders|sources|format ROOT

folders  the arrows between folders, by includes, run down the table of CONTRIBUTING.md and nowhere up
sources  each file opens with a line that says what it is, a header's guard is its path, a source includes its own header first,
         no file is longer than 500 lines and no function than 50
format   clang-format has nothing to change
"""
import os
import re
import subprocess
import sys

FILE_LINES, FUNCTION_LINES = 500, 50
GENERATED = re.compile(r"\.inc$")
FUNCTION = re.compile(r"^( *)(?!namespace|class |struct |enum |union |extern |\}|else|if |for |while |switch |do |return )"
                      r"[\w~:<>&*\[\], ]*\w*[^;=]*\)[^;={]*\{$")


def files(root, *folders):
    """Paths below the folders of the tree."""
    for folder in folders:
        for here, inner, names in os.walk(os.path.join(root, folder)):
            inner[:] = [name for name in inner if not name.startswith((".", "__"))]
            yield from (os.path.relpath(os.path.join(here, name), root) for name in names)


def product_sources(root):
    return sorted(name for name in files(root, "compiler", "dialects", "runtime")
                  if name.endswith((".cpp", ".h", ".td", ".def")))


def floors(root):
    """The folders of CONTRIBUTING.md's map, from the lowest to the highest."""
    text = open(f"{root}/CONTRIBUTING.md").read()
    table = text[text.index("<!-- floors -->"):text.index("<!-- /floors -->")]
    return re.findall(r"^\| `([\w/-]+)` \|", table, re.M)


def arrows(root):
    """{(from folder, to folder): an include that makes it}"""
    found = {}
    for name in product_sources(root):
        for line in open(f"{root}/{name}"):
            match = re.match(r'\s*#?include "((?:compiler|dialects|runtime)/[^"]+)"', line)
            if match:
                pair = os.path.dirname(name), os.path.dirname(match[1])
                if pair[0] != pair[1]:
                    found.setdefault(pair, f"{name} includes {match[1]}")
    return found


def check_folders(root):
    order = floors(root)
    errors = [f"CONTRIBUTING.md: the map names `{folder}` twice" for folder in set(order) if order.count(folder) > 1]
    here = {os.path.dirname(name) for name in product_sources(root)}
    errors += [f"CONTRIBUTING.md: the map lacks the folder `{folder}`" for folder in sorted(here - set(order))]
    errors += [f"CONTRIBUTING.md: there is no folder `{folder}` with sources" for folder in sorted(set(order) - here)]
    rank = {folder: place for place, folder in enumerate(order)}
    for (above, below), why in sorted(arrows(root).items()):
        if rank.get(below, -1) > rank.get(above, len(order)):
            errors.append(f"{why}: `{below}` stands above `{above}` in the map of CONTRIBUTING.md")
    return errors


def long_functions(name, lines):
    for start, line in enumerate(lines):
        match = FUNCTION.match(line)
        if not match:
            continue
        head = start
        if lines[start].startswith("    "):  # a lambda, or the last initialiser of a constructor
            while head > 0 and lines[head].startswith("    ") and not lines[head].startswith("    : "):
                head -= 1
            if not lines[head].startswith("    : "):
                continue
            while lines[head].startswith("    "):
                head -= 1
        close = re.match(" *", lines[head])[0] + "}"
        end = next((k for k in range(start + 1, len(lines)) if lines[k].startswith(close)), start)
        if end - head + 1 > FUNCTION_LINES:
            yield f"{name}:{head + 1}: a function of {end - head + 1} lines, {FUNCTION_LINES} are allowed"


def check_source(root, name):
    text = open(f"{root}/{name}").read()
    lines = text.split("\n")
    if len(lines) - 1 > FILE_LINES:
        yield f"{name}: {len(lines) - 1} lines, {FILE_LINES} are allowed"
    if not lines[0].startswith("//"):
        yield f"{name}: its first line does not say what it is"
    if name.endswith((".h", ".td")):
        guard = "NNC_" + re.sub(r"\W", "_", name).upper()
        if f"#ifndef {guard}\n#define {guard}\n" not in text:
            yield f"{name}: the guard is not {guard}"
    if name.endswith(".cpp"):
        own = name[:-4] + ".h"
        first = re.search(r'^#include ["<]([^">]+)', text, re.M)
        if os.path.exists(f"{root}/{own}") and (not first or first[1] != own):
            yield f"{name}: includes {first[1] if first else 'nothing'} before its own header"
    if name.endswith((".cpp", ".h")):
        yield from long_functions(name, lines)


def check_sources(root):
    return [error for name in product_sources(root) for error in check_source(root, name)]


def check_format(root):
    sources = sorted(name for name in files(root, "compiler", "dialects", "runtime", "test") if name.endswith((".cpp", ".h")))
    ran = subprocess.run(["clang-format-22", "--dry-run", "--Werror", *sources], cwd=root, capture_output=True, text=True)
    return re.findall(r"^\S+:\d+:\d+: error:.*$", ran.stderr, re.M) or ([ran.stderr] if ran.returncode else [])


def main():
    kind, root = sys.argv[1:]
    errors = {"folders": check_folders, "sources": check_sources, "format": check_format}[kind](root)
    for error in errors:
        print(error)
    return bool(errors)


if __name__ == "__main__":
    sys.exit(main())
