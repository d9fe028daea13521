/// An objective on the held-out rows.
#pragma once

#include "runtime/Session.h"
#include "runtime/data/Batch.h"

namespace nnrt {

/// A logged number and its name.
using Value = std::pair<std::string, double>;

class Evaluator {
public:
  Evaluator(Session &session, const Objective &objective);

  /// The row-weighted means over all held-out rows: batches of B, the rest one by one.
  std::vector<Value> evaluate();
  /// The objective's own value among those, if it has one.
  std::optional<double> value(const std::vector<Value> &values) const;

  const Objective &objective;

private:
  void add(Call &call, double weight, std::vector<Value> &sums);

  Session &session;
  DataSet *data = nullptr;
  std::unique_ptr<Batch> batch, single;
  std::optional<Call> batchCall, singleCall;
};

/// True if the objective can be judged: it has an eval function, and held-out rows if it reads
/// data.
bool canEvaluate(const Program &program, const Objective &objective);

/// "nll=0.312 nll.accuracy=0.8931".
std::string toText(const std::vector<Value> &values, DType real);

} // namespace nnrt
