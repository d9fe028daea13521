#include "runtime/Metrics.h"
#include "runtime/Error.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <unistd.h>
#include <utility>

namespace nnrt {

namespace {

/// Off a terminal a loop prints about this many lines.
constexpr int linesPerLoop = 20;
constexpr auto liveInterval = std::chrono::milliseconds(100);

double milliseconds(std::chrono::steady_clock::duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

/// A number in JSON, which has no NaN.
void appendNumber(fmt::memory_buffer &out, double value, DType real) {
  if (!std::isfinite(value))
    fmt::format_to(std::back_inserter(out), "null");
  else if (real == DType::F64)
    fmt::format_to(std::back_inserter(out), "{}", value);
  else
    fmt::format_to(std::back_inserter(out), "{}", float(value));
}

} // namespace

std::string formatDuration(double seconds) {
  auto s = int64_t(std::llround(seconds));
  if (s >= 3600)
    return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

Metrics::Metrics(const std::string &path, const std::string &configuration, bool append, DType real,
                 int64_t logEvery)
    : path(path), real(real), terminal(isatty(STDOUT_FILENO) == 1), logEvery(logEvery) {
  file = std::fopen(path.c_str(), append ? "a" : "w");
  if (!file)
    fail(Exit::IO, "{}: cannot open for writing: {}", path, std::strerror(errno));
  std::fputs(configuration.c_str(), file);
  std::fputc('\n', file);
  started = last = Clock::now();
}

Metrics::~Metrics() {
  clear();
  std::fclose(file);
}

void Metrics::flush() {
  std::fflush(file);
  if (std::ferror(file))
    fail(Exit::IO, "{}: cannot write the metrics", path);
}

void Metrics::clear() {
  if (std::exchange(live, false))
    fmt::print("\r\033[K");
  std::fflush(stdout);
}

void Metrics::line(const std::string &text) {
  clear();
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

std::string Metrics::summary(const Step &step, double msPerStep) const {
  std::string text = fmt::format("step {}", step.step);
  if (step.epoch > 0)
    text += fmt::format("  epoch {}", step.epoch);
  for (auto &[arg, value] : losses)
    text += fmt::format("  {} {:.4g}", arg->name, value);
  for (const Call *call : *step.calls)
    for (const Call::Output &output : call->outputs)
      if (output.arg->kind != ArgKind::Loss)
        text += fmt::format("  {} {:.4g}", output.arg->name, output.scalar());
  if (steps > 0)
    text += fmt::format("  {:.3g} ms/step", msPerStep);
  if (steps > 0 && step.items > 0 && msPerStep > 0)
    text += fmt::format("  {:.0f} items/s", double(step.items) / msPerStep * 1e3);
  double done = step.progress - startProgress;
  if (done > 0 && step.outermost)
    text += "  ETA " + formatDuration(milliseconds(Clock::now() - started) / 1e3 / done *
                                      std::max(0.0, 1 - step.progress));
  return text;
}

void Metrics::noteLosses(const Step &step) {
  for (const Call *call : *step.calls)
    for (const Call::Output &output : call->outputs) {
      if (output.arg->kind != ArgKind::Loss)
        continue;
      auto known = std::find_if(losses.begin(), losses.end(),
                                [&](auto &loss) { return loss.first->name == output.arg->name; });
      if (known == losses.end())
        losses.emplace_back(output.arg, output.scalar());
      else
        known->second = output.scalar();
    }
}

void Metrics::record(const Step &step, double ms) {
  fmt::memory_buffer out;
  fmt::format_to(std::back_inserter(out), "{{\"step\": {}, \"epoch\": {}", step.step, step.epoch);
  for (const Call *call : *step.calls)
    for (const Call::Output &output : call->outputs) {
      fmt::format_to(std::back_inserter(out), ", \"{}\": ", output.arg->name);
      appendNumber(out, output.scalar(), real);
    }
  fmt::format_to(std::back_inserter(out), ", \"ms\": {:.4f}}}\n", ms);
  std::fwrite(out.data(), 1, out.size(), file);
}

void Metrics::step(const Step &step) {
  auto now = Clock::now();
  double ms = milliseconds(now - last);
  last = now;
  if (startProgress < 0 || step.progress < startProgress) {
    startProgress = step.progress;
    started = now;
    lastPart = -1;
  }
  // The first step after a pause warms caches; the average leaves it out.
  averageMs = steps <= 1 ? ms : averageMs + (ms - averageMs) * 0.02;
  if (step.step % logEvery == 0)
    record(step, ms);
  noteLosses(step);
  int part = int(step.progress * linesPerLoop);
  bool due = terminal ? now - shown > liveInterval : part != lastPart && step.outermost;
  if (due) {
    shown = now;
    lastPart = part;
    std::string text = summary(step, averageMs);
    if (terminal) {
      fmt::print("\r\033[K{}", text);
      std::fflush(stdout);
      live = true;
    } else {
      line(text);
    }
  }
  ++steps;
}

void Metrics::validation(int64_t step, const Judgement &judgement) {
  const std::vector<Value> &values = judgement.values;
  line(fmt::format("step {}  {}: {}", step, judgement.title(), toText(values, real)));
  fmt::memory_buffer out;
  fmt::format_to(std::back_inserter(out), "{{\"step\": {}, \"validation\": {{", step);
  for (size_t i = 0; i < values.size(); ++i) {
    fmt::format_to(std::back_inserter(out), "{}\"{}\": ", i ? ", " : "", values[i].first);
    appendNumber(out, values[i].second, real);
  }
  fmt::format_to(std::back_inserter(out), "}}, \"rows\": {}}}\n", judgement.rows);
  std::fwrite(out.data(), 1, out.size(), file);
  flush();
  restartClock();
}

} // namespace nnrt
