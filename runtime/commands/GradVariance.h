/// Compares estimators of a gradient by their variance.
#ifndef NNC_RUNTIME_COMMANDS_GRADVARIANCE_H
#define NNC_RUNTIME_COMMANDS_GRADVARIANCE_H

#include "runtime/session/Session.h"

namespace nnrt {

/// For each objective whose draws have estimators: mean and variance of the gradient of one batch
/// over many draws, for the estimators as written and for those that nnc --compare-estimators
/// added.
void compareEstimators(Session &session);

} // namespace nnrt

#endif
