//===- DiagnosticsTest.cpp - How diagnostics look -------------------------===//

#include "Parsed.h"
#include <gtest/gtest.h>
#include <set>

using namespace nnc;
using namespace nnc::test;
using llvm::StringRef;

namespace {

/// A buffer, and ranges in it by the text that they cover.
struct Source {
  llvm::SourceMgr sources;
  Diagnostics diags{sources};

  unsigned add(StringRef text, StringRef name) {
    return sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(text, name), {});
  }
  SourceRange find(unsigned buffer, StringRef part) {
    StringRef text = sources.getMemoryBuffer(buffer)->getBuffer();
    const char *at = text.begin() + text.find(part);
    return {llvm::SMLoc::getFromPointer(at), llvm::SMLoc::getFromPointer(at + part.size())};
  }
  std::string printed(bool colours = false) {
    std::string text;
    llvm::raw_string_ostream os(text);
    if (colours)
      os.enable_colors(true);
    diags.print(os, colours);
    return text;
  }
};

} // namespace

TEST(Diagnostics, Layout) {
  Source s;
  unsigned a = s.add("dim n = 3\nx = alpha + beta\n", "a.nn");
  s.diags.error(Code::ExpectedToken, s.find(a, "beta"), "the message")
      .here("here")
      .label(s.find(a, "alpha"), "and here")
      .help("do this\nor that")
      .note("because");
  EXPECT_EQ(s.printed(), R"(error[E0101]: the message
 --> a.nn:2:13
  |
2 | x = alpha + beta
  |     -----   ^^^^ here
  |     |
  |     and here
  |
  = help: do this
          or that
  = note: because

1 error
)");
}

TEST(Diagnostics, SeveralLinesAndFiles) {
  Source s;
  std::string lines = "first\n\nthird\n";
  for (int i = 0; i < 8; ++i)
    lines += "x\n";
  unsigned a = s.add(lines + "last\n", "a.nn");
  unsigned b = s.add("other\n", "b.nn");
  s.diags.warning(Code::MaybeContinuation, s.find(a, "last"), "m")
      .label(s.find(a, "first"), "")
      .label(s.find(a, "third"), "two")
      .label(s.find(b, "other"), "three");
  EXPECT_EQ(s.printed(), R"(warning[W0101]: m
  --> a.nn:12:1
   |
1  | first
   | -----
2  |
3  | third
   | ----- two
...
12 | last
   | ^^^^
  ::: b.nn:1:1
   |
1  | other
   | ----- three

1 warning
)");
}

TEST(Diagnostics, WideCharactersAndTabs) {
  Source s;
  unsigned a = s.add("\tα = größe + 中文 + x", "a.nn");
  s.diags.error(Code::ExpectedToken, s.find(a, "x"), "m").label(s.find(a, "中文"), "");
  EXPECT_EQ(s.printed(), R"(error[E0101]: m
 --> a.nn:1:19
  |
1 |     α = größe + 中文 + x
  |                 ----   ^

1 error
)");
}

TEST(Diagnostics, LabelsHang) {
  Source s;
  unsigned a = s.add("a b c\n", "a.nn");
  s.diags.error(Code::ExpectedToken, s.find(a, "a"), "m")
      .here("one")
      .label(s.find(a, "b"), "two")
      .label(s.find(a, "c"), "three");
  EXPECT_EQ(s.printed(), R"(error[E0101]: m
 --> a.nn:1:1
  |
1 | a b c
  | ^ - - three
  | | |
  | | two
  | one

1 error
)");
}

TEST(Diagnostics, WithoutPlace) {
  Source s;
  s.diags.error(Code::ExpectedToken, {}, "no file").help("give one");
  EXPECT_EQ(s.printed(), "error[E0101]: no file\n  = help: give one\n\n1 error\n");
}

TEST(Diagnostics, ColoursOnRequestOnly) {
  Source s;
  unsigned a = s.add("a\n", "a.nn");
  s.diags.error(Code::ExpectedToken, s.find(a, "a"), "m");
  EXPECT_EQ(s.printed().find('\033'), std::string::npos);
  EXPECT_NE(s.printed(/*colours=*/true).find('\033'), std::string::npos);
}

TEST(Diagnostics, CodesAreUniqueAndExplained) {
  std::set<std::string> ids;
  for (unsigned i = 0; i < codeCount(); ++i) {
    const CodeInfo &code = info(static_cast<Code>(i));
    EXPECT_TRUE(ids.insert(code.id.str()).second) << code.id.str();
    EXPECT_EQ(code.id.size(), 5u);
    EXPECT_FALSE(code.title.empty() || code.explanation.empty()) << code.id.str();
    EXPECT_EQ(findCode(code.id.lower()), static_cast<Code>(i));
  }
}
