/// The batch that gradients are examined on.
#ifndef NNC_RUNTIME_COMMANDS_FIRSTBATCH_H
#define NNC_RUNTIME_COMMANDS_FIRSTBATCH_H

#include "runtime/data/Batch.h"
#include "runtime/session/Session.h"

namespace nnrt {

/// The first rows of an objective's training set, bound to a function's arguments; null without
/// data.
std::unique_ptr<Batch> firstBatch(Session &session, const Objective &objective,
                                  const CheckDecl &check, const Function &function,
                                  Bindings &bindings);

} // namespace nnrt

#endif
