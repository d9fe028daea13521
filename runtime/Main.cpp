/// The entry point of every executable that nnc makes.
#include "runtime/CheckGrad.h"
#include "runtime/Error.h"
#include "runtime/GradVariance.h"
#include "runtime/Info.h"
#include "runtime/MockData.h"
#include "runtime/Trainer.h"

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
  bool judged = false;
  for (const Objective &objective : session.program.objectives) {
    if (!canEvaluate(session.program, objective))
      continue;
    judged = true;
    Judgement result =
        Evaluator(session, objective).evaluate(uint64_t(session.options.evalRows.value_or(0)));
    if (result.rows != result.of)
      fmt::print("{}: {} of {} held-out rows\n", objective.name, result.rows, result.of);
    for (const Value &value : result.values)
      fmt::print("{}\n", toText({value}, session.program.real));
  }
  if (!judged)
    fail(Exit::Usage, "eval: expected an objective with held-out rows, found none");
}

void runEntry(Session &session) {
  session.restore();
  EntryRun run(session, session.program.entry(session.options.command), session.options.flags);
  ShowTarget target;
  target.renames = session.options.outputs;
  target.json = session.options.json;
  run.run(target);
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
  Session session(program, options);
  switch (options.kind) {
  case Options::Kind::Train:
    Trainer(session, commandOf(program, options.command)).run();
    break;
  case Options::Kind::Eval:
    evaluate(session);
    break;
  case Options::Kind::Entry:
    runEntry(session);
    break;
  case Options::Kind::Info:
    printInfo(session);
    break;
  case Options::Kind::CheckGrad:
    return checkGradients(session) ? Exit::Ok : Exit::Assertion;
  case Options::Kind::GradVariance:
    compareEstimators(session);
    break;
  default:
    break;
  }
  return Exit::Ok;
}

} // namespace

int main(int argc, char **argv) {
  try {
    return int(run(argc, argv));
  } catch (const Error &error) {
    std::fflush(stdout);
    fmt::print(stderr, "{}{}\n", error.code == Exit::Interrupted ? "" : "error: ", error.what());
    return int(error.code);
  } catch (const std::exception &error) {
    std::fflush(stdout);
    fmt::print(stderr, "error: {}\n", error.what());
    return int(Exit::IO);
  }
}
