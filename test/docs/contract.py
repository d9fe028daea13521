"""The tables of runtime/README.md that say what the program constant holds, made of runtime/contract/program.def.

usage: contract.py check README TABLE    fails where they differ
       contract.py update README TABLE   writes them
"""
import difflib
import re
import sys

begin, end = "<!-- program.def: written by test/docs/contract.py update -->", "<!-- end of program.def -->"
types = {"std::string": "text", "int64_t": "integer", "uint64_t": "bytes", "double": "number", "bool": "boolean", "Shape": "[integer]",
         "Scalar": "number, boolean or text"}


def arguments(text):
    """Splits at the commas outside of quotes and brackets."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, c in enumerate(text):
        quoted ^= c == '"'
        if quoted:
            continue
        depth += (c in "({<[") - (c in ")}>]")
        if c == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    return [part.strip().strip('"') for part in parts + [text[start:]]]


class Table:
    def __init__(self, lines):
        self.enums, self.records, self.words = {}, {}, {}
        for number, line in enumerate(lines, 1):
            if not re.match(r"[A-Z]", line):
                continue
            found = re.fullmatch(r"([A-Z_]+)\((.*)\)", line.rstrip())
            if not found:
                sys.exit(f"program.def:{number}: expected a macro on one line, found {line}")
            getattr(self, found[1].lower())(*arguments(found[2]))

    def enum(self, name, meaning):
        self.current = self.enums[name] = (meaning, [])

    def word(self, enum, case, word, meaning, direction=None):
        self.words[case] = word
        self.current[1].append((word, meaning, direction))

    def argument(self, case, word, meaning, direction):
        self.word("ArgKind", case, word, meaning, direction)

    def record(self, name, meaning, base=None):
        self.current = self.records[name] = (meaning, base, [])

    def record_of(self, name, base, meaning):
        self.record(name, meaning, base)

    def tagged(self, name, enum, meaning):
        self.record(name, meaning)

    def field(self, type, key, meaning, optional=False, condition=None):
        self.current[2].append((type, key, meaning, optional, condition))

    def required(self, type, member, key, meaning):
        self.field(type, key, meaning)

    def optional(self, type, member, fallback, key, meaning):
        self.field(type, key, meaning, optional=True)

    def required_if(self, condition, type, member, key, meaning):
        self.field(type, key, meaning, condition=condition)

    def optional_if(self, condition, type, member, fallback, key, meaning):
        self.field(type, key, meaning, optional=True, condition=condition)

    def numbered(self, member, meaning):
        pass

    def end_enum(self, name):
        pass

    def end_record(self, name):
        pass

    def type(self, text):
        inner = re.fullmatch(r"std::(optional|vector)<(.*)>", text)
        if inner:
            return f"[{self.type(inner[2])}]" if inner[1] == "vector" else self.type(inner[2])
        return types.get(text) or f"*{text}*"

    def condition(self, text):
        text = re.sub(r"record\.\w+", "", text)
        words = ", ".join(f"`{self.words[name]}`" for name in re.findall(r"\w+", text.replace("ArgKind::", "")) if name in self.words)
        return ("not " if "!=" in text else "of ") + words

    def describe(self, field):
        type, key, meaning, optional, condition = field
        text = f"`{key}`{'?' if optional else ''} {self.type(type)}"
        if condition:
            text += f" ({self.condition(condition)})"
        return text + (f": {meaning}" if meaning else "")

    def markdown(self):
        lines = ["| argument kind | the runtime binds it to | direction |", "|---|---|---|"]
        lines += [f"| `{word}` | {meaning} | {direction} |" for word, meaning, direction in self.enums["ArgKind"][1]]
        lines += ["", "| words | |", "|---|---|"]
        lines += [f"| *{name}*: {meaning} | {'; '.join(f'`{word}` {text}' for word, text, _ in words)} |"
                  for name, (meaning, words) in self.enums.items() if name != "ArgKind"]
        lines += ["", "| record | fields; `?`: may be left out |", "|---|---|"]
        for name, (meaning, base, fields) in self.records.items():
            parts = [f"those of *{base}*"] if base else []
            lines.append(f"| *{name}*: {meaning} | {'; '.join(parts + [self.describe(field) for field in fields])} |")
        return lines


def main(mode, readme, table):
    with open(table) as file:
        wanted = Table(file).markdown()
    with open(readme) as file:
        lines = file.read().split("\n")
    if begin not in lines or end not in lines:
        sys.exit(f"{readme}: expected the lines {begin} and {end}")
    first, last = lines.index(begin) + 1, lines.index(end)
    if mode == "update":
        with open(readme, "w") as file:
            file.write("\n".join(lines[:first] + wanted + lines[last:]))
    elif lines[first:last] != wanted:
        print("\n".join(difflib.unified_diff(lines[first:last], wanted, readme, table, lineterm="")))
        sys.exit(f"{readme} is not what {table} says: python3 test/docs/contract.py update {readme} {table}")


main(*sys.argv[1:])
