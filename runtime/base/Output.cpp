/// Standard output, the live line and progress.
#include "runtime/base/Output.h"
#include "runtime/base/Error.h"
#include "runtime/base/Interrupt.h"

#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace nnrt {

namespace {

bool lineIsLive = false;

/// Columns of the terminal, now; 0 if it does not say.
int columnsOfTerminal() {
  winsize size = {};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

} // namespace

void sayText(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void openStandardFiles() {
  // A pipe without a reader and a file beyond its limit are errors of a write, not ends.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  bool closed = fcntl(STDOUT_FILENO, F_GETFD) < 0;
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
      break;
  if (closed)
    fail(Exit::IO, "standard output: cannot write: it is closed");
}

bool outputFailed() { return std::ferror(stdout) != 0; }

bool readerIsGone() {
  pollfd end = {STDOUT_FILENO, POLLOUT, 0};
  return poll(&end, 1, 0) > 0 && (end.revents & POLLERR);
}

void finishOutput() {
  errno = 0;
  if (std::fflush(stdout) == 0 && !outputFailed())
    return;
  int reason = errno;
  // `| head` has read what it wanted.
  if (reason == EPIPE || readerIsGone())
    throw Error(Exit::IO, "");
  fail(Exit::IO, "standard output: cannot write{}{}", reason ? ": " : "",
       reason ? std::strerror(reason) : "");
}

bool onTerminal() { return isatty(STDOUT_FILENO) == 1; }

std::string fitColumns(const std::string &text, int columns) {
  int used = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) == 0x80)
      continue;
    // Scripts of wide letters begin in the middle of the three-byte ones.
    used += byte >= 0xe1 ? 2 : 1;
    if (used > columns)
      return text.substr(0, i);
  }
  return text;
}

void showLive(const std::string &text) {
  // A line as wide as the terminal would already wrap in some.
  int columns = columnsOfTerminal();
  say("\r\033[K{}", columns > 1 ? fitColumns(text, columns - 1) : text);
  std::fflush(stdout);
  lineIsLive = true;
}

void clearLive() {
  if (std::exchange(lineIsLive, false))
    sayText("\r\033[K");
  std::fflush(stdout);
}

Progress::~Progress() {
  if (live)
    clearLive();
}

void Progress::at(uint64_t done, uint64_t total) {
  honourInterrupt();
  auto now = Clock::now();
  if (now - shown < std::chrono::seconds(live ? 0 : 1) + std::chrono::milliseconds(100) ||
      !onTerminal() || done == 0 || done >= total)
    return;
  shown = now;
  live = true;
  double seconds = std::chrono::duration<double>(now - started).count();
  showLive(fmt::format("{}  {} of {}  ETA {}", what, done, total,
                       formatDuration(seconds / double(done) * double(total - done))));
}

std::string formatDuration(double seconds) {
  auto s = int64_t(std::llround(seconds));
  if (s >= 3600)
    return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

} // namespace nnrt
