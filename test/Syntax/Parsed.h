//===- Parsed.h - A parsed text and what was said about it ----------------===//

#ifndef NNC_TEST_SYNTAX_PARSED_H
#define NNC_TEST_SYNTAX_PARSED_H

#include "compiler/Syntax/ASTPrinter.h"
#include "compiler/Syntax/Parser.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace nnc::test {

struct Parsed {
  llvm::SourceMgr sources;
  Diagnostics diags{sources};
  std::unique_ptr<ast::File> file;

  explicit Parsed(llvm::StringRef text, llvm::StringRef name = "test.nn") {
    unsigned id = sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(text, name), {});
    file = parseFile(sources, id, diags);
  }

  std::string tree(const ExprAnnotator &annotate = {}) const {
    std::string text;
    llvm::raw_string_ostream os(text);
    printAST(*file, os, annotate);
    return text;
  }

  std::string printed() const {
    std::string text;
    llvm::raw_string_ostream os(text);
    diags.print(os);
    return text;
  }
};

/// An expression on one line with all its brackets: "(a + (b * c))".
std::string shape(const ast::Expr *expr);

/// Parses `const x = TEXT` and shows the shape of the value.
std::string exprShape(llvm::StringRef text);

/// The statements of `fn f { TEXT }`, as many as there are.
size_t statementCount(llvm::StringRef text);

} // namespace nnc::test

#endif // NNC_TEST_SYNTAX_PARSED_H
