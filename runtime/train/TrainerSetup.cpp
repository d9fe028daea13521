/// What a training needs before its first step.
#include "runtime/base/Error.h"
#include "runtime/base/Output.h"
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
    if (statement.op == Statement::Op::Step || statement.op == Statement::Op::Validate) {
      const Objective &objective = session.program.objective(statement.objective);
      if (!objective.data.empty() && canEvaluate(session.program, objective))
        session.need(objective.data, Split::Holdout);
    }
    if (statement.op == Statement::Op::Run) {
      const Entry &entry = session.program.entry(statement.entry);
      if (entry.data)
        session.need(entry.data->set, session.program.dataSet(entry.data->set).hasHoldout()
                                          ? Split::Holdout
                                          : Split::Train);
    }
    announce(session, statement.body);
  }
}

/// A later train block goes on from what the one before left.
bool continues(const Session &session, const Command &command) {
  return !session.options.resume && &command != &session.program.commands[0] &&
         session.hasCheckpoint(session.options.checkpoint);
}

/// Brings vocabularies, counters and tensors to where the training starts; data sets and flags are
/// read with them.
Session &begin(Session &session, const Command &command) {
  if (session.options.resume) {
    Needs needs;
    needs.optimizer = true;
    session.restore(needs);
    std::optional<int64_t> seed = session.options.seed;
    if (seed && *seed != session.state.seed)
      fail(Exit::Usage, "--seed: expected {}, with which the checkpoint was trained, found {}",
           session.state.seed, *seed);
    return session;
  }
  if (!continues(session, command))
    session.learnVocabularies();
  session.initialise();
  if (continues(session, command))
    session.restore();
  return session;
}

} // namespace

Trainer::Trainer(Session &session, const Command &command)
    : lock(session.runFolder), session(begin(session, command)), model(session.model),
      command(command), flags(session, command.flags, session.options.flags) {
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
    case Statement::Op::For:
      prepareLoop(statement);
      around.push_back(&statement);
      prepare(statement.body, around);
      around.pop_back();
      break;
    case Statement::Op::Step: {
      prepareStep(statement, around);
      const Objective &objective = session.program.objective(statement.objective);
      if (canEvaluate(session.program, objective))
        addEvaluator(objective);
      break;
    }
    case Statement::Op::Validate: {
      addEvaluator(session.program.objective(statement.objective));
      uint64_t rows = rowsOf(statement);
      auto [known, isFirst] = finalRows.try_emplace(statement.objective, rows);
      if (!isFirst && known->second)
        known->second = rows ? std::max(known->second, rows) : 0;
      break;
    }
    case Statement::Op::Run: {
      std::map<std::string, std::string> values(statement.args.begin(), statement.args.end());
      entries[&statement] =
          std::make_unique<EntryRun>(session, session.program.entry(statement.entry), values);
      break;
    }
    default:
      prepare(statement.body, around);
    }
  }
}

void Trainer::prepareLoop(const Statement &statement) {
  if (!statement.data) {
    if (statement.epochs)
      fail(Exit::Usage, "program constant: a loop over epochs has no data");
    return;
  }
  const BatchOf &of = *statement.data;
  DataSet &data = session.data(of.set);
  if (data.rows(Split::Train) < uint64_t(of.batch))
    fail(Exit::Data, "{}: expected at least one batch of {} rows, found {}",
         data.name(Split::Train), of.batch, data.rows(Split::Train));
  auto &batch = batches[fmt::format("{}[{}]", of.set, of.batch)];
  if (!batch)
    batch = std::make_unique<Batch>(data, of.batch, model);
}

void Trainer::prepareStep(const Statement &statement,
                          const std::vector<const Statement *> &around) {
  StepCalls &calls = steps[&statement];
  Bindings bindings;
  flags.bind(bindings);
  const Function &gradient = session.program.function(statement.gradient);
  const std::string &set = session.program.objective(statement.objective).data;
  auto loop = std::find_if(around.rbegin(), around.rend(), [&](const Statement *outer) {
    return outer->data && outer->data->set == set;
  });
  if (loop != around.rend()) {
    Batch &batch = *batches.at(fmt::format("{}[{}]", set, (*loop)->data->batch));
    batch.bind(gradient, bindings);
    uint64_t rows = batch.data.rows(Split::Train), wanted = uint64_t(statement.accumulate);
    if (rows / uint64_t(batch.size) < wanted)
      fail(Exit::Data,
           "{}: expected at least {} batches of {} rows for accumulate({}), found {} rows",
           batch.data.name(Split::Train), wanted, batch.size, wanted, rows);
    parts[*loop] = std::max(parts[*loop], wanted);
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
  object["real"] = nameOf(session.program.real);
  object["cpu"] = session.program.cpu;
  object["parameters"] = model.parameterCount();
  if (session.options.resume)
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
                  session.state.seed, model.threads(), nameOf(session.program.real));
  for (auto &[name, text] : flags.texts())
    line += fmt::format(" {}={}", name, text);
  say("{}\n", line);
  for (auto &[name, batch] : batches)
    say("data {}: {} rows, {} held out, {} batches an epoch\n", name,
        batch->data.rows(Split::Train), batch->data.rows(Split::Holdout),
        batch->data.rows(Split::Train) / uint64_t(batch->size));
  say("parameters: {}\n{}\n", model.parameterCount(), session.memoryLine());
  say("run: {}\n", session.runFolder);
}

void Trainer::startRun() {
  std::string last = session.checkpointPath("last");
  if (session.options.resume) {
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
  bool continued = continues(session, command);
  if ((session.options.resume || continued) && session.options.checkpoint == "last")
    savedStep = model.step;
  auto tell = [&](const std::string &text) {
    if (session.options.json)
      return note("{}", text);
    say("{}\n", text);
  };
  if (session.options.resume)
    tell(fmt::format("resumed: {} at step {}", last, model.step));
  else if (session.hasCheckpoint("last")) {
    // The old checkpoint is kept under another name rather than lost.
    std::string previous = session.checkpointPath("previous");
    linkFile(last, previous);
    tell(fmt::format("the checkpoint of the last training is kept as {}", previous));
  }
  std::string path = (fs::path(session.runFolder) / "metrics.jsonl").string();
  session.files.checkOutput(path);
  bool append = session.options.resume || continued;
  // This block's own validations of the step that it goes on from are made again.
  bool same = session.options.resume && session.state.command == command.name;
  if (append)
    keepRecords(path, model.step, same);
  metrics = std::make_unique<Metrics>(path, configuration(), append, session.program.real,
                                      session.options.logEvery, session.options.json);
  std::fflush(stdout);
}

} // namespace nnrt
