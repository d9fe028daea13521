/// How the runtime fails: one exception type that carries the process's exit code.
#ifndef NNC_RUNTIME_BASE_ERROR_H
#define NNC_RUNTIME_BASE_ERROR_H

#include <fmt/format.h>
#include <stdexcept>
#include <string>

namespace nnrt {

/// Exit codes; README.md lists them for users.
enum class Exit : int {
  Ok = 0,
  Usage = 1,
  Data = 2,
  Checkpoint = 3,
  NonFinite = 4,
  Assertion = 5,
  IO = 6,
  Cpu = 7,
  Internal = 8,
  Interrupted = 130,
};

/// An error that ends the process with one line on standard error.
class Error : public std::runtime_error {
public:
  Error(Exit code, const std::string &message) : std::runtime_error(message), code(code) {}
  Exit code;
};

/// Throws an Error whose message is formatted as by fmt::format.
template <typename... Args>
[[noreturn]] void fail(Exit code, fmt::format_string<Args...> format, Args &&...args) {
  throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

/// One line on standard error that is no error.
template <typename... Args> void note(fmt::format_string<Args...> format, Args &&...args) {
  std::fflush(stdout);
  fmt::print(stderr, "note: {}\n", fmt::format(format, std::forward<Args>(args)...));
}

} // namespace nnrt

#endif
