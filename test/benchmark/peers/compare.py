"""nnc's executables beside other systems: the losses of five steps first, then training steps timed in turns.

usage: compare.py BUILD_FOLDER [OPTIONS] [CASE...]; called by peers.sh, which says what is needed.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys

import cases
from contestants import Absent, C, Eager, Ours, foreign_share
from roof import Roof

TOLERANCE = 1e-4  # of losses, relative


def arguments():
    parser = argparse.ArgumentParser(prog="peers.sh")
    parser.add_argument("build", metavar="BUILD_FOLDER")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(cases.CASES))
    parser.add_argument("--check", action="store_true", help="compare losses only")
    parser.add_argument("--threads", default="1,2", help="numbers of threads, at most 2 [1,2]")
    parser.add_argument("--turns", type=int, default=5, help="how often each takes its turn [5]")
    parser.add_argument("--seconds", type=float, default=2, help="timed steps of a turn [2]")
    parser.add_argument("--folder", help="where to put what is made [BUILD_FOLDER/benchmark]")
    options = parser.parse_intermixed_args()
    for name in options.cases:
        if name not in cases.CASES:
            parser.error(f"no case {name}; there are: {', '.join(cases.CASES)}")
    options.cases = options.cases or list(cases.CASES)
    options.threads = [int(count) for count in options.threads.split(",")]
    most = min(2, len(os.sched_getaffinity(0)))
    if not all(1 <= count <= most for count in options.threads):
        parser.error(f"--threads: expected numbers from 1 to {most}")
    return options


def contestants(name, options):
    """Ours first, then the peers that are there; what is absent is said once."""
    folder = os.path.join(options.folder, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    found = [Ours(name, options.build, folder)]
    for kind in (Eager, C):
        try:
            found.append(kind(name, folder))
        except Absent as reason:
            if str(reason):
                print(f"{name}: {reason}", file=sys.stderr)
    return found


def agree(name, found):
    """Compares the losses of five steps on one batch with those of each peer."""
    if len(found) == 1:
        raise Absent("no peer to compare with")
    losses = {one.label: one.losses() for one in found}
    for label, values in losses.items():
        print(f"{name:10} {label:14}", *(f"{value:.7g}" for value in values))
    ours = losses[found[0].label]
    good = True
    for peer in found[1:]:
        theirs = losses[peer.label]
        errors = [abs(a - b) / abs(b) for a, b in zip(ours, theirs)]
        same = len(ours) == len(theirs) == 5 and all(error <= TOLERANCE for error in errors)
        good = good and same
        print(f"{name:10} nnc and {peer.label} within {max(errors):.1e}: {'ok' if same else 'DISAGREE'}")
    return good


def take_turns(found, threads, options):
    """What each one measured in each of its turns, and how much of the machine others used at most."""
    cores = ",".join(map(str, sorted(os.sched_getaffinity(0))[:threads]))
    results, foreign = {one.label: [] for one in found}, 0
    for _ in range(options.turns):
        for one in found:
            with foreign_share() as share:
                results[one.label].append(one.time(threads, options.seconds, cores))
            foreign = max(foreign, share())
    return results, foreign


def quartiles(values):
    low, middle, high = (f"{ms:.3g}" if ms < 100 else f"{ms:.0f}" for ms in statistics.quantiles(values, n=4, method="inclusive"))
    return f"{middle} ({low}-{high})"


def pooled(turns):
    return [ms for turn in turns for ms in turn.ms]


def time_case(name, found, roofs, options):
    """Rows of the two tables."""
    steps, costs = [], []
    ours = found[0]
    for threads in options.threads:
        results, foreign = take_turns([*found, roofs], threads, options)
        roof = max(results.pop(roofs.label))
        medians = {label: statistics.median(pooled(turns)) for label, turns in results.items()}
        row = [name, str(threads)]
        for label in (Ours.label, Eager.label, C.label):
            row.append(quartiles(pooled(results[label])) if label in results else "")
            if label != Ours.label:
                row.append(f"{medians[label] / medians[ours.label]:.2f}" if label in results else "")
        share = ours.flops / (medians[ours.label] * 1e6) / roof
        steps.append([*row, f"{100 * share:.0f} %", f"{roof:.0f}", f"{100 * foreign:.0f} %"])
        print("|", " | ".join(steps[-1]), "|", flush=True)
        if threads == options.threads[-1]:
            costs.append(cost(name, ours, ours.planned[threads], results))
    return steps, costs


def cost(name, ours, planned, results):
    def first(label):
        return f"{statistics.median(turn.first for turn in results[label]):.2f}" if label in results else ""

    def peak(label):
        return f"{max(turn.peak for turn in results[label]) / 1024:.0f}" if label in results else ""

    labels = (Ours.label, Eager.label, C.label)
    return [name, f"{ours.compile_seconds:.1f}", f"{ours.size / 1e6:.2f}", *map(first, labels),
            f"{planned / 2**20:.0f}", *map(peak, labels)]


def table(title, head, rows):
    print(f"\n{title}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        print("|", " | ".join(row), "|")


def main():
    options = arguments()
    options.folder = os.path.abspath(options.folder or os.path.join(options.build, "benchmark"))
    os.makedirs(options.folder, exist_ok=True)
    roofs = None if options.check else Roof(options.folder)
    steps, costs, failed, compared = [], [], [], 0
    for name in options.cases:
        try:
            found = contestants(name, options)
            good = agree(name, found)
        except (Absent, subprocess.CalledProcessError) as error:
            print(f"{name}: left out: {error}", file=sys.stderr)
            failed += [] if isinstance(error, Absent) else [name]
            continue
        compared += 1
        if not good:
            failed.append(name)
        elif not options.check:
            for rows, more in zip((steps, costs), time_case(name, found, roofs, options)):
                rows += more
    if steps:
        table("ms a training step: median (quartiles); times: how many times as long the peer needs",
              ["case", "threads", "nnc", "eager", "times", "C", "times", "nnc of the roof", "roof, GFLOP/s", "others"], steps)
        table(f"With --threads {options.threads[-1]}. Seconds: to compile, and from the start of a process to the end of its "
              "first step. MB: the executable (10^6), memory (2^20)",
              ["case", "compile", "size", "first nnc", "eager", "C", "planned", "peak nnc", "eager", "C"], costs)
    if not compared:
        sys.exit("no case was compared")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


main()
