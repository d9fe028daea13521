//===- ErrorTest.cpp - One test for each thing the front end says ---------===//

#include "Parsed.h"
#include <gtest/gtest.h>

using namespace nnc;
using namespace nnc::test;
using llvm::StringRef;

/// Expects exactly one diagnostic with this code whose text contains `part`.
static void expectOne(StringRef source, StringRef id, StringRef part, StringRef more = "") {
  Parsed parsed(source);
  std::string printed = parsed.printed();
  ASSERT_EQ(parsed.diags.all().size(), 1u) << source.str() << "\n" << printed;
  EXPECT_EQ(info(parsed.diags.all().front().code).id, id) << printed;
  EXPECT_TRUE(StringRef(printed).contains(part)) << part.str() << "\nis not in\n" << printed;
  EXPECT_TRUE(StringRef(printed).contains(more)) << more.str() << "\nis not in\n" << printed;
  EXPECT_EQ(parsed.file->hasErrors, id.starts_with("E"));
}

/// The same for a statement of a body.
static void expectIn(StringRef statement, StringRef id, StringRef part, StringRef more = "") {
  expectOne(("fn f(x: f32) {\n  " + statement + "\n  x\n}\nfn g = 1\n").str(), id, part, more);
}

static void expectInTrain(StringRef statement, StringRef id, StringRef part) {
  expectOne(("train {\n  " + statement + "\n}\n").str(), id, part);
}

TEST(LexicalErrors, Numbers) {
  expectIn("y = 4n", "E0104", "write `4 * n`");
  expectIn("y = 1_000", "E0104", "without `_`");
  expectIn("y = 0x1F", "E0104", "decimal");
  expectIn("y = 1e", "E0104", "an exponent needs digits");
  expectIn("y = .5", "E0103", "write `0.5`");
  expectIn("y = 1.", "E0103", "write `1.0`");
}

TEST(LexicalErrors, Strings) {
  expectIn("y = \"abc", "E0105", "no closing");
  expectIn("y = \"a\\q\"", "E0106", "unknown escape");
  expectIn("y = 'abc'", "E0122", "double quotes");
}

TEST(LexicalErrors, Characters) {
  expectIn("y = x $", "E0102", "unexpected character `$`");
  expectIn("y = x # comment here", "E0102", "a comment starts with `//`");
  expectIn("y = x \\\n + 1", "E0102", "to continue a line");
  expectIn("y = x \xE2\x88\x92 1", "E0102", "write `-`");
  expectIn("y =\xC2\xA0x", "E0102", "non-breaking space");
  expectIn("y = x \x01", "E0102", "control character");
  expectIn("y = x \xFF\xFE", "E0125", "not UTF-8");
  expectIn("y = x\n _z", "E0102", "a name starts with a letter");
}

TEST(LexicalErrors, OperatorsOfOtherLanguages) {
  expectIn("y = a && b", "E0122", "write `and`");
  expectIn("y = a || b", "E0122", "write `or`");
  expectIn("y = !a", "E0122", "write `not`");
  expectIn("y = a ** b", "E0122", "`^`");
  expectIn("y += 1", "E0122", "x = x + …");
  expectIn("y := 1", "E0122", "write `=`");
  expectIn("y = 1 /* no */", "E0122", "no block comments");
}

TEST(LexicalErrors, Expectation) {
  expectOne("//> train nll.accuracy > 0.95\n", "E0124", "a colon and a condition");
}

TEST(BracketsErrors, Unclosed) {
  expectIn("y = f(x", "E0107", "expected `)`, found the end of the line", "opened here");
  expectIn("y = x[0, 1", "E0107", "`]` is missing", "opened here");
  expectIn("y = f(x, [1, 2)", "E0107", "`]` is missing", "opened here");
  expectOne("fn f {\n  y = 1\n", "E0107", "this `{` is never closed", "end of the file");
  expectOne("fn f {\n  y = 1\nfn g = 2\n", "E0107", "never closed", "`}` is missing before this");
  expectOne("fn f {\n  y = if c {\n    1\n  y\n}\nfn g = 2\n", "E0107", "or is it this one?",
            "indented unlike");
}

TEST(BracketsErrors, Unmatched) {
  expectIn("y = x)", "E0108", "this `)` closes nothing");
  expectOne("fn f { 1 }\n}\nfn g = 1\n", "E0108", "this `}` closes nothing");
}

TEST(BracketsErrors, AfterAnUnclosedOneTheNextLineIsRead) {
  Parsed parsed("fn f {\n  a = g(1\n  b = h(2\n  c = 3\n}\nfn k = 1\n");
  EXPECT_EQ(parsed.diags.errorCount(), 2u) << parsed.printed();
  ASSERT_EQ(parsed.file->decls.size(), 2u);
}

TEST(NamesErrors, Reserved) {
  expectIn("step = 1", "E0109", "`step` is a reserved word", "such as `step_`");
  expectIn("y = step + 1", "E0109", "`step` is a reserved word");
  expectOne("fn net(x: f32) = x\n", "E0109", "such as `net_`");
  expectOne("dim data = 3\n", "E0109", "the name of a size");
  expectOne("fn f(over: f32) = 1\n", "E0109", "such as `over_`");
}

TEST(ExpressionsErrors, Equals) {
  expectIn("y = if x = 1 { 2 } else { 3 }", "E0110", "write `==`");
  expectIn("y = x = 1", "E0110", "`=` cannot stand inside an expression");
  expectIn("y = (x = 1)", "E0110", "to compare, write `==`");
  expectIn("assert x = 1", "E0110", "write `==`");
}

TEST(ExpressionsErrors, Comparisons) {
  expectIn("y = 0 < x < 1", "E0111", "write `a < b and b < c`");
  expectIn("y = (0 <- x)", "E0101", "`< -…`");
  expectIn("y = c ? a : b", "E0113", "where(c, a, b)");
}

TEST(ExpressionsErrors, Missing) {
  expectOne("fn f {\n  y = 1 +\n}\n", "E0101", "expected an expression, found `}`",
            "something is missing after this");
  expectIn("y = f(1, , 2)", "E0101", "expected an expression, found `,`");
  expectIn("y = ()", "E0101", "expected an expression, found `)`");
  expectIn("y = x[]", "E0101", "expected an expression, found `]`");
  expectIn("y = x.+", "E0101", "a name after `.`");
  expectIn("y = f(a b)", "E0101", "expected `,` or `)`, found `b`", "to close this");
  expectIn("y = sum[i <= 3] x", "E0101", "write `i < N + 1`");
  expectIn("scan t in x { }", "E0101", "`:` and the end of the range");
  expectIn("scan t < T carry h { }", "E0101", "`=` and the first value of `h`");
}

TEST(StatementsErrors, Targets) {
  expectIn("f(x) = 1", "E0112", "a function is declared at file level");
  expectIn("x.y = 1", "E0112", "members are read only");
  expectIn("x + 1 = y", "E0112", "to compare, write `==`");
  expectIn("3 = y", "E0112", "`name = value`");
  expectIn("[a, b] = y", "E0112", "`(a, b) = …`");
  expectIn("x[0] = y", "E0112", "write `<-` instead");
  expectIn("z[i] ~ D", "E0112", "a draw has one name");
  expectIn("f(x) <- 1", "E0112", "a slice of it");
}

TEST(StatementsErrors, End) {
  expectIn("y = a b", "E0113", "an operator may be missing");
  expectIn("return y", "E0113", "without `return`");
  expectIn("let y = 1", "E0113", "`name = value` alone");
  expectIn("while c { }", "E0113", "`scan t < T until c`");
  expectIn("y = x { }", "E0113", "a block follows");
  expectIn("y = if c { 1 } elif d { 2 }", "E0113", "else if");
}

TEST(StatementsErrors, Continuation) {
  expectIn("y = x\n    - 1", "E0114", "its value is lost", "end the line before it with `-`");
  expectIn("y = x\n  [0]", "E0114", "its value is lost", "open the bracket");
  expectOne("fn f {\n  y = x\n    - 1\n}\n", "W0101", "this line is a new statement");
  Parsed fine("fn f {\n  y = x\n  -y\n}\n");
  EXPECT_TRUE(fine.diags.all().empty()) << fine.printed();
}

TEST(StatementsErrors, Words) {
  expectIn("fn h = 1", "E0120", "cannot stand inside a body");
  expectIn("const c = 1", "E0120", "`name = value` is enough");
  expectIn("for 3 steps { }", "E0119", "belongs in a `train` block");
  expectIn("else { }", "E0101", "`else` follows the `}` of an `if`");
  expectIn("given y", "E0101", "expected a statement");
  expectIn("show picture a = x", "E0116", "there is no `show picture`");
  expectIn("show = x", "E0109", "");
  expectIn("show a", "E0101", "`=` and the value to show");
  expectIn("minimize x", "E0101", "`over` and the nets");
  expectIn("observe x", "E0101", "expected `~`");
  expectIn("observe x = D", "E0101", "`~` and a distribution");
  expectIn("param w ~ D", "E0121", "`w` needs a type");
  expectIn("param w: f32[n]", "E0101", "`= value` or `~ distribution`");
  expectIn("z: f32", "E0101", "expected `=` or `~`");
  expectIn("assert x, y", "E0101", "expected a string");
}

TEST(DeclarationsErrors, TopLevel) {
  expectOne("x = 3\nfn f = 1\n", "E0118", "a `const`");
  expectOne("param w: f32 = 0\n", "E0118", "inside a `layer`");
  expectOne("show a = 1\n", "E0118", "inside an `entry`");
  expectOne("def f(x) { }\n", "E0118", "declared with `fn`");
  expectOne("class A { }\n", "E0118", "a model is a `layer`");
  expectOne("+ 3\n", "E0101", "expected a declaration");
}

TEST(DeclarationsErrors, Parts) {
  expectOne("fn f(x) = x\n", "E0121", "`x` needs a type");
  expectOne("fn f(x f32) = x\n", "E0121", "found `f32`");
  expectOne("fn f(x: f32)\n{ x }\n", "E0101", "`{` belongs at the end of the line before");
  expectOne("fn f(x: f32)\nfn g = 1\n", "E0101", "`{` or `=` and the body");
  expectOne("import core\n", "E0101", "expected a string");
  expectOne("data d csv(\"a\") { }\n", "E0101", "`from` and a source");
  expectOne("data d from csv(\"a\") {\n x\n}\n", "E0121", "`x` needs a type");
  expectOne("data d from csv(\"a\") {\n holdout 0.1\n holdout 0.2\n}\n", "E0123", "twice");
  expectOne("vocab v = words(\"a\")\n", "E0101", "expected `[`");
  expectOne("net n\n", "E0101", "`=` and a layer");
  expectOne("objective o\n", "E0101", "expected `{`");
}

TEST(TrainErrors, Statements) {
  expectInTrain("x = 1", "E0119", "`validate` or `run`");
  expectInTrain("for 3 { }", "E0117", "expected `steps` or `epochs`");
  expectInTrain("every 3 hours { }", "E0117", "found `hours`");
  expectInTrain("step f", "E0101", "`with` and an optimiser");
  expectInTrain("step f over with Adam(1)", "E0101", "expected a net");
}

TEST(RecoveryErrors, SeveralErrorsOneRun) {
  Parsed parsed(
      "fn f(x: f32) {\n  a = 4n\n  b = (1\n  c = if x = 1 { d = ; 2 } else { 3 }\n  c\n}\n"
      "layer L(x) = x\nobjective o { minimize 1 }\nfn last = 1\n");
  EXPECT_EQ(parsed.diags.errorCount(), 6u) << parsed.printed();
  ASSERT_FALSE(parsed.file->decls.empty());
  EXPECT_EQ(parsed.file->decls.back()->name.text, "last");
}

TEST(RecoveryErrors, ManyErrorsAreCut) {
  std::string source = "fn f {\n";
  for (int i = 0; i < 500; ++i)
    source += "  a = ]\n";
  Parsed parsed(source + "}\n");
  EXPECT_EQ(parsed.diags.errorCount(), 500u);
  EXPECT_EQ(parsed.diags.all().size(), size_t(Diagnostics::maxErrors));
}
