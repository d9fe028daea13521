"""The processor's multiply-add rate, and what all benchmarks call."""
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


def has_avx512():
    with open("/proc/cpuinfo") as cpu:
        return " avx512f" in cpu.read()


def output(command, **arguments):
    return subprocess.run(command, check=True, capture_output=True, text=True, **arguments).stdout


class Roof:
    """The processor's multiply-add rate, measured beside the others."""

    label = "roof"

    def __init__(self, folder):
        self.program = os.path.join(folder, "roof")
        output(["clang++-22", "-O2", "-pthread", "-I", os.path.join(HERE, "..", "..", ".."), os.path.join(HERE, "roof.cpp"),
                os.path.join(HERE, "..", "Peak.cpp"), "-o", self.program])

    def time(self, threads, seconds, cores):
        return float(output(["taskset", "-c", cores, self.program, str(threads), "512" if has_avx512() else "256"]))
