/// Links object code with libnnrt through the system's C compiler.
#ifndef NNC_COMPILER_LLVM_LINK_H
#define NNC_COMPILER_LLVM_LINK_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace nnc {

/// Makes `executable` from object files. `runtime` is the path of libnnrt.a. The error says what
/// is missing.
llvm::Error linkExecutable(llvm::ArrayRef<std::string> objects, llvm::StringRef runtime,
                           llvm::StringRef executable);

/// libnnrt.a beside the running tool ($prefix/bin/nnc finds $prefix/lib/libnnrt.a).
std::string findRuntime(llvm::StringRef toolPath);

} // namespace nnc

#endif
