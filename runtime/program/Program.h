/// A program as the runtime sees it: the constant that the compiler wrote (contract/program.def),
/// and what is looked up in it by name.
#ifndef NNC_RUNTIME_PROGRAM_PROGRAM_H
#define NNC_RUNTIME_PROGRAM_PROGRAM_H

#include "runtime/base/Error.h"
#include "runtime/base/Types.h"

namespace nnrt {

struct Program : ProgramConstant {
  const Function *findFunction(const std::string &name) const;
  const Function &function(const std::string &name) const;
  const DataDecl &dataSet(const std::string &name) const;
  const Objective &objective(const std::string &name) const;
  const Entry &entry(const std::string &name) const;
};

/// Reads the text; one that is not as program.def says is an internal error.
Program parseProgram(const char *text);
/// The same for `nn_launches`.
LaunchTable parseLaunches(const char *text);

/// An error of the compiler: the program constant says what cannot be.
template <typename... Args>
[[noreturn]] void failConstant(fmt::format_string<Args...> format, Args &&...args) {
  throw Error(Exit::Internal,
              "program constant: " + fmt::format(format, std::forward<Args>(args)...));
}

/// Whether some rows of a data set are held out.
inline bool hasHoldout(const DataDecl &data) {
  return data.holdoutFraction > 0 || !data.holdoutSources.empty();
}

/// A scalar that a function hands back to be logged.
inline bool isLogged(ArgKind kind) {
  return isOneOf(kind, {ArgKind::Loss, ArgKind::Report, ArgKind::GradNorm, ArgKind::Lr});
}

/// The argument of that kind and name.
const Arg &argumentOf(const Function &function, ArgKind kind, const std::string &name);

/// csv or tsv: how cells are told apart; nothing for a format that has none.
std::optional<char> delimiterOf(SourceKind kind);

/// A number, boolean or text as the user would type it.
std::string textOf(const Scalar &scalar);

} // namespace nnrt

#endif
