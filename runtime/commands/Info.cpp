/// Prints parameters, memory and functions.
#include "runtime/commands/Info.h"
#include "runtime/base/Output.h"

#include <nlohmann/json.hpp>

namespace nnrt {

namespace {

void printTable(const std::vector<Variable> &decls, bool optimizer) {
  size_t width = 9;
  for (const Variable &decl : decls)
    width = std::max(width, decl.name.size());
  for (const Variable &decl : decls)
    if ((decl.role == VariableRole::Optimizer) == optimizer)
      say("  {:<{}}  {:<18} {:>4} {:>12}\n", decl.name, width, toString(decl.shape),
          wordOf(decl.dtype), elementsOf(decl.shape));
}

void printJson(const Session &session) {
  const Program &program = session.program;
  nlohmann::ordered_json object;
  object["program"] = program.name;
  object["hash"] = program.hash;
  object["real"] = wordOf(program.real);
  object["cpu"] = program.cpu;
  object["instructions"] = program.instructions;
  object["parameters"] = session.model.parameterCount();
  for (const Variable &param : program.params)
    object["params"].push_back({{"name", param.name}, {"shape", param.shape}});
  object["memory"] = {{"parameters", session.model.parameterBytes()},
                      {"state", session.model.stateBytes()},
                      {"arena", program.arena},
                      {"scratch", program.scratch}};
  for (const Function &function : program.functions)
    object["functions"].push_back(function.name);
  say("{}\n", object.dump(2));
}

} // namespace

void printInfo(Session &session) {
  if (session.options.json)
    return printJson(session);
  const Program &program = session.program;
  say("{}: {} for {} ({}), program {}\n", program.name, wordOf(program.real), program.cpu,
      program.features, program.hash);
  say("\nparameters: {} in {} tensors\n", session.model.parameterCount(), program.params.size());
  printTable(program.params, false);
  if (!program.states.empty()) {
    say("\nrunning state\n");
    printTable(program.states, false);
    say("optimiser state\n");
    printTable(program.states, true);
  }
  // Gradients are as large as the parameters that they belong to.
  say("\n{}\n", session.memoryLine());
  say("\nfunctions\n");
  for (const Function &function : program.functions)
    say("  {:<32} {:>4} arguments\n", function.name, function.args.size());
  for (const Command &command : program.commands)
    say("command {}: {} flags\n", command.name, command.flags.size());
  for (const Entry &entry : program.entries)
    say("entry {}: {} flags, {} values\n", entry.name, entry.flags.size(), entry.shows.size());
  if (session.hasCheckpoint(Saved::Last))
    say("checkpoint: {}\n", session.checkpointPath(Saved::Last));
}

} // namespace nnrt
