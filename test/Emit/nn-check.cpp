/// nn-check FILE [options]: runs every function of a module of nn ops on random inputs, compiled
/// and by the reference, and prints for each result the largest difference.
///   --cpu NAME, --no-pass NAME, --show STAGE (fused, buffers, loops, llvm), --time
/// Integer arguments are drawn below their `check.bound`, floats from [`check.low`, `check.high`],
/// or with `check.bits` from all numbers of their type: every exponent, infinities, NaN, zeros of
/// both signs, subnormal ones. A result is compared relative to the largest element, or, with
/// `check.units`, each element to so many units in its last place, and zeros by their signs.
/// Subnormal f32 are 0 in the code, as in an executable, and for the reference; with `check.moves`
/// the code may hand them on.
#include "compiler/Buffers/Passes.h"
#include "compiler/Emit/Passes.h"
#include "compiler/Schedule/Passes.h"
#include "compiler/Target/Target.h"
#include "dialects/learn/IR/Interface.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "test/Emit/Jit.h"
#include "test/nn/Interpreter.h"
#include <cfloat>
#include <chrono>
#include <cmath>
#include <immintrin.h>
#include <random>

using namespace mlir;
using namespace nnc;
using test::Tensor;

namespace {

struct Settings {
  Options options;
  std::string file, show;
  bool time = false;
};

double attributeOf(func::FuncOp function, unsigned k, StringRef name, double otherwise) {
  if (auto real = function.getArgAttrOfType<FloatAttr>(k, name))
    return real.getValueAsDouble();
  if (auto whole = function.getArgAttrOfType<IntegerAttr>(k, name))
    return whole.getInt();
  return otherwise;
}

/// One of all f32, the special ones more often.
float anyFloat(std::mt19937 &generator) {
  constexpr float special[] = {0,           -0.0f,        1,           -1,           INFINITY,
                               -INFINITY,   NAN,          FLT_MAX,     -FLT_MAX,     FLT_MIN,
                               -FLT_MIN,    1e-45f,       -1e-45f,     1e-39f,       0.5f,
                               2,           -2,           3,           -3,           1e30f,
                               3.14159274f, 1.57079637f,  88.7228394f, -87.3365479f, 1.00000012f,
                               0.99999994f, -0.99999994f, 16777216,    1e6f,         1.00000006e6f};
  uint32_t word = generator();
  return word % 16 == 0 ? special[generator() % std::size(special)]
                        : llvm::bit_cast<float>(uint32_t(generator()));
}

/// What f32 code reads instead of a subnormal number.
double flushed(double x) { return std::fabs(x) < FLT_MIN ? std::copysign(0.0, x) : x; }

/// The same in the code under test.
struct FlushSubnormals {
  unsigned before = _mm_getcsr();
  FlushSubnormals() { _mm_setcsr(before | 0x8040); }
  ~FlushSubnormals() { _mm_setcsr(before); }
};

Tensor randomTensor(func::FuncOp function, unsigned k, std::mt19937 &generator) {
  auto type = cast<RankedTensorType>(function.getArgument(k).getType());
  Tensor result(type);
  Type element = type.getElementType();
  double low = attributeOf(function, k, "check.low", -1),
         high = attributeOf(function, k, "check.high", 1);
  int64_t bound = attributeOf(function, k, "check.bound", element.isInteger(1) ? 2 : 5);
  bool anyBits = function.getArgAttr(k, "check.bits") && element.isF32();
  for (double &x : result.data)
    if (isa<IntegerType>(element))
      x = generator() % bound;
    else if (anyBits)
      x = anyFloat(generator);
    else
      x = float(low + (high - low) * (generator() / 4294967296.0));
  return result;
}

size_t sizeOf(Type element) {
  return element.isInteger(1) || element.isInteger(8) ? 1 : element.getIntOrFloatBitWidth() / 8;
}

/// A buffer aligned to 64 bytes with guard bytes behind it.
struct Memory {
  size_t bytes;
  std::unique_ptr<char, void (*)(void *)> data;
  explicit Memory(size_t bytes)
      : bytes(bytes),
        data(static_cast<char *>(std::aligned_alloc(64, llvm::alignTo(bytes + 64, 64))),
             std::free) {
    std::memset(data.get(), 0xC5, llvm::alignTo(bytes + 64, 64));
  }
  bool isIntact() const {
    for (size_t k = bytes; k < bytes + 64; ++k)
      if (k < llvm::alignTo(bytes + 64, 64) && (unsigned char)data.get()[k] != 0xC5)
        return false;
    return true;
  }
};

void write(char *to, Type element, const Tensor &from) {
  for (size_t k = 0; k < from.data.size(); ++k)
    if (element.isF32())
      reinterpret_cast<float *>(to)[k] = from.data[k];
    else if (element.isF64())
      reinterpret_cast<double *>(to)[k] = from.data[k];
    else if (element.isInteger(32))
      reinterpret_cast<int32_t *>(to)[k] = from.data[k];
    else if (element.isInteger(64))
      reinterpret_cast<int64_t *>(to)[k] = from.data[k];
    else
      to[k] = from.data[k] != 0;
}

double read(const char *from, Type element, size_t k) {
  if (element.isF32())
    return reinterpret_cast<const float *>(from)[k];
  if (element.isF64())
    return reinterpret_cast<const double *>(from)[k];
  if (element.isInteger(32))
    return reinterpret_cast<const int32_t *>(from)[k];
  if (element.isInteger(64))
    return reinterpret_cast<const int64_t *>(from)[k];
  return from[k];
}

double toleranceOf(Type element) { return element.isF64() ? 1e-9 : element.isF32() ? 2e-4 : 0; }

/// What is known of a function before it is compiled.
struct Case {
  std::string name;
  std::vector<Tensor> inputs, expected;
  std::vector<Type> inputTypes, resultTypes;
  std::vector<unsigned> destinations;
  std::vector<double> units; ///< of each result, 0 without
  bool moves = false;
};

FailureOr<Case> prepare(func::FuncOp function) {
  Case result;
  result.name = function.getName().str();
  result.moves = function->hasAttr("check.moves");
  std::mt19937 generator(7);
  for (unsigned k = 0; k < function.getNumArguments(); ++k) {
    result.inputs.push_back(randomTensor(function, k, generator));
    result.inputTypes.push_back(function.getArgument(k).getType());
  }
  std::vector<Tensor> read = result.inputs;
  for (auto [tensor, type] : llvm::zip_equal(read, result.inputTypes))
    if (getElementTypeOrSelf(type).isF32())
      llvm::transform(tensor.data, tensor.data.begin(), flushed);
  auto expected = test::evaluate(function.front(), read);
  if (failed(expected))
    return failure();
  result.expected = std::move(*expected);
  unsigned next = function.getNumArguments();
  for (unsigned k = 0; k < function.getNumResults(); ++k) {
    result.resultTypes.push_back(function.getResultTypes()[k]);
    auto units = function.getResultAttrOfType<FloatAttr>(k, "check.units");
    result.units.push_back(units ? units.getValueAsDouble() : 0);
    auto mine = learn::resultBinding(function, k);
    unsigned to = next;
    for (unsigned j = 0; mine && j < function.getNumArguments(); ++j)
      if (auto other = learn::argumentBinding(function, j); other && mine->sameSlot(*other))
        to = j;
    next += to == next;
    result.destinations.push_back(to);
  }
  return result;
}

/// The distance between neighbours of an element's type at x.
double unitAt(double x, Type element) {
  if (element.isF64())
    return std::nextafter(std::fabs(x), INFINITY) - std::fabs(x);
  auto size = float(std::fabs(x));
  return std::nextafter(size, INFINITY) - size;
}

/// Units in the last place between two numbers; zeros have to have the same sign.
double unitsBetween(double got, double want, Type element) {
  if (std::isnan(got) || std::isnan(want))
    return std::isnan(got) && std::isnan(want) ? 0 : INFINITY;
  if (element.isF32() && std::fabs(want) < FLT_MIN) {
    if (want != 0 && std::fabs(got) <= FLT_MIN) // Rounded to either side of the limit.
      return 0;
    want = flushed(want);
  }
  if (want == 0)
    return got == 0 && std::signbit(got) == std::signbit(want) ? 0 : INFINITY;
  if (got == want)
    return 0;
  // Infinity takes the place of the next power of two.
  double beyond = element.isF32() ? std::ldexp(1, 128) : INFINITY;
  double finite = std::isinf(got) ? std::copysign(beyond, got) : got;
  double near = std::clamp(want, -beyond, beyond);
  double unit = std::fabs(near) >= FLT_MAX ? std::ldexp(1, 104) : unitAt(near, element);
  return std::fabs(finite - near) / unit;
}

bool compare(const Case &test, unsigned k, const char *memory) {
  Type element = cast<ShapedType>(test.resultTypes[k]).getElementType();
  const Tensor &expected = test.expected[k];
  double worst = 0, scale = 1e-3, limit = toleranceOf(element);
  for (double x : expected.data)
    if (std::isfinite(x))
      scale = std::max(scale, std::fabs(x));
  if (test.units[k] > 0)
    limit = test.units[k];
  size_t where = 0;
  for (size_t i = 0; i < expected.data.size(); ++i) {
    double got = read(memory, element, i), want = expected.data[i];
    bool same = got == want || (std::isnan(got) && std::isnan(want));
    double error = same ? 0 : std::fabs(got - want) / scale;
    if (test.units[k] > 0)
      error = unitsBetween(test.moves ? flushed(got) : got, want, element);
    if (!(error <= worst))
      worst = std::isnan(error) ? INFINITY : error, where = i;
  }
  bool ok = worst <= limit;
  llvm::outs() << test.name << " result " << k << ": " << (ok ? "ok" : "WRONG");
  if (test.units[k] > 0)
    llvm::outs() << llvm::format(", %.2f units", worst);
  if (!ok)
    llvm::outs() << ", element " << where << " is " << read(memory, element, where) << ", not "
                 << expected.data[where];
  llvm::outs() << "\n";
  return ok;
}

bool runCase(const Case &test, Jit &jit, int64_t arenaBytes, const Settings &settings) {
  std::vector<Memory> memories;
  std::vector<void *> buffers;
  auto add = [&](Type type) -> char * {
    auto shaped = cast<ShapedType>(type);
    memories.emplace_back(shaped.getNumElements() * sizeOf(shaped.getElementType()));
    buffers.push_back(memories.back().data.get());
    return memories.back().data.get();
  };
  for (size_t k = 0; k < test.inputs.size(); ++k)
    write(add(test.inputTypes[k]), cast<ShapedType>(test.inputTypes[k]).getElementType(),
          test.inputs[k]);
  for (size_t k = 0; k < test.resultTypes.size(); ++k)
    if (test.destinations[k] >= test.inputs.size())
      add(test.resultTypes[k]);
  Memory arena(arenaBytes);
  bool isF32 =
      llvm::any_of(test.inputTypes, [](Type type) { return getElementTypeOrSelf(type).isF32(); });
  int32_t status;
  {
    std::optional<FlushSubnormals> flush;
    if (isF32)
      flush.emplace();
    status = jit.call(test.name, arena.data.get(), buffers);
  }
  if (status)
    llvm::outs() << test.name << ": assertion " << status << " failed\n";
  bool ok = true;
  for (size_t k = 0; k < test.resultTypes.size(); ++k)
    ok &= compare(test, k, static_cast<char *>(buffers[test.destinations[k]]));
  for (Memory &memory : memories)
    if (!memory.isIntact())
      ok = false, llvm::outs() << test.name << ": wrote past the end of a buffer\n";
  if (!arena.isIntact())
    ok = false, llvm::outs() << test.name << ": wrote past the end of the arena\n";
  if (settings.time) {
    double best = 1e30;
    for (int r = 0; r < 5; ++r) {
      auto start = std::chrono::steady_clock::now();
      jit.call(test.name, arena.data.get(), buffers);
      best = std::min(
          best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    llvm::outs() << test.name << ": " << best * 1e6 << " us, arena " << arenaBytes << " bytes\n";
  }
  return ok;
}

int runFile(const Settings &settings) {
  DialectRegistry registry;
  registry.insert<nn::NNDialect, func::FuncDialect, memref::MemRefDialect, arith::ArithDialect,
                  scf::SCFDialect, cf::ControlFlowDialect, vector::VectorDialect, math::MathDialect,
                  LLVM::LLVMDialect>();
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.allowUnregisteredDialects();
  auto module = parseSourceFile<ModuleOp>(settings.file, &context);
  if (!module)
    return 1;
  std::vector<Case> cases;
  for (auto function : module->getOps<func::FuncOp>()) {
    auto prepared = prepare(function);
    if (failed(prepared))
      return 1;
    cases.push_back(std::move(*prepared));
  }
  auto start = std::chrono::steady_clock::now();
  for (StringRef stage : {"fused", "buffers", "loops"}) {
    PassManager manager(&context);
    if (stage == "fused")
      buildFusedPipeline(manager, settings.options);
    else if (stage == "buffers")
      buildBuffersPipeline(manager, settings.options);
    else
      buildLoopsPipeline(manager, settings.options);
    if (failed(manager.run(*module)))
      return llvm::errs() << "stage " << stage << " failed\n", 1;
    if (settings.show == stage)
      return module->print(llvm::outs()), 0;
  }
  std::map<std::string, int64_t> arenas;
  for (auto function : module->getOps<func::FuncOp>())
    if (auto bytes = learn::arenaBytes(function))
      arenas[function.getName().str()] = *bytes;
  auto middle = std::chrono::steady_clock::now();
  Target target = Target::forCpu(settings.options.cpu);
  auto jit = Jit::create(*module, target.cpu, target.features, settings.show == "llvm");
  if (!jit)
    return llvm::errs() << toString(jit.takeError()) << "\n", 1;
  bool ok = true;
  for (const Case &test : cases)
    ok &= runCase(test, **jit, arenas[test.name], settings);
  if (settings.time) {
    auto seconds = [](auto a, auto b) { return std::chrono::duration<double>(b - a).count(); };
    llvm::outs() << "stages " << seconds(start, middle) << " s, code and runs "
                 << seconds(middle, std::chrono::steady_clock::now()) << " s\n";
  }
  return ok ? 0 : 1;
}

} // namespace

int main(int argc, char **argv) {
  Settings settings;
  for (int k = 1; k < argc; ++k) {
    StringRef argument = argv[k];
    if (argument == "--cpu" && k + 1 < argc)
      settings.options.cpu = argv[++k];
    else if (argument == "--no-pass" && k + 1 < argc && parseOptimisation(argv[k + 1]))
      settings.options.leftOut.insert(*parseOptimisation(argv[++k]));
    else if (argument == "--show" && k + 1 < argc)
      settings.show = argv[++k];
    else if (argument == "--time")
      settings.time = true;
    else
      settings.file = argument.str();
  }
  return runFile(settings);
}
