/// What a training needs before its first step.
#include "runtime/base/Error.h"
#include "runtime/base/Output.h"
#include "runtime/train/RunLock.h"
#include "runtime/train/Trainer.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace nnrt {

namespace fs = std::filesystem;

namespace {

/// Announces the splits that a schedule uses, before anything is loaded.
void announce(Session &session, const std::vector<Statement> &body) {
  for (const Statement &statement : body) {
    if (statement.data)
      session.need(statement.data->set, Split::Train);
    if (statement.op == StatementOp::Step || statement.op == StatementOp::Validate) {
      const Objective &objective = session.program.objective(statement.objective);
      if (!objective.data.empty() && canEvaluate(session.program, objective))
        session.need(objective.data, Split::Holdout);
    }
    if (statement.op == StatementOp::Run) {
      const Entry &entry = session.program.entry(statement.entry);
      if (entry.data)
        session.need(entry.data->set, hasHoldout(session.program.dataSet(entry.data->set))
                                          ? Split::Holdout
                                          : Split::Train);
    }
    announce(session, statement.body);
  }
}

Beginning beginningOf(const Session &session, const Command &command) {
  if (session.options.resume)
    return Beginning::Resumed;
  // A later train block goes on from what the one before left.
  bool isLater = &command != &session.program.commands[0];
  return isLater && session.hasCheckpoint(session.options.checkpoint) ? Beginning::Continued
                                                                      : Beginning::Initial;
}

void resume(Session &session) {
  Needs needs;
  needs.optimizer = true;
  session.restore(needs);
  std::optional<int64_t> seed = session.options.seed;
  if (seed && *seed != session.state.seed)
    fail(Exit::Usage, "--seed: expected {}, with which the checkpoint was trained, found {}",
         session.state.seed, *seed);
}

/// Brings vocabularies, counters and tensors to where the training starts.
Beginning begin(Session &session, const Command &command) {
  Beginning beginning = beginningOf(session, command);
  switch (beginning) {
  case Beginning::Initial:
    session.learnVocabularies();
    session.initialise();
    break;
  case Beginning::Continued:
    session.initialise();
    session.restore();
    break;
  case Beginning::Resumed:
    resume(session);
    break;
  }
  return beginning;
}

size_t countStatements(const std::vector<Statement> &body) {
  size_t count = body.size();
  for (const Statement &statement : body)
    count += countStatements(statement.body);
  return count;
}

} // namespace

void train(Session &session, const Command &command) {
  RunLock lock(session.runFolder);
  // Data sets and flags are read with the vocabularies and the seed that this finds.
  Beginning beginning = begin(session, command);
  Trainer(session, beginning, command).run();
}

Trainer::Trainer(Session &session, Beginning beginning, const Command &command)
    : session(session), beginning(beginning), model(session.model), command(command),
      flags(session, command.flags, session.options.flags),
      prepared(countStatements(command.body)) {
  announce(session, command.body);
  std::vector<const Statement *> around;
  prepare(command.body, around);
}

void Trainer::prepare(const std::vector<Statement> &body, std::vector<const Statement *> &around) {
  for (const Statement &statement : body) {
    auto addEvaluator = [&](const Objective &objective) {
      if (!evaluators.count(objective.name))
        evaluators[objective.name] = std::make_unique<Evaluator>(session, objective);
    };
    switch (statement.op) {
    case StatementOp::For:
      prepareLoop(statement);
      around.push_back(&statement);
      prepare(statement.body, around);
      around.pop_back();
      break;
    case StatementOp::Step: {
      prepareStep(statement, around);
      const Objective &objective = session.program.objective(statement.objective);
      if (canEvaluate(session.program, objective))
        addEvaluator(objective);
      break;
    }
    case StatementOp::Validate: {
      addEvaluator(session.program.objective(statement.objective));
      uint64_t rows = rowsOf(statement);
      auto [known, isFirst] = finalRows.try_emplace(statement.objective, rows);
      if (!isFirst && known->second)
        known->second = rows ? std::max(known->second, rows) : 0;
      break;
    }
    case StatementOp::Run: {
      std::map<std::string, std::string> values;
      for (const RunArgument &arg : statement.args)
        values[arg.name] = textOf(arg.value);
      prepared[statement.index].entry =
          std::make_unique<EntryRun>(session, session.program.entry(statement.entry), values);
      break;
    }
    case StatementOp::Repeat:
    case StatementOp::Every:
      prepare(statement.body, around);
      break;
    }
  }
}

void Trainer::prepareLoop(const Statement &statement) {
  if (!statement.data) {
    if (statement.unit == CountUnit::Epochs)
      failConstant("a loop over epochs has no data");
    return;
  }
  const BatchOf &of = *statement.data;
  DataSet &data = session.data(of.set);
  if (data.rows(Split::Train) < uint64_t(of.rows))
    fail(Exit::Data, "{}: expected at least one batch of {} rows, found {}",
         data.name(Split::Train), of.rows, data.rows(Split::Train));
  auto &batch = batches[{of.set, of.rows}];
  if (!batch)
    batch = std::make_unique<Batch>(data, of.rows, model);
  prepared[statement.index].batch = batch.get();
}

void Trainer::prepareStep(const Statement &statement,
                          const std::vector<const Statement *> &around) {
  StepCalls &calls = prepared[statement.index].step.emplace();
  Bindings bindings;
  flags.bind(bindings);
  const Function &gradient = session.program.function(statement.gradient);
  const std::string &set = session.program.objective(statement.objective).data;
  auto loop = std::find_if(around.rbegin(), around.rend(), [&](const Statement *outer) {
    return outer->data && outer->data->set == set;
  });
  if (loop != around.rend()) {
    Prepared &outer = prepared[(*loop)->index];
    Batch &batch = *outer.batch;
    batch.bind(gradient, bindings);
    uint64_t rows = batch.data.rows(Split::Train), wanted = uint64_t(statement.accumulate);
    if (rows / uint64_t(batch.size) < wanted)
      fail(Exit::Data,
           "{}: expected at least {} batches of {} rows for accumulate({}), found {} rows",
           batch.data.name(Split::Train), wanted, batch.size, wanted, rows);
    outer.parts = std::max(outer.parts, wanted);
  }
  calls.gradient = model.bind(gradient, bindings);
  calls.update = model.bind(session.program.function(statement.update), bindings);
  calls.logged = {&calls.gradient, &calls.update};
  if (statement.accumulate > 1)
    calls.accumulator.emplace(model, calls.gradient, statement.accumulate);
}

std::string Trainer::configuration() const {
  nlohmann::ordered_json object;
  object["program"] = session.program.name;
  object["hash"] = session.program.hash;
  object["command"] = command.name;
  object["seed"] = session.state.seed;
  object["threads"] = model.threads();
  object["real"] = wordOf(session.program.real);
  object["cpu"] = session.program.cpu;
  object["parameters"] = model.parameterCount();
  if (isResumed())
    object["resumed_at"] = model.step;
  object["flags"] = nlohmann::ordered_json::object();
  for (auto &[name, text] : flags.texts())
    object["flags"][name] = text;
  object["files"] = session.files.inputs();
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void Trainer::printConfiguration() {
  if (session.options.json)
    return say("{}\n", configuration());
  std::string line =
      fmt::format("{} {}: seed={} threads={} real={}", session.program.name, command.name,
                  session.state.seed, model.threads(), wordOf(session.program.real));
  for (auto &[name, text] : flags.texts())
    line += fmt::format(" {}={}", name, text);
  say("{}\n", line);
  for (auto &[key, batch] : batches)
    say("data {}[{}]: {} rows, {} held out, {} batches per epoch\n", key.first, key.second,
        batch->data.rows(Split::Train), batch->data.rows(Split::Holdout),
        batch->data.rows(Split::Train) / uint64_t(batch->size));
  say("parameters: {}\n{}\n", model.parameterCount(), session.memoryLine());
  say("run: {}\n", session.runFolder);
}

void Trainer::startRun() {
  std::string last = session.checkpointPath(Saved::Last);
  if (isResumed()) {
    const RunState &state = session.state;
    best = state.best;
    // Another train block starts from where this one ended, at its own beginning.
    replayUntil = state.command == command.name ? state.blockStep : 0;
  }
  if (replayUntil == 0) {
    model.setIteration(0);
    model.setProgress(0);
  }
  for (auto *buffers : {&model.params(), &model.states()})
    for (const Model::Buffer &buffer : *buffers)
      if (buffer.isFinite())
        watched.push_back(&buffer);
  printConfiguration();
  if (beginning != Beginning::Initial && session.options.checkpoint == CheckpointName(Saved::Last))
    savedStep = model.step;
  auto tell = [&](const std::string &text) {
    if (session.options.json)
      return note("{}", text);
    say("{}\n", text);
  };
  if (isResumed())
    tell(fmt::format("resumed: {} at step {}", last, model.step));
  else if (session.hasCheckpoint(Saved::Last)) {
    // The old checkpoint is kept under another name rather than lost.
    std::string previous = session.checkpointPath(Saved::Previous);
    linkFile(last, previous);
    tell(fmt::format("the checkpoint of the last training is kept as {}", previous));
  }
  std::string path = (fs::path(session.runFolder) / "metrics.jsonl").string();
  session.files.checkOutput(path);
  bool append = beginning != Beginning::Initial;
  // This block's own validations of the step that it goes on from are made again.
  bool same = isResumed() && session.state.command == command.name;
  if (append)
    keepRecords(path, model.step, same);
  metrics = std::make_unique<Metrics>(path, configuration(), append, session.program.real,
                                      session.options.logEvery, session.options.json);
  std::fflush(stdout);
}

} // namespace nnrt
