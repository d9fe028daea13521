#!/usr/bin/env python3
"""Random valid programs, each compiled in several ways that have to agree.

usage: run.py NNC [--seed N] [--count N] [--seconds S] [--fragments N] [--turns N] [--jobs N] [--keep DIR] [--minimise N]

Each program is compiled by default and in f64, the latter (and --turns N more) with -O0, passes left out, or for another
instruction set. Compared are those, 1 and 3 threads, values of entries with what Python computes, gradients with differences in
f64. Ends with 1 if something differs, 0 if not.
"""
import argparse
import concurrent.futures
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

from check import Check
from generate import Program


def passes(nnc):
    said = subprocess.run([nnc, "--no-pass=list", "a.nn"], capture_output=True, text=True).stderr
    return re.findall(r"^  ([a-z-]+): ", said, re.M)


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("nnc", type=os.path.abspath)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--count", type=int, default=0, help="programs (0: as many as fit)")
    parser.add_argument("--seconds", type=float, default=0, help="no new program after this time (0: no limit)")
    parser.add_argument("--fragments", type=int, default=12, help="fragments of a program")
    parser.add_argument("--turns", type=int, default=0, help="further ways to compile each program, beside the default and one in f64")
    parser.add_argument("--jobs", type=int, default=2, help="programs at a time")
    parser.add_argument("--keep", type=os.path.abspath, help="a folder for the programs that fail")
    parser.add_argument("--minimise", type=int, default=200, help="compilations to make a failing program small")
    chosen = parser.parse_args()
    if not chosen.count and not chosen.seconds:
        chosen.count = 10
    return chosen


def check_one(options, known_passes, index):
    """The findings of one program, and how many fragments it had."""
    seed = f"{options.seed}.{index}"
    program = Program(seed, options.fragments)
    folder = tempfile.mkdtemp(prefix="nnc-random-")
    try:
        check = Check(options.nnc, known_passes, program, folder, random.Random(f"configurations {seed}"), options.turns)
        check.run()
        findings = [(seed, finding, check.minimal(finding, options.minimise)) for finding in check.findings]
        return findings, len(program.fragments), check.flips
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report(options, seed, finding, text):
    """Prints a finding; keeps its program."""
    print(f"\n== program {seed}, fragment {finding.number}: {finding.kind}: {finding.said}\n-- {finding.how}\n{text}", flush=True)
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
        stem = os.path.join(options.keep, f"{seed}-{finding.number}-{finding.kind}".replace(" ", "-"))
        with open(stem + ".nn", "w") as file:
            file.write(text)
        with open(stem + ".txt", "w") as file:
            file.write(f"{finding.kind}\n{finding.how}\n{finding.said}\n")


def main():
    options = arguments()
    known_passes = passes(options.nnc)
    start, fragments, programs, found, flips = time.monotonic(), 0, 0, 0, 0
    index, running = 0, set()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        while True:
            late = options.seconds and time.monotonic() - start > options.seconds
            while len(running) < options.jobs and not late and (not options.count or index < options.count):
                running.add(pool.submit(check_one, options, known_passes, index))
                index += 1
            if not running:
                break
            done, running = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            for future in done:
                findings, count, turned = future.result()
                fragments, programs, found, flips = fragments + count, programs + 1, found + len(findings), flips + turned
                if programs % 10 == 0:
                    print(f"{programs} programs, {fragments} fragments, {found} findings", file=sys.stderr, flush=True)
                for seed, finding, text in findings:
                    report(options, seed, finding, text)
    print(f"{programs} programs, {fragments} fragments, {found} findings, {flips} at a jump, "
          f"{time.monotonic() - start:.0f} s, seed {options.seed}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
