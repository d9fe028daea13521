/// An objective on the held-out rows.
#ifndef NNC_RUNTIME_SESSION_EVALUATE_H
#define NNC_RUNTIME_SESSION_EVALUATE_H

#include "runtime/data/Batch.h"
#include "runtime/session/Session.h"

namespace nnrt {

/// A logged number and its name.
using Value = std::pair<std::string, double>;

/// What an objective is on held-out rows.
struct Judgement {
  std::vector<Value> values;
  uint64_t rows = 0; ///< that it is of; 0 without data
  uint64_t of = 0;   ///< rows held out

  /// "validation", or "validation of 2000 of 31200 rows".
  std::string title() const;
};

class Evaluator {
public:
  /// A tensor that a batch gives, and its total over batches.
  struct Statistic {
    const Arg *arg;
    Combiner combiner;
    void *buffer;
    std::vector<double> total;
  };

  Evaluator(Session &session, const Objective &objective);

  /// What the objective is of one batch of all held-out rows, or of `limit` of them, evenly spread:
  /// from statistics of batches and their totals. Results without statistics are means over
  /// batches.
  Judgement evaluate(uint64_t limit = 0);
  /// The objective's own value among those, if it has one.
  std::optional<double> value(const std::vector<Value> &values) const;

  const Objective &objective;

private:
  void addStatistics(const Function &function);
  void bindStatistics(Bindings &bindings);
  void judgeBatch(Call &call, uint64_t rows, bool first);
  std::vector<Value> finish(uint64_t rows);

  Session &session;
  DataSet *data = nullptr;
  std::unique_ptr<Batch> batch, single;
  std::optional<Call> batchCall, singleCall, finishCall;
  std::deque<Statistic> statistics;
};

/// True if the objective can be judged: it has an eval function, and held-out rows if it reads
/// data.
bool canEvaluate(const Program &program, const Objective &objective);

/// {"nll": 0.312, "nll.accuracy": 0.8931}; JSON has no NaN, it becomes null.
std::string toJson(const std::vector<Value> &values, DType real);
/// "nll=0.312 nll.accuracy=0.8931".
std::string toText(const std::vector<Value> &values, DType real);

} // namespace nnrt

#endif
