#include "Harness.h"
#include "runtime/contract/nnrt.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <zlib.h>

/// The tests link the runtime without a program.
extern const char nn_launches[] = R"({"kernels":[],"launches":[]})";
extern const nnrt_function nn_functions[] = {nullptr};

namespace nnrt::test {

namespace fs = std::filesystem;

Folder::Folder() {
  std::string name = (fs::temp_directory_path() / "nnrt test XXXXXX").string();
  root = mkdtemp(name.data());
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(root, ignored);
}

void Folder::write(const std::string &name, const std::string &content) const {
  std::ofstream(path(name), std::ios::binary) << content;
}

void Folder::writeGz(const std::string &name, const std::string &content) const {
  gzFile file = gzopen(path(name).c_str(), "wb");
  gzwrite(file, content.data(), unsigned(content.size()));
  gzclose(file);
}

std::string Folder::read(const std::string &name) const {
  std::ifstream file(path(name), std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

bool Folder::exists(const std::string &name) const { return fs::exists(path(name)); }

Result Folder::run(const std::string &command) const {
  std::string line = "cd '" + root + "' && ( " + command + " ) > .out 2> .err";
  int status = std::system(line.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(".out"), read(".err")};
}

std::string pointsCsv(int rows) {
  std::string text = "a,b,c,d,label\n";
  for (int i = 0; i < rows; ++i) {
    int label = i * 7 % 3;
    for (int c = 0; c < 4; ++c)
      text += std::to_string((i * (c + 3) % 5) + (c == label ? 6 : 0)) + ".5,";
    text += std::to_string(label) + "\n";
  }
  return text;
}

std::string idx(const std::vector<uint32_t> &dims, const std::string &bytes) {
  std::string out = {0, 0, 8, char(dims.size())};
  for (uint32_t dim : dims)
    for (int shift = 24; shift >= 0; shift -= 8)
      out += char(dim >> shift);
  return out + bytes;
}

} // namespace nnrt::test
