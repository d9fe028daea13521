/// Syntax trees as text.

#ifndef NNC_COMPILER_SYNTAX_ASTPRINTER_H
#define NNC_COMPILER_SYNTAX_ASTPRINTER_H

#include "compiler/Syntax/AST.h"
#include <functional>

namespace llvm {
class raw_ostream;
}

namespace nnc {

/// What to write after `:` behind an expression, typically its type; nothing if empty.
using ExprAnnotator = std::function<std::string(const ast::Expr &)>;

/// Prints one node a line, children indented below it. Types, binders and indices are shown as they
/// are written in the source.
void printAST(const ast::File &file, llvm::raw_ostream &os, const ExprAnnotator &annotate = {});

/// The source of a part, on one line and without comments.
std::string sourceText(SourceRange range);

} // namespace nnc

#endif
