#!/usr/bin/env python3
"""Random valid programs whose passes and derivatives are checked by the reference evaluator: no executable is made.

usage: agree.py NNC NN_AGREE [--seed N] [--count N] [--seconds S] [--fragments N] [--ways N] [--keep DIR] [--minimise N]

nn-agree builds each program as far as stage fused in several ways and evaluates it. Ends with 1 if something differs, 0 if not.
"""
import argparse
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time

from generate import Program
from minimise import minimise
from run import passes

SECONDS = 60  # of CPU for one program; more is a finding


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("nnc", type=os.path.abspath)
    parser.add_argument("agree", type=os.path.abspath)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--count", type=int, default=20, help="programs")
    parser.add_argument("--seconds", type=float, default=0, help="no new program after this time (0: no limit)")
    parser.add_argument("--first", type=int, default=0, help="the first program")
    parser.add_argument("--fragments", type=int, default=12, help="fragments of a program")
    parser.add_argument("--ways", type=int, default=4, help="passes that are left out of each program, one at a time")
    parser.add_argument("--keep", type=os.path.abspath, help="a folder for the programs that fail")
    parser.add_argument("--minimise", type=int, default=200, help="tries to make a failing program small")
    return parser.parse_args()


class Evaluation:
    """What nnc and nn-agree say of a program's text."""

    def __init__(self, options, folder):
        self.options, self.folder, self.ways = options, folder, []
        self.passes = passes(options.nnc)

    def choose(self, rng):
        """Which passes are left out of the next programs, one at a time; the rest takes turns."""
        self.ways = [f"--without={name}" for name in rng.sample(self.passes, min(self.options.ways, len(self.passes)))]

    def said(self, text):
        """Lines of complaint; empty if all is well."""
        source, module = os.path.join(self.folder, "p.nn"), os.path.join(self.folder, "p.mlir")
        with open(source, "w") as file:
            file.write(text)
        made = subprocess.run([self.options.nnc, "--real=f64", "--emit=nn", source, "-o", module], capture_output=True, text=True)
        if made.returncode:
            return ["nnc: " + made.stderr.strip()]
        limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        ran = subprocess.run([self.options.agree, module, *self.ways], capture_output=True, text=True, errors="replace", preexec_fn=limit)
        lines = [line.removeprefix(module + ": ") for line in ran.stdout.splitlines() if ": " in line]
        if ran.returncode and not lines:
            return [f"nn-agree ends with {ran.returncode}: {ran.stderr.strip()[-500:]}"]
        return lines


def kind(lines):
    """What sort of complaint it is, for the text that is made smaller to keep."""
    if not lines:
        return ""
    if lines[0].startswith("nnc"):
        return "refused"
    if lines[0].startswith("nn-agree ends"):
        return lines[0][:20]
    return " ".join(re.sub(r"[\d.]+", "", line.split(": ")[1]) for line in lines[:1])


def check(options, evaluation, program):
    """Prints what is wrong with each fragment; the number of those."""
    if not evaluation.said(program.text()):
        return 0
    found = 0
    for fragment in program.fragments:
        text = program.text({fragment.number})
        lines = evaluation.said(text)
        if not lines:
            continue
        found += 1
        sort = kind(lines)
        if options.minimise and sort != "refused":
            text = minimise(text, lambda candidate: kind(evaluation.said(candidate)) == sort, options.minimise)
        print(f"\n== program {program.seed}, fragment {fragment.number}\n" + "\n".join(lines[:6])[:1500] + f"\n{text}", flush=True)
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
            with open(os.path.join(options.keep, f"{program.seed}-{fragment.number}.nn"), "w") as file:
                file.write("".join(f"// {line}\n" for line in "\n".join(lines[:6]).split("\n")) + text)
    return found


def main():
    options = arguments()
    start, fragments, found = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory(prefix="nnc-random-") as folder:
        evaluation = Evaluation(options, folder)
        for index in range(options.first, options.first + options.count):
            if options.seconds and time.monotonic() - start > options.seconds:
                break
            program = Program(f"{options.seed}.{index}", options.fragments)
            evaluation.choose(random.Random(f"ways {program.seed}"))
            found += check(options, evaluation, program)
            fragments += len(program.fragments)
            if index % 20 == 19:
                print(f"{fragments} fragments, {found} findings", file=sys.stderr, flush=True)
    print(f"{fragments} fragments, {found} findings, {time.monotonic() - start:.0f} s, seed {options.seed}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
