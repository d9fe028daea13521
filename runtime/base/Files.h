/// Where input files are found, and the promise that none of them is ever written.
#ifndef NNC_RUNTIME_BASE_FILES_H
#define NNC_RUNTIME_BASE_FILES_H

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

class Files {
public:
  /// `overrides`: path by flag name, from the command line.
  Files(std::map<std::string, std::string> overrides, std::string executable, std::string dataDir);

  /// The file for a flag: the user's path, or the default one searched for in --data-dir, the
  /// current folder, beside the executable and in $NN_DATA; also with ".gz" added.
  std::string resolve(const std::string &flag, const std::string &defaultPath);

  /// Fails if `path` is a file that was read.
  void checkOutput(const std::string &path) const;

  /// The folder of the executable.
  const std::string &home() const { return executableFolder; }
  const std::vector<std::string> &inputs() const { return used; }

private:
  std::map<std::string, std::string> overrides;
  std::string executableFolder, dataDir;
  std::vector<std::string> used;
};

/// Writes the pieces one after the other to a file, as one step for the reader: a temporary file
/// beside it is written, flushed to the disk, and renamed; on failure the old file stays as it was.
void writeAtomically(const std::string &path, const std::vector<std::string_view> &pieces);
/// Writes an output of the user's. A file is written beside its place and renamed, so that a
/// failure leaves what was there; a link stays, and what it leads to is replaced; into a device or
/// a pipe it is written as it comes.
void writeFile(const std::string &path, const std::vector<std::string_view> &pieces);
/// Gives a file a second name, atomically; what had that name before is gone.
void linkFile(const std::string &path, const std::string &name);
/// Makes a folder and those above it.
void makeFolder(const std::string &path);

} // namespace nnrt

#endif
