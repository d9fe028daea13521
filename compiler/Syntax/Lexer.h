/// From text to tokens.

#ifndef NNC_COMPILER_SYNTAX_LEXER_H
#define NNC_COMPILER_SYNTAX_LEXER_H

#include "compiler/Syntax/AST.h"
#include "compiler/Syntax/Diagnostics.h"
#include "compiler/Syntax/Token.h"
#include "llvm/ADT/DenseMap.h"
#include <vector>

namespace nnc {

/// All tokens of a buffer, with the newlines that end statements and no others. The last two are a
/// Newline and Eof.
struct TokenStream {
  std::vector<Token> tokens;
  /// The `///` lines right before a token, by the address of the token's text.
  llvm::DenseMap<const char *, std::string> docs;
  /// The first `///` lines of the file, if a blank line follows.
  std::string fileDoc;
  std::vector<ast::Expectation> expectations;
  /// When a brace is missing: a `}` indented unlike the line of the `{` that it closes.
  SourceRange suspectOpen;
  SourceRange suspectClose;
  bool hasErrors = false;
};

TokenStream lex(llvm::StringRef text, Diagnostics &diags);

/// The value of a String token: quotes removed, escapes replaced.
std::string stringValue(const Token &token);

} // namespace nnc

#endif
