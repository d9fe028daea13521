/// Errors, warnings and remarks about source.
///
/// Every stage that speaks about source text collects its diagnostics here; the driver prints them
/// in the order in which they were found. A diagnostic has a code (Diagnostics.def), a message, one
/// primary stretch of source, any number of secondary ones (in any file) and help or note lines:
///
///   diags.error(Code::ExpectedToken, range, "expected `)`, found `}`")
///       .here("`)` is missing").label(open, "opened here").help("...");
#ifndef NNC_COMPILER_SYNTAX_DIAGNOSTICS_H
#define NNC_COMPILER_SYNTAX_DIAGNOSTICS_H

#include "compiler/Syntax/SourceRange.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace llvm {
class raw_ostream;
class SourceMgr;
} // namespace llvm

namespace nnc {

enum class Severity : uint8_t { Error, Warning, Remark, Note };

/// One enumerator for each line of Diagnostics.def.
enum class Code : uint16_t {
#define NNC_DIAGNOSTIC(NAME, ID, TITLE, EXPLANATION) NAME,
#include "compiler/Syntax/Diagnostics.def"
};

/// What `nnc --explain` knows about a code.
struct CodeInfo {
  llvm::StringRef id;          ///< "E0101"
  llvm::StringRef title;       ///< A few words.
  llvm::StringRef explanation; ///< What it means and what to write instead.
};

const CodeInfo &info(Code code);

/// Finds the code with this id ("E0101", in either case).
std::optional<Code> findCode(llvm::StringRef id);

/// The number of codes, which are 0 .. codeCount() - 1.
unsigned codeCount();

/// A finished diagnostic.
struct Diagnostic {
  struct Label {
    SourceRange range;
    std::string text;
  };
  struct Footer {
    llvm::StringRef kind; ///< "help" or "note"
    std::string text;
  };

  Severity severity;
  Code code;
  std::string message;
  /// Underlined with `^`; invalid if the diagnostic is not about a place.
  SourceRange range;
  /// Written after the `^`.
  std::string label;
  /// Underlined with `-`.
  std::vector<Label> secondary;
  std::vector<Footer> footers;
};

class Diagnostics {
public:
  /// Adds parts to a diagnostic that has just been emitted.
  class Builder {
  public:
    explicit Builder(Diagnostic *diagnostic) : diagnostic(diagnostic) {}

    /// The text at the primary range.
    Builder &here(const llvm::Twine &text);
    /// A secondary range; the text may be empty.
    Builder &label(SourceRange range, const llvm::Twine &text);
    /// What to write instead; nothing if the text is empty.
    Builder &help(const llvm::Twine &text);
    /// Why it is so.
    Builder &note(const llvm::Twine &text);

  private:
    Diagnostic *diagnostic;
  };

  explicit Diagnostics(llvm::SourceMgr &sources) : sources(sources) {}

  Builder error(Code code, SourceRange range, const llvm::Twine &message);
  Builder warning(Code code, SourceRange range, const llvm::Twine &message);
  Builder remark(Code code, SourceRange range, const llvm::Twine &message);
  Builder note(Code code, SourceRange range, const llvm::Twine &message);

  bool hasErrors() const { return errors != 0; }
  unsigned errorCount() const { return errors; }
  unsigned warningCount() const { return warnings; }
  /// While it lives, what is said is only counted; then it is forgotten.
  class Rehearsal {
  public:
    explicit Rehearsal(Diagnostics &diags)
        : diags(diags), kept(diags.diagnostics.size()), errors(diags.errors),
          warnings(diags.warnings) {}
    ~Rehearsal() {
      while (diags.diagnostics.size() > kept)
        diags.diagnostics.pop_back();
      diags.errors = errors;
      diags.warnings = warnings;
    }
    Rehearsal(const Rehearsal &) = delete;

  private:
    Diagnostics &diags;
    size_t kept;
    unsigned errors, warnings;
  };

  /// In the order of emission; errors beyond the limit are counted, not kept.
  const std::deque<Diagnostic> &all() const { return diagnostics; }

  /// Prints all of them in rustc's layout, then a line that counts errors and warnings. Colours
  /// default to what the stream can show.
  void print(llvm::raw_ostream &os, std::optional<bool> colours = std::nullopt) const;
  void print(const Diagnostic &diagnostic, llvm::raw_ostream &os, bool colours = false) const;

  llvm::SourceMgr &sourceMgr() const { return sources; }

  /// A broken file may have an error on each line; nobody reads more than these.
  static constexpr unsigned maxErrors = 100;

private:
  Builder emit(Severity severity, Code code, SourceRange range, const llvm::Twine &message);
  bool isKnown(const Diagnostic &diagnostic) const;

  llvm::SourceMgr &sources;
  // A deque, so that builders may keep addresses.
  std::deque<Diagnostic> diagnostics;
  // Takes what builders add to errors beyond the limit and to repetitions.
  std::optional<Diagnostic> dropped;
  unsigned errors = 0;
  unsigned warnings = 0;
};

} // namespace nnc

#endif
