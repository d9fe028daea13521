/// One nn.scan while it is built.
#ifndef NNC_COMPILER_ELABORATE_CONTROL_SCAN_H
#define NNC_COMPILER_ELABORATE_CONTROL_SCAN_H

#include "compiler/Elaborate/Control/Control.h"
#include "compiler/Elaborate/Region.h"

namespace nnc {

class ScanBuilder {
public:
  ScanBuilder(Body &body, const ast::ScanExpr &scan, const ast::Target *target)
      : body(body), scan(scan), target(target) {}
  /// Binds the carried names and the targets; none, or a poison after errors.
  Value build();

private:
  bool readRange();
  bool readRuntimeRange(const Value &low, const Value &high);
  bool readCarries();
  void bindInside(mlir::Block *block);
  bool elaborateBody();
  void nextValue(const ast::Carry &carry, const Tensor &init);
  void findInputs(mlir::Region &region);
  mlir::Value finishBody(RegionScope &inside);
  mlir::Operation *create(std::unique_ptr<mlir::Region> region, mlir::Value scored);
  llvm::SmallVector<const ast::Target *> targets() const;
  std::optional<int64_t> axisOf(const ast::Target &one, int64_t rank) const;
  bool checkTargets();
  Value poisonTargets();
  void bindResults(mlir::Operation *op, mlir::Value scored);

  Body &body;
  const ast::ScanExpr &scan;
  const ast::Target *target;
  /// First iteration and number of iterations (with run-time ends: at most so many).
  int64_t start = 0, iterations = 0;
  /// Of compile time only.
  std::optional<Dim> length;
  /// What the scan's variable may be.
  Interval range;
  llvm::SmallVector<mlir::Value> bounds, inputs;
  /// First values, next values, and yielded ones.
  std::vector<Tensor> carries, next, outputs;
  mlir::Value stop;
};

} // namespace nnc

#endif
