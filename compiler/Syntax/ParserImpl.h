/// The predictive parser.
///
/// Internal to this folder. One token of lookahead, a second one where two forms begin alike. The
/// first error of a statement sets `panic`: from then on no token matches and nothing is reported,
/// so all loops unwind, until the innermost list of statements skips to the next one. Functions
/// return a node even then; the statement that holds it is dropped.
#ifndef NNC_COMPILER_SYNTAX_PARSERIMPL_H
#define NNC_COMPILER_SYNTAX_PARSERIMPL_H

#include "compiler/Syntax/Lexer.h"
#include "compiler/Syntax/Parser.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace nnc {

class Parser {
public:
  Parser(TokenStream stream, ast::File &file, Diagnostics &diags);

  void parseFile();

private:
  // Binding powers of the Pratt table; the postfix level is postfix().
  enum Power : int { Any = 0, Or = 1, And, Not, Compare, Sum, Product, Negate, Pow };

  //===--- Cursor (ParserBase.cpp) ----------------------------------------===//

  const Token &tok() const { return tokens[position]; }
  const Token &peek() const { return tokens[std::min(position + 1, tokens.size() - 1)]; }
  bool at(Tok kind) const { return !panic && tok().is(kind); }
  /// A name with a meaning in this place only.
  bool atWord(llvm::StringRef word) const { return at(Tok::Name) && tok().text == word; }
  /// No further statement can stand here.
  bool atBlockEnd() const;
  Token take();
  bool eat(Tok kind) { return at(kind) ? (take(), true) : false; }
  bool eatWord(llvm::StringRef word) { return atWord(word) ? (take(), true) : false; }
  /// From the first character of `start` to the last one taken.
  SourceRange since(const Token &start) const { return since(start.range.begin); }
  SourceRange since(llvm::SMLoc begin) const;

  //===--- Errors and recovery (ParserBase.cpp, ParserErrors.cpp) ---------===//

  /// Reports without stopping the statement.
  Diagnostics::Builder report(Code code, SourceRange range, const llvm::Twine &message);
  /// Reports "expected WANTED, found TOKEN", unless in panic, and gives the statement up.
  void fail(const llvm::Twine &wanted);
  /// Reports anything else and gives the statement up.
  Diagnostics::Builder stop(Code code, SourceRange range, const llvm::Twine &message);
  bool expect(Tok kind);
  /// The closing partner of `open`.
  void close(const Token &open, Tok kind);
  void explainFound(Diagnostics::Builder &builder) const;
  bool stopAtAssign();
  SourceRange foundRange() const;
  void endStatement(const Token &start);
  void explainStatementEnd(Diagnostics::Builder &builder, const Token &first) const;
  /// Skips to the next statement of the innermost block.
  void synchronise();
  void skipBraces();

  //===--- Shared parts (ParserBase.cpp) ----------------------------------===//

  bool meantAsName() const;
  ast::Ident name(const llvm::Twine &what);
  std::string string(SourceRange *range = nullptr);
  ast::Ident pathPart();
  ast::Path path(const llvm::Twine &what);
  /// ONE { "," ONE } up to the partner of `open`, which has been taken.
  void list(const Token &open, Tok closer, llvm::function_ref<void()> one, bool mayBeEmpty = false);
  void commas(llvm::function_ref<void()> one);
  /// "{" { ONE END } "}".
  SourceRange braces(llvm::function_ref<void()> one);
  bool openBrace(Token &open);
  void missingBrace(const Token &open);
  /// Speaks up about a line that starts with `-`, `(` or `[` and was meant to go on.
  void checkContinuation(const Token &start, const Token &previous, llvm::SMLoc previousEnd,
                         bool isLast);
  size_t indentation(const Token &token) const;

  //===--- Expressions (ParseExpr.cpp, ParsePrimary.cpp) ------------------===//

  ast::Expr *expr(int power = Any);
  ast::Expr *infix(ast::Expr *left, int power, llvm::SMLoc begin);
  ast::Expr *prefix(int power);
  ast::Expr *reduce(int power);
  ast::Expr *postfix();
  ast::Expr *call(ast::Expr *callee, llvm::SMLoc begin);
  ast::Expr *bracket(ast::Expr *base, llvm::SMLoc begin);
  ast::Expr *member(ast::Expr *base, llvm::SMLoc begin);
  ast::Expr *primary();
  ast::Expr *keywordAsName();
  ast::Expr *number();
  ast::Expr *parenthesised();
  ast::Expr *listLiteral();
  ast::Expr *ifExpr();
  ast::Expr *scanExpr();
  /// An expr where a single `=` can only be meant as `==`.
  ast::Expr *condition();
  ast::Expr *ellipsis();
  ast::Arg arg();
  ast::Item item();
  void rangeStep();
  ast::Binder *binder();
  ast::Carry carry();
  ast::Type *type();
  ast::Type *requiredType(const ast::Ident &owner);

  //===--- Statements (ParseStmt.cpp, ParseTarget.cpp) --------------------===//

  ast::Block *block();
  ast::Stmt *statement();
  ast::Stmt *keywordStatement();
  ast::Stmt *expressionStatement();
  ast::Stmt *misplacedKeyword();
  ast::Stmt *declStatement(ast::Decl *decl);
  ast::Stmt *paramStatement();
  ast::Stmt *observe();
  ast::Stmt *optimize();
  ast::Stmt *reportStatement();
  ast::Stmt *show();
  ast::Stmt *assertStatement();
  ast::Stmt *yield();
  ast::Stmt *repeat();
  ast::Stmt *define(ast::Expr *left, ast::Type *type, llvm::SMLoc begin);
  ast::Stmt *draw(ast::Expr *left, ast::Type *type, llvm::SMLoc begin);
  ast::Stmt *update(ast::Expr *left, llvm::SMLoc begin);
  ast::Target *toTarget(ast::Expr *expr);
  bool toIndex(const ast::Item &item, ast::Index &index);
  ast::Binder *makeBinder(const ast::NameExpr *name, ast::Expr *upper, SourceRange range);

  //===--- Declarations (ParseDecl.cpp, ParseTrain.cpp) -------------------===//

  ast::Decl *declaration();
  void misplacedStatement();
  ast::Decl *import();
  ast::Decl *constants();
  ast::Decl *vocab();
  ast::Decl *data();
  ast::Decl *function();
  ast::Decl *objective();
  ast::Decl *entry();
  ast::Decl *net();
  ast::Decl *train();
  ast::Source source();
  void field(ast::DataDecl &data);
  void signature(ast::CallableDecl &decl);
  void parameters(bool &present, std::vector<ast::Parameter> &params);
  ast::Parameter parameter();
  ast::TrainBlock *trainBlock();
  ast::TrainStmt *trainStatement();
  ast::TrainStmt *forStatement();
  ast::TrainStmt *trainRepeat();
  ast::TrainStmt *every();
  ast::TrainStmt *step();
  ast::TrainStmt *validate();
  ast::TrainStmt *run();
  ast::Unit unit();

  //===--- Depth ----------------------------------------------------------===//

  /// Limits the height of the tree, which every later stage walks by recursion: both what is open
  /// (depth) and what has been completed below (height). A chain a + b + ... raises it once: its
  /// left sides are walked by a loop (leftSpine), and only their number has a limit.
  class Nest {
  public:
    explicit Nest(Parser &parser);
    ~Nest();

  private:
    Parser &parser;
    unsigned outerHeight;
  };
  void raise();

  static constexpr unsigned maxDepth = 400;
  static constexpr unsigned maxChain = 2000;

  std::vector<Token> tokens;
  TokenStream stream;
  ast::File &file;
  Diagnostics &diags;
  size_t position = 0;
  llvm::SMLoc lastEnd;
  /// Where a missing `}` was reported last: one report for all blocks that end there.
  llvm::SMLoc missingAt;
  bool panic = false;
  unsigned depth = 0;
  unsigned height = 0;
};

} // namespace nnc

#endif
