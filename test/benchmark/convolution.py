"""Convolutions and their two gradients, as a share of the processor's multiply-add rate. usage: convolution.py BUILD [ROUNDS]

nn-check compiles each, compares it with the reference evaluator, and times it on one thread; the rate is measured between rounds.
"""
import os
import re
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"))
from roof import Roof

# pictures, channels in and out, side, filter
SHAPES = [(8, 32, 64, 14, 3), (8, 16, 32, 28, 3), (4, 64, 64, 28, 3), (8, 64, 128, 14, 1), (8, 1, 32, 28, 3)]
FORMS = ("forward", "filter", "input")


def functions(b, c, o, side, k):
    """The three of one shape, with padding that keeps the side."""
    pad, wide = k // 2, side + k // 2 * 2
    x, w, y = f"tensor<{b}x{c}x{side}x{side}xf32>", f"tensor<{o}x{c}x{k}x{k}xf32>", f"tensor<{b}x{o}x{side}x{side}xf32>"
    padded, windows = f"tensor<{b}x{c}x{wide}x{wide}xf32>", f"tensor<{b}x{c}x{side}x{side}x{k}x{k}xf32>"
    gather = f"""
  %q = nn.pad %x [0, 0, {pad}, {pad}] [0, 0, {pad}, {pad}] [0, 0, 0, 0] : {x}
  %v = nn.window %q axes [2, 3] sizes [{k}, {k}] strides [1, 1] : {padded}"""
    name = f"b{b}_c{c}_o{o}_s{side}_k{k}"
    return f"""
func.func @forward_{name}(%x: {x}, %w: {w}) -> {y} {{{gather}
  %y = nn.contract %v [0, 1, 2, 3, 4, 5], %w [6, 1, 4, 5] -> [0, 6, 2, 3] : {windows}, {w}
  func.return %y : {y}
}}
func.func @filter_{name}(%x: {x}, %dy: {y}) -> {w} {{{gather}
  %y = nn.contract %dy [0, 6, 2, 3], %v [0, 1, 2, 3, 4, 5] -> [6, 1, 4, 5] : {y}, {windows}
  func.return %y : {w}
}}
func.func @input_{name}(%dy: {y}, %w: {w}) -> {x} {{
  %v = nn.contract %dy [0, 6, 2, 3], %w [6, 1, 4, 5] -> [0, 1, 2, 3, 4, 5] : {y}, {w}
  %g = nn.unwindow %v axes [2, 3] sizes [{k}, {k}] strides [1, 1] : {windows} to {padded}
  %s = nn.slice %g [0, 0, {pad}, {pad}] [1, 1, 1, 1] : {padded} to {x}
  func.return %s : {x}
}}
"""


def main():
    build, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as folder:
        roof, module = Roof(folder), os.path.join(folder, "convolution.mlir")
        with open(module, "w") as file:
            file.write("".join(functions(*shape) for shape in SHAPES))
        peaks, times = [], {}
        for _ in range(rounds):
            peaks.append(roof.time(1, 0, "0"))
            out = subprocess.run([os.path.join(build, "bin/nn-check"), module, "--time"], capture_output=True, text=True)
            if out.returncode:
                sys.exit(out.stdout + out.stderr)
            for name, us in re.findall(r"^(\w+): ([\d.e+]+) us", out.stdout, re.M):
                times.setdefault(name, []).append(float(us))
    peak = statistics.median(peaks)
    print(f"one thread, {peak:.1f} GFLOP/s (multiply-adds in registers); share of it, median of {rounds} rounds\n")
    print("| pictures, channels, side, filter | forward | gradient of the filter | gradient of the input |\n|---|---|---|---|")
    shares = []
    for b, c, o, side, k in SHAPES:
        row = [2e-3 * b * c * o * side * side * k * k / statistics.median(times[f"{form}_b{b}_c{c}_o{o}_s{side}_k{k}"]) / peak
               for form in FORMS]
        shares += row
        print(f"| {b}, {c} to {o}, {side}, {k} | " + " | ".join(f"{100 * share:.0f} %" for share in row) + " |")
    print(f"\nmedian {100 * statistics.median(shares):.0f} %, least {100 * min(shares):.0f} %")


main()
