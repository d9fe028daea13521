#include "runtime/Files.h"
#include "runtime/Error.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

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
  Descriptor file{open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
  if (file.fd < 0)
    fail(Exit::IO, "{}: cannot open for writing: {}", path, std::strerror(errno));
  for (std::string_view piece : pieces)
    writeAll(file.fd, piece, path);
}

void writeAtomically(const std::string &path, const std::vector<std::string_view> &pieces) {
  std::string temporary = path + ".tmp";
  try {
    writeFile(temporary, pieces);
    Descriptor file{open(temporary.c_str(), O_RDONLY | O_CLOEXEC)};
    flush(file.fd, temporary);
  } catch (...) {
    unlink(temporary.c_str());
    throw;
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    int reason = errno;
    unlink(temporary.c_str());
    fail(Exit::IO, "{}: cannot rename onto it: {}", path, std::strerror(reason));
  }
  std::string folder = fs::path(path).parent_path().string();
  Descriptor parent{open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC)};
  if (parent.fd >= 0)
    flush(parent.fd, folder);
}

} // namespace nnrt
