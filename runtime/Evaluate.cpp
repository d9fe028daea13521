#include "runtime/Evaluate.h"
#include "runtime/Error.h"

namespace nnrt {

bool canEvaluate(const Program &program, const Objective &objective) {
  return !objective.evalFunction.empty() &&
         (objective.data.empty() || program.dataSet(objective.data).hasHoldout());
}

Evaluator::Evaluator(Session &session, const Objective &objective)
    : objective(objective), session(session) {
  if (!canEvaluate(session.program, objective))
    fail(Exit::Usage, "objective {}: expected held-out rows in data {}, found no holdout",
         objective.name, objective.data);
  Bindings bindings, singleBindings;
  const Function &function = session.program.function(objective.evalFunction);
  if (!objective.data.empty()) {
    session.need(objective.data, Split::Holdout);
    data = &session.data(objective.data);
    batch = std::make_unique<Batch>(*data, objective.evalBatch, session.model);
    batch->bind(function, bindings);
    if (!objective.evalSingle.empty()) {
      single = std::make_unique<Batch>(*data, 1, session.model);
      const Function &one = session.program.function(objective.evalSingle);
      single->bind(one, singleBindings);
      singleCall = session.model.bind(one, singleBindings);
    }
  }
  batchCall = session.model.bind(function, bindings);
}

void Evaluator::add(Call &call, double weight, std::vector<Value> &sums) {
  session.model.call(call);
  size_t i = 0;
  for (const Call::Output &output : call.outputs) {
    if (output.arg->kind != ArgKind::Loss && output.arg->kind != ArgKind::Report)
      continue;
    if (i == sums.size())
      sums.emplace_back(output.arg->name, 0.0);
    sums[i++].second += weight * output.scalar();
  }
}

std::vector<Value> Evaluator::evaluate() {
  std::vector<Value> sums;
  int64_t step = session.model.step;
  // Draws depend on the batch's number alone, so that two evaluations compare.
  session.model.step = 0;
  uint64_t total = data ? data->rows(Split::Holdout) : 1, done = 0;
  if (total == 0)
    fail(Exit::Data, "{}: expected held-out rows, found none", data->name(Split::Holdout));
  if (!data)
    add(*batchCall, 1, sums), done = 1;
  for (uint64_t n = uint64_t(objective.evalBatch); data && done + n <= total; done += n) {
    batch->fill(Split::Holdout, [&](uint64_t k) { return done + k; });
    add(*batchCall, double(n), sums);
    ++session.model.step;
  }
  for (; singleCall && done < total; ++done) {
    single->fill(Split::Holdout, [&](uint64_t) { return done; });
    add(*singleCall, 1, sums);
    ++session.model.step;
  }
  session.model.step = step;
  if (done == 0)
    fail(Exit::Data, "{}: expected at least {} held-out rows, found {}", data->name(Split::Holdout),
         objective.evalBatch, total);
  for (Value &value : sums)
    value.second /= double(done);
  return sums;
}

std::optional<double> Evaluator::value(const std::vector<Value> &values) const {
  for (const Value &value : values)
    if (value.first == objective.name)
      return value.second;
  return std::nullopt;
}

std::string toText(const std::vector<Value> &values, DType real) {
  std::string text;
  for (const Value &value : values)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", value.first,
                        real == DType::F64 ? fmt::format("{}", value.second)
                                           : fmt::format("{:.9g}", value.second));
  return text;
}

} // namespace nnrt
