/// Interprets the schedule of a train block, once a step.
#pragma once

#include "runtime/EntryRun.h"
#include "runtime/Metrics.h"

namespace nnrt {

class Trainer {
public:
  Trainer(Session &session, const Command &command);

  /// Runs the schedule to its end, from a checkpoint with --resume.
  void run();

private:
  /// A `for` that is being run.
  struct Loop {
    const Statement *statement;
    Batch *batch = nullptr;
    std::optional<EpochOrder> order;
    uint64_t drawn = 0;      ///< batches since the loop began
    uint64_t firstBatch = 0; ///< batches that earlier loops drew from the set
    uint64_t turn = 0;
    double count = 0;
    bool stale = true;                               ///< the next use draws a batch
    bool filled = false;                             ///< the buffers hold the batch drawn last
    std::map<const Statement *, uint64_t> everyDone; ///< periods that an `every` has seen end
    double progress() const;
  };
  /// A `step` statement bound to its functions.
  struct StepCalls {
    Call gradient, update;
    std::vector<void *> accumulators; ///< one for each gradient, where batches are accumulated
    std::vector<const Call *> logged;
  };

  void prepare(const std::vector<Statement> &body, const Statement *innermost);
  void prepareStep(const Statement &statement, const Statement *loop);
  void printConfiguration();
  std::string configuration() const;
  void startRun();

  void runBody(const std::vector<Statement> &body);
  void runFor(const Statement &statement);
  void runRepeat(const Statement &statement);
  void runEvery(const Statement &statement);
  void runStep(const Statement &statement);
  void runValidate(const Statement &statement);
  void runEntry(const Statement &statement);

  void drawBatch(Loop &loop);
  void fillBatch(Loop &loop);
  void liveStep(const Statement &statement, Loop *loop);
  void accumulate(StepCalls &calls, int64_t turn, int64_t turns);
  void checkFinite(Call &call);
  [[noreturn]] void refuse(Call &call, const std::string &message);
  void afterStep();
  Loop *loopOf(const Statement &statement);
  double countOf(const Count &count) const;
  std::vector<Value> judge(const Objective &objective);
  void save(const std::string &name);
  void finish();

  Session &session;
  Model &model;
  const Command &command;
  FlagValues flags;
  std::map<std::string, std::unique_ptr<Batch>> batches; ///< by data set and size
  std::map<std::string, uint64_t> drawnBefore;           ///< by data set, in epochs' batches
  std::map<const Statement *, StepCalls> steps;
  std::map<std::string, std::unique_ptr<Evaluator>> evaluators;
  std::map<const Statement *, std::unique_ptr<EntryRun>> entries;
  std::map<std::string, std::pair<int64_t, std::vector<Value>>> judged;
  std::deque<Loop> loops;
  std::unique_ptr<Metrics> metrics;
  int64_t blockStep = 0;   ///< steps of this train block
  int64_t replayUntil = 0; ///< steps that a checkpoint has already done
  std::optional<double> best;
  std::chrono::steady_clock::time_point lastSave;

  bool replaying() const { return blockStep < replayUntil; }
};

} // namespace nnrt
