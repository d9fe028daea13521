/// Runs the hand-written programs in a folder of their own, and makes data files.
#pragma once

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace nnrt::test {

struct Result {
  int code = 0;
  std::string out, err;
};

/// A temporary folder, current for the commands run in it.
class Folder {
public:
  Folder();
  ~Folder();
  Folder(const Folder &) = delete;

  std::string path(const std::string &name = "") const { return root + "/" + name; }
  void write(const std::string &name, const std::string &content) const;
  void writeGz(const std::string &name, const std::string &content) const;
  std::string read(const std::string &name) const;
  bool exists(const std::string &name) const;
  /// Runs a shell command line here.
  Result run(const std::string &command) const;

private:
  std::string root;
};

/// 100 separable points of 3 classes, as CSV with a header.
std::string pointsCsv(int rows = 100);
/// An IDX file of bytes.
std::string idx(const std::vector<uint32_t> &dims, const std::string &bytes);

/// Each test has a folder, and quotes for paths with spaces.
class Programs : public testing::Test {
protected:
  Folder folder;
  Result points(const std::string &args) const { return run(POINTS, args); }
  Result letters(const std::string &args) const { return run(LETTERS, args); }
  Result run(const std::string &program, const std::string &args) const {
    std::size_t end = args.find(' ');
    std::string rest = end == std::string::npos ? "" : args.substr(end);
    return folder.run("'" + program + "' " + args.substr(0, end) + " --run 'the run'" + rest);
  }
};

} // namespace nnrt::test
