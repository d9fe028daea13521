"""The table of distributions in the language reference against the one of the compiler.

usage: families.py FAMILIES_DEF REFERENCE NNC        in a folder where files go
Each name has one line, in order, with the parameters and the default estimator that its rows say; `.mean` and `.mode` are there where a
program that reads them compiles; kl of two compiles without a remark on a draw where the rows say that it is closed.
"""
import re
import subprocess
import sys

# What a parameter of a domain is in a program, for a distribution of 2 events.
EXAMPLES = {"real": "x[:, 0]", "positive": "exp(x[:, 0])", "scale": "exp(x[:, 0])", "above": "x[:, 0] + 1", "probability": "sigmoid(x[:, 0])",
            "logits": "x", "weights": "exp(x)", "count": "3"}
VECTORS = {"real": "x", "scale": "exp(x)", "triangle": "broadcast[2, 3, 3](1.0)"}


def rows_of(path):
    """Name to its rows, each a dictionary of fields."""
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"^//.*\n", "", file.read(), flags=re.MULTILINE)
    names = {}
    for block in re.findall(r"NNC_FAMILY\((.*?)\)\n(?=NNC_FAMILY|#undef)", text, re.DOTALL):
        row = {"name": re.search(r'\.name = "(\w+)"', block)[1], "rank": int(re.search(r"\.eventRank = (\d)", block)[1]),
               "parameters": re.findall(r'\{"(\w+)", Domain::(\w+)\}', block), "reparam": ".reparameterised = true" in block,
               "closed": re.search(r"\.divergence = \{(.*?)\}", block)[1], "id": re.match(r"\w+", block)[0],
               "values": re.search(r"Values::(\w+)", block)[1]}
        row["closed"] = re.findall(r"Family::(\w+)", row["closed"])
        names.setdefault(row["name"], []).append(row)
    return names


def lines_of(path):
    """Name to the cells of its line."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    table = re.search(r"^\| family \|.*?\n\n", text, re.MULTILINE | re.DOTALL)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().split("\n")[2:]]
    return {line[0].strip("`"): line for line in cells}


def call(row):
    examples = VECTORS if row["rank"] and row["parameters"][0][1] == "real" else EXAMPLES
    return f"{row['name']}({', '.join(f'{name} = {examples[domain]}' for name, domain in row['parameters'])})"


def compiles(nnc, statement):
    with open("family.nn", "w") as file:
        file.write(f"entry e(x: f32[2, 3]) {{\n  show y = {statement}\n}}\n")
    done = subprocess.run([nnc, "--check", "--remarks", "family.nn"], capture_output=True, text=True)
    return done.returncode == 0, done.stderr + done.stdout


def estimator(row):
    if all(domain == "count" for _, domain in row["parameters"]):
        return "none is needed"
    return "reparam" if row["reparam"] else "score"


def parameters_of(rows):
    """The names in a line that stand in code, in order."""
    return [name for row in rows for name, _ in row["parameters"]]


def main():
    names, lines, nnc, wrong = rows_of(sys.argv[1]), lines_of(sys.argv[2]), sys.argv[3], []

    def check(holds, what):
        if not holds:
            wrong.append(what)

    check(list(names) + ["Mixture"] == list(lines), f"the names are {list(names)}, the lines {list(lines)}")
    for name, rows in names.items():
        line = lines.get(name, [""] * 6)
        found = re.findall(r"\w+", " ".join(re.findall(r"`([^`]*)`", line[2])))
        check(found == parameters_of(rows), f"{name}: the parameters are {parameters_of(rows)}, not {found}")
        check(line[5] == estimator(rows[0]), f"{name}: its estimator is {estimator(rows[0])}")
        for column, member in ((3, "mean"), (4, "mode")):
            has = compiles(nnc, f"{call(rows[0])}.{member}")[0]
            check((line[column] == "yes") == has, f"{name}: it has {'a' if has else 'no'} {member}")
        for row in rows:
            good, text = compiles(nnc, f"sum(kl({call(row)}, {call(row)}))")
            closed = bool(row["closed"]) or row["id"] == "discrete_uniform" # it is written as categorical
            check(good and ("in closed form" in text) == closed, f"{row['id']}: kl\n{text}")
    print("\n".join(wrong) or f"{len(names)} families: ok")
    sys.exit(1 if wrong or len(names) < 8 else 0)


if __name__ == "__main__":
    main()
