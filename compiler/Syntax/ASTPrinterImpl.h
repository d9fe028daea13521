/// The printer's class.

#ifndef NNC_COMPILER_SYNTAX_ASTPRINTERIMPL_H
#define NNC_COMPILER_SYNTAX_ASTPRINTERIMPL_H

#include "compiler/Syntax/ASTPrinter.h"
#include "llvm/ADT/Twine.h"

namespace nnc {

/// As a string literal.
std::string quoted(llvm::StringRef text);

class ASTPrinter {
public:
  ASTPrinter(llvm::raw_ostream &os, const ExprAnnotator &annotate) : os(os), annotate(annotate) {}

  void print(const ast::File &file);

private:
  /// Indents what is printed while it lives.
  struct Indent {
    ASTPrinter &printer;
    explicit Indent(ASTPrinter &printer) : printer(printer) { ++printer.depth; }
    ~Indent() { --printer.depth; }
  };

  // A prefix says which part of its parent a node is: "lr = ", "given ".
  void print(const ast::Expr *expr, const llvm::Twine &prefix = "");
  void printParts(const ast::Expr *expr);
  void print(const ast::Arg &arg);
  void print(const ast::Item &item);
  void print(const ast::Block *block);
  void print(const ast::Stmt *stmt);
  void printParts(const ast::Stmt *stmt);
  void print(const ast::TrainBlock *block);
  void print(const ast::TrainStmt *stmt);
  void print(const ast::Decl *decl);
  void print(const ast::DataDecl *data);
  void print(const ast::CallableDecl *callable);
  void print(const ast::Source &source);
  void print(const std::vector<ast::Parameter> &params);
  void line(const llvm::Twine &text);

  llvm::raw_ostream &os;
  const ExprAnnotator &annotate;
  unsigned depth = 0;
};

} // namespace nnc

#endif
