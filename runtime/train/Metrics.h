/// What a training says about itself: a live line on a terminal, plain lines or records elsewhere,
/// and metrics.jsonl in the run folder.
#ifndef NNC_RUNTIME_TRAIN_METRICS_H
#define NNC_RUNTIME_TRAIN_METRICS_H

#include "runtime/session/Evaluate.h"

#include <chrono>
#include <cstdio>

namespace nnrt {

class Metrics {
public:
  /// `configuration` is a JSON object: the first line of metrics.jsonl. `json`: records are printed
  /// instead of lines.
  Metrics(const std::string &path, const std::string &configuration, bool append, DType real,
          int64_t logEvery, bool json);
  ~Metrics();
  Metrics(const Metrics &) = delete;

  struct Step {
    int64_t step = 0, epoch = 0, items = 0;
    double progress = 0;
    bool outermost = true; ///< false in loops within loops, where progress starts again
    const std::vector<const Call *> *calls = nullptr;
  };
  void step(const Step &step);
  void validation(int64_t step, const Judgement &judgement);
  /// Prints a line that stays.
  void line(const std::string &text);
  /// Leaves what was done since the last step out of the next one's time.
  void restartClock() { last = Clock::now(); }
  /// Brings what is buffered to the disk.
  void flush();

private:
  using Clock = std::chrono::steady_clock;
  std::string summary(const Step &step, double msPerStep) const;
  void noteLosses(const Step &step);
  std::string record(const Step &step, double ms) const;

  FILE *file = nullptr;
  std::string path;
  DType real;
  bool terminal, json;
  int64_t logEvery;
  Clock::time_point started, last, shown;
  double startProgress = -1, averageMs = 0;
  int64_t steps = 0;
  /// The last loss of each step statement, so that a line has all players of a game.
  std::vector<std::pair<const Arg *, double>> losses;
  int lastPart = -1;
};

/// Takes out of a metrics.jsonl what a training that goes on after `step` writes again: later
/// steps, validations of that step too if they are `repeated`, and a line that was not finished.
void keepRecords(const std::string &path, int64_t step, bool repeated);

} // namespace nnrt

#endif
