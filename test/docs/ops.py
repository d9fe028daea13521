"""Checks that each op of a dialect shows an example, and that it parses: what its text says of names and types is what the op takes.

usage: ops.py OPS.td --tblgen MLIR-TBLGEN --nn-opt NN-OPT --root ROOT

The examples are those of the descriptions as mlir-tblgen has them, so those of a class are seen once per op. What an example reads is
defined nowhere; nn-opt says that, and may say nothing else.
"""
import argparse
import re
import subprocess
import sys


def examples(documentation):
    """Yields (op, example) for each example, (op, None) for an op without one."""
    for section in re.split(r"^### ", documentation, flags=re.MULTILINE)[1:]:
        op = re.match(r"`([\w.]+)`", section)[1]
        found = re.findall(r"^Example[^`]*`([^`]*)`", section, re.MULTILINE)
        yield from ((op, text) for text in found)
        if not found:
            yield op, None


def problem(op, text, nn_opt):
    """What is wrong with an op's example, or None."""
    if text is None:
        return "no example"
    if not re.search(rf"(^|[\s=]){re.escape(op)}\b", text):
        return "the example shows another op"
    # An op of the module itself, or one in a function.
    for program in (text, f"func.func @example() {{ {text}\n return }}"):
        done = subprocess.run([nn_opt, "--allow-unregistered-dialect"], input=program, capture_output=True, text=True)
        errors = [line for line in done.stderr.splitlines() if " error: " in line]
        wrong = [line for line in errors if "use of undeclared SSA value name" not in line and "use of undefined" not in line]
        if not wrong and (done.returncode == 0 or errors):
            return None
    return "\n  ".join(wrong)


def main():
    arguments = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    arguments.add_argument("ops")
    for flag in ("--tblgen", "--nn-opt", "--root"):
        arguments.add_argument(flag, required=True)
    given = arguments.parse_args()
    include = subprocess.run([given.tblgen.replace("mlir-tblgen", "llvm-config"), "--includedir"], capture_output=True, text=True)
    done = subprocess.run([given.tblgen, "-gen-op-doc", "-I", include.stdout.strip(), "-I", given.root, given.ops],
                          capture_output=True, text=True, check=True)
    checked = failures = 0
    for op, text in examples(done.stdout):
        checked += 1
        wrong = problem(op, text, given.nn_opt)
        if wrong:
            failures += 1
            print(f"{given.ops}: {op}: {text}\n  {wrong}")
    print(f"{given.ops}: {checked} examples, {failures} wrong")
    return 1 if failures or not checked else 0


sys.exit(main())
