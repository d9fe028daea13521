/// Characters to raw tokens.
///
/// The first half of the lexer, internal to this folder: every newline is a token here.
#ifndef NNC_COMPILER_SYNTAX_SCANNER_H
#define NNC_COMPILER_SYNTAX_SCANNER_H

#include "compiler/Syntax/Lexer.h"

namespace nnc {

class Scanner {
public:
  Scanner(llvm::StringRef text, Diagnostics &diags, TokenStream &out)
      : at(text.begin()), end(text.end()), diags(diags), out(out) {}

  void run();

private:
  void scanToken();
  void scanNewline();
  void scanComment();
  void scanBlockComment();
  void scanExpectation(llvm::StringRef text, SourceRange range);
  bool scanName();
  void scanNumber();
  void scanString();
  bool scanPunctuator();
  bool scanForeign();
  void scanUnknown();

  char peek(size_t ahead = 0) const { return at + ahead < end ? at[ahead] : '\0'; }
  llvm::StringRef rest() const { return llvm::StringRef(at, end - at); }
  /// The length of the letter at `p` (of a letter, digit, mark or `_` if not `first`), or 0.
  size_t letterLength(const char *p, bool first) const;
  const char *skipWord(const char *p) const;
  void push(Tok kind, size_t length);
  void flushDoc();
  SourceRange here(size_t length) const;
  Diagnostics::Builder error(Code code, SourceRange range, const llvm::Twine &message);

  const char *at;
  const char *end;
  Diagnostics &diags;
  TokenStream &out;
  /// Nothing but blanks so far on this line; no token so far on this line.
  bool blankLine = true;
  bool lineStart = true;
  std::string doc;
  bool hasDoc = false;
};

} // namespace nnc

#endif
