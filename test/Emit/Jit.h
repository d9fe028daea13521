/// Compiles a module of stage loops in memory and calls its functions on one thread.
#ifndef NNC_TEST_EMIT_JIT_H
#define NNC_TEST_EMIT_JIT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace llvm::orc {
class LLJIT;
}

namespace nnc {

class Jit {
public:
  /// Consumes the module's ops.
  static llvm::Expected<std::unique_ptr<Jit>> create(mlir::ModuleOp module, const std::string &cpu,
                                                     const std::string &features, bool printIr);
  ~Jit();
  /// Calls a function of the schedule with its arena and buffers.
  int32_t call(const std::string &name, void *arena, llvm::ArrayRef<void *> buffers);

private:
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

} // namespace nnc

#endif
