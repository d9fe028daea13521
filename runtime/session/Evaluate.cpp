/// Statistics of held-out batches, combined to what one large batch would give.
#include "runtime/session/Evaluate.h"
#include "runtime/base/Error.h"
#include "runtime/base/Output.h"
#include "runtime/session/Show.h"

#include <algorithm>
#include <cmath>

namespace nnrt {

bool canEvaluate(const Program &program, const Objective &objective) {
  return objective.eval && (objective.data.empty() || hasHoldout(program.dataSet(objective.data)));
}

namespace {

/// The total of two totals.
double combined(Combiner how, double a, double b) {
  switch (how) {
  case Combiner::Mean:
  case Combiner::Sum:
    return a + b;
  case Combiner::Prod:
    return a * b;
  case Combiner::Max:
  case Combiner::Any:
    return std::isnan(a) || a > b ? a : b;
  case Combiner::Min:
  case Combiner::All:
    return std::isnan(a) || a < b ? a : b;
  case Combiner::LogSumExp: {
    double most = std::max(a, b);
    return std::isinf(most) ? most : most + std::log(std::exp(a - most) + std::exp(b - most));
  }
  }
  return b;
}

} // namespace

Evaluator::Evaluator(Session &session, const Objective &objective)
    : objective(objective), session(session) {
  if (!canEvaluate(session.program, objective))
    fail(Exit::Usage, "objective {}: expected held-out rows in data {}, found no holdout",
         objective.name, objective.data);
  Bindings bindings, singleBindings, finishBindings;
  const Function &function = session.program.function(objective.eval->function);
  addStatistics(function);
  bindStatistics(bindings);
  if (!objective.data.empty()) {
    session.need(objective.data, Split::Holdout);
    data = &session.data(objective.data);
    batch = std::make_unique<Batch>(*data, objective.eval->rows, session.model);
    batch->bind(function, bindings);
    if (!objective.eval->single.empty()) {
      single = std::make_unique<Batch>(*data, 1, session.model);
      const Function &one = session.program.function(objective.eval->single);
      single->bind(one, singleBindings);
      bindStatistics(singleBindings);
      singleCall = session.model.bind(one, singleBindings);
    }
  }
  batchCall = session.model.bind(function, bindings);
  if (objective.eval->finish.empty())
    return;
  bindStatistics(finishBindings);
  finishCall = session.model.bind(session.program.function(objective.eval->finish), finishBindings);
}

void Evaluator::addStatistics(const Function &function) {
  for (const Arg &arg : function.args) {
    bool result = arg.kind == ArgKind::Loss || arg.kind == ArgKind::Report;
    if (!result && arg.kind != ArgKind::Statistic)
      continue;
    Statistic &added = statistics.emplace_back();
    added.arg = &arg;
    added.combiner = result ? Combiner::Mean : arg.combiner;
    added.buffer = session.model.allocate(bytesOf(arg));
    added.total.resize(size_t(elementsOf(arg.shape)));
  }
}

void Evaluator::bindStatistics(Bindings &bindings) {
  for (Statistic &each : statistics)
    bindings.add(each.arg->kind, each.arg->name, &each.buffer);
}

/// Judges a batch of which `rows` count, and adds its statistics to the totals.
void Evaluator::judgeBatch(Call &call, uint64_t rows, bool first) {
  session.model.setValid(int32_t(rows));
  session.model.call(call);
  for (Statistic &each : statistics)
    for (size_t i = 0; i < each.total.size(); ++i) {
      double x = load(each.arg->dtype, each.buffer, int64_t(i)), &total = each.total[i];
      if (each.combiner == Combiner::Mean)
        x *= double(rows);
      total = first ? x : combined(each.combiner, total, x);
    }
}

std::vector<Value> Evaluator::finish(uint64_t rows) {
  for (Statistic &each : statistics)
    for (size_t i = 0; i < each.total.size(); ++i) {
      double total = each.total[i];
      if (each.combiner == Combiner::Mean)
        total /= double(rows);
      if (each.arg->dtype == DType::I32 && std::abs(total) > double(INT32_MAX))
        fail(Exit::Data,
             "objective {}: expected sums over the held-out rows that fit an i32, found {}: "
             "judge fewer rows, or sum f32 values",
             objective.name, total);
      store(each.arg->dtype, each.buffer, int64_t(i), total);
      each.total[i] = total;
    }
  std::vector<Value> values;
  if (!finishCall) {
    for (const Statistic &each : statistics)
      values.emplace_back(each.arg->name, each.total[0]);
    return values;
  }
  session.model.call(*finishCall);
  for (const Call::Output &output : finishCall->outputs)
    values.emplace_back(output.arg->name, output.scalar());
  return values;
}

Judgement Evaluator::evaluate(uint64_t limit) {
  Model &model = session.model;
  Judgement result;
  uint64_t total = data ? data->rows(Split::Holdout) : 1, size = data ? uint64_t(batch->size) : 1;
  if (total == 0)
    fail(Exit::Data, "{}: expected held-out rows, found none", data->name(Split::Holdout));
  uint64_t rows = limit && limit < total ? limit : total;
  auto row = [&](uint64_t k) { return uint64_t(__uint128_t(k % rows) * total / rows); };
  Restored step(model.step);
  // Draws depend on the batch's number alone, so that two evaluations compare.
  model.step = 0;
  model.setRows(double(rows));
  Progress progress("validation: " + objective.name);
  for (uint64_t done = 0, taken = 0; done < rows; done += taken, ++model.step) {
    // A last batch that is not full is filled up with the first rows, which do not count.
    bool one = singleCall && rows - done < size;
    taken = one ? 1 : std::min(size, rows - done);
    if (data)
      (one ? single : batch)->fill(Split::Holdout, [&](uint64_t k) { return row(done + k); });
    judgeBatch(one ? *singleCall : *batchCall, taken, done == 0);
    progress.at(done + taken, rows);
  }
  if (data)
    result.rows = rows, result.of = total;
  result.values = finish(rows);
  return result;
}

std::string Judgement::title() const {
  return rows == of ? "validation" : fmt::format("validation of {} of {} rows", rows, of);
}

std::optional<double> Evaluator::value(const std::vector<Value> &values) const {
  for (const Value &value : values)
    if (value.first == objective.name)
      return value.second;
  return std::nullopt;
}

std::string toJson(const std::vector<Value> &values, DType real) {
  std::string text;
  for (const Value &value : values)
    text += fmt::format("{}\"{}\": {}", text.empty() ? "" : ", ", value.first,
                        std::isfinite(value.second) ? formatNumber(real, value.second) : "null");
  return "{" + text + "}";
}

/// The sign of a NaN says nothing.
static double plain(double value) { return std::isnan(value) ? NAN : value; }

std::string toText(const std::vector<Value> &values, DType real) {
  std::string text;
  for (const Value &value : values)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", value.first,
                        real == DType::F64 ? fmt::format("{}", plain(value.second))
                                           : fmt::format("{:.9g}", plain(value.second)));
  return text;
}

} // namespace nnrt
