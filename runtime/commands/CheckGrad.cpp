/// Central differences against compiled gradients, and corners of the loss.
#include "runtime/commands/CheckGrad.h"
#include "runtime/base/Error.h"
#include "runtime/base/Output.h"
#include "runtime/commands/FirstBatch.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <unordered_map>

namespace nnrt {

namespace {

/// Entries tried in each parameter one by one, and then at once: all, unless there are very many.
constexpr int64_t sampleSize = 24, lineSize = 1 << 20;

/// What a precision allows: the step relative to the value, and the error relative to the
/// parameter's largest gradient.
struct Precision {
  double step, tolerance, noise;
};
constexpr Precision f64Precision = {1e-5, 1e-6, 1e-15};
constexpr Precision f32Precision = {1e-2, 2e-2, 1e-6};

/// A line through a parameter's values: one entry moves, or all of them, up or down by chance.
struct Line {
  std::vector<int64_t> entries;
  std::vector<double> direction, base, gradient; ///< of each entry
  double step = 0;
  double scale = 0; ///< what an error is compared with at least
};

/// A point on a line: the loss there, how far it is along the line, and what the gradient says of
/// the loss.
struct Place {
  double loss, far, predicted;
};

/// How a gradient agrees with differences along a line.
struct Verdict {
  double error = 0;
  bool isKink = false;
};

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
    if (const Function *still = session.program.findFunction(check.function + ".frozen")) {
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
    if (!session.options.json)
      say("{} ({})\n", objective.name, check.function);
    for (const std::string &name : check.params)
      good &= checkParam(name);
    return good;
  }

private:
  /// A copy of a parameter that stays as it is while differences move the parameter.
  void hold(const Model::Buffer &param, Bindings &bindings) {
    void *copy = copies[param.decl->name] =
        held.emplace_back(session.model.allocate(bytesOf(*param.decl)));
    std::memcpy(copy, param.data, bytesOf(*param.decl));
    bindings.add(ArgKind::Frozen, param.decl->name, &held.back());
  }

  double loss(Call &call) {
    session.model.call(call);
    for (const Call::Output &output : call.outputs)
      if (output.arg->kind == ArgKind::Loss && output.arg->name == check.loss)
        return (check.maximize ? -1 : 1) * output.scalar();
    failConstant("{}: no loss '{}'", check.function, check.loss);
  }

  Line lineThrough(const Model::Buffer &param, std::vector<int64_t> entries) {
    Line line{std::move(entries), {}, {}, {}, 0, 0};
    size_t n = line.entries.size();
    double size = 0;
    for (int64_t i : line.entries) {
      bool up = n == 1 || mix(uint64_t(session.model.seed), uint64_t(i)) % 2;
      line.direction.push_back(up ? 1 : -1);
      line.base.push_back(load(param.decl->dtype, param.data, i));
      size = std::max(size, std::abs(line.base.back()));
    }
    line.step = precision.step * std::max(1.0, size) / std::sqrt(double(n));
    return line;
  }

  /// Moves the values to a point on the line, in the copy that a frozen loss reads too.
  void move(Model::Buffer &param, const Line &line, double far, bool heldToo) {
    for (size_t k = 0; k < line.entries.size(); ++k) {
      double value = line.base[k] + far * line.direction[k];
      store(param.decl->dtype, param.data, line.entries[k], value);
    }
    auto copy = copies.find(param.decl->name);
    if (heldToo && copy != copies.end())
      std::memcpy(copy->second, param.data, bytesOf(*param.decl));
  }

  /// The gradient of the line's entries, where the loss was computed last.
  void readGradient(const Model::Buffer &param, Line &line) {
    line.gradient.clear();
    for (int64_t i : line.entries)
      line.gradient.push_back(load(param.decl->dtype, param.gradient, i));
  }

  Place placeAt(Model::Buffer &param, const Line &line, double far) {
    move(param, line, far, false);
    double predicted = 0, moved = 0;
    for (size_t k = 0; k < line.entries.size(); ++k) {
      // What was stored may differ from what was asked for.
      double by = load(param.decl->dtype, param.data, line.entries[k]) - line.base[k];
      predicted += line.gradient[k] * by;
      moved += line.direction[k] * by;
    }
    Place place{loss(*differenced), moved / double(line.entries.size()), predicted};
    move(param, line, 0, false);
    lossScale = std::max(lossScale, std::abs(place.loss));
    return place;
  }

  /// What differences of losses are too rough to tell, as a slope over a step.
  double noiseOf(double step) const { return lossScale * precision.noise / step; }

  /// The difference between the gradient and the slope between two points, relative to what counts.
  double errorBetween(const Line &line, const Place &low, const Place &high) {
    double numeric = (high.loss - low.loss) / (high.far - low.far);
    double expected = (high.predicted - low.predicted) / (high.far - low.far);
    double scale = std::max({std::abs(numeric), std::abs(expected), line.scale,
                             noiseOf((high.far - low.far) / 2) / precision.tolerance, 1e-30});
    return std::abs(numeric - expected) / scale;
  }

  /// The error of central differences. A kink within the step (relu) spoils a difference: smaller
  /// and larger steps are tried too.
  double centralError(Model::Buffer &param, const Line &line) {
    double best = INFINITY;
    for (double factor : {1.0, 0.1, 10.0, 0.01}) {
      double h = line.step * factor;
      double error = errorBetween(line, placeAt(param, line, -h), placeAt(param, line, h));
      if (std::isnan(error))
        return INFINITY;
      best = std::min(best, error);
      if (best <= precision.tolerance)
        break;
    }
    return best;
  }

  /// True if the slopes on both sides stay apart however small the step is, and the gradient is
  /// between them. The slopes of a smooth function meet.
  bool isBetweenSlopes(Model::Buffer &param, const Line &line) {
    const double steps[] = {line.step, line.step / 8};
    double gap[2], least = 0, most = 0, expected = 0, slack = 0;
    Place here = placeAt(param, line, 0);
    for (int k = 0; k < 2; ++k) {
      Place low = placeAt(param, line, -steps[k]), high = placeAt(param, line, steps[k]);
      double left = (here.loss - low.loss) / (here.far - low.far),
             right = (high.loss - here.loss) / (high.far - here.far);
      expected = (high.predicted - low.predicted) / (high.far - low.far);
      least = std::min(left, right), most = std::max(left, right);
      gap[k] = most - least;
      slack = precision.tolerance * std::max({std::abs(left), std::abs(right), line.scale}) +
              4 * noiseOf(steps[k]);
    }
    bool isKink = gap[1] > 0.5 * gap[0] && gap[1] > slack;
    return isKink && least - slack <= expected && expected <= most + slack;
  }

  /// True if the gradient is right a little beside a kink, on the side that `by` says.
  bool isRightBeside(Model::Buffer &param, const Line &line, double by) {
    for (double far : {16.0, 40.0}) {
      Line beside = line;
      move(param, line, by * far * line.step, true);
      for (size_t k = 0; k < line.entries.size(); ++k)
        beside.base[k] = load(param.decl->dtype, param.data, line.entries[k]);
      loss(call);
      readGradient(param, beside);
      bool good = centralError(param, beside) <= precision.tolerance;
      move(param, line, 0, true);
      if (good)
        return true;
    }
    return false;
  }

  Verdict judge(Model::Buffer &param, const Line &line) {
    double error = centralError(param, line);
    if (error <= precision.tolerance)
      return {error, false};
    if (isBetweenSlopes(param, line) && isRightBeside(param, line, -1) &&
        isRightBeside(param, line, 1))
      return {0, true};
    return {error, false};
  }

  bool checkParam(const std::string &name) {
    Model::Buffer &param = session.model.param(name);
    int64_t n = elementsOf(param.decl->shape), tried = std::min(n, sampleSize);
    if (!param.gradient)
      failConstant("{}: no gradient of '{}'", check.function, name);
    loss(call);
    double largest = 0;
    for (int64_t i = 0; i < n; ++i) {
      double size = std::abs(load(param.decl->dtype, param.gradient, i));
      largest = std::isfinite(size) ? std::max(largest, size) : INFINITY;
    }
    Permutation order(uint64_t(n), mix(uint64_t(session.model.seed), 0xc4ec));
    std::vector<int64_t> entries;
    for (int64_t k = 0; k < std::min(n, lineSize); ++k)
      entries.push_back(int64_t(order(uint64_t(k))));
    Line whole = lineThrough(param, entries);
    readGradient(param, whole);
    for (double g : whole.gradient)
      whole.scale = std::hypot(whole.scale, g);
    double worst = 0;
    int64_t kinks = 0;
    auto add = [&](const Line &line) {
      Verdict verdict = judge(param, line);
      worst = std::max(worst, verdict.error);
      kinks += verdict.isKink;
    };
    for (int64_t k = 0; k < tried; ++k) {
      Line line = lineThrough(param, {entries[size_t(k)]});
      line.gradient = {whole.gradient[size_t(k)]};
      line.scale = largest * 1e-2;
      add(line);
    }
    if (n > tried)
      add(whole);
    bool good = worst <= precision.tolerance && std::isfinite(largest);
    report(*param.decl, largest, worst, kinks, good);
    return good;
  }

  void report(const Variable &decl, double largest, double worst, int64_t kinks, bool good) const {
    int64_t n = elementsOf(decl.shape), tried = std::min(n, sampleSize) + (n > sampleSize);
    if (session.options.json) {
      // JSON has no infinity: it becomes null.
      nlohmann::ordered_json record = {{"objective", objective.name},
                                       {"function", check.function},
                                       {"parameter", decl.name},
                                       {"shape", decl.shape},
                                       {"largest", largest},
                                       {"error", worst},
                                       {"kinks", kinks},
                                       {"ok", good}};
      return say("{}\n", record.dump());
    }
    say("  {:<40} {:<16} largest {:<10.3g} error {:<10.3g} {}\n", decl.name, toString(decl.shape),
        largest, worst,
        !good   ? "WRONG"
        : kinks ? fmt::format("ok, kink ({} of {})", kinks, tried)
                : "ok");
  }

  Session &session;
  const Objective &objective;
  const CheckDecl &check;
  Precision precision;
  std::unique_ptr<Batch> batch;
  Call call, heldCall;
  Call *differenced = nullptr; ///< whose loss is compared
  std::deque<void *> held;
  std::unordered_map<std::string, void *> copies; ///< of `held`, by the parameter's name
  double lossScale = 0;
};

} // namespace

bool checkGradients(Session &session) {
  if (session.options.resume)
    session.restore();
  else {
    session.learnVocabularies();
    session.initialise();
  }
  bool good = true;
  for (const Objective &objective : session.program.objectives)
    for (const CheckDecl &check : objective.checks)
      good &= Checker(session, objective, check).run();
  if (!session.options.json)
    say("check-grad: {}\n", good ? "ok" : "WRONG");
  return good;
}

} // namespace nnrt
