/// From a buffer to a syntax tree.

#ifndef NNC_COMPILER_SYNTAX_PARSER_H
#define NNC_COMPILER_SYNTAX_PARSER_H

#include "compiler/Syntax/AST.h"
#include "compiler/Syntax/Diagnostics.h"
#include <memory>

namespace llvm {
class SourceMgr;
}

namespace nnc {

/// Parses a buffer of `sources`. Never null: after errors, which are reported to `diags`,
/// File::hasErrors is set and the file holds the declarations and statements that could be read.
std::unique_ptr<ast::File> parseFile(llvm::SourceMgr &sources, unsigned bufferId,
                                     Diagnostics &diags);

} // namespace nnc

#endif
