/// nn-agree [--without=NAME..] FILE...: whether optimisations and derivatives change what
/// programs compute, by the reference evaluator alone. Each FILE is a module of stage nn in f64. It
/// is taken to stage fused without optimisations, with all of them, and with all but one (each,
/// or those named); every function is evaluated on the same inputs, and all results have to agree.
/// Gradients are compared with differences of the loss. Nothing is emitted, so a program takes a
/// second where executables take ten.
#include "compiler/Pipeline/Pipeline.h"
#include "dialects/learn/IR/Learn.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "test/nn/Interpreter.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Format.h"
#include <cmath>
#include <map>
#include <random>

using namespace mlir;
using namespace nnc;
using test::Tensor;

namespace {

/// Compiled in one way.
struct Build {
  std::string name;
  OwningOpRef<ModuleOp> module;
};

using Values = std::map<std::string, Tensor>;

std::string nameOf(std::optional<learn::Binding> binding) {
  return binding ? (learn::stringifyArgKind(binding->kind) + " " + binding->name).str() : " ";
}

/// What an argument is called: its kind and name.
std::string argumentName(func::FuncOp function, unsigned k) {
  return nameOf(learn::argumentBinding(function, k));
}

std::string resultName(func::FuncOp function, unsigned k) {
  return nameOf(learn::resultBinding(function, k));
}

/// The size that the integers of an entry's input stay under, as its flag says.
int64_t boundOf(func::FuncOp function, unsigned k) {
  int64_t bound = 2;
  auto input = learn::argumentBinding(function, k);
  function->getParentOfType<ModuleOp>().walk([&](learn::FlagOp flag) {
    auto entry = dyn_cast<learn::EntryOp>(flag->getParentOp());
    if (input && entry && entry.getFunction() == function.getName() &&
        flag.getName() == input->name && flag.getBound())
      bound = *flag.getBound();
  });
  return bound;
}

constexpr unsigned equalNumbers = 4; ///< The seed of inputs with many equal numbers and zeros.

/// Numbers that depend on the argument's name alone; `seed` gives others.
Tensor inputOf(func::FuncOp function, unsigned k, unsigned seed) {
  auto type = cast<RankedTensorType>(function.getArgument(k).getType());
  std::string name = argumentName(function, k);
  if (StringRef(name).starts_with("frozen "))
    name.replace(0, 6, "param");
  std::mt19937 generator(seed);
  for (char c : name)
    generator.seed(generator() + unsigned(c));
  Tensor result(type);
  Type element = type.getElementType();
  bool positive = StringRef(name).starts_with("state");
  int64_t bound = element.isInteger(1) ? 2 : boundOf(function, k);
  for (double &x : result.data)
    if (isa<IntegerType>(element))
      x = generator() % bound;
    else if (seed == equalNumbers && !positive)
      x = int(generator() % 5) * 0.5 - 1;
    else
      x = (positive ? 0.5 : -1.5) + (generator() % 1048576) / 1048576.0 * (positive ? 1 : 3);
  return result;
}

std::vector<Tensor> inputsOf(func::FuncOp function, unsigned seed) {
  std::vector<Tensor> inputs;
  for (unsigned k = 0; k < function.getNumArguments(); ++k)
    inputs.push_back(inputOf(function, k, seed));
  return inputs;
}

/// The values of all results of a function by name; nothing if an op is not known.
std::optional<Values> evaluate(func::FuncOp function, ArrayRef<Tensor> inputs) {
  auto results = test::evaluate(function.front(), inputs);
  if (failed(results))
    return std::nullopt;
  Values values;
  for (auto [k, value] : llvm::enumerate(*results))
    values[resultName(function, k)] = value;
  return values;
}

std::optional<Values> evaluate(func::FuncOp function, unsigned seed) {
  return evaluate(function, inputsOf(function, seed));
}

/// Where two sets of results differ, as a line; empty where they agree.
std::string difference(const Values &first, const Values &second, double limit) {
  std::string said;
  llvm::raw_string_ostream out(said);
  for (auto &[name, a] : first) {
    auto found = second.find(name);
    if (found == second.end() || found->second.data.size() != a.data.size()) {
      out << name << " is missing";
      return said;
    }
    double scale = 1e-2;
    for (double x : a.data)
      if (std::isfinite(x))
        scale = std::max(scale, std::fabs(x));
    for (auto [i, x] : llvm::enumerate(a.data)) {
      double y = found->second.data[i];
      bool same = x == y || (std::isnan(x) && std::isnan(y)) || std::fabs(x - y) <= limit * scale;
      if (!same) {
        out << name << "[" << i << "]: " << x << " and " << y << " (largest " << scale << ")";
        return said;
      }
    }
  }
  return said;
}

class Agreement {
public:
  Agreement(MLIRContext &context, std::string file, ArrayRef<std::string> without)
      : context(context), file(std::move(file)), without(without) {}

  /// False if something differs or a build fails.
  bool run() {
    auto source = parseSourceFile<ModuleOp>(file, &context);
    if (!source)
      return false;
    Options options;
    options.real64 = true;
    options.optimize = false;
    bool good = add("-O0", *source, options);
    options.optimize = true;
    good &= add("default", *source, options);
    for (const OptimisationInfo &info : allOptimisations()) {
      if (!without.empty() && !llvm::is_contained(without, info.name))
        continue;
      Options less = options;
      less.leftOut = {info.optimisation};
      good &= add("--no-pass=" + info.name.str(), *source, less);
    }
    options.memoryLimit = 0;
    good &= add("--memory-limit=0", *source, options);
    for (auto function : builds.front().module->getOps<func::FuncOp>())
      if (!function.isExternal())
        good &= checkFunction(function.getName());
    return good;
  }

private:
  MLIRContext &context;
  std::string file;
  ArrayRef<std::string> without; ///< Optimisations to leave out one by one; none: each.
  std::vector<Build> builds;

  void say(StringRef function, StringRef how, StringRef what) {
    llvm::outs() << file << ": " << function << ": " << how << ": " << what << "\n";
    llvm::outs().flush();
  }

  bool add(std::string name, ModuleOp source, const Options &options) {
    OwningOpRef<ModuleOp> module = source.clone();
    TimingScope untimed;
    if (failed(runStages(*module, Stage::nn, Stage::fused, options, untimed))) {
      say("module", name, "does not compile");
      return false;
    }
    builds.push_back({std::move(name), std::move(module)});
    return true;
  }

  func::FuncOp find(const Build &build, StringRef name) {
    for (auto function : build.module.get().getOps<func::FuncOp>())
      if (function.getName() == name)
        return function;
    return nullptr;
  }

  bool checkFunction(StringRef name) {
    bool good = true;
    for (const Build &build : llvm::drop_begin(builds))
      if (std::string said = disagreement(name, build); !said.empty()) {
        say(name, build.name, said);
        good = false;
      }
    return checkGradients(name) && good;
  }

  /// What differs for two of three seeds, as one alone may lie at a jump, or where numbers are
  /// equal.
  std::string disagreement(StringRef name, const Build &build) {
    func::FuncOp plain = find(builds.front(), name), other = find(build, name);
    if (!other)
      return "is missing";
    unsigned times = 0;
    std::string said;
    for (unsigned seed : {1u, 2u, 3u, equalNumbers}) {
      if (seed != 1 && seed != equalNumbers && !times)
        continue;
      auto expected = evaluate(plain, seed), values = evaluate(other, seed);
      if (!expected || !values)
        return "cannot be evaluated";
      std::string differs = difference(*expected, *values, 1e-8);
      times += seed != equalNumbers && !differs.empty();
      said = said.empty() ? differs : said;
      if (seed == equalNumbers && !differs.empty())
        return "equal numbers: " + differs;
    }
    return times >= 2 ? said : "";
  }

  bool checkGradients(StringRef name) {
    func::FuncOp function = find(builds.front(), name);
    auto values = evaluate(function, 1);
    if (!values)
      return false;
    bool good = true;
    for (unsigned k = 0; k < function.getNumArguments(); ++k) {
      std::string argument = argumentName(function, k);
      StringRef kind, of;
      std::tie(kind, of) = StringRef(argument).split(' ');
      std::string gradient = kind == "param"   ? "gradient " + of.str()
                             : kind == "input" ? "show d_" + of.str()
                                               : "";
      auto found = values->find(gradient);
      if (!gradient.empty() && found != values->end())
        good &= checkGradient(function, k, gradient);
    }
    return good;
  }

  /// The loss that differences are taken of; frozen copies stay where they are.
  std::pair<func::FuncOp, std::string> lossOf(func::FuncOp function) {
    std::vector<std::string> losses;
    for (unsigned k = 0; k < function.getNumResults(); ++k)
      if (std::string name = resultName(function, k);
          StringRef(name).starts_with("loss ") || name == "show loss")
        losses.push_back(name);
    func::FuncOp frozen = find(builds.front(), (function.getName() + ".frozen").str());
    return {frozen ? frozen : function, losses.size() == 1 ? losses.front() : ""};
  }

  bool checkGradient(func::FuncOp function, unsigned k, const std::string &gradient) {
    auto [differenced, loss] = lossOf(function);
    if (loss.empty())
      return true;
    unsigned wrong = 0;
    std::string said;
    for (unsigned seed = 1; seed <= 3 && (seed == 1 || wrong); ++seed) {
      std::string differs = gradientError(function, differenced, loss, k, gradient, seed);
      wrong += !differs.empty();
      said = said.empty() ? differs : said;
    }
    if (wrong < 3)
      return true;
    say(function.getName(), "gradient", said);
    return false;
  }

  /// Compares a dozen elements with differences, with the sign that minimise or maximise has.
  std::string gradientError(func::FuncOp function, func::FuncOp differenced,
                            const std::string &loss, unsigned k, const std::string &gradient,
                            unsigned seed) {
    int argument = -1;
    for (unsigned j = 0; j < differenced.getNumArguments(); ++j)
      if (argumentName(differenced, j) == argumentName(function, k))
        argument = j;
    auto all = evaluate(function, seed);
    if (argument < 0 || !all)
      return "";
    const Tensor &derivative = (*all)[gradient];
    double largest = 1e-3;
    for (double g : derivative.data)
      largest = std::max(largest, std::fabs(g));
    if (largest > 1e3)
      return ""; // Differences lose too many digits.
    double limit = 2e-5 * largest + 1e-8;
    std::vector<Tensor> inputs = inputsOf(differenced, seed);
    auto lossAt = [&](int64_t i, double step) {
      double kept = inputs[argument].data[i];
      inputs[argument].data[i] += step;
      auto values = evaluate(differenced, inputs);
      inputs[argument].data[i] = kept;
      return values ? (*values)[loss].data[0] : NAN;
    };
    auto n = int64_t(derivative.data.size());
    unsigned wrong[2] = {0, 0};
    std::string said;
    for (int64_t i = 0; i < n; i += std::max<int64_t>(1, n / 12)) {
      double best[2] = {INFINITY, INFINITY}, numeric = 0, g = derivative.data[i];
      for (double h : {1e-5, 1e-6, 1e-4}) { // A corner may lie within one step.
        numeric = (lossAt(i, h) - lossAt(i, -h)) / (2 * h);
        best[0] = std::min(best[0], std::fabs(numeric - g));
        best[1] = std::min(best[1], std::fabs(numeric + g));
        if (best[0] <= limit || best[1] <= limit)
          break;
      }
      for (unsigned sign : {0, 1})
        wrong[sign] += !(best[sign] <= limit);
      if (wrong[0] && wrong[1] && said.empty())
        llvm::raw_string_ostream(said)
            << gradient << "[" << i << "] is " << g << ", differences say " << numeric;
    }
    return wrong[0] && wrong[1] ? said : "";
  }
};

} // namespace

int main(int argc, char **argv) {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  std::vector<std::string> without, files;
  for (int k = 1; k < argc; ++k) {
    StringRef argument = argv[k];
    (argument.consume_front("--without=") ? without : files).push_back(argument.str());
  }
  bool good = true;
  for (const std::string &file : files)
    good &= Agreement(context, file, without).run();
  return good ? 0 : 1;
}
