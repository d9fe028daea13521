//===- SyntaxTest.cpp - What parses, and as what --------------------------===//

#include "Parsed.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <gtest/gtest.h>

using namespace nnc;
using namespace nnc::ast;
using namespace nnc::test;
using llvm::cast;
using llvm::StringRef;

std::string nnc::test::shape(const Expr *expr) {
  if (auto *number = llvm::dyn_cast<NumberExpr>(expr))
    return number->text.str();
  if (auto *name = llvm::dyn_cast<NameExpr>(expr))
    return name->name.str();
  if (auto *unary = llvm::dyn_cast<UnaryExpr>(expr))
    return ("(" + spelling(unary->op) + " " + shape(unary->operand) + ")").str();
  if (auto *binary = llvm::dyn_cast<BinaryExpr>(expr))
    return "(" + shape(binary->lhs) + (" " + spelling(binary->op) + " ").str() +
           shape(binary->rhs) + ")";
  if (auto *reduce = llvm::dyn_cast<ReduceExpr>(expr))
    return (spelling(reduce->op) + "[" + shape(reduce->body) + "]").str();
  if (auto *call = llvm::dyn_cast<CallExpr>(expr)) {
    std::string args = llvm::join(
        llvm::map_range(call->args, [](const Arg &arg) { return shape(arg.value); }), ", ");
    return shape(call->callee) + "(" + args + ")";
  }
  if (auto *member = llvm::dyn_cast<MemberExpr>(expr))
    return shape(member->base) + "." + member->member.text.str();
  if (auto *bracket = llvm::dyn_cast<BracketExpr>(expr))
    return shape(bracket->base) + "[…]";
  return kindName(expr->kind).str();
}

std::string nnc::test::exprShape(StringRef text) {
  Parsed parsed(("const x = " + text).str());
  if (parsed.file->hasErrors)
    return parsed.printed();
  return shape(cast<ConstantsDecl>(parsed.file->decls.at(0))->constants.at(0).value);
}

static Block *body(const Parsed &parsed) {
  return cast<CallableDecl>(parsed.file->decls.at(0))->body;
}

size_t nnc::test::statementCount(StringRef text) {
  Parsed parsed(("fn f {\n" + text + "\n}\n").str());
  EXPECT_FALSE(parsed.file->hasErrors) << parsed.printed();
  return body(parsed)->statements.size();
}

template <typename T> static T *firstStatement(const Parsed &parsed) {
  EXPECT_FALSE(parsed.file->hasErrors) << parsed.printed();
  return cast<T>(body(parsed)->statements.at(0));
}

static unsigned parseFolder(StringRef folder) {
  std::error_code error;
  unsigned count = 0;
  std::string path = (StringRef(NNC_SOURCE_DIR) + "/" + folder).str();
  for (llvm::sys::fs::directory_iterator it(path, error), end; it != end && !error;
       it.increment(error)) {
    if (llvm::sys::path::extension(it->path()) != ".nn")
      continue;
    auto buffer = llvm::MemoryBuffer::getFile(it->path());
    Parsed parsed((*buffer)->getBuffer(), it->path());
    EXPECT_FALSE(parsed.file->hasErrors) << parsed.printed();
    EXPECT_TRUE(parsed.diags.all().empty()) << parsed.printed();
    EXPECT_FALSE(parsed.tree().empty());
    ++count;
  }
  return count;
}

TEST(Syntax, AllProgramsParse) { EXPECT_GE(parseFolder("test/Check/programs"), 26u); }
TEST(Syntax, ThePreludeParses) { EXPECT_GE(parseFolder("compiler/prelude"), 7u); }

TEST(Precedence, Table) {
  EXPECT_EQ(exprShape("a + b * c"), "(a + (b * c))");
  EXPECT_EQ(exprShape("a - b - c"), "((a - b) - c)");
  EXPECT_EQ(exprShape("a / b * c @ d % e"), "((((a / b) * c) @ d) % e)");
  EXPECT_EQ(exprShape("2^3^4"), "(2 ^ (3 ^ 4))");
  EXPECT_EQ(exprShape("-x^2"), "(- (x ^ 2))");
  EXPECT_EQ(exprShape("2^-k"), "(2 ^ (- k))");
  EXPECT_EQ(exprShape("-a * b"), "((- a) * b)");
  EXPECT_EQ(exprShape("a + b < c * d"), "((a + b) < (c * d))");
  EXPECT_EQ(exprShape("not a == b and c or d"), "(((not (a == b)) and c) or d)");
  EXPECT_EQ(exprShape("a or b and c"), "(a or (b and c))");
  EXPECT_EQ(exprShape("(a + b) * c"), "((a + b) * c)");
  EXPECT_EQ(exprShape("f(x).y[0](z)"), "f(x).y[…](z)");
}

TEST(Precedence, ReductionTakesTheProduct) {
  EXPECT_EQ(exprShape("sum[j] a * b + c"), "(sum[(a * b)] + c)");
  EXPECT_EQ(exprShape("2 * sum[j] a * b"), "(2 * sum[(a * b)])");
  EXPECT_EQ(exprShape("-sum[j] a"), "(- sum[a])");
  EXPECT_EQ(exprShape("max[u < K, v in 1:K] a^2"), "max[(a ^ 2)]");
  // Only before `[`.
  EXPECT_EQ(exprShape("sum(a) * b"), "(sum(a) * b)");
  EXPECT_EQ(exprShape("softmax[j] a"), "softmax[a]");
}

TEST(Newlines, StatementsEnd) {
  EXPECT_EQ(statementCount("a = 1\nb = 2"), 2u);
  EXPECT_EQ(statementCount("a = 1; b = 2 ; c = 3"), 3u);
  EXPECT_EQ(statementCount("\n\na = 1\n\n\n// c\nb = 2\n;;\n"), 2u);
  EXPECT_EQ(statementCount("a = 1\r\nb = 2\r\n"), 2u);
}

TEST(Newlines, GoOnInsideBrackets) {
  EXPECT_EQ(statementCount("a = f(1,\n  2\n)\nb = x[\n1\n]"), 2u);
  // The innermost bracket decides.
  EXPECT_EQ(statementCount("a = f(if c {\n x = 1\n y = 2\n x\n} else { 2 })"), 1u);
}

TEST(Newlines, GoOnAfterOperators) {
  for (StringRef op : {"+", "-", "*", "/", "%", "^", "@", "==", "<", "and", "or"})
    EXPECT_EQ(statementCount(("a = b " + op + "\n c").str()), 1u) << op.str();
  EXPECT_EQ(statementCount("a =\n not\n b"), 1u);
  EXPECT_EQ(statementCount("z ~\n D by\n score"), 1u);
  EXPECT_EQ(statementCount("z:\n f32[..] =\n x.\ny"), 1u);
  EXPECT_EQ(statementCount("minimize a over\n p,\n q"), 1u);
}

TEST(Newlines, GoOnBeforeOperators) {
  for (StringRef op : {"+", "*", "/", "%", "^", "@", "==", "<", "and", "or"})
    EXPECT_EQ(statementCount(("a = b\n " + op + " c").str()), 1u) << op.str();
  EXPECT_EQ(statementCount("a\n = b\n\n // c\n + c"), 1u);
  EXPECT_EQ(statementCount("z ~ D\n by s\n given y"), 1u);
  EXPECT_EQ(statementCount("a = if c { 1 }\n else { 2 }"), 1u);
  EXPECT_EQ(statementCount("scan t < T\n carry h = 0,\n g = 1\n until c { h = h }"), 1u);
}

TEST(Newlines, StartANewStatement) {
  EXPECT_EQ(statementCount("a = b\n-c"), 2u);
  EXPECT_EQ(statementCount("a = b\n(c, d) = f(a)"), 2u);
  EXPECT_EQ(statementCount("a = b\n[c]"), 2u);
}

TEST(Statements, Targets) {
  Parsed parsed("fn f { (y[b, i < N, :, ..], (z, w)) = g(x) }");
  auto *target = firstStatement<DefineStmt>(parsed)->target;
  ASSERT_TRUE(target->isTuple());
  Target *y = target->elements[0];
  ASSERT_EQ(y->indices.size(), 4u);
  EXPECT_EQ(y->indices[0].binder->name.text, "b");
  EXPECT_EQ(shape(y->indices[1].binder->upper), "N");
  EXPECT_EQ(y->indices[2].form, Index::All);
  EXPECT_EQ(y->indices[3].form, Index::Ellipsis);
  EXPECT_EQ(target->elements[1]->elements[1]->name.text, "w");
}

TEST(Statements, Draw) {
  Parsed parsed("fn f { z: f32[n] ~ D(a) by score(baseline = mean) given y where m and k }");
  auto *draw = firstStatement<DrawStmt>(parsed);
  EXPECT_EQ(draw->name.text, "z");
  EXPECT_TRUE(draw->type && draw->by && draw->given);
  EXPECT_EQ(shape(draw->where), "(m and k)");
}

TEST(Statements, RepeatForms) {
  auto form = [](StringRef head) {
    Parsed parsed(("fn f { repeat " + head + " { x = x } }").str());
    return firstStatement<RepeatStmt>(parsed)->form;
  };
  EXPECT_EQ(form("2 * L"), RepeatStmt::Count);
  EXPECT_EQ(form("i < L"), RepeatStmt::Below);
  EXPECT_EQ(form("i in 1:L"), RepeatStmt::Range);
  EXPECT_EQ(form("c in [32, 64]"), RepeatStmt::List);
}

TEST(Statements, SlotWordsAreNames) {
  EXPECT_EQ(statementCount("in = 1; of = in; run = of; show image = run; show csv image = run; "
                           "steps = from + at * where"),
            6u);
}

TEST(Expressions, Items) {
  Parsed parsed("fn f { x[.., 1, a:b, :, n = 3, i in 1:T, c:, :d] }");
  auto *bracket = cast<BracketExpr>(firstStatement<ExprStmt>(parsed)->value);
  std::vector<Item::Form> forms;
  for (const Item &item : bracket->items)
    forms.push_back(item.form);
  EXPECT_EQ(forms, (std::vector<Item::Form>{Item::Ellipsis, Item::Value, Item::Slice, Item::Slice,
                                            Item::Named, Item::Range, Item::Slice, Item::Slice}));
}

TEST(Expressions, Literals) {
  Parsed parsed(R"(const a = "x\n\"y\"\\", b = 1e-3, c = 12)");
  auto &constants = cast<ConstantsDecl>(parsed.file->decls.at(0))->constants;
  EXPECT_EQ(cast<StringExpr>(constants[0].value)->value, "x\n\"y\"\\");
  EXPECT_DOUBLE_EQ(cast<NumberExpr>(constants[1].value)->value, 1e-3);
  EXPECT_FALSE(cast<NumberExpr>(constants[1].value)->integer);
  EXPECT_EQ(cast<NumberExpr>(constants[2].value)->integer, 12);
}

TEST(Expressions, UnicodeNames) { EXPECT_EQ(exprShape("α * größe2"), "(α * größe2)"); }

TEST(Declarations, Types) {
  Parsed parsed("fn f(x: i32[.., 2 * d] < V?, y: (f32[B], bool)) -> f32 = x");
  auto *fn = cast<FunctionDecl>(parsed.file->decls.at(0));
  Type *x = fn->params[0].type;
  EXPECT_TRUE(llvm::isa<EllipsisExpr>(x->dims[0]));
  EXPECT_EQ(shape(x->dims[1]), "(2 * d)");
  EXPECT_EQ(shape(x->bound), "V");
  EXPECT_TRUE(x->optional);
  EXPECT_EQ(fn->params[1].type->elements[1]->name.text, "bool");
  EXPECT_TRUE(fn->expressionBody);
}

TEST(Declarations, Net) {
  Parsed parsed("frozen net body = Body from \"a.safetensors\" at resnet.body");
  auto *net = cast<NetDecl>(parsed.file->decls.at(0));
  EXPECT_TRUE(net->frozen);
  EXPECT_EQ(*net->from, "a.safetensors");
  EXPECT_EQ(net->at.parts.at(1).text, "body");
}

TEST(Declarations, DocComments) {
  Parsed parsed("/// The file.\n\n/// Two\n/// lines.\nfn f = 1\n/// detached\n\nfn g = 2\n"
                "fn h = 3 /// not this\nfn k = 4\n");
  ASSERT_EQ(parsed.file->decls.size(), 4u);
  EXPECT_EQ(parsed.file->doc, "The file.");
  EXPECT_EQ(parsed.file->decls[0]->doc, "Two\nlines.");
  for (int i : {1, 2, 3})
    EXPECT_EQ(parsed.file->decls[i]->doc, "");
}

TEST(Declarations, Expectations) {
  Parsed parsed("fn f = 1\n//> train --seed 1: nll.accuracy > 0.95\n");
  ASSERT_EQ(parsed.file->expectations.size(), 1u);
  EXPECT_EQ(parsed.file->expectations[0].command, "train --seed 1");
  EXPECT_EQ(parsed.file->expectations[0].condition, "nll.accuracy > 0.95");
}

TEST(Printer, AnnotatesExpressions) {
  Parsed parsed("layer L[n](x: f32[B, n] = 0) -> f32[B] {\n  y[b, i < n] = sum[j] -x[b, j:]\n}");
  EXPECT_FALSE(parsed.file->hasErrors) << parsed.printed();
  auto onlyNames = [](const Expr &e) { return llvm::isa<NameExpr>(e) ? "f32" : std::string(); };
  EXPECT_EQ(parsed.tree(onlyNames), R"(file "test.nn"
  layer L -> f32[B]
    static n
    param x: f32[B, n]
      default number 0
    body
      define y[b, i < n]
        reduce sum[j]
          unary -
            bracket
              base name x : f32
              name b : f32
              slice
                from name j : f32
)");
}
