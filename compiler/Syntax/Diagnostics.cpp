/// Collecting diagnostics.

#include "compiler/Syntax/Diagnostics.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>

using namespace nnc;

static constexpr CodeInfo codeTable[] = {
#define NNC_DIAGNOSTIC(NAME, ID, TITLE, EXPLANATION) {ID, TITLE, EXPLANATION},
#include "compiler/Syntax/Diagnostics.def"
};

const CodeInfo &nnc::info(Code code) { return codeTable[static_cast<unsigned>(code)]; }

unsigned nnc::codeCount() { return std::size(codeTable); }

std::optional<Code> nnc::findCode(llvm::StringRef id) {
  for (unsigned i = 0; i < codeCount(); ++i)
    if (codeTable[i].id.equals_insensitive(id))
      return static_cast<Code>(i);
  return std::nullopt;
}

Diagnostics::Builder &Diagnostics::Builder::here(const llvm::Twine &text) {
  diagnostic->label = text.str();
  return *this;
}

Diagnostics::Builder &Diagnostics::Builder::label(SourceRange range, const llvm::Twine &text) {
  if (range.isValid())
    diagnostic->secondary.push_back({range, text.str()});
  return *this;
}

Diagnostics::Builder &Diagnostics::Builder::help(const llvm::Twine &text) {
  if (std::string words = text.str(); !words.empty())
    diagnostic->footers.push_back({"help", std::move(words)});
  return *this;
}

Diagnostics::Builder &Diagnostics::Builder::note(const llvm::Twine &text) {
  if (std::string words = text.str(); !words.empty())
    diagnostic->footers.push_back({"note", std::move(words)});
  return *this;
}

/// A body is checked once per call, and its mistakes are found as often.
bool Diagnostics::isKnown(const Diagnostic &diagnostic) const {
  return diagnostic.range.isValid() &&
         std::any_of(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic &other) {
           return other.code == diagnostic.code && other.range.begin == diagnostic.range.begin &&
                  other.range.end == diagnostic.range.end && other.message == diagnostic.message;
         });
}

Diagnostics::Builder Diagnostics::emit(Severity severity, Code code, SourceRange range,
                                       const llvm::Twine &message) {
  Diagnostic diagnostic{severity, code, message.str(), range, {}, {}, {}};
  if (isKnown(diagnostic)) {
    dropped = std::move(diagnostic);
    return Builder(&*dropped);
  }
  errors += severity == Severity::Error;
  warnings += severity == Severity::Warning;
  if (severity == Severity::Error && errors > maxErrors) {
    dropped = std::move(diagnostic);
    return Builder(&*dropped);
  }
  diagnostics.push_back(std::move(diagnostic));
  return Builder(&diagnostics.back());
}

Diagnostics::Builder Diagnostics::error(Code code, SourceRange range, const llvm::Twine &message) {
  return emit(Severity::Error, code, range, message);
}

Diagnostics::Builder Diagnostics::warning(Code code, SourceRange range,
                                          const llvm::Twine &message) {
  return emit(Severity::Warning, code, range, message);
}

Diagnostics::Builder Diagnostics::remark(Code code, SourceRange range, const llvm::Twine &message) {
  return emit(Severity::Remark, code, range, message);
}

Diagnostics::Builder Diagnostics::note(Code code, SourceRange range, const llvm::Twine &message) {
  return emit(Severity::Note, code, range, message);
}

static void printCount(llvm::raw_ostream &os, unsigned count, llvm::StringRef what) {
  os << count << ' ' << what << (count == 1 ? "" : "s");
}

void Diagnostics::print(llvm::raw_ostream &os, std::optional<bool> colours) const {
  for (const Diagnostic &diagnostic : diagnostics) {
    print(diagnostic, os, colours.value_or(os.has_colors()));
    os << '\n';
  }
  if (errors > maxErrors)
    os << "only the first " << maxErrors << " errors are shown\n";
  if (errors)
    printCount(os, errors, "error");
  if (errors && warnings)
    os << ", ";
  if (warnings)
    printCount(os, warnings, "warning");
  if (errors || warnings)
    os << '\n';
}
