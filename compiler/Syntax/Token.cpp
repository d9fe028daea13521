/// Tokens of .nn.

#include "compiler/Syntax/Token.h"
#include "llvm/ADT/StringSwitch.h"

using namespace nnc;

static constexpr llvm::StringRef spellings[] = {
#define TOKEN(NAME, DESCRIPTION) DESCRIPTION,
#include "compiler/Syntax/Tokens.def"
};

llvm::StringRef nnc::spelling(Tok kind) { return spellings[static_cast<unsigned>(kind)]; }

Tok nnc::keywordKind(llvm::StringRef text) {
  return llvm::StringSwitch<Tok>(text)
#define KEYWORD(NAME, SPELLING) .Case(SPELLING, Tok::kw_##NAME)
#include "compiler/Syntax/Tokens.def"
      .Default(Tok::Name);
}

std::string nnc::describe(const Token &token) {
  if (token.is(Tok::Eof))
    return spelling(Tok::Eof).str();
  if (token.is(Tok::Newline) && token.text != ";")
    return spelling(Tok::Newline).str();
  if (token.is(Tok::String))
    return "a string";
  // A name may be as long as the file.
  std::string quoted =
      "`" + token.text.take_front(40).str() + (token.text.size() > 40 ? "…`" : "`");
  return isKeyword(token.kind) ? "the reserved word " + quoted : quoted;
}
