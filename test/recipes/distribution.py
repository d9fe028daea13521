"""The recipe "add a distribution", followed for Gumbel(loc, scale). usage: distribution.py        in a configured copy of the sources

The steps are a row of the table, a file of formulas and a line of the reference. With all three, programs draw, score and differentiate;
without one the compiler does not compile, does not link, or a test fails.
"""
import json
import math
import subprocess
import sys

ROW = """NNC_FAMILY(gumbel, .name = "Gumbel", .values = Values::real, .eventRank = 0,
           .parameters = {{"loc", Domain::real}, {"scale", Domain::scale}}, .reparameterised = true, .divergence = {})
"""
ENTROPY = """  Value entropy(const Instance &d, RankedTensorType) const override {
    return nn::apply<nn::LogOp>(d[1]) + (1 + std::numbers::egamma);
  }
"""
OBJECT = """const Formulas &formulas::gumbel() {
  static const Gumbel object;
  return object;
}
"""
FILE = """/// The Gumbel distribution.
#include "dialects/prob/Families/Formulas.h"

using namespace mlir;

namespace nnc::prob {
namespace {

using nn::Term;

struct Gumbel : Formulas {
  /// With z = (x - loc) / scale: -z - e^-z - log scale.
  Value density(const Instance &d, Term x, RankedTensorType) const override {
    Term z = (x - d[0]) / d[1];
    return -z - nn::apply<nn::ExpOp>(-z) - nn::apply<nn::LogOp>(d[1]);
  }
""" + ENTROPY + """  Value divergence(const Instance &, const Instance &) const override {
    llvm_unreachable("the row names none");
  }
  Value draw(const Instance &d, const Noise &noise, RankedTensorType) const override {
    Term u = noise.uniform(d.emit, d[0].value.getType());
    return d[0] - d[1] * nn::apply<nn::LogOp>(-nn::apply<nn::LogOp>(u));
  }
  Value mean(const Instance &d) const override { return d[0] + d[1] * std::numbers::egamma; }
  Value mode(const Instance &d) const override { return d[0]; }
};

} // namespace

""" + OBJECT + """
} // namespace nnc::prob
"""
LINE = "| `Gumbel` | a number | `loc, scale` | yes | yes | reparam |\n"
PROGRAM = """dim n = 20000
layer Guess() -> f32 {
  param m: f32[4] = 0.5
  param s: f32[4] = 2
  z ~ Gumbel(m, s)
  q = Gumbel(m, s)
  sum(sin(z) + log_prob(q, 1) + entropy(q) + kl(q, Normal(m, 3)))
}
net guess = Guess
objective o { minimize guess() over guess }
train { for 1 steps { step o with SGD(0.1) } }
entry values(x: f32[3]) {
  q = Gumbel(1, scale = 2)
  show density = log_prob(q, x)
  show entropy = entropy(q)
  show mean = q.mean
  many: f32[n] ~ Gumbel(1, 2)
  show average = mean(many)
}
"""
TABLE, SOURCE, REFERENCE = "dialects/prob/Families/families.def", "dialects/prob/Families/Gumbel.cpp", "compiler/README.md"


def edit(path, before, now):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert text.count(before) == 1, (path, before)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(before, now))


def works(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def expect(holds, what, text=""):
    print(f"{what}: {'ok' if holds else 'FAILED'}", flush=True)
    if not holds:
        sys.exit(text[-3000:])


def build():
    return works("cmake", "--build", "build", "--target", "nnc", "nn-opt", "nnrt")


def documented():
    return works("python3", "test/docs/families.py", TABLE, REFERENCE, "build/bin/nnc")


def uses():
    with open("gumbel.nn", "w") as file:
        file.write(PROGRAM)
    with open("x.csv", "w") as file:
        file.write("0,1,5\n")
    good, text = works("build/bin/nnc", "gumbel.nn", "--real=f64", "-o", "gumbel")
    expect(good, "a program with it compiles", text)
    good, text = works("./gumbel", "check-grad")
    expect(good, "its gradients are differences", text)
    found = json.loads(subprocess.run(["./gumbel", "values", "--json", "--x", "x.csv", "--run", "none"], check=True, capture_output=True, text=True).stdout)
    z = [(x - 1) / 2 for x in (0, 1, 5)]
    wanted = [-a - math.exp(-a) - math.log(2) for a in z]
    gamma = 0.5772156649015329
    close = all(abs(a - b) < 1e-5 for a, b in zip(found["density"], wanted)) and abs(found["entropy"] - math.log(2) - 1 - gamma) < 1e-5
    expect(close and abs(found["mean"] - 1 - 2 * gamma) < 1e-5, "its values are right", str(found))
    expect(abs(found["average"] - found["mean"]) < 5 * 2 * math.pi / math.sqrt(6 * 20000), "draws have its mean", str(found))


edit(TABLE, "#undef NNC_FAMILY", ROW + "#undef NNC_FAMILY")
with open(SOURCE, "w") as file:
    file.write(FILE.replace(OBJECT, ""))
subprocess.run(["cmake", "--preset", "default"], check=True, stdout=subprocess.DEVNULL)
good, text = build()
expect(not good and "formulas::gumbel" in text, "without its object nnc does not link", text)
with open(SOURCE, "w") as file:
    file.write(FILE.replace(ENTROPY, ""))
good, text = build()
expect(not good and "abstract" in text, "without a formula it does not compile", text)
with open(SOURCE, "w") as file:
    file.write(FILE)
good, text = build()
expect(good, "with them it builds", text)
good, text = documented()
expect(not good and "Gumbel" in text, "without its line the reference is wrong", text)
edit(REFERENCE, "| `Mixture` | its component's", LINE + "| `Mixture` | its component's")
good, text = documented()
expect(good, "with its line the reference is right", text)
uses()
print("the recipe works")
