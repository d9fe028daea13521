/// The schedule, statement by statement.
#include "runtime/train/Trainer.h"
#include "runtime/base/Error.h"
#include "runtime/base/Interrupt.h"
#include "runtime/base/Output.h"
#include "runtime/train/FiniteWatch.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

namespace nnrt {

namespace {

constexpr auto saveInterval = std::chrono::minutes(5);

} // namespace

uint64_t Trainer::Loop::settled() const {
  uint64_t perEpoch = order->batchesPerEpoch(), left = perEpoch - drawn % perEpoch;
  return left < parts ? drawn + left : drawn;
}

double Trainer::Loop::progress() const {
  if (count <= 0)
    return 1;
  if (statement->unit == CountUnit::Steps)
    return std::min(1.0, double(iteration) / count);
  // Batches that are too few for a step are no part of an epoch.
  uint64_t perEpoch = order->batchesPerEpoch(), used = perEpoch - perEpoch % parts;
  uint64_t done = drawn / perEpoch * used + std::min(drawn % perEpoch, used);
  return std::min(1.0, double(done) / (count * double(used)));
}

double Trainer::countOf(const Count &count) const {
  return count.flag.empty() ? count.value : flags.number(count.flag);
}

Trainer::Loop *Trainer::loopOf(const Statement &statement) {
  const Objective &objective = session.program.objective(statement.objective);
  for (auto it = loops.rbegin(); it != loops.rend(); ++it)
    if (it->statement->data && it->statement->data->set == objective.data)
      return &*it;
  return nullptr;
}

void Trainer::runBody(const std::vector<Statement> &body) {
  for (const Statement &statement : body)
    switch (statement.op) {
    case StatementOp::For:
      runFor(statement);
      break;
    case StatementOp::Repeat:
      runRepeat(statement);
      break;
    case StatementOp::Every:
      runEvery(statement);
      break;
    case StatementOp::Step:
      runStep(statement);
      break;
    case StatementOp::Validate:
      runValidate(statement);
      break;
    case StatementOp::Run:
      runEntry(statement);
      break;
    }
}

void Trainer::runFor(const Statement &statement) {
  Loop &loop = loops.emplace_back();
  loop.statement = &statement;
  loop.count = countOf(statement.count);
  loop.parts = prepared[statement.index].parts;
  if (statement.data) {
    const BatchOf &of = *statement.data;
    loop.batch = prepared[statement.index].batch;
    loop.order.emplace(loop.batch->data.rows(Split::Train), of.rows, uint64_t(session.state.seed));
    // Loops over the same set go on through its epochs.
    uint64_t perEpoch = loop.order->batchesPerEpoch();
    uint64_t &before = drawnBefore[of.set];
    loop.firstBatch = before * perEpoch;
  }
  uint64_t epochBatches = loop.order ? loop.order->batchesPerEpoch() : 1;
  bool epochs = statement.unit == CountUnit::Epochs;
  double iterations = epochs ? loop.count * double(epochBatches) : loop.count;
  while (true) {
    if (loop.order)
      loop.drawn = loop.settled();
    if (double(epochs ? loop.drawn : loop.iteration) >= iterations)
      break;
    loop.stale = true;
    uint64_t before = loop.drawn;
    runBody(statement.body);
    ++loop.iteration;
    // An iteration that uses no batch still takes one, so that epochs end.
    if (epochs && loop.drawn == before)
      ++loop.drawn;
  }
  if (statement.data)
    drawnBefore[statement.data->set] += (loop.drawn + epochBatches - 1) / epochBatches;
  loops.pop_back();
  // Its batches may have been made in the buffers of a loop around it.
  for (Loop &outer : loops)
    outer.filled.reset();
}

void Trainer::runRepeat(const Statement &statement) {
  auto times = int64_t(countOf(statement.count));
  for (int64_t k = 0; k < times; ++k) {
    if (!loops.empty())
      loops.back().stale = true;
    runBody(statement.body);
  }
}

void Trainer::runEvery(const Statement &statement) {
  if (loops.empty())
    return runBody(statement.body);
  Loop &loop = loops.back();
  auto period = std::max<uint64_t>(1, uint64_t(countOf(statement.count)));
  uint64_t now = loop.iteration + 1;
  if (statement.unit == CountUnit::Epochs)
    now = loop.order ? loop.settled() / loop.order->batchesPerEpoch() : 0;
  // It runs when a multiple of the period has been reached since it last stood here.
  uint64_t &done = loop.everyDone[statement.index];
  if (now / period > done) {
    done = now / period;
    runBody(statement.body);
  }
}

/// Takes the batches of a step: those of the step before it if no iteration has begun since. A step
/// that accumulates does not cross the end of an epoch, as a batch of so many rows would not.
void Trainer::drawBatch(Loop &loop, uint64_t parts) {
  uint64_t perEpoch = loop.order->batchesPerEpoch();
  bool fits = loop.first % perEpoch + parts <= perEpoch;
  if (std::exchange(loop.stale, false) || !fits) {
    loop.first = loop.drawn;
    if (uint64_t left = perEpoch - loop.first % perEpoch; left < parts)
      loop.first += left;
  }
  loop.drawn = std::max(loop.drawn, loop.first + parts);
}

void Trainer::fillBatch(Loop &loop, uint64_t part) {
  uint64_t n = loop.firstBatch + loop.first + part;
  if (loop.filled == n)
    return;
  loop.filled = n;
  loop.batch->fill(Split::Train, [&](uint64_t k) { return loop.order->row(n, k); });
}

void Trainer::runStep(const Statement &statement) {
  Loop *loop = loopOf(statement);
  double progress = loops.empty() ? 0 : loops.back().progress();
  if (loop)
    drawBatch(*loop, uint64_t(statement.accumulate));
  if (replaying()) {
    // Steps that the checkpoint holds only move the data order on.
    ++blockStep;
    return;
  }
  model.setIteration(double(blockStep));
  model.setProgress(progress);
  liveStep(statement, loop);
  afterStep();
}

/// The gradient of one batch, or the mean of several whose draws differ. Running values move at its
/// end, so that each batch sees those before the step.
void Trainer::computeGradient(const Statement &statement, StepCalls &calls, Loop *loop) {
  for (model.part = 0; model.part < statement.accumulate; ++model.part) {
    if (loop)
      fillBatch(*loop, uint64_t(model.part));
    model.call(calls.gradient);
    checkFinite(calls.gradient);
    if (calls.accumulator)
      calls.accumulator->add(model.part);
  }
  model.part = 0;
  if (calls.accumulator)
    calls.accumulator->finish();
  model.acceptStates(calls.gradient);
}

void Trainer::liveStep(const Statement &statement, Loop *loop) {
  StepCalls &calls = *prepared[statement.index].step;
  computeGradient(statement, calls, loop);
  model.call(calls.update);
  model.acceptStates(calls.update);
  ++stepsDone;
  ++blockStep;
  ++model.step;

  Metrics::Step record;
  record.step = model.step;
  record.calls = &calls.logged;
  record.outermost = loops.size() == 1;
  if (!loops.empty())
    record.progress = loops.back().progress();
  if (loop) {
    record.epoch =
        int64_t((loop->firstBatch + loop->drawn - 1) / loop->order->batchesPerEpoch()) + 1;
    record.items = loop->batch->size * statement.accumulate;
  }
  metrics->step(record);
}

void Trainer::checkFinite(Call &call) {
  for (const Call::Output &output : call.outputs) {
    bool guarded = output.arg->kind == ArgKind::Loss || output.arg->kind == ArgKind::GradNorm;
    if (guarded && !std::isfinite(output.scalar()))
      refuse(call, fmt::format("step {}: {}: expected a finite number, found {}", model.step + 1,
                               output.arg->name, output.scalar()));
  }
}

/// Ends a training whose step went wrong; says where, from what it read to the kernel that made it.
void Trainer::refuse(Call &call, std::string message) {
  clearLive();
  const Arg *broken = model.firstNotFinite(call);
  if (const Model::Buffer *buffer = firstSpoilt())
    fail(Exit::NonFinite, "{}: {}", message, spoilt(*buffer));
  std::string finding;
  if (broken) {
    finding = fmt::format("{} is not finite", broken->name);
    for (auto &[key, batch] : batches)
      if (auto place = batch->notFinite(broken->name))
        finding += fmt::format(" in {}", *place);
  } else {
    FiniteWatch watch(session.program.real, nn_launches);
    model.replay(call, watch);
    finding = watch.finding();
  }
  message += finding.empty() ? "" : ": " + finding;
  // Without a step there is nothing that is worth the place of an older checkpoint.
  if (stepsDone == 0 && session.hasCheckpoint(Saved::Last))
    fail(Exit::NonFinite, "{}; it is the first step, {} is as it was", message,
         session.checkpointPath(Saved::Last));
  // The update has not run, so the parameters are those of the step before.
  save();
  fail(Exit::NonFinite, "{}; the parameters before this step are in {}", message,
       session.checkpointPath(Saved::Last));
}

/// A parameter or state that an update has spoilt, if any.
const Model::Buffer *Trainer::firstSpoilt() const {
  for (const Model::Buffer *buffer : watched)
    if (!buffer->isFinite())
      return buffer;
  return nullptr;
}

std::string Trainer::spoilt(const Model::Buffer &buffer) const {
  return fmt::format("{} is not finite since an earlier update; {}", buffer.decl->name,
                     savedStep
                         ? fmt::format("the last checkpoint, of step {}, is as it was", *savedStep)
                         : "no checkpoint has been written");
}

void Trainer::afterStep() {
  int64_t every = session.options.saveEvery;
  auto now = std::chrono::steady_clock::now();
  if (every > 0 ? model.step % every == 0 : now - lastSave > saveInterval)
    save();
  honourInterrupt();
}

/// Ends a training that was asked to stop, or whose words nobody can read any more.
void Trainer::stop() {
  clearLive();
  save();
  std::string saved = fmt::format("after step {}; saved in {}: go on with --resume", model.step,
                                  session.checkpointPath(Saved::Last));
  if (interrupted())
    fail(Exit::Interrupted, "interrupted {}", saved);
  if (readerIsGone())
    throw Error(Exit::IO, "");
  fail(Exit::IO, "standard output: cannot write, {}", saved);
}

const Judgement &Trainer::judge(const Objective &objective, uint64_t rows) {
  auto it = judged.find(objective.name);
  if (it != judged.end() && it->second.step == model.step && it->second.limit == rows)
    return it->second.judgement;
  Judged &now = judged[objective.name];
  now = {model.step, rows, evaluators.at(objective.name)->evaluate(rows)};
  metrics->validation(model.step, now.judgement);
  return now.judgement;
}

/// 0: all.
uint64_t Trainer::rowsOf(const Statement &validate) const {
  if (!validate.rows)
    return 0;
  double rows = countOf(*validate.rows);
  if (rows < 1)
    fail(Exit::Usage, "--{}: expected at least 1 row to judge, found {}", validate.rows->flag,
         rows);
  return uint64_t(rows);
}

void Trainer::runValidate(const Statement &statement) {
  if (replaying())
    return;
  Evaluator &evaluator = *evaluators.at(statement.objective);
  std::optional<double> value =
      evaluator.value(judge(evaluator.objective, rowsOf(statement)).values);
  bool better = value && std::isfinite(*value) &&
                (!best || (evaluator.objective.maximize ? *value > *best : *value < *best));
  if (better)
    best = value;
  // Parameters that are judged so are not worth the place of those before.
  if (value && !std::isfinite(*value) && !firstSpoilt()) {
    clearLive();
    return note("step {}: {} is not finite, no checkpoint is written here", model.step,
                statement.objective);
  }
  save();
  // The best one is another name for the file just written; the next save leaves it alone.
  if (better)
    linkFile(session.checkpointPath(Saved::Last), session.checkpointPath(Saved::Best));
}

void Trainer::runEntry(const Statement &statement) {
  if (replaying())
    return;
  clearLive();
  ShowTarget target;
  target.json = session.options.json;
  target.folder = session.runFolder + "/samples/";
  makeFolder(target.folder);
  target.suffix = fmt::format("-{:06}", model.step);
  prepared[statement.index].entry->run(target);
}

/// Writes `last`, unless that would put parameters that are of no use in the place of good ones.
void Trainer::save() {
  if (const Model::Buffer *buffer = firstSpoilt()) {
    clearLive();
    fail(Exit::NonFinite, "step {}: {}", model.step, spoilt(*buffer));
  }
  RunState state{command.name, session.state.seed, model.step,      blockStep,
                 best,         model.iteration(),  model.progress()};
  std::string path = session.checkpointPath(Saved::Last);
  session.files.checkOutput(path);
  // A resumed training does not write the records of these steps again: they come first.
  metrics->flush();
  saveCheckpoint(path, model, session.vocabularies, state);
  savedStep = model.step;
  metrics->restartClock();
  lastSave = std::chrono::steady_clock::now();
}

void Trainer::run() {
  startRun();
  deferInterrupts();
  lastSave = std::chrono::steady_clock::now();
  try {
    runBody(command.body);
    if (replaying())
      fail(Exit::Usage,
           "{}: expected a checkpoint within the schedule's {} steps to go on from, found step {}",
           session.checkpointPath(session.options.checkpoint), blockStep, replayUntil);
    finish();
  } catch (const Stop &) {
    stop();
  }
}

void Trainer::finish() {
  save();
  clearLive();
  for (auto &[name, evaluator] : evaluators) {
    const Judgement &last = judge(evaluator->objective, finalRows[name]);
    if (!session.options.json)
      say("{}: {}\n", last.title(), toText(last.values, session.program.real));
  }
  say("{}\n",
      session.options.json
          ? nlohmann::ordered_json{{"checkpoint", session.checkpointPath(Saved::Last)}}.dump()
          : "checkpoint: " + session.checkpointPath(Saved::Last));
  std::fflush(stdout);
}

} // namespace nnrt
