/// Standard output: plain text, and one live line on a terminal. A write that fails is never lost:
/// it is remembered, and ends the program.
#ifndef NNC_RUNTIME_BASE_OUTPUT_H
#define NNC_RUNTIME_BASE_OUTPUT_H

#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <string>

namespace nnrt {

/// Prints. What cannot be written is found by `outputFailed` and `finishOutput`.
void sayText(std::string_view text);
template <typename... Args> void say(fmt::format_string<Args...> format, Args &&...args) {
  sayText(fmt::format(format, std::forward<Args>(args)...));
}
/// Before anything is opened: a closed standard output is an error; the other two, if closed, read
/// and write nothing, so that no file of the program takes their place.
void openStandardFiles();
bool outputFailed();
/// The reader of standard output has gone, as `head` goes.
bool readerIsGone();
/// Hands everything over; an Error if something could not be written.
void finishOutput();

/// Writes the line that is written again and again, cut to the terminal's width.
void showLive(const std::string &text);
/// Takes the live line away, so that something else may print.
void clearLive();
/// Whether standard output is a terminal.
bool onTerminal();
/// The beginning of a text that takes at most so many columns.
std::string fitColumns(const std::string &text, int columns);

/// Shows how far a long piece of work has come, on a terminal, once it has taken a second; and is
/// the place where interrupts are honoured.
class Progress {
public:
  explicit Progress(std::string what) : what(std::move(what)) {}
  ~Progress();
  Progress(const Progress &) = delete;
  void at(uint64_t done, uint64_t total);

private:
  using Clock = std::chrono::steady_clock;
  std::string what;
  Clock::time_point started = Clock::now(), shown = started;
  bool live = false;
};

/// "1:02:03".
std::string formatDuration(double seconds);

} // namespace nnrt

#endif
