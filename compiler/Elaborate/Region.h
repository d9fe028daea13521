/// Regions that are built before their op, and that capture nothing.
#ifndef NNC_COMPILER_ELABORATE_REGION_H
#define NNC_COMPILER_ELABORATE_REGION_H

#include "compiler/Elaborate/FunctionContext.h"
#include "mlir/IR/Region.h"

namespace nnc {

/// While it lives, ops go into a new region and evidence is collected apart.
class RegionScope {
public:
  RegionScope(FunctionContext &fn);
  ~RegionScope();
  std::unique_ptr<mlir::Region> region;
  mlir::Block *block;
  /// Ops go back to where they went before; only the destructor may follow.
  void leave() { fn.builder.restoreInsertionPoint(saved); }
  /// The evidence scored in the region; null if there is none.
  mlir::Value scored() const { return fn.evidence ? fn.evidence->sum : mlir::Value(); }

private:
  FunctionContext &fn;
  mlir::OpBuilder::InsertPoint saved;
  mlir::Value savedSum;
};

/// Whether a region is `outer` or inside of it. Regions that are built belong to no op yet, which
/// MLIR's own walks upwards do not expect.
bool isInside(mlir::Region *inner, const mlir::Region &outer);

/// The values from outside that the regions use, in order. Afterwards the blocks have an argument
/// for each of them; constants are copied inside instead.
llvm::SmallVector<mlir::Value> captureInto(llvm::ArrayRef<mlir::Region *> regions);

} // namespace nnc

#endif
