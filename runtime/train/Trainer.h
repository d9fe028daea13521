/// Interprets the schedule of a train block, once a step.
#ifndef NNC_RUNTIME_TRAIN_TRAINER_H
#define NNC_RUNTIME_TRAIN_TRAINER_H

#include "runtime/session/EntryRun.h"
#include "runtime/train/Accumulator.h"
#include "runtime/train/Metrics.h"

namespace nnrt {

/// What a training goes on from.
enum class Beginning {
  Initial,   ///< initial values
  Continued, ///< what the train block before it left
  Resumed,   ///< its own checkpoint
};

/// Runs a train block: locks the run folder, brings the session to where the training starts, and
/// runs the schedule to its end.
void train(Session &session, const Command &command);

class Trainer {
public:
  /// `session` is at the beginning: its vocabularies and parameters are there.
  Trainer(Session &session, Beginning beginning, const Command &command);

  /// Runs the schedule to its end.
  void run();

private:
  /// A `for` that is being run.
  struct Loop {
    const Statement *statement;
    Batch *batch = nullptr;
    std::optional<EpochOrder> order;
    uint64_t parts = 1;      ///< batches that the largest accumulated step over it takes
    uint64_t drawn = 0;      ///< batches since the loop began
    uint64_t first = 0;      ///< of these, the first one of the last step
    uint64_t firstBatch = 0; ///< batches that earlier loops drew from the set
    uint64_t iteration = 0;
    double count = 0;
    bool stale = true;                    ///< the next step begins a new batch
    std::optional<uint64_t> filled;       ///< the batch that the buffers hold
    std::map<size_t, uint64_t> everyDone; ///< periods that an `every` has seen end, by its index
    /// `drawn`, with the batches at the end of an epoch that are too few for a step.
    uint64_t settled() const;
    double progress() const;
  };
  /// A `step` statement bound to its functions.
  struct StepCalls {
    Call gradient, update;
    std::optional<Accumulator> accumulator;
    std::vector<const Call *> logged;
  };
  /// What is made ready for a statement before the first step.
  struct Prepared {
    Batch *batch = nullptr;          ///< of a `for` with data
    uint64_t parts = 1;              ///< of a `for`: Loop::parts
    std::optional<StepCalls> step;   ///< of a `step`
    std::unique_ptr<EntryRun> entry; ///< of a `run`
  };

  void prepare(const std::vector<Statement> &body, std::vector<const Statement *> &around);
  void prepareLoop(const Statement &statement);
  void prepareStep(const Statement &statement, const std::vector<const Statement *> &around);
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

  void drawBatch(Loop &loop, uint64_t parts);
  void fillBatch(Loop &loop, uint64_t part);
  void liveStep(const Statement &statement, Loop *loop);
  void computeGradient(const Statement &statement, StepCalls &calls, Loop *loop);
  void checkFinite(Call &call);
  [[noreturn]] void refuse(Call &call, std::string message);
  void afterStep();
  const Model::Buffer *firstSpoilt() const;
  std::string spoilt(const Model::Buffer &buffer) const;
  [[noreturn]] void stop();
  Loop *loopOf(const Statement &statement);
  double countOf(const Count &count) const;
  uint64_t rowsOf(const Statement &validate) const;
  const Judgement &judge(const Objective &objective, uint64_t rows);
  void save();
  void finish();

  Session &session;
  const Beginning beginning;
  Model &model;
  const Command &command;
  FlagValues flags;
  /// By data set and rows.
  std::map<std::pair<std::string, int64_t>, std::unique_ptr<Batch>> batches;
  std::map<std::string, uint64_t> drawnBefore; ///< by data set, in epochs' batches
  std::vector<Prepared> prepared;              ///< by the statement's index
  std::map<std::string, std::unique_ptr<Evaluator>> evaluators;
  /// Rows that an objective is judged on at the end: as many as in its largest `validate`, 0 for
  /// all.
  std::map<std::string, uint64_t> finalRows;
  struct Judged {
    int64_t step;
    uint64_t limit;
    Judgement judgement;
  };
  std::map<std::string, Judged> judged; ///< the last judgement of each objective
  std::deque<Loop> loops;
  std::unique_ptr<Metrics> metrics;
  int64_t blockStep = 0;   ///< steps of this train block
  int64_t replayUntil = 0; ///< steps that a checkpoint has already done
  std::optional<double> best;
  std::chrono::steady_clock::time_point lastSave;
  std::optional<int64_t> savedStep; ///< of the last checkpoint in the folder, where it is ours
  int64_t stepsDone = 0;            ///< by this process
  /// Tensors that held finite numbers when the training began; only those may be saved that do.
  std::vector<const Model::Buffer *> watched;

  bool replaying() const { return blockStep < replayUntil; }
  bool isResumed() const { return beginning == Beginning::Resumed; }
};

} // namespace nnrt

#endif
