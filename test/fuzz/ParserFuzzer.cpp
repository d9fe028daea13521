//===- ParserFuzzer.cpp - No text may crash the front end -----------------===//
//
//   parser-fuzzer test/Check/programs -max_total_time=60
//
//===----------------------------------------------------------------------===//

#include "compiler/Syntax/ASTPrinter.h"
#include "compiler/Syntax/Parser.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  llvm::SourceMgr sources;
  unsigned id =
      sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(text, "fuzz.nn"), {});
  nnc::Diagnostics diags(sources);
  auto file = nnc::parseFile(sources, id, diags);
  diags.print(llvm::nulls());
  nnc::printAST(*file, llvm::nulls());
  return 0;
}
