/// A stretch of source text -----------------*- C++ -*.

#ifndef NNC_COMPILER_SYNTAX_SOURCERANGE_H
#define NNC_COMPILER_SYNTAX_SOURCERANGE_H

#include "llvm/Support/SMLoc.h"

namespace nnc {

/// Half open: `end` points one past the last character. Both ends lie in the same buffer.
struct SourceRange {
  llvm::SMLoc begin;
  llvm::SMLoc end;

  SourceRange() = default;
  SourceRange(llvm::SMLoc begin, llvm::SMLoc end) : begin(begin), end(end) {}
  /// A place between two characters.
  explicit SourceRange(llvm::SMLoc at) : begin(at), end(at) {}

  bool isValid() const { return begin.isValid(); }
  /// From the start of this one to the end of the other.
  SourceRange to(SourceRange other) const { return {begin, other.end}; }
};

} // namespace nnc

#endif
