/// Finding inputs, and writing outputs so that a failure leaves what was there.
#include "runtime/base/Files.h"
#include "runtime/base/Error.h"
#include "runtime/base/Interrupt.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace nnrt {

namespace fs = std::filesystem;

namespace {

/// A file descriptor that closes itself.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0)
      close(fd);
  }
};

void writeAll(int fd, std::string_view content, const std::string &path) {
  for (size_t done = 0; done < content.size();) {
    ssize_t n = write(fd, content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      fail(Exit::IO, "{}: cannot write: {}", path, std::strerror(errno));
    done += size_t(n);
  }
}

void flush(int fd, const std::string &path) {
  // Some file systems cannot flush a folder; the rename is then as safe as they make it.
  if (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP)
    fail(Exit::IO, "{}: cannot flush to the disk: {}", path, std::strerror(errno));
}

/// A new file under a name that nobody else uses, which takes another's place or is removed.
struct Temporary {
  std::string name;
  int fd = -1;
  std::unique_ptr<Unfinished> unfinished;

  Temporary(std::string name, int fd)
      : name(std::move(name)), fd(fd), unfinished(std::make_unique<Unfinished>(this->name)) {}
  Temporary(Temporary &&other) noexcept
      : name(std::move(other.name)), fd(std::exchange(other.fd, -1)),
        unfinished(std::move(other.unfinished)) {}
  ~Temporary() {
    if (fd < 0)
      return;
    close(fd);
    unlink(name.c_str());
  }

  /// Nothing if it cannot be made, for the reason in errno. A link is not followed.
  static std::optional<Temporary> make(const std::string &name) {
    int fd = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
      return std::nullopt;
    return Temporary(name, fd);
  }
  static std::optional<Temporary> besideFile(const std::string &path) {
    fs::path folder = fs::path(path).parent_path();
    for (int k = 0;; ++k) {
      auto made = make((folder / fmt::format(".nn-{}-{}.tmp", getpid(), k)).string());
      if (made || errno != EEXIST)
        return made;
    }
  }
  /// Closes it and gives it the place of `target`; errors speak of `path`.
  void rename(const std::string &target, const std::string &path) {
    int reason = 0;
    if (close(std::exchange(fd, -1)) != 0 || ::rename(name.c_str(), target.c_str()) != 0)
      reason = errno;
    if (reason == 0)
      return;
    unlink(name.c_str());
    fail(Exit::IO, "{}: cannot write: {}", path, std::strerror(reason));
  }
};

/// Where links lead, also if nothing is there yet.
std::string followLinks(std::string path) {
  std::error_code error;
  for (int k = 0; k < 40 && fs::is_symlink(path, error); ++k) {
    fs::path to = fs::read_symlink(path, error);
    path = to.is_absolute() ? to.string() : (fs::path(path).parent_path() / to).string();
  }
  return path;
}

void writeInto(const std::string &path, const std::vector<std::string_view> &pieces, int how) {
  std::fflush(stdout);
  Descriptor file{open(path.c_str(), O_WRONLY | O_CLOEXEC | how)};
  if (file.fd < 0)
    fail(Exit::IO, "{}: cannot open for writing: {}", path, std::strerror(errno));
  for (std::string_view piece : pieces)
    writeAll(file.fd, piece, path);
}

} // namespace

Files::Files(std::map<std::string, std::string> overrides, std::string executable,
             std::string dataDir)
    : overrides(std::move(overrides)), dataDir(std::move(dataDir)) {
  executableFolder = fs::path(executable).parent_path().string();
}

std::string Files::resolve(const std::string &flag, const std::string &defaultPath) {
  auto given = overrides.find(flag);
  if (given != overrides.end()) {
    if (!fs::exists(given->second))
      fail(Exit::Data, "{}: --{}: expected a file, found none", given->second, flag);
    used.push_back(given->second);
    return given->second;
  }
  std::vector<fs::path> folders;
  if (!dataDir.empty())
    folders.emplace_back(dataDir);
  folders.emplace_back("");
  folders.emplace_back(executableFolder);
  if (const char *environment = std::getenv("NN_DATA"); environment && *environment)
    folders.emplace_back(environment);
  for (const fs::path &folder : folders)
    for (const char *suffix : {"", ".gz"}) {
      fs::path path = folder / (defaultPath + suffix);
      std::error_code ignored;
      if (fs::is_regular_file(path, ignored)) {
        used.push_back(path.string());
        return used.back();
      }
    }
  fail(Exit::Data,
       "{}: --{}: expected a file in the current folder, beside the executable, in --data-dir or "
       "in $NN_DATA, found none",
       defaultPath, flag);
}

void Files::checkOutput(const std::string &path) const {
  for (const std::string &input : used) {
    std::error_code ignored;
    if (fs::equivalent(input, path, ignored))
      fail(Exit::IO, "{}: output: expected a path that is not an input file, found the input {}",
           path, input);
  }
}

void linkFile(const std::string &path, const std::string &name) {
  std::string temporary = name + ".tmp";
  unlink(temporary.c_str());
  std::error_code error;
  // Not every file system has links.
  if (link(path.c_str(), temporary.c_str()) != 0)
    fs::copy_file(path, temporary, fs::copy_options::overwrite_existing, error);
  if (!error)
    fs::rename(temporary, name, error);
  if (error)
    fail(Exit::IO, "{}: cannot write: {}", name, error.message());
}

void makeFolder(const std::string &path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    fail(Exit::IO, "{}: cannot make the folder: {}", path, error.message());
}

void writeFile(const std::string &path, const std::vector<std::string_view> &pieces) {
  struct stat old = {};
  bool exists = stat(path.c_str(), &old) == 0;
  if (!exists && errno != ENOENT)
    fail(Exit::IO, "{}: cannot write: {}", path, std::strerror(errno));
  if (exists && !S_ISREG(old.st_mode))
    return writeInto(path, pieces, O_APPEND);
  // What standard output leads to goes on after this.
  if (path.starts_with("/dev/") || path.starts_with("/proc/"))
    return writeInto(path, pieces, O_APPEND);
  if (exists && access(path.c_str(), W_OK) != 0)
    fail(Exit::IO, "{}: cannot open for writing: {}", path, std::strerror(errno));
  std::string target = followLinks(path);
  std::optional<Temporary> beside = Temporary::besideFile(target);
  // A folder that takes no new file may have one that can be written.
  if (!beside && exists)
    return writeInto(path, pieces, O_TRUNC);
  if (!beside)
    fail(Exit::IO, "{}: cannot open for writing: {}", path, std::strerror(errno));
  if (exists) {
    // The owner stays where this process may give a file away.
    [[maybe_unused]] int ignored = fchown(beside->fd, old.st_uid, old.st_gid);
    fchmod(beside->fd, old.st_mode & 07777);
  }
  for (std::string_view piece : pieces)
    writeAll(beside->fd, piece, path);
  beside->rename(target, path);
}

void writeAtomically(const std::string &path, const std::vector<std::string_view> &pieces) {
  std::string name = path + ".tmp";
  // Of a process that was killed.
  unlink(name.c_str());
  std::optional<Temporary> temporary = Temporary::make(name);
  if (!temporary)
    fail(Exit::IO, "{}: cannot open for writing: {}", name, std::strerror(errno));
  for (std::string_view piece : pieces)
    writeAll(temporary->fd, piece, path);
  flush(temporary->fd, path);
  temporary->rename(path, path);
  std::string folder = fs::path(path).parent_path().string();
  Descriptor parent{open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC)};
  if (parent.fd >= 0)
    flush(parent.fd, folder);
}

} // namespace nnrt
