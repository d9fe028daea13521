/// What ops say about themselves (axes, memory, linearity, slopes, batches) against what the
/// reference evaluator makes of them.
#include "test/nn/Interpreter.h"

#include "dialects/InitAllDialects.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringSet.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace mlir;

namespace nnc::test {
namespace {

/// An op on small shapes.
struct OpCase {
  const char *arguments, *op;
};

constexpr const char *unaries[] = {"neg",     "abs",      "exp",  "expm1",        "log",   "log1p",
                                   "sqrt",    "rsqrt",    "tanh", "sin",          "cos",   "erf",
                                   "sigmoid", "softplus", "sign", "floor",        "round", "log2",
                                   "sinh",    "cosh",     "atan", "stop_gradient"};
constexpr const char *binaries[] = {"add", "sub", "mul", "div", "pow", "max", "min"};
constexpr const char *logicals[] = {"and", "or", "xor"};

constexpr OpCase others[] = {
    {"%a: tensor<4x3xi32>, %b: tensor<4x3xi32>", "nn.floordiv %a, %b : tensor<4x3xi32>"},
    {"%a: tensor<4x3xi32>, %b: tensor<4x3xi32>", "nn.mod %a, %b : tensor<4x3xi32>"},
    {"%a: tensor<4x3xi1>", "nn.not %a : tensor<4x3xi1>"},
    {"%a: tensor<4x3xf64>, %b: tensor<4x3xf64>", "nn.compare lt %a, %b : tensor<4x3xf64>"},
    {"%c: tensor<4x3xi1>, %a: tensor<4x3xf64>, %b: tensor<4x3xf64>",
     "nn.select %c, %a, %b : tensor<4x3xi1>, tensor<4x3xf64>"},
    {"%a: tensor<4x3xf32>", "nn.cast %a : tensor<4x3xf32> to tensor<4x3xf64>"},
    {"%a: tensor<4x3xi32>", "nn.cast %a : tensor<4x3xi32> to tensor<4x3xf64>"},
    {"", "nn.constant dense<2.0> : tensor<4x3xf64>"},
    {"", "nn.iota 1 : tensor<4x3xi32>"},
    {"%a: tensor<3x2xf64>", "nn.broadcast %a [1, 3] : tensor<3x2xf64> to tensor<4x3x5x2xf64>"},
    {"%a: tensor<4x6xf64>", "nn.reshape %a : tensor<4x6xf64> to tensor<4x2x3xf64>"},
    {"%a: tensor<4x2x3xf64>", "nn.reshape %a : tensor<4x2x3xf64> to tensor<8x3x1xf64>"},
    {"%a: tensor<2x3x4xf64>", "nn.transpose %a [2, 0, 1] : tensor<2x3x4xf64>"},
    {"%a: tensor<4x3xf64>", "nn.reverse %a [1] : tensor<4x3xf64>"},
    {"%a: tensor<4x8xf64>", "nn.slice %a [0, 1] [1, 3] : tensor<4x8xf64> to tensor<4x2xf64>"},
    {"%a: tensor<4x3x2xf64>",
     "nn.pad %a [1, 0, 0] [0, 2, 0] [0, 1, 0] value 2.0 : tensor<4x3x2xf64>"},
    {"%a: tensor<4x3xf64>, %b: tensor<4x2xf64>",
     "nn.concat %a, %b axis 1 : tensor<4x3xf64>, tensor<4x2xf64>"},
    {"%a: tensor<2x4x3xf64>, %t: tensor<i32>", "nn.at %a, %t axis 1 : tensor<2x4x3xf64>"},
    {"%a: tensor<2x4x3xf64>, %t: tensor<i32>, %p: tensor<2x3xf64>",
     "nn.put %a, %t, %p axis 1 : tensor<2x4x3xf64>, tensor<2x3xf64>"},
    {"%a: tensor<2x4x3xf64>, %i: tensor<5x2xi32>",
     "nn.gather %a, %i axis 1 : tensor<2x4x3xf64>, tensor<5x2xi32>"},
    {"%a: tensor<2x3x5xf64>, %i: tensor<3xi32>",
     "nn.scatter_add %a, %i axis 1 : tensor<2x3x5xf64>, tensor<3xi32> to tensor<2x4x5xf64>"},
    {"%a: tensor<2x5x7xf64>",
     "nn.window %a axes [1, 2] sizes [3, 3] strides [1, 2] : tensor<2x5x7xf64>"},
    {"%a: tensor<2x3x3xf64>",
     "nn.unwindow %a axes [1] sizes [3] strides [2] : tensor<2x3x3xf64> to tensor<2x7xf64>"},
    {"%a: tensor<3x4x2xf64>", "nn.reduce sum %a [0, 2] : tensor<3x4x2xf64>"},
    {"%a: tensor<3x4x2xf64>", "nn.reduce prod %a [1] : tensor<3x4x2xf64>"},
    {"%a: tensor<3x4x2xf64>", "nn.reduce max %a [2] : tensor<3x4x2xf64>"},
    {"%a: tensor<3x4x2xf64>", "nn.argmax %a axis 1 : tensor<3x4x2xf64>"},
    {"%a: tensor<4x3xf64>", "nn.cumulative sum %a axis 0 : tensor<4x3xf64>"},
    {"%a: tensor<4x3xf64>", "nn.cumulative prod %a axis 0 reverse : tensor<4x3xf64>"},
    {"%a: tensor<3x2x6xf64>", "nn.top_k %a 2 : tensor<3x2x6xf64>"},
    {"%a: tensor<4x3x2xf64>", "nn.softmax %a axis 1 : tensor<4x3x2xf64>"},
    {"%a: tensor<4x3x2xf64>", "nn.log_softmax %a axis 1 : tensor<4x3x2xf64>"},
    {"%a: tensor<4x3x2xf64>", "nn.logsumexp %a axis 1 : tensor<4x3x2xf64>"},
    {"%a: tensor<3x2x5xf64>, %l: tensor<3x2xi32>",
     "nn.cross_entropy %a, %l : tensor<3x2x5xf64>, tensor<3x2xi32>"},
    {"%a: tensor<2x3x4xf64>, %b: tensor<4x2x5xf64>",
     "nn.contract %a [5, 0, 2], %b [2, 5, 7] -> [7, 0, 5] : tensor<2x3x4xf64>, tensor<4x2x5xf64>"},
    {"%q: tensor<2x3x4xf64>, %k: tensor<2x5x4xf64>, %v: tensor<2x5x6xf64>",
     "nn.attention %q, %k, %v scale 0.5 causal : (tensor<2x3x4xf64>, tensor<2x5x4xf64>, "
     "tensor<2x5x6xf64>) -> (tensor<2x3x6xf64>, tensor<2x3xf64>)"},
    {"%q: tensor<2x3x4xf64>, %k: tensor<2x5x4xf64>, %v: tensor<2x5x6xf64>, %y: tensor<2x3x6xf64>, "
     "%l: tensor<2x3xf64>, %d: tensor<2x3x6xf64>",
     "nn.attention_grad %q, %k, %v, %y, %l, %d scale 0.5 : (tensor<2x3x4xf64>, tensor<2x5x4xf64>, "
     "tensor<2x5x6xf64>, tensor<2x3x6xf64>, tensor<2x3xf64>, tensor<2x3x6xf64>) -> "
     "(tensor<2x3x4xf64>, tensor<2x5x4xf64>, tensor<2x5x6xf64>)"},
    {"%s: tensor<i64>, %t: tensor<i64>, %u: tensor<i32>",
     "nn.random uniform site 42 (%s, %t, %u) : tensor<4x3xf64>"},
};

double differ(Type type, double x) {
  Type element = getElementTypeOrSelf(type);
  if (element.isInteger(1))
    return 1 - x;
  return isa<FloatType>(element) ? x + 0.37 : std::fmod(x, 3) + 1;
}

bool isReal(Type type) { return isa<FloatType>(getElementTypeOrSelf(type)); }

/// Elements that differ from each other; whole numbers from 1 to 3, which index every axis.
std::vector<Tensor> valuesOf(TypeRange types, int64_t count = 0) {
  std::vector<Tensor> values;
  for (Type type : types) {
    Tensor &value = values.emplace_back(type);
    for (double &x : value.data) {
      ++count;
      if (isReal(type))
        x = 3.4 * std::fmod(0.61803398875 * double(count), 1.0) - 1.7;
      else
        x = getElementTypeOrSelf(type).isInteger(1) ? double(count % 2) : double(1 + count % 3);
    }
  }
  return values;
}

bool areEqual(double x, double y) {
  return x == y || (std::isnan(x) && std::isnan(y)) || std::abs(x - y) < 1e-9 * (1 + std::abs(x));
}
bool areEqual(const Tensor &x, const Tensor &y) {
  return x.shape == y.shape && llvm::all_of(llvm::zip_equal(x.data, y.data), [](auto pair) {
           return areEqual(std::get<0>(pair), std::get<1>(pair));
         });
}

/// Piece i along an axis.
Tensor pieceOf(const Tensor &x, int64_t axis, int64_t i) {
  std::vector<int64_t> shape(x.shape);
  shape.erase(shape.begin() + axis);
  Tensor piece{ArrayRef<int64_t>(shape)};
  forEachIndex(shape, [&](ArrayRef<int64_t> at) {
    SmallVector<int64_t> whole(at);
    whole.insert(whole.begin() + axis, i);
    piece[at] = x[whole];
  });
  return piece;
}

/// A function of one op, which returns its results.
class OpFacts : public ::testing::TestWithParam<int> {
public:
  static std::vector<std::pair<std::string, std::string>> cases() {
    std::vector<std::pair<std::string, std::string>> all;
    std::string real = "tensor<4x3xf64>", truth = "tensor<4x3xi1>";
    for (std::string name : unaries)
      all.push_back({"%a: " + real, "nn." + name + " %a : " + real});
    for (std::string name : binaries)
      all.push_back({"%a: " + real + ", %b: " + real, "nn." + name + " %a, %b : " + real});
    for (std::string name : logicals)
      all.push_back({"%a: " + truth + ", %b: " + truth, "nn." + name + " %a, %b : " + truth});
    for (const OpCase &each : others)
      all.push_back({each.arguments, each.op});
    return all;
  }

protected:
  void SetUp() override {
    DialectRegistry registry;
    registerNNCDialects(registry);
    registry.insert<func::FuncDialect>();
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    auto [arguments, text] = cases()[GetParam()];
    std::string results =
        StringRef(text).starts_with("nn.top_k") || StringRef(text).starts_with("nn.attention ")
            ? "%r:2"
        : StringRef(text).starts_with("nn.attention_grad") ? "%r:3"
                                                           : "%r";
    std::string source =
        "func.func @f(" + arguments + ") {\n  " + results + " = " + text + "\n  return\n}";
    module = parseSourceString<ModuleOp>(source, ParserConfig(&context));
    ASSERT_TRUE(module) << source;
    Block &body = function().front();
    op = &body.front();
    OpBuilder builder(body.getTerminator());
    finish(body, op->getResults());
    values = valuesOf(op->getOperandTypes());
  }

  func::FuncOp function() { return *module->getOps<func::FuncOp>().begin(); }
  /// Makes a block return values.
  static void finish(Block &block, ValueRange values) {
    block.getTerminator()->setOperands(values);
  }
  std::vector<Tensor> run(ArrayRef<Tensor> in) {
    auto out = evaluate(function().front(), in);
    EXPECT_TRUE(succeeded(out)) << text();
    return succeeded(out) ? *out : std::vector<Tensor>();
  }
  std::string text() {
    std::string result;
    llvm::raw_string_ostream(result) << *op;
    return result;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  Operation *op = nullptr;
  std::vector<Tensor> values;
};

/// True if changes of pieces along an axis of an operand change only the pieces at the same index
/// along an axis of a result.
bool staysApart(llvm::function_ref<std::vector<Tensor>(ArrayRef<Tensor>)> run, Operation *op,
                ArrayRef<Tensor> arguments, unsigned operand, int64_t axis, unsigned result,
                int64_t to) {
  Type type = op->getOperand(operand).getType();
  int64_t size = cast<ShapedType>(type).getDimSize(axis);
  if (cast<ShapedType>(op->getResult(result).getType()).getDimSize(to) != size)
    return false;
  Tensor before = run(arguments)[result];
  for (int64_t i = 0; i < size; ++i) {
    std::vector<Tensor> changed(arguments);
    forEachIndex(changed[operand].shape, [&](ArrayRef<int64_t> at) {
      if (at[axis] == i)
        changed[operand][at] = differ(type, changed[operand][at]);
    });
    Tensor after = run(changed)[result];
    for (int64_t other = 0; other < size; ++other)
      if (other != i && !areEqual(pieceOf(before, to, other), pieceOf(after, to, other)))
        return false;
  }
  return true;
}

/// Where an axis goes is where its pieces go; where it goes nowhere, no axis of the results has
/// them.
TEST_P(OpFacts, Axes) {
  auto runOp = [&](ArrayRef<Tensor> in) { return run(in); };
  for (OpOperand &operand : op->getOpOperands())
    for (int64_t axis = 0; axis < nn::tensorOf(operand.get()).getRank(); ++axis)
      for (OpResult result : op->getResults()) {
        unsigned k = operand.getOperandNumber(), r = result.getResultNumber();
        auto to = nn::followAxis(operand, result, axis);
        if (to) {
          ASSERT_LT(*to, nn::tensorOf(result).getRank());
          EXPECT_TRUE(staysApart(runOp, op, values, k, axis, r, *to))
              << text() << ": operand " << k << ", axis " << axis << " to " << *to;
          continue;
        }
        // What an attention and a scatter know of rows is less than there is; a put treats one
        // piece otherwise.
        if (isa<nn::AttentionOp, nn::AttentionGradOp, nn::ScatterAddOp, nn::PutOp>(op))
          continue;
        for (int64_t other = 0; other < nn::tensorOf(result).getRank(); ++other)
          EXPECT_FALSE(staysApart(runOp, op, values, k, axis, r, other))
              << text() << ": operand " << k << ", axis " << axis << " goes to " << other;
      }
}

/// The elements of a view are those of operand 0 that its layout names.
TEST_P(OpFacts, View) {
  auto view = dyn_cast<nn::StridedView>(op);
  if (!view)
    return;
  nn::Layout layout = nn::Layout::rowMajor(values[0].shape);
  ASSERT_TRUE(view.view(layout)) << text();
  int64_t offset = layout.offset;
  for (const nn::Layout::RunTimeIndex &each : layout.indices) {
    unsigned k = llvm::find(op->getOperands(), each.index) - op->operand_begin();
    EXPECT_LT(values[k].data[0], double(each.size));
    offset += each.stride * int64_t(values[k].data[0]);
  }
  Tensor result = run(values)[0];
  forEachIndex(result.shape, [&](ArrayRef<int64_t> at) {
    int64_t place = offset;
    for (auto [stride, i] : llvm::zip_equal(layout.strides, at))
      place += stride * i;
    ASSERT_EQ(result[at], values[0].data[place]) << text();
  });
}

/// All ways to mark some operands, at least one.
SmallVector<SmallVector<bool>> marks(unsigned count) {
  SmallVector<SmallVector<bool>> all;
  for (unsigned bits = 1; bits < 1u << count; ++bits) {
    SmallVector<bool> &marked = all.emplace_back();
    for (unsigned k = 0; k < count; ++k)
      marked.push_back(bits >> k & 1);
  }
  return all;
}

/// An op is linear in marked operands if a change of them has the same effect wherever it begins,
/// and twice the effect if it is twice as large.
TEST_P(OpFacts, Linear) {
  auto linear = dyn_cast<nn::LinearIn>(op);
  if (!linear)
    return;
  std::vector<Tensor> elsewhere = valuesOf(op->getOperandTypes(), 1000),
                      change = valuesOf(op->getOperandTypes(), 2000);
  for (const SmallVector<bool> &marked : marks(op->getNumOperands())) {
    auto isWhole = [&](unsigned k) { return marked[k] && !isReal(op->getOperand(k).getType()); };
    if (llvm::any_of(llvm::seq(op->getNumOperands()), isWhole)) {
      EXPECT_FALSE(linear.isLinearIn(marked)) << text();
      continue;
    }
    auto effect = [&](ArrayRef<Tensor> at, double factor) {
      std::vector<Tensor> from(values), to(values);
      for (unsigned k = 0; k < op->getNumOperands(); ++k)
        for (size_t e = 0; marked[k] && e < from[k].data.size(); ++e) {
          from[k].data[e] = at[k].data[e];
          to[k].data[e] = at[k].data[e] + factor * change[k].data[e];
        }
      std::vector<Tensor> before = run(from), after = run(to);
      for (auto [x, y] : llvm::zip_equal(before, after))
        for (size_t e = 0; e < x.data.size(); ++e)
          y.data[e] = (y.data[e] - x.data[e]) / factor;
      return after;
    };
    std::vector<Tensor> one = effect(values, 1), two = effect(values, 2),
                        other = effect(elsewhere, 1);
    bool isLinear = true;
    for (size_t r = 0; r < one.size(); ++r)
      isLinear &= areEqual(one[r], two[r]) && areEqual(one[r], other[r]) &&
                  llvm::none_of(one[r].data, [](double x) { return std::isnan(x); });
    bool says = linear.isLinearIn(marked);
    EXPECT_TRUE(!says || isLinear) << text();
    if (!isa<nn::AttentionGradOp>(op)) // It is linear in dy, which nobody asks.
      EXPECT_EQ(says, isLinear) << text();
  }
}

/// Elementwise ops whose slopes are ordinary have ordinary results of ordinary numbers; a root has
/// no infinite ones.
TEST_P(OpFacts, Slope) {
  auto sloped = dyn_cast<nn::Sloped>(op);
  if (!sloped || !op->hasTrait<nn::ElementwiseMap>() || !isReal(op->getOperand(0).getType()))
    return;
  bool anyInfinite = false, anyUndefined = false;
  for (double x : {-1000.0, -1.7, -1.0, 0.0, 1.0, 1.7, 1000.0})
    for (double y : {-1000.0, -1.5, 0.0, 1.5, 1000.0}) {
      std::vector<Tensor> in(values);
      in[0].data.assign(in[0].data.size(), x);
      if (in.size() == 2)
        in[1].data.assign(in[1].data.size(), y);
      double result = run(in)[0].data[0];
      anyInfinite |= std::isinf(result);
      anyUndefined |= std::isnan(result);
    }
  nn::Slope slope = sloped.getSlope();
  EXPECT_EQ(slope == nn::Slope::infinite, anyInfinite) << text();
  EXPECT_EQ(slope == nn::Slope::infinite || slope == nn::Slope::root, anyInfinite || anyUndefined)
      << text();
}

/// Values of iterations: the arguments of a function, stacked or not.
class Arguments : public nn::Batch {
public:
  Arguments(OpBuilder &builder, int64_t length, Operation *op, Block &block,
            ArrayRef<bool> isStacked)
      : Batch(builder, length) {
    for (auto [k, operand] : llvm::enumerate(op->getOperands()))
      (isStacked[k] ? stacks : singles)[operand] = block.getArgument(k);
  }
  bool isInvariant(Value value) const override { return singles.contains(value); }
  Value invariant(Value value) const override { return singles.lookup(value); }
  Value stacked(Value value) override {
    if (Value known = stacks.lookup(value))
      return known;
    SmallVector<int64_t> axes;
    for (int64_t k = 0; k < nn::tensorOf(value).getRank(); ++k)
      axes.push_back(k + 1);
    return nn::BroadcastOp::create(builder, value.getLoc(),
                                   nn::stackedType(value.getType(), length), singles[value], axes);
  }

private:
  DenseMap<Value, Value> stacks, singles;
};

/// A batch is what the iterations give one by one.
TEST_P(OpFacts, Batch) {
  constexpr int64_t length = 3;
  auto batchable = dyn_cast<nn::Batchable>(op);
  if (!batchable)
    return;
  int tried = 0;
  for (const SmallVector<bool> &varies : marks(op->getNumOperands())) {
    if (!batchable.canBatch(varies))
      continue;
    ++tried;
    SmallVector<Type> types;
    for (auto [type, isStacked] : llvm::zip_equal(op->getOperandTypes(), varies))
      types.push_back(isStacked ? nn::stackedType(type, length) : type);
    OpBuilder builder(&context);
    builder.setInsertionPointToEnd(module->getBody());
    auto whole = func::FuncOp::create(builder, op->getLoc(), "batch",
                                      FunctionType::get(&context, types, {}));
    Block &block = *whole.addEntryBlock();
    builder.setInsertionPointToEnd(&block);
    Arguments batch(builder, length, op, block, varies);
    SmallVector<Value> results = batchable.batch(batch);
    func::ReturnOp::create(builder, op->getLoc(), results);
    whole.setFunctionType(FunctionType::get(&context, types, ValueRange(results).getTypes()));
    ASSERT_TRUE(succeeded(verify(whole))) << text();
    std::vector<Tensor> in = valuesOf(types, 100);
    auto out = evaluate(block, in);
    ASSERT_TRUE(succeeded(out)) << text();
    for (int64_t t = 0; t < length; ++t) {
      std::vector<Tensor> one(in);
      for (unsigned k = 0; k < one.size(); ++k)
        if (varies[k])
          one[k] = pieceOf(in[k], 0, t);
      for (auto [all, expected] : llvm::zip_equal(*out, run(one)))
        EXPECT_TRUE(areEqual(pieceOf(all, 0, t), expected)) << text();
    }
    whole.erase();
  }
  EXPECT_GT(tried, 0) << text();
}

/// What a composite op is written with gives its results.
TEST_P(OpFacts, Composite) {
  auto composite = dyn_cast<nn::Composite>(op);
  // The operands of a gradient of attention depend on each other: see the tests of gradients.
  if (!composite || isa<nn::AttentionGradOp>(op))
    return;
  std::vector<Tensor> expected = run(values);
  OpBuilder builder(op);
  SmallVector<Value> results;
  composite.decompose(builder, results);
  finish(function().front(), results);
  std::vector<Tensor> actual = run(values);
  ASSERT_EQ(actual.size(), expected.size());
  for (auto [x, y] : llvm::zip_equal(actual, expected))
    EXPECT_TRUE(areEqual(x, y)) << text();
}

/// A function and a sum cost more than arithmetic, and what moves elements nothing.
TEST_P(OpFacts, Operations) {
  auto arithmetic = dyn_cast<nn::Arithmetic>(op);
  ASSERT_TRUE(arithmetic) << text();
  auto cost = nn::costOf(op);
  ASSERT_TRUE(cost) << text();
  bool moves =
      isa<nn::StridedView>(op) || isa<nn::PadOp, nn::ConcatOp, nn::GatherOp, nn::PutOp,
                                      nn::ConstantOp, nn::IotaOp, nn::CastOp, nn::RandomOp>(op);
  EXPECT_EQ(arithmetic.countOperations() == 0, moves) << text();
  if (isa<nn::StridedView>(op))
    EXPECT_EQ(*cost, nn::Cost::free) << text();
  // Vectors, masks and biases are read where they are needed.
  auto reader = dyn_cast<nn::StridedReader>(op);
  bool isProduct = isa<nn::ContractOp, nn::AttentionOp, nn::AttentionGradOp>(op);
  ASSERT_EQ(bool(reader), isProduct) << text();
  if (reader) {
    unsigned expected = isa<nn::ContractOp>(op) ? 2 : isa<nn::AttentionOp>(op) ? 3 : 6;
    EXPECT_EQ(reader.countMatrices(), expected) << text();
  }
  if (isa<nn::ContractOp>(op))
    EXPECT_EQ(arithmetic.countOperations(), 2 * 2 * 3 * 4 * 5);
  if (isa<nn::AttentionOp>(op)) // half of two products for each group
    EXPECT_EQ(arithmetic.countOperations(), 2 * 2 * (3 * 5 * 4));
}

INSTANTIATE_TEST_SUITE_P(Ops, OpFacts, ::testing::Range(0, int(OpFacts::cases().size())));

TEST(OpFactsCases, AreAllOps) {
  MLIRContext context;
  DialectRegistry registry;
  registerNNCDialects(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
  llvm::StringSet<> tested;
  for (auto &[arguments, text] : OpFacts::cases())
    tested.insert(text.substr(0, text.find(' ')));
  for (RegisteredOperationName name : context.getRegisteredOperations())
    if (name.getDialectNamespace() == "nn" && name.hasInterface<nn::Arithmetic>())
      EXPECT_TRUE(tested.contains(name.getStringRef())) << name.getStringRef().str();
}

} // namespace
} // namespace nnc::test
