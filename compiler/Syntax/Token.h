/// Tokens of .nn.

#ifndef NNC_COMPILER_SYNTAX_TOKEN_H
#define NNC_COMPILER_SYNTAX_TOKEN_H

#include "compiler/Syntax/SourceRange.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <string>

namespace nnc {

enum class Tok : uint8_t {
#define TOKEN(NAME, DESCRIPTION) NAME,
#include "compiler/Syntax/Tokens.def"
};

/// The spelling of a punctuator or keyword, a few words for the other kinds.
llvm::StringRef spelling(Tok kind);

inline bool isKeyword(Tok kind) { return kind >= Tok::kw_import; }

/// The kind of a reserved word, Tok::Name for any other text.
Tok keywordKind(llvm::StringRef text);

struct Token {
  Tok kind = Tok::Eof;
  /// The first token of its line.
  bool lineStart = false;
  /// An opening bracket without partner.
  bool unclosed = false;
  /// A declaration at the start of a line inside open braces: they are taken as closed before it.
  bool closesBlocks = false;
  /// As written; a Newline is "\n" or ";".
  llvm::StringRef text;
  SourceRange range;

  bool is(Tok k) const { return kind == k; }
};

/// A token in a message: "`x`", "the reserved word `over`", "the end of the line".
std::string describe(const Token &token);

} // namespace nnc

#endif
