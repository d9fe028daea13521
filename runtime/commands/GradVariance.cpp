/// Draws each gradient many times, and compares the estimators.
#include "runtime/commands/GradVariance.h"
#include "runtime/base/Error.h"
#include "runtime/base/Output.h"
#include "runtime/commands/FirstBatch.h"

#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>

namespace nnrt {

namespace {

/// Entries that a JSON record lists one by one at most.
constexpr size_t maxListed = 1000;

/// Running mean and sum of squared deviations of each entry (Welford 1962).
struct Moments {
  std::vector<double> mean, squares;
  int64_t count = 0;

  void add(size_t i, double x) {
    double before = x - mean[i];
    mean[i] += before / double(count);
    squares[i] += before * (x - mean[i]);
  }
  /// The unbiased variance of entry i.
  double variance(size_t i) const { return count > 1 ? squares[i] / double(count - 1) : 0; }
  double totalVariance() const {
    double sum = 0;
    for (size_t i = 0; i < mean.size(); ++i)
      sum += variance(i);
    return sum;
  }
  double norm() const {
    double sum = 0;
    for (double x : mean)
      sum += x * x;
    return std::sqrt(sum);
  }
};

/// The estimators of one gradient.
class Comparison {
public:
  Comparison(Session &session, const Objective &objective, const CheckDecl &check)
      : session(session), objective(objective), check(check) {}

  void run() {
    Moments written = sample(check.function);
    std::deque<std::pair<EstimatorKind, Moments>> others;
    const Moments *exact = nullptr;
    for (const Estimator &estimator : check.estimators) {
      others.emplace_back(estimator.kind, sample(estimator.function));
      if (estimator.kind == EstimatorKind::Enumerate)
        exact = &others.back().second;
    }
    if (!session.options.json)
      say("{} ({}): {} draws of one batch\n  {:<20} {:>12} {:>14} {:>16}\n", objective.name,
          check.function, session.options.samples, "estimator", "|mean|", "variance",
          "off enumerate");
    print("as written", written, exact);
    for (auto &[kind, moments] : others)
      print(wordOf(kind), moments, exact);
  }

private:
  Moments sample(const std::string &name) {
    Bindings bindings;
    const Function &function = session.program.function(name);
    auto batch = firstBatch(session, objective, check, function, bindings);
    Call call = session.model.bind(function, bindings);
    Moments moments;
    size_t entries = 0;
    for (const std::string &param : check.params)
      entries += size_t(elementsOf(session.model.param(param).decl->shape));
    moments.mean.assign(entries, 0);
    moments.squares.assign(entries, 0);
    // A step's draws differ from those of all others.
    int64_t before = session.model.step;
    for (int64_t k = 0; k < session.options.samples; ++k) {
      session.model.step = k;
      session.model.call(call);
      ++moments.count;
      size_t i = 0;
      for (const std::string &name : check.params) {
        Model::Buffer &param = session.model.param(name);
        for (int64_t e = 0; e < elementsOf(param.decl->shape); ++e)
          moments.add(i++, load(param.decl->dtype, param.gradient, e));
      }
    }
    session.model.step = before;
    return moments;
  }

  /// How far the mean gradient is from the exact one, in standard errors of the whole vector: about
  /// 1 without bias.
  static double distance(const Moments &moments, const Moments &exact) {
    double off = 0, error = 0;
    for (size_t i = 0; i < moments.mean.size(); ++i) {
      double difference = moments.mean[i] - exact.mean[i];
      off += difference * difference;
      error +=
          moments.variance(i) / double(moments.count) + exact.variance(i) / double(exact.count);
    }
    return off == 0 ? 0 : std::sqrt(off / std::max(error, 1e-300));
  }

  void print(std::string_view name, const Moments &moments, const Moments *exact) {
    double norm = moments.norm(), variance = moments.totalVariance();
    bool compares = exact && exact != &moments;
    if (session.options.json) {
      nlohmann::ordered_json record = {{"objective", objective.name}, {"function", check.function},
                                       {"estimator", name},           {"samples", moments.count},
                                       {"mean_norm", norm},           {"variance", variance}};
      if (compares)
        record["standard_errors_off"] = distance(moments, *exact);
      for (size_t i = 0; i < moments.mean.size() && moments.mean.size() <= maxListed; ++i) {
        record["mean"].push_back(moments.mean[i]);
        record["standard_error"].push_back(std::sqrt(moments.variance(i) / double(moments.count)));
      }
      say("{}\n", record.dump());
    } else {
      say("  {:<20} {:>12.5g} {:>14.5g} {:>16}\n", name, norm, variance,
          compares ? fmt::format("{:.2f} s.e.", distance(moments, *exact)) : "");
    }
  }

  Session &session;
  const Objective &objective;
  const CheckDecl &check;
};

} // namespace

void compareEstimators(Session &session) {
  const CheckpointName &checkpoint = session.options.checkpoint;
  if (session.hasCheckpoint(checkpoint) || checkpoint != CheckpointName(Saved::Last))
    session.restore();
  else {
    session.learnVocabularies();
    session.initialise();
  }
  bool any = false;
  for (const Objective &objective : session.program.objectives)
    for (const CheckDecl &check : objective.checks) {
      any = true;
      Comparison(session, objective, check).run();
    }
  if (!any)
    fail(Exit::Usage, "grad-variance: expected an objective that a train block steps, found none");
}

} // namespace nnrt
