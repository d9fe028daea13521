"""Compares --report=memory with what a training uses above a trivial one. usage: memory.py NNC SOURCE EXE TRIVIAL [FLAG..]"""
import re
import subprocess
import sys
import time


def peak(command):
    """The most memory that the process had, in bytes, the middle one of three runs, and what it printed."""
    runs = sorted(peak_once(command) for _ in range(3))
    return runs[1]


def peak_once(command):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    highest = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status") as file:
                found = re.search(r"VmHWM:\s*(\d+) kB", file.read())
            highest = max(highest, int(found[1]) * 1024) if found else highest
        except (FileNotFoundError, ProcessLookupError):
            pass
        time.sleep(0.002)
    if process.returncode != 0:
        sys.exit(f"{command}: exit code {process.returncode}")
    return highest, process.stdout.read()


units = {"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9}
nnc, source, executable, trivial, *flags = sys.argv[1:]
report = subprocess.run([nnc, "--report=memory", source], capture_output=True, text=True, check=True).stdout
wrong = False
for threads in ("1", "2"):
    said = int(re.search(rf"total, {threads} thread.*?(\d+) bytes", report)[1])
    base, _ = peak([trivial, "train", "--threads", threads, "--run", "trivial.run"])
    used, printed = peak([executable, "train", "--threads", threads, "--run", "measured.run", "--data-dir", ".", *flags])
    data = re.search(r"\+ data ([0-9.]+) (\w+)", printed)
    expected = said + float(data[1]) * units[data[2]]
    share = (used - base) / expected - 1
    # What a process needs besides (code pages, pieces of the heap) differs a little from program to program.
    wrong |= abs(share) * expected > max(0.05 * expected, 400e3)
    print(f"{threads} threads: {expected:.0f} bytes reported with data, {used - base} used above {base}: {share:+.1%}")
sys.exit(wrong)
