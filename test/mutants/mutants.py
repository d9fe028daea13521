#!/usr/bin/env python3
"""Small mistakes, one a mutant, and the tests that have to see each.

usage: mutants.py apply SOURCE     put all of them into a copy of the sources, each behind a switch
       mutants.py run BUILD [NAME...]   turn on one after the other and run its tests

The switch is a file in the copy with the name of the mutant that is on, so that one build serves all.
"""
import os
import re
import subprocess
import sys

# name, file, what is replaced (it has to occur once), by what (ON: this mutant is on), the tests: GoogleTest programs or paths for lit.
MUTANTS = [
    ("tanh", "dialects/nn/Autodiff/Elementwise.cpp", "UNARY_RULE(Tanh, g * (1.0 - y * y))",
     "UNARY_RULE(Tanh, ON ? g * (1.0 - y) : g * (1.0 - y * y))", "gradient-tests"),
    ("largest", "dialects/nn/Autodiff/Reduction.cpp", "emit.make<ArgmaxOp>(x, last)",
     "emit.make<ArgmaxOp>(ON ? Value(emit.make<NegOp>(x)) : x, last)", "gradient-tests"),
    ("attention-bias", "dialects/nn/Autodiff/Attention.cpp", "resultGrads[0], getMask(), getBias(), getKeep(),",
     "resultGrads[0], getMask(), ON ? Value() : getBias(), getKeep(),", "gradient-tests"),
    ("gathered-axis", "dialects/nn/IR/Index.cpp", "axis < along ? axis : axis - 1 + inserted",
     "axis < along || ON ? axis : axis - 1 + inserted", "op-facts-tests"),
    ("sliced-view", "dialects/nn/IR/Shape.cpp", "layout.offset += getOffsets()[k] * stride;",
     "layout.offset += (ON ? 0 : getOffsets()[k]) * stride;", "op-facts-tests"),
    ("batched-sum", "dialects/nn/IR/Contraction.cpp", "label = std::max(label, each + 1);",
     "label = ON ? 0 : std::max(label, each + 1);", "op-facts-tests"),
    ("residual", "dialects/nn/Autodiff/Scan.cpp",
     "yield->insertOperands(yield->getNumOperands(), toForward.lookup(piece->saved));",
     "Value chosen = piece->saved;\n"
     "    for (Piece *other : saved)\n"
     "      if (ON && other != piece && other->saved.getType() == chosen.getType())\n"
     "        chosen = other->saved;\n"
     "    yield->insertOperands(yield->getNumOperands(), toForward.lookup(chosen));",
     "test/e2e/gradients-scans.test test/e2e/gradients-recurrent.test"),
    ("rows-tail", "compiler/Emit/Gemm/Gemm.cpp", "    if (span.tail)\n      b.when(span.hasTail, [&] {\n        body(b",
     "    if (span.tail && !ON)\n      b.when(span.hasTail, [&] {\n        body(b", "contraction-tests"),
    ("sum-tail", "compiler/Emit/Gemm/Gemm.cpp", "block.rest = gemm.k % plan.unroll;",
     "block.rest = ON ? 0 : gemm.k % plan.unroll;", "contraction-tests"),
    ("pack-tail", "compiler/Emit/Gemm/GemmPack.cpp", "at(span.panels, span.tail, 1); });",
     "at(span.panels, span.tail - (ON && span.tail > 1), 1); });", "contraction-tests"),
    ("element-tail", "compiler/Emit/Loops/Nest.cpp", "  while (first < last) {\n    unsigned width",
     "  if (ON && last - first > 1)\n    --last;\n  while (first < last) {\n    unsigned width", "test/Emit/loops.mlir"),
    ("query-tail", "compiler/Emit/Attention/AttentionForward.cpp", "emitQueryBlock(i, tail); });",
     "emitQueryBlock(i, tail - (ON && tail > 1)); });", "attention-tests"),
    ("causal", "compiler/Emit/Attention/AttentionTile.cpp", "c.minimum(c.subtract(c.add(query, row), key), count);",
     "c.minimum(c.subtract(ON ? c.add(c.add(query, row), c.index(1)) : c.add(query, row), key), count);",
     "attention-tests"),
    ("below-zero", "compiler/Emit/Element/Elements.cpp", "llvm::divideFloorSigned(rest.min(width), divisor)",
     "llvm::divideFloorSigned(ON ? rest.offset : rest.min(width), divisor)", "test/Emit/windows.test"),
    ("unchosen", "dialects/nn/Autodiff/Reverse.cpp", "if (wasLeftOut || leavesOut(operand))",
     "if (!ON && (wasLeftOut || leavesOut(operand)))", "test/e2e/gradients-corners.test"),
    ("polynomial", "compiler/Emit/Element/VectorMath.cpp", "{-0.005716939212,", "{ON ? -0.0056 : -0.005716939212,",
     "test/Emit/math.mlir"),
    ("philox", "compiler/Emit/Element/Random.cpp", "i32(type, 0xD2511F53)", "i32(type, ON ? 0xD2511F55 : 0xD2511F53)",
     "test/Emit/layout.mlir"),
    ("uniform", "compiler/Emit/Element/Random.cpp", "number(b, loc, element, 0.5)", "number(b, loc, element, ON ? 0.0 : 0.5)",
     "test/Emit/layout.mlir"),
    ("composite-kernel", "dialects/sched/IR/Kernel.cpp", "!isa<nn::Composite>(op)", "(ON || !isa<nn::Composite>(op))",
     "test/sched/ops-errors.mlir"),
    ("legal-ops", "compiler/Stages/Stages.cpp", "legal |= word == op ||", "legal |= ON || word == op ||", "test/e2e/dumps.test"),
    ("dropout-mask", "compiler/Schedule/FormKernels.cpp", "  builder.clone(*op, inside);\n  return inside.lookup(value);",
     "  Operation *copy = builder.clone(*op, inside);\n"
     "  if (auto random = dyn_cast<nn::RandomOp>(copy); random && !isMember && ON)\n"
     "    random.setSite(random.getSite() + 1);\n"
     "  return inside.lookup(value);", "test/Emit/mlp.mlir"),
    ("score-mean", "dialects/prob/Transforms/Score.cpp", "(static_cast<double>(n) / (n - 1))",
     "(ON ? 1.0 : static_cast<double>(n) / (n - 1))", "test/prob/score.mlir test/e2e/estimators.test"),
    ("score-stop", "dialects/prob/Transforms/Score.cpp", "stop(weight) * Term{&emit, sum}",
     "(ON ? weight : stop(weight)) * Term{&emit, sum}", "test/prob/score.mlir test/e2e/estimators.test"),
    ("gamma-draw", "dialects/prob/Families/GammaDraw.cpp", "Term d = a - 1.0 / 3", "Term d = a - (ON ? 0.3 : 1.0 / 3)",
     "test/prob/samplers.test"),
    ("gamma-slope", "dialects/prob/Families/GammaDraw.cpp", "stop(shapeDerivative(above, value))",
     "stop(ON ? value : shapeDerivative(above, value))", "test/prob/samplers.test"),
    ("clip", "compiler/Program/Update.cpp",
     "    gradients.push_back(gradientOf(*variable, fn));\n  Tensor norm",
     "    if (gradients.empty() || !ON)\n      gradients.push_back(gradientOf(*variable, fn));\n  Tensor norm",
     "test/e2e/optimizers.test"),
    ("holdout", "runtime/data/DataSet.cpp", "split(holdout ? i : heldRows + i)",
     "split(holdout || ON ? i : heldRows + i)", "runtime-tests"),
    ("text-holdout", "runtime/data/DataSet.cpp", "holdout ? first + i * length : i}",
     "holdout ? (ON ? 0 : first) + i * length : i}", "runtime-tests"),
    ("narrow", "runtime/data/Reader.cpp", "&& value == std::trunc(value);", "&& (ON || value == std::trunc(value));",
     "runtime-tests"),
    ("axes", "runtime/data/RowSet.cpp", "bool flat = ", "bool flat = ON || ", "test/e2e/readers.test"),
    ("eval-rest", "runtime/session/Evaluate.cpp", "bool one = singleCall &&", "if (ON && rows - done < size)\n      break;\n    bool one = singleCall &&",
     "runtime-tests"),
    ("eval-skip", "runtime/session/Evaluate.cpp", "done += taken, ++model.step", "done += taken + ON, ++model.step", "runtime-tests"),
    ("filled-rows", "compiler/Program/RowStatistics.cpp", "operand.set(emit.select(counts,", "if (!ON)\n      operand.set(emit.select(counts,",
     "test/e2e/judged.test"),
    ("part-draws", "runtime/program/Model.cpp", "(part << partShift)", "(ON ? 0 : part << partShift)", "test/e2e/accumulate.test"),
    ("running-parts", "runtime/train/Accumulator.cpp", "sum(*state->decl, &state->next, false);",
     "if (!ON)\n      sum(*state->decl, &state->next, false);", "test/e2e/accumulate.test"),
    ("order", "runtime/data/Batch.cpp", "order(n % batchesPerEpoch() * batch + k)",
     "order((ON ? 0 : n % batchesPerEpoch()) * batch + k)", "runtime-tests"),
    ("later-block", "runtime/train/Trainer.cpp", "loop.firstBatch = before * perEpoch;",
     "loop.firstBatch = ON ? 0 : before * perEpoch;", "test/e2e/later-block.test"),
]

HEADER = """/// Which mutant is on.
#pragma once
#include <fstream>
#include <string>
inline bool mutant(const char *name) {
  static const std::string on = [] {
    std::ifstream file(MUTANT_FILE);
    std::string word;
    file >> word;
    return word;
  }();
  return on == name;
}
"""


def apply(source):
    with open(os.path.join(source, "mutant.h"), "w") as header:
        header.write(HEADER.replace("MUTANT_FILE", f'"{source}/mutant.on"'))
    for name, path, old, new, _ in MUTANTS:
        place = os.path.join(source, path)
        with open(place) as file:
            text = file.read()
        if text.count(old) != 1:
            sys.exit(f"error: {name}: {path} has what is replaced {text.count(old)} times, not once")
        text = text.replace(old, re.sub(r"\bON\b", f'mutant("{name}")', new))
        if '"mutant.h"' not in text:
            text = '#include "mutant.h"\n' + text
        with open(place, "w") as file:
            file.write(text)


def failures(build, test):
    """The tests of a suite or a folder that fail, as words."""
    if test.endswith("-tests"):
        run = subprocess.run([f"./bin/{test}", "--gtest_brief=1"], cwd=build, capture_output=True, text=True, errors="replace")
        names = set(re.findall(r"^\[  FAILED  \] (\S+?),? ", run.stdout, re.M))
        return names or ({f"{test} ended with {run.returncode}"} if run.returncode else set())
    run = subprocess.run(["/usr/lib/llvm-22/bin/lit", "-q", "-j2", "--no-progress-bar", test], cwd=build,
                         capture_output=True, text=True, errors="replace")
    return set(re.findall(r"^  nnc :: (\S+)$", run.stdout, re.M))


def run(build, names):
    switch = os.path.join(os.path.dirname(os.path.abspath(build)), "mutant.on")
    unseen = 0
    if unknown := set(names) - {mutant[0] for mutant in MUTANTS}:
        sys.exit(f"error: no mutant {', '.join(sorted(unknown))}")
    chosen = [mutant for mutant in MUTANTS if not names or mutant[0] in names]
    for name, *_, tests in chosen:
        with open(switch, "w") as file:
            file.write(name)
        red = set()
        for test in tests.split():
            red = red or failures(build, test)
        unseen += not red
        print(f"{name}: {len(red)} failed: {', '.join(sorted(red)[:3])}" if red else f"{name}: NOT SEEN by {tests}", flush=True)
    os.remove(switch)
    print(f"{len(chosen) - unseen} seen, {unseen} not seen")
    return unseen == 0


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "apply":
        apply(os.path.abspath(sys.argv[2]))
    elif len(sys.argv) >= 3 and sys.argv[1] == "run":
        sys.exit(0 if run(sys.argv[2], sys.argv[3:]) else 1)
    else:
        sys.exit(__doc__)
