/// Which newlines end a statement.
///
/// The second half of the lexer. Brackets are matched first, because a newline counts only outside
/// `( )` and `[ ]`: a bracket that is never closed must not swallow the newlines of all that
/// follows.
#include "compiler/Syntax/Lexer.h"
#include "compiler/Syntax/Scanner.h"
#include "llvm/ADT/SmallVector.h"

using namespace nnc;

static Tok closerOf(Tok open) {
  switch (open) {
  case Tok::LeftParen:
    return Tok::RightParen;
  case Tok::LeftBracket:
    return Tok::RightBracket;
  default:
    return Tok::RightBrace;
  }
}

static bool isOpener(Tok kind) {
  return kind == Tok::LeftParen || kind == Tok::LeftBracket || kind == Tok::LeftBrace;
}

static bool isCloser(Tok kind) {
  return kind == Tok::RightParen || kind == Tok::RightBracket || kind == Tok::RightBrace;
}

/// Declarations that stand at file level only.
static bool startsDeclaration(Tok kind) {
  switch (kind) {
  case Tok::kw_import:
  case Tok::kw_const:
  case Tok::kw_vocab:
  case Tok::kw_data:
  case Tok::kw_fn:
  case Tok::kw_layer:
  case Tok::kw_objective:
  case Tok::kw_train:
  case Tok::kw_entry:
    return true;
  default:
    return false;
  }
}

namespace {

class Brackets {
public:
  Brackets(llvm::StringRef text, TokenStream &out) : text(text), out(out) {}

  void match() {
    for (unsigned i = 0; i < out.tokens.size(); ++i)
      visit(i);
    giveUp(0);
    if (!lostBrace)
      out.suspectOpen = out.suspectClose = SourceRange();
  }

private:
  void visit(unsigned i) {
    Token &token = out.tokens[i];
    if (isOpener(token.kind))
      return open.push_back(i);
    if (isCloser(token.kind))
      return close(i);
    bool columnZero = token.text.begin() == text.begin() || token.text.begin()[-1] == '\n';
    if (!open.empty() && token.lineStart && columnZero && startsDeclaration(token.kind)) {
      token.closesBlocks = true;
      giveUp(0);
    }
  }

  void close(unsigned i) {
    Token &token = out.tokens[i];
    size_t partner = open.size();
    while (partner && closerOf(out.tokens[open[partner - 1]].kind) != token.kind) {
      // A brace stays open whatever `)` or `]` comes.
      if (out.tokens[open[partner - 1]].is(Tok::LeftBrace))
        return;
      --partner;
    }
    if (!partner)
      return;
    giveUp(partner);
    compareIndents(out.tokens[open.back()], token);
    open.pop_back();
  }

  /// The brackets from here on have no partner.
  void giveUp(size_t from) {
    for (size_t i = from; i < open.size(); ++i) {
      out.tokens[open[i]].unclosed = true;
      lostBrace |= out.tokens[open[i]].is(Tok::LeftBrace);
    }
    open.truncate(from);
  }

  unsigned indent(const Token &token) const {
    const char *p = token.text.begin();
    while (p != text.begin() && p[-1] != '\n')
      --p;
    unsigned width = 0;
    while (*p == ' ' || *p == '\t')
      ++p, ++width;
    return width;
  }

  /// Remembers the first `}` whose indentation differs from that of its `{`.
  void compareIndents(const Token &opener, const Token &closer) {
    if (!closer.is(Tok::RightBrace) || !closer.lineStart || out.suspectOpen.isValid())
      return;
    if (indent(opener) == indent(closer))
      return;
    out.suspectOpen = opener.range;
    out.suspectClose = closer.range;
  }

  llvm::StringRef text;
  TokenStream &out;
  llvm::SmallVector<unsigned, 16> open;
  bool lostBrace = false;
};

} // namespace

/// A statement goes on after a line that ends with this (rule 2).
static bool joinsNext(Tok kind) {
  switch (kind) {
  case Tok::Plus:
  case Tok::Minus:
  case Tok::kw_not:
  case Tok::Colon:
    return true;
  case Tok::RightParen:
  case Tok::RightBracket:
  case Tok::kw_else:
    return false;
  default:
    break;
  }
  switch (kind) {
  case Tok::Star:
  case Tok::Slash:
  case Tok::Percent:
  case Tok::Caret:
  case Tok::At:
  case Tok::EqualEqual:
  case Tok::NotEqual:
  case Tok::Less:
  case Tok::LessEqual:
  case Tok::Greater:
  case Tok::GreaterEqual:
  case Tok::Equal:
  case Tok::Tilde:
  case Tok::Arrow:
  case Tok::LeftArrow:
  case Tok::Comma:
  case Tok::Dot:
  case Tok::kw_over:
  case Tok::kw_by:
  case Tok::kw_given:
  case Tok::kw_with:
  case Tok::kw_and:
  case Tok::kw_or:
  case Tok::kw_carry:
  case Tok::kw_until:
    return true;
  default:
    return false;
  }
}

/// A statement goes on before a line that starts with this (rule 3).
static bool joinsPrevious(Tok kind) {
  switch (kind) {
  case Tok::Plus:
  case Tok::RightParen:
  case Tok::RightBracket:
  case Tok::kw_else:
    return true;
  case Tok::Minus:
  case Tok::kw_not:
  case Tok::Colon:
    return false;
  default:
    return joinsNext(kind);
  }
}

static void filterNewlines(TokenStream &out) {
  std::vector<Token> kept;
  kept.reserve(out.tokens.size() + 2);
  llvm::SmallVector<Tok, 16> open;
  for (size_t i = 0; i < out.tokens.size(); ++i) {
    const Token &token = out.tokens[i];
    if (token.closesBlocks)
      open.clear();
    if (isOpener(token.kind) && !token.unclosed)
      open.push_back(token.kind);
    else if (!open.empty() && token.kind == closerOf(open.back()))
      open.pop_back();
    bool soft = token.is(Tok::Newline) && token.text != ";";
    if (!soft) {
      kept.push_back(token);
      continue;
    }
    bool inside = !open.empty() && open.back() != Tok::LeftBrace;
    if (inside || (!kept.empty() && joinsNext(kept.back().kind)))
      continue;
    size_t next = i + 1;
    while (next < out.tokens.size() && out.tokens[next].is(Tok::Newline) &&
           out.tokens[next].text != ";")
      ++next;
    if (next < out.tokens.size() && joinsPrevious(out.tokens[next].kind))
      continue;
    if (!kept.empty() && !kept.back().is(Tok::Newline))
      kept.push_back(token);
  }
  out.tokens = std::move(kept);
}

TokenStream nnc::lex(llvm::StringRef text, Diagnostics &diags) {
  TokenStream out;
  Scanner(text, diags, out).run();
  Brackets(text, out).match();
  filterNewlines(out);
  Token end;
  end.kind = Tok::Newline;
  end.text = "\n";
  end.range = SourceRange(llvm::SMLoc::getFromPointer(text.end()));
  out.tokens.push_back(end);
  end.kind = Tok::Eof;
  end.text = "";
  end.lineStart = true;
  out.tokens.push_back(end);
  return out;
}
