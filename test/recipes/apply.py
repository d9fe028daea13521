#!/usr/bin/env python3
"""Follows a recipe of CONTRIBUTING.md to the letter: usage: apply.py ROOT HEADING..

Below `### HEADING`, each code block with a line of one of these forms in front of it is a change of the tree at ROOT:

    **PATH**, after `TEXT`:      the code stands after the one line of the file that holds TEXT
    **PATH**, before `TEXT`:     in front of that line
    **PATH** (new):              the code is a new file

Prints the paths.
"""
import os
import re
import sys

BLOCK = re.compile(r"^(?:\d+\. |- |\s+)?\*\*(?P<path>[^*]+)\*\*(?:, (?P<where>after|before) (?P<quote>`+)(?P<text>.+?)(?P=quote)| \((?P<new>new)\))[^\n]*:\n\s*\n?"
                   r"(?P<indent> *)```\w*\n(?P<code>.*?)\n(?P=indent)```$", re.M | re.S)


def section(text, heading):
    start = text.index(f"### {heading}\n")
    end = re.search(r"^##", text[start + 3:], re.M)
    return text[start:start + 3 + end.start()] if end else text[start:]


def insert(path, where, text, code):
    lines = open(path).read().split("\n")
    found = [number for number, line in enumerate(lines) if text in line]
    if len(found) != 1:
        raise SystemExit(f"{path}: `{text}` stands on {len(found)} lines, the recipe needs one")
    at = found[0] + (where == "after")
    open(path, "w").write("\n".join(lines[:at] + code.split("\n") + lines[at:]))


def apply(root, recipe):
    paths = []
    for block in BLOCK.finditer(recipe):
        path = os.path.join(root, block["path"])
        code = re.sub(rf"^{block['indent']}", "", block["code"], flags=re.M)
        if block["new"]:
            if os.path.exists(path):
                raise SystemExit(f"{path}: it is there, the recipe says it is new")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            open(path, "w").write(code + "\n")
        else:
            insert(path, block["where"], block["text"], code)
        paths.append(block["path"])
    return paths


def main():
    root, headings = sys.argv[1], sys.argv[2:]
    text = open(os.path.join(root, "CONTRIBUTING.md")).read()
    for heading in headings:
        paths = apply(root, section(text, heading))
        if not paths:
            raise SystemExit(f"CONTRIBUTING.md: no change stands under `{heading}`")
        print(*paths, sep="\n")


if __name__ == "__main__":
    main()
