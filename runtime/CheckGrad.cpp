#include "runtime/CheckGrad.h"
#include "runtime/Error.h"
#include "runtime/FirstBatch.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace nnrt {

namespace {

/// Entries tried in each parameter.
constexpr int64_t sampleSize = 24;

/// What a precision allows: the step relative to the value, and the error relative to the
/// parameter's largest gradient.
struct Precision {
  double step, tolerance, noise;
};
constexpr Precision f64Precision = {1e-5, 1e-6, 1e-15};
constexpr Precision f32Precision = {1e-2, 2e-2, 1e-6};

/// One function under test.
class Checker {
public:
  Checker(Session &session, const Objective &objective, const CheckDecl &check)
      : session(session), objective(objective), check(check),
        precision(session.program.real == DType::F64 ? f64Precision : f32Precision) {
    Bindings bindings;
    const Function &function = session.program.function(check.function);
    batch = firstBatch(session, objective, check, function, bindings);
    call = session.model.bind(function, bindings);
    differenced = &call;
    if (const Function *still = session.program.findFunction(check.function + ".held")) {
      for (const std::string &name : check.params)
        hold(session.model.param(name), bindings);
      if (batch)
        batch->bind(*still, bindings);
      heldCall = session.model.bind(*still, bindings);
      differenced = &heldCall;
    }
  }

  bool run() {
    bool good = true;
    fmt::print("{} ({})\n", objective.name, check.function);
    for (const std::string &name : check.params)
      good &= checkParam(name);
    return good;
  }

private:
  /// A copy of a parameter that stays as it is while differences move the parameter.
  void hold(const Model::Buffer &param, Bindings &bindings) {
    void *copy = held.emplace_back(session.model.allocate(param.decl->bytes()));
    std::memcpy(copy, param.data, param.decl->bytes());
    bindings.add(ArgKind::Held, param.decl->name, &held.back());
  }

  double loss(Call &call) {
    session.model.call(call);
    for (const Call::Output &output : call.outputs)
      if (output.arg->kind == ArgKind::Loss &&
          (check.loss.empty() || output.arg->name == check.loss))
        return (check.maximize ? -1 : 1) * output.scalar();
    fail(Exit::Usage, "program constant: {}: no loss '{}'", check.function, check.loss);
  }

  double difference(const Model::Buffer &param, int64_t i, double h) {
    DType type = param.decl->dtype;
    double value = load(type, param.data, i);
    store(type, param.data, i, value + h);
    // What was stored may differ from what was asked for.
    double up = load(type, param.data, i), high = loss(*differenced);
    store(type, param.data, i, value - h);
    double down = load(type, param.data, i), low = loss(*differenced);
    store(type, param.data, i, value);
    lossScale = std::max({lossScale, std::abs(high), std::abs(low)});
    return (high - low) / (up - down);
  }

  bool checkParam(const std::string &name) {
    Model::Buffer &param = session.model.param(name);
    int64_t n = param.decl->elements(), tried = std::min(n, sampleSize);
    loss(call);
    if (!param.gradient)
      fail(Exit::Usage, "program constant: {}: no gradient of '{}'", check.function, name);
    std::vector<double> gradient;
    for (int64_t i = 0; i < n; ++i)
      gradient.push_back(load(param.decl->dtype, param.gradient, i));
    double largest = 0;
    for (double g : gradient)
      largest = std::max(largest, std::abs(g));
    double worst = 0;
    Permutation order(uint64_t(n), mix(uint64_t(session.model.seed), 0xc4ec));
    for (int64_t k = 0; k < tried; ++k)
      worst = std::max(worst, errorAt(param, int64_t(order(uint64_t(k))), gradient, largest));
    bool good = worst <= precision.tolerance && std::isfinite(largest);
    fmt::print("  {:<40} {:<16} largest {:<10.3g} error {:<10.3g} {}\n", name,
               toString(param.decl->shape), largest, worst, good ? "ok" : "WRONG");
    return good;
  }

  double errorAt(Model::Buffer &param, int64_t i, const std::vector<double> &gradient,
                 double largest) {
    double best = INFINITY, value = std::abs(load(param.decl->dtype, param.data, i));
    // A kink within the step (relu) spoils a difference: smaller and larger steps are tried too.
    for (double factor : {1.0, 0.1, 10.0, 0.01}) {
      double h = precision.step * std::max(1.0, value) * factor;
      double numeric = difference(param, i, h);
      double scale = std::max({std::abs(numeric), std::abs(gradient[size_t(i)]), largest * 1e-2,
                               lossScale * precision.noise / h / precision.tolerance, 1e-30});
      double error = std::abs(numeric - gradient[size_t(i)]) / scale;
      if (std::isnan(error))
        return INFINITY;
      best = std::min(best, error);
      if (best <= precision.tolerance)
        break;
    }
    return best;
  }

  Session &session;
  const Objective &objective;
  const CheckDecl &check;
  Precision precision;
  std::unique_ptr<Batch> batch;
  Call call, heldCall;
  Call *differenced = nullptr; ///< whose loss is compared
  std::deque<void *> held;
  double lossScale = 0;
};

} // namespace

bool checkGradients(Session &session) {
  if (session.hasCheckpoint(session.options.checkpoint) && session.options.resume)
    session.restore();
  else {
    session.learnVocabularies();
    session.initialise();
  }
  bool good = true;
  for (const Objective &objective : session.program.objectives)
    for (const CheckDecl &check : objective.checks)
      good &= Checker(session, objective, check).run();
  fmt::print("check-grad: {}\n", good ? "ok" : "WRONG");
  return good;
}

} // namespace nnrt
