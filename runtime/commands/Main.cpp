/// The entry point of every executable that nnc makes.
#include "runtime/base/Cpu.h"
#include "runtime/base/Error.h"
#include "runtime/base/Interrupt.h"
#include "runtime/base/Output.h"
#include "runtime/commands/CheckGrad.h"
#include "runtime/commands/CommandLine.h"
#include "runtime/commands/GradVariance.h"
#include "runtime/commands/Info.h"
#include "runtime/commands/MockData.h"
#include "runtime/train/Trainer.h"

namespace {

using namespace nnrt;

const Command &commandOf(const Program &program, const std::string &name) {
  for (const Command &command : program.commands)
    if (command.name == name)
      return command;
  fail(Exit::Usage, "unknown command '{}'", name);
}

void evaluate(Session &session) {
  session.restore();
  std::vector<Value> all;
  bool judged = false;
  for (const Objective &objective : session.program.objectives) {
    if (!canEvaluate(session.program, objective))
      continue;
    judged = true;
    Judgement result =
        Evaluator(session, objective).evaluate(uint64_t(session.options.evalRows.value_or(0)));
    if (result.rows != result.of)
      note("{}: {} of {} held-out rows", objective.name, result.rows, result.of);
    for (const Value &value : result.values) {
      all.push_back(value);
      if (!session.options.json)
        say("{}\n", toText({value}, session.program.real));
    }
  }
  if (!judged)
    fail(Exit::Usage, "eval: expected an objective with held-out rows, found none");
  if (session.options.json)
    say("{}\n", toJson(all, session.program.real));
}

void runEntry(Session &session) {
  const Entry &entry = session.program.entry(session.options.command);
  session.restore(needsOf(session.program, entry));
  EntryRun run(session, entry, session.options.flags);
  ShowTarget target;
  target.renames = session.options.outputs;
  target.json = session.options.json;
  run.run(target);
}

/// Runs a command that needs the model.
Exit runCommand(Session &session) {
  switch (session.options.kind) {
  case Options::Kind::Train:
    train(session, commandOf(session.program, session.options.command));
    return Exit::Ok;
  case Options::Kind::Eval:
    evaluate(session);
    return Exit::Ok;
  case Options::Kind::Entry:
    runEntry(session);
    return Exit::Ok;
  case Options::Kind::Info:
    printInfo(session);
    return Exit::Ok;
  case Options::Kind::CheckGrad:
    return checkGradients(session) ? Exit::Ok : Exit::Assertion;
  case Options::Kind::GradVariance:
    compareEstimators(session);
    return Exit::Ok;
  case Options::Kind::Help:
  case Options::Kind::MockData:
    break; // They need the program alone.
  }
  __builtin_unreachable();
}

Exit run(int argc, char **argv) {
  Program program = parseProgram(nn_program);
  Options options = parseCommandLine(program, argc, argv);
  if (options.kind == Options::Kind::Help)
    return Exit::Ok;
  if (options.kind == Options::Kind::MockData) {
    writeMockData(program, options.dataDir.empty() ? "." : options.dataDir, options.rows,
                  options.seed.value_or(0));
    return Exit::Ok;
  }
  if (options.kind != Options::Kind::Info)
    checkCpu(program.cpu, program.instructions);
  Session session(program, options);
  return runCommand(session);
}

/// Runs the command; whatever goes wrong leaves as an Error.
Exit runChecked(int argc, char **argv) {
  try {
    openStandardFiles();
    catchInterrupts();
    Exit code = run(argc, argv);
    finishOutput();
    return code;
  } catch (const Error &) {
    throw;
  } catch (const std::bad_alloc &) {
    fail(Exit::IO, "memory: the system has no more");
  } catch (const std::exception &error) {
    if (outputFailed())
      finishOutput();
    fail(Exit::IO, "{}", error.what());
  }
}

const char *prefixOf(Exit code) {
  return code == Exit::Interrupted ? "" : code == Exit::Internal ? "internal error: " : "error: ";
}

} // namespace

int main(int argc, char **argv) {
  try {
    return int(runChecked(argc, argv));
  } catch (const Error &error) {
    std::fflush(stdout);
    // Without words: nobody reads what is printed, and that is no fault.
    if (*error.what())
      fmt::print(stderr, "{}{}\n", prefixOf(error.code), error.what());
    return int(error.code);
  }
}
