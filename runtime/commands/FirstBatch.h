/// The batch that gradients are examined on.
#pragma once

#include "runtime/data/Batch.h"
#include "runtime/session/Session.h"

namespace nnrt {

/// The first rows of an objective's training set, bound to a function's arguments; null without
/// data.
std::unique_ptr<Batch> firstBatch(Session &session, const Objective &objective,
                                  const CheckDecl &check, const Function &function,
                                  Bindings &bindings);

} // namespace nnrt
