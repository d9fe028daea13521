/// What a training says about itself: a live line on a terminal, plain lines elsewhere, and
/// metrics.jsonl in the run folder.
#pragma once

#include "runtime/Evaluate.h"

#include <chrono>
#include <cstdio>

namespace nnrt {

class Metrics {
public:
  /// `configuration` is a JSON object: the first line of metrics.jsonl.
  Metrics(const std::string &path, const std::string &configuration, bool append, DType real,
          int64_t logEvery);
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
  /// Ends the live line, so that something else may print.
  void clear();
  /// Leaves what was done since the last step out of the next one's time.
  void restartClock() { last = Clock::now(); }
  /// Hands what is buffered to the file.
  void flush();

private:
  using Clock = std::chrono::steady_clock;
  std::string summary(const Step &step, double msPerStep) const;
  void noteLosses(const Step &step);
  void record(const Step &step, double ms);

  FILE *file = nullptr;
  std::string path;
  DType real;
  bool terminal, live = false;
  int64_t logEvery;
  Clock::time_point started, last, shown;
  double startProgress = -1, averageMs = 0;
  int64_t steps = 0;
  /// The last loss of each step statement, so that a line has all players of a game.
  std::vector<std::pair<const Arg *, double>> losses;
  int lastPart = -1;
};

/// "1:02:03".
std::string formatDuration(double seconds);

} // namespace nnrt
