/// Lines on standard output, and records in metrics.jsonl.
#include "runtime/train/Metrics.h"
#include "runtime/base/Error.h"
#include "runtime/base/Files.h"
#include "runtime/base/Output.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <unistd.h>

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

void keepRecords(const std::string &path, int64_t step, bool repeated) {
  std::ifstream file(path, std::ios::binary);
  std::string kept, line;
  bool all = true;
  while (std::getline(file, line)) {
    long long of = 0;
    bool isRecord = std::sscanf(line.c_str(), "{\"step\": %lld", &of) == 1;
    bool isValidation = line.find("\"validation\"") != std::string::npos;
    bool whole = !file.eof();
    if (whole && (!isRecord || of < step || (of == step && !(isValidation && repeated))))
      kept += line + "\n";
    else
      all = false;
  }
  if (!all)
    writeFile(path, {kept});
}

Metrics::Metrics(const std::string &path, const std::string &configuration, bool append, DType real,
                 int64_t logEvery, bool json)
    : path(path), real(real), terminal(onTerminal() && !json), json(json), logEvery(logEvery) {
  file = std::fopen(path.c_str(), append ? "a" : "w");
  if (!file)
    fail(Exit::IO, "{}: cannot open for writing: {}", path, std::strerror(errno));
  std::fputs(configuration.c_str(), file);
  std::fputc('\n', file);
  started = last = Clock::now();
}

Metrics::~Metrics() {
  clearLive();
  std::fclose(file);
}

void Metrics::flush() {
  errno = 0;
  if (std::fflush(file) != 0 || std::ferror(file))
    fail(Exit::IO, "{}: cannot write the metrics: {}", path, std::strerror(errno ? errno : EIO));
  // Not every file system can; the records are then as safe as it makes them.
  fdatasync(fileno(file));
}

void Metrics::line(const std::string &text) {
  clearLive();
  say("{}\n", text);
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

std::string Metrics::record(const Step &step, double ms) const {
  fmt::memory_buffer out;
  fmt::format_to(std::back_inserter(out), "{{\"step\": {}, \"epoch\": {}", step.step, step.epoch);
  for (const Call *call : *step.calls)
    for (const Call::Output &output : call->outputs) {
      fmt::format_to(std::back_inserter(out), ", \"{}\": ", output.arg->name);
      appendNumber(out, output.scalar(), real);
    }
  fmt::format_to(std::back_inserter(out), ", \"ms\": {:.4f}}}", ms);
  return fmt::to_string(out);
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
    std::fputs((record(step, ms) + "\n").c_str(), file);
  noteLosses(step);
  int part = int(step.progress * linesPerLoop);
  bool due = terminal ? now - shown > liveInterval : part != lastPart && step.outermost;
  if (due) {
    shown = now;
    lastPart = part;
    if (terminal)
      showLive(summary(step, averageMs));
    else
      line(json ? record(step, ms) : summary(step, averageMs));
  }
  ++steps;
}

void Metrics::validation(int64_t step, const Judgement &judgement) {
  std::string record = fmt::format("{{\"step\": {}, \"validation\": {}, \"rows\": {}}}", step,
                                   toJson(judgement.values, real), judgement.rows);
  line(json ? record
            : fmt::format("step {}  {}: {}", step, judgement.title(),
                          toText(judgement.values, real)));
  std::fputs((record + "\n").c_str(), file);
  flush();
  restartClock();
}

} // namespace nnrt
