/// Merges neighbouring axes of elementwise kernels, so that vectors run on across rows.
#ifndef NNC_COMPILER_EMIT_LOOPS_COLLAPSE_H
#define NNC_COMPILER_EMIT_LOOPS_COLLAPSE_H

#include "dialects/sched/IR/Sched.h"

namespace nnc {

/// Rewrites the body of an elementwise kernel over fewer axes where every op allows it. Types of
/// region arguments change shape; the buffers behind them are flat.
void collapseAxes(sched::KernelOp kernel);

} // namespace nnc

#endif
