/// Every derivative rule against central differences on the reference evaluator, first and second
/// order.
#include "test/nn/GradientCases.h"
#include "test/nn/Interpreter.h"

#include "dialects/InitAllDialects.h"
#include "dialects/learn/Transforms/Passes.h"
#include "dialects/nn/Build/Emit.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace mlir;

namespace nnc::test {
namespace {

/// A scalar of any tensor whose first and second derivatives are all different: sum(y^2 / 2 + y
/// cos(index)).
Value scalarOf(nn::Emit &emit, Value y) {
  auto type = nn::tensorOf(y);
  nn::Term value{&emit, y}, result = 0.5 * (value * value);
  if (type.getRank() > 0) {
    Value flat = emit.iota({type.getNumElements()}, 0);
    nn::Term index{&emit, emit.reshape(emit.cast(flat, type.getElementType()), type.getShape())};
    result = result + value * nn::apply<nn::CosOp>(index);
  }
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  return emit.sum(result, axes);
}

/// A differentiated function: returns the scalar whose gradient was taken, then the gradients.
class Differentiated {
public:
  Differentiated(const GradientCase &which, int order) : which(which) {
    DialectRegistry registry;
    registerNNCDialects(registry);
    registry.insert<func::FuncDialect>();
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    std::string text = "func.func @f(" + which.arguments + ") -> " + which.result + " {\n" +
                       which.body + "\nreturn %y : " + which.result + "\n}";
    module = parseSourceString<ModuleOp>(text, ParserConfig(&context));
    if (module && succeeded(takeGradients(order)))
      isValid = true;
  }

  bool valid() const { return isValid; }
  func::FuncOp function() { return *module->getOps<func::FuncOp>().begin(); }
  /// Writes the ops that stand in outermost derivatives with simpler ones; how many there were.
  int decomposeTerminal() {
    SmallVector<nn::Differentiable> ops;
    function().walk([&](nn::Differentiable op) {
      if (op.isTerminalGradient())
        ops.push_back(op);
    });
    for (nn::Differentiable op : ops) {
      OpBuilder builder(op);
      SmallVector<Value> results;
      cast<nn::Composite>(*op).decompose(builder, results);
      op->replaceAllUsesWith(results);
      op->erase();
    }
    return int(ops.size());
  }
  FailureOr<std::vector<Tensor>> operator()(ArrayRef<Tensor> arguments) {
    return evaluate(function().getBody().front(), arguments);
  }

private:
  LogicalResult takeGradients(int order) {
    Block &block = function().getBody().front();
    Operation *terminator = block.getTerminator();
    OpBuilder builder(terminator);
    nn::Emit emit(builder, function().getLoc());
    SmallVector<Value> results(terminator->getOperands());
    for (int k = 0; k < order; ++k) {
      Value loss = scalarOf(emit, results.back());
      if (k > 0) {
        loss = scalarOf(emit, results[1]);
        for (Value gradient : ArrayRef<Value>(results).drop_front(2))
          loss = emit.add(loss, scalarOf(emit, gradient));
      }
      auto gradient =
          learn::GradientOp::create(builder, emit.loc, loss, ValueRange(block.getArguments()));
      results.assign(1, loss);
      llvm::append_range(results, gradient.getResults());
    }
    func::ReturnOp::create(builder, emit.loc, results);
    terminator->erase();
    function().setFunctionType(
        FunctionType::get(&context, block.getArgumentTypes(), ValueRange(results).getTypes()));
    PassManager manager(&context);
    manager.addNestedPass<func::FuncOp>(learn::createDifferentiate());
    return manager.run(*module);
  }

  GradientCase which;
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  bool isValid = false;
};

/// Numbers of the case's range that differ from each other and repeat on every run.
std::vector<Tensor> argumentsOf(func::FuncOp function, const GradientCase &which) {
  std::vector<Tensor> arguments;
  int64_t count = 0;
  for (Type type : function.getArgumentTypes()) {
    Tensor &argument = arguments.emplace_back(type);
    for (double &x : argument.data) {
      double fraction = std::fmod(0.61803398875 * ++count, 1.0);
      x = which.low + (which.high - which.low) * fraction;
    }
  }
  return arguments;
}

void check(const GradientCase &which, int order) {
  Differentiated differentiated(which, order);
  ASSERT_TRUE(differentiated.valid()) << which.name;
  std::vector<Tensor> arguments = argumentsOf(differentiated.function(), which);
  auto at = differentiated(arguments);
  ASSERT_TRUE(succeeded(at)) << which.name;
  const double step = 1e-5;
  for (size_t k = 0; k < arguments.size(); ++k)
    for (size_t e = 0; e < arguments[k].data.size(); ++e) {
      auto lossAt = [&](double shift) {
        std::vector<Tensor> moved = arguments;
        moved[k].data[e] += shift;
        return (*differentiated(moved))[0].data[0];
      };
      double expected = (lossAt(step) - lossAt(-step)) / (2 * step), actual = (*at)[k + 1].data[e];
      ASSERT_NEAR(actual, expected, 2e-6 * (1 + std::abs(expected)))
          << which.name << ": order " << order << ", argument " << k << ", element " << e;
    }
}

class Gradient : public ::testing::TestWithParam<GradientCase> {};

TEST_P(Gradient, FirstOrder) { check(GetParam(), 1); }
TEST_P(Gradient, SecondOrder) { check(GetParam(), 2); }

/// An op made by a derivative and the ops that it stands for.
TEST(TerminalGradient, Decomposed) {
  int checked = 0;
  for (const GradientCase &which : gradientCases()) {
    if (!StringRef(which.name).starts_with("attention"))
      continue;
    Differentiated differentiated(which, 1);
    ASSERT_TRUE(differentiated.valid()) << which.name;
    std::vector<Tensor> arguments = argumentsOf(differentiated.function(), which);
    auto expected = differentiated(arguments);
    if (!differentiated.decomposeTerminal())
      continue; // Its derivative is that of the spelled-out form.
    ASSERT_TRUE(succeeded(verify(differentiated.function()))) << which.name;
    auto actual = differentiated(arguments);
    ASSERT_TRUE(succeeded(expected) && succeeded(actual)) << which.name;
    for (size_t k = 0; k < expected->size(); ++k)
      for (size_t e = 0; e < (*expected)[k].data.size(); ++e)
        ASSERT_NEAR((*actual)[k].data[e], (*expected)[k].data[e], 1e-12)
            << which.name << ": result " << k << ", element " << e;
    ++checked;
  }
  EXPECT_EQ(checked, 5);
}

INSTANTIATE_TEST_SUITE_P(Rules, Gradient, ::testing::ValuesIn(gradientCases()),
                         [](const auto &info) { return info.param.name; });

} // namespace
} // namespace nnc::test
