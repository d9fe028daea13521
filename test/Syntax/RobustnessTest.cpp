//===- RobustnessTest.cpp - No text may crash the front end ---------------===//

#include "Parsed.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <gtest/gtest.h>
#include <random>

using namespace nnc;
using namespace nnc::test;
using llvm::StringRef;

static std::string times(int count, StringRef text) {
  std::string result;
  for (int i = 0; i < count; ++i)
    result += text;
  return result;
}

static void expectTooDeep(const std::string &source) {
  Parsed parsed(source);
  ASSERT_TRUE(parsed.file->hasErrors);
  EXPECT_EQ(info(parsed.diags.all().front().code).id, "E0115");
  parsed.tree();
}

TEST(Robustness, Depth) {
  constexpr int n = 100000;
  for (StringRef open : {"(", "[", "-", "not ", "f(", "x[", "sum[i] ", "if ", "2^", "a + ("})
    expectTooDeep("const x = " + times(n, open) + "1");
  for (StringRef link : {" + 1", "(1)", "[1]", ".a", "^2", " and b"})
    expectTooDeep("const x = a" + times(n, link));
  expectTooDeep("fn f {" + times(n, "repeat 2 {"));
  expectTooDeep("fn f { x = " + times(n, "if c { 1 } else ") + "{ 2 } }");
  expectTooDeep("fn f(x: " + times(n, "(") + "f32");
  expectTooDeep("train {" + times(n, "repeat 2 {"));
}

TEST(Robustness, LongIsFine) {
  for (StringRef link : {" + 1", " * a - b", " and c", " == 1 and c"}) {
    Parsed sum("const x = 1" + times(950, link));
    EXPECT_FALSE(sum.file->hasErrors) << sum.printed();
    sum.tree();
  }
  Parsed lines("fn f {\n" + times(20000, "  x = f(x) * 2 + 1\n") + "}\n");
  EXPECT_FALSE(lines.file->hasErrors);
}

static std::vector<std::string> programs() {
  std::vector<std::string> result;
  std::error_code error;
  std::string path = NNC_SOURCE_DIR "/test/Check/programs";
  for (llvm::sys::fs::directory_iterator it(path, error), end; it != end && !error;
       it.increment(error))
    result.push_back((*llvm::MemoryBuffer::getFile(it->path()))->getBuffer().str());
  return result;
}

TEST(Robustness, MutatedProgramsDoNotCrash) {
  std::mt19937 random(1);
  auto below = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
  constexpr StringRef pieces[] = {"{",    "}",  "(",    ")",  "[",    "]",    "\n",  "=",
                                  "~",    "<-", ",",    "..", "\"",   "scan", "if",  "4n",
                                  "else", ":",  "\xFF", "",   "-",    ";",    "fn ", "sum[i]",
                                  ".",    "?",  "//",   "\t", "\n}\n"};
  unsigned broken = 0;
  for (const std::string &program : programs())
    for (int round = 0; round < 60; ++round) {
      std::string text = program;
      for (size_t edits = 1 + below(6); edits; --edits) {
        size_t at = below(text.size());
        if (below(3) == 0)
          text.erase(at, 1 + below(20));
        else if (below(4) == 0)
          text[at] = char(below(256));
        else
          text.insert(at, pieces[below(std::size(pieces))].str());
      }
      Parsed parsed(text);
      parsed.printed();
      parsed.tree();
      EXPECT_EQ(parsed.file->hasErrors, parsed.diags.hasErrors());
      broken += parsed.file->hasErrors;
    }
  EXPECT_GT(broken, 100u);
}

TEST(Robustness, EveryPrefixParses) {
  for (const std::string &program : programs())
    for (size_t length = 0; length < program.size(); length += 37) {
      Parsed parsed(StringRef(program).take_front(length));
      parsed.printed();
    }
}
