/// Characters to raw tokens.

#include "compiler/Syntax/Scanner.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/UnicodeCharRanges.h"

using namespace nnc;
using llvm::StringRef;

#include "compiler/Syntax/UnicodeLetters.inc"

SourceRange Scanner::here(size_t length) const {
  return {llvm::SMLoc::getFromPointer(at), llvm::SMLoc::getFromPointer(at + length)};
}

Diagnostics::Builder Scanner::error(Code code, SourceRange range, const llvm::Twine &message) {
  out.hasErrors = true;
  return diags.error(code, range, message);
}

/// Decodes one character; its length is 0 if the bytes are not UTF-8.
static std::pair<uint32_t, size_t> decode(const char *p, const char *end) {
  auto *source = reinterpret_cast<const llvm::UTF8 *>(p);
  auto *start = source;
  llvm::UTF32 value = 0;
  auto result = llvm::convertUTF8Sequence(&source, reinterpret_cast<const llvm::UTF8 *>(end),
                                          &value, llvm::strictConversion);
  if (result != llvm::conversionOK)
    return {0, 0};
  return {value, source - start};
}

size_t Scanner::letterLength(const char *p, bool first) const {
  if (p == end)
    return 0;
  if (llvm::isASCII(*p))
    return llvm::isAlpha(*p) || (!first && (llvm::isDigit(*p) || *p == '_'));
  static const llvm::sys::UnicodeCharSet letters(letterRanges);
  static const llvm::sys::UnicodeCharSet others(continueRanges);
  auto [value, length] = decode(p, end);
  return length && (letters.contains(value) || (!first && others.contains(value))) ? length : 0;
}

const char *Scanner::skipWord(const char *p) const {
  while (size_t length = letterLength(p, /*first=*/false))
    p += length;
  return p;
}

void Scanner::push(Tok kind, size_t length) {
  Token token;
  token.kind = kind;
  token.lineStart = lineStart;
  token.text = StringRef(at, length);
  token.range = here(length);
  if (kind != Tok::Newline) {
    if (hasDoc)
      out.docs[at] = std::move(doc);
    doc.clear();
    hasDoc = false;
    lineStart = blankLine = false;
  }
  out.tokens.push_back(token);
  at += length;
}

/// A blank line: the comment before it documents no declaration.
void Scanner::flushDoc() {
  if (hasDoc && out.tokens.empty() && out.fileDoc.empty())
    out.fileDoc = std::move(doc);
  doc.clear();
  hasDoc = false;
}

void Scanner::scanNewline() {
  if (blankLine)
    flushDoc();
  // Leading newlines end nothing.
  if (out.tokens.empty())
    ++at;
  else
    push(Tok::Newline, 1);
  blankLine = lineStart = true;
}

void Scanner::scanExpectation(StringRef text, SourceRange range) {
  auto [command, condition] = text.split(": ");
  command = command.trim();
  condition = condition.trim();
  if (command.empty() || condition.empty()) {
    error(Code::MalformedExpectation, range,
          "an expectation needs arguments, a colon and a condition")
        .help("`//> train --seed 1: nll.accuracy > 0.95`");
    return;
  }
  out.expectations.push_back({command.str(), condition.str(), range});
}

void Scanner::scanComment() {
  StringRef line = rest().take_until([](char c) { return c == '\n'; });
  StringRef text = line.rtrim("\r");
  if (text.starts_with("//>")) {
    scanExpectation(text.drop_front(3), here(text.size()));
  } else if (lineStart && text.starts_with("///") && !text.starts_with("////")) {
    text = text.drop_front(3);
    text.consume_front(" ");
    if (hasDoc)
      doc += '\n';
    doc += text.rtrim();
    hasDoc = true;
  }
  blankLine = false;
  at += line.size();
}

void Scanner::scanBlockComment() {
  error(Code::ForeignSyntax, here(2), "there are no block comments")
      .help("start each line of the comment with `//`");
  size_t close = rest().find("*/", 2);
  at = close == StringRef::npos ? end : at + close + 2;
}

bool Scanner::scanName() {
  if (!letterLength(at, /*first=*/true))
    return false;
  StringRef text(at, skipWord(at) - at);
  push(keywordKind(text), text.size());
  return true;
}

/// Digits, point and exponent. What cannot follow a number is reported and taken as part of it.
void Scanner::scanNumber() {
  const char *p = at;
  auto digits = [&] {
    const char *start = p;
    while (p != end && llvm::isDigit(*p))
      ++p;
    return p != start;
  };
  digits();
  // `block.3.attn`: an iteration in a path has no point.
  bool inPath = !out.tokens.empty() && out.tokens.back().is(Tok::Dot) &&
                out.tokens.back().range.end.getPointer() == at;
  auto next = [&](size_t ahead) { return p + ahead < end ? p[ahead] : '\0'; };
  if (next(0) == '.' && next(1) != '.' && !inPath) {
    ++p;
    if (!digits()) {
      error(Code::MalformedNumber, here(p - at), "a number needs a digit after its point")
          .help("write `" + StringRef(at, p - at) + "0`");
      return push(Tok::Number, p - at);
    }
  }
  if (next(0) == 'e' || next(0) == 'E') {
    size_t sign = next(1) == '+' || next(1) == '-';
    if (llvm::isDigit(next(1 + sign))) {
      p += 1 + sign;
      digits();
    }
  }
  if (const char *word = skipWord(p); word != p) {
    StringRef number(at, p - at), suffix(p, word - p);
    auto builder = error(Code::NumberSuffix, here(word - at), "a number cannot run into a name");
    if (suffix.trim('_').empty() ||
        llvm::all_of(suffix, [](char c) { return c == '_' || llvm::isDigit(c); }))
      builder.help("write the digits without `_`");
    else if (number == "0" && suffix.starts_with_insensitive("x"))
      builder.help("numbers are decimal");
    else if (suffix.equals_insensitive("e"))
      builder.help("an exponent needs digits: `" + number + "e-3`");
    else
      builder.help("write `" + number + " * " + suffix + "`");
    p = word;
  }
  push(Tok::Number, p - at);
}

void Scanner::scanString() {
  char quote = *at;
  const char *p = at + 1;
  for (; p != end && *p != '\n' && *p != quote; ++p) {
    if (*p != '\\' || p + 1 == end || p[1] == '\n')
      continue;
    ++p;
    if (!StringRef("nt\"\\").contains(*p)) {
      SourceRange range(llvm::SMLoc::getFromPointer(p - 1), llvm::SMLoc::getFromPointer(p + 1));
      error(Code::UnknownEscape, range, "unknown escape in a string")
          .help("the escapes are `\\n`, `\\t`, `\\\"` and `\\\\`");
    }
  }
  bool closed = p != end && *p == quote;
  p += closed;
  if (quote == '\'')
    error(Code::ForeignSyntax, here(p - at), "strings stand in double quotes")
        .help("write `\"…\"`");
  else if (!closed)
    error(Code::UnterminatedString, here(p - at), "this string has no closing `\"` on its line")
        .here("starts here")
        .help("a line break inside a string is written `\\n`");
  push(Tok::String, p - at);
}

bool Scanner::scanPunctuator() {
  // Longer spellings stand first in Tokens.def.
  static constexpr std::pair<StringRef, Tok> table[] = {
#define PUNCTUATOR(NAME, SPELLING) {SPELLING, Tok::NAME},
#include "compiler/Syntax/Tokens.def"
  };
  for (auto [spelling, kind] : table)
    if (rest().starts_with(spelling)) {
      push(kind, spelling.size());
      return true;
    }
  return false;
}

/// Operators and signs that a reader of other languages may type: reported, and read as ours.
bool Scanner::scanForeign() {
  struct Foreign {
    StringRef text;
    Tok kind;
    StringRef help;
  };
  static constexpr Foreign table[] = {
      {"&&", Tok::kw_and, "write `and`"},
      {"||", Tok::kw_or, "write `or`"},
      {"&", Tok::kw_and, "write `and`"},
      {"|", Tok::kw_or, "write `or`"},
      {"**", Tok::Caret, "the power is written `^`"},
      {":=", Tok::Equal, "write `=`"},
      {"=>", Tok::Arrow, "a result type follows `->`"},
      {"+=", Tok::Equal, "write `x = x + …`, which defines a new x"},
      {"-=", Tok::Equal, "write `x = x - …`, which defines a new x"},
      {"*=", Tok::Equal, "write `x = x * …`, which defines a new x"},
      {"/=", Tok::Equal, "write `x = x / …`, which defines a new x"},
      {"!", Tok::kw_not, "write `not`"},
      {"\u2212", Tok::Minus, "write `-`"},
      {"\u2013", Tok::Minus, "write `-`"},
      {"\u00d7", Tok::Star, "write `*`"},
      {"\u00b7", Tok::Star, "write `*`"},
      {"\u2264", Tok::LessEqual, "write `<=`"},
      {"\u2265", Tok::GreaterEqual, "write `>=`"},
      {"\u2260", Tok::NotEqual, "write `!=`"},
      {"\u2190", Tok::LeftArrow, "write `<-`"},
      {"\u2192", Tok::Arrow, "write `->`"},
      {"\u223c", Tok::Tilde, "write `~`"},
      {"\u2026", Tok::DotDot, "write `..`"},
  };
  for (const Foreign &foreign : table) {
    StringRef text = foreign.text;
    if (!rest().starts_with(text))
      continue;
    // `!=` is an operator, and so is the first part of `-==`, which is another error.
    if ((text == "!" && peek(1) == '=') || (text.ends_with("=") && peek(text.size()) == '='))
      continue;
    bool ascii = llvm::isASCII(text.front());
    error(ascii ? Code::ForeignSyntax : Code::UnexpectedCharacter, here(text.size()),
          "there is no `" + text + "` in .nn")
        .help(foreign.help);
    push(foreign.kind, text.size());
    return true;
  }
  return false;
}

/// Skips a character that starts nothing; a run of bytes that are not text counts as one.
void Scanner::scanUnknown() {
  auto [value, length] = decode(at, end);
  if (!length) {
    size_t bad = 1;
    while (at + bad != end && !llvm::isASCII(at[bad]) && !decode(at + bad, end).second)
      ++bad;
    error(Code::InvalidEncoding, here(bad), "this is not UTF-8 text");
    at += bad;
    return;
  }
  StringRef character(at, length);
  bool printable = !llvm::isASCII(*at) || llvm::isPrint(*at);
  auto builder = error(Code::UnexpectedCharacter, here(length),
                       printable ? "unexpected character `" + character + "`"
                                 : "unexpected control character");
  if (character == "_")
    builder.help("a name starts with a letter");
  else if (value == 0xA0)
    builder.help("this is a non-breaking space; write an ordinary one");
  else if (value == 0x201C || value == 0x201D)
    builder.help("write the plain quote `\"`");
  else if (character == "#")
    builder.help("a comment starts with `//`");
  else if (character == "\\")
    builder.help("to continue a line, end it with an operator or use parentheses");
  // The rest of the line is a comment, or a word that would only be reported again.
  if (character == "#")
    at += rest().find_first_of('\n') == StringRef::npos ? rest().size() : rest().find('\n');
  else
    at = character == "_" ? skipWord(at) : at + length;
}

void Scanner::scanToken() {
  char c = peek();
  if (c == ' ' || c == '\t' || c == '\r')
    ++at;
  else if (c == '\n')
    scanNewline();
  else if (c == ';')
    push(Tok::Newline, 1);
  else if (rest().starts_with("//"))
    scanComment();
  else if (rest().starts_with("/*"))
    scanBlockComment();
  else if (llvm::isDigit(c))
    scanNumber();
  else if (c == '"' || c == '\'')
    scanString();
  else if (c == '.' && llvm::isDigit(peek(1)) &&
           (out.tokens.empty() || out.tokens.back().range.end.getPointer() != at)) {
    error(Code::MalformedNumber, here(1), "a number needs a digit before its point")
        .help("write `0" + rest().take_while([](char c) { return c == '.' || llvm::isDigit(c); }) +
              "`");
    ++at;
    scanNumber();
  } else if (!scanName() && !scanForeign() && !scanPunctuator()) {
    blankLine = false;
    scanUnknown();
  }
}

void Scanner::run() {
  if (rest().starts_with("\xEF\xBB\xBF"))
    at += 3;
  while (at != end)
    scanToken();
  flushDoc();
}

std::string nnc::stringValue(const Token &token) {
  std::string value;
  StringRef text = token.text.drop_front();
  if (text.ends_with(token.text.take_front()))
    text = text.drop_back();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      value += text[i];
      continue;
    }
    char c = text[++i];
    value += c == 'n' ? '\n' : c == 't' ? '\t' : c;
  }
  return value;
}
