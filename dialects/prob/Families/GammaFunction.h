/// The logarithm of the gamma function and its derivative by what they differ from Stirling's
/// formula, log gamma(a) ~ (a - 1/2) log a - a + log(2 pi) / 2: large terms cancel on paper then.
#ifndef NNC_DIALECTS_PROB_FAMILIES_GAMMAFUNCTION_H
#define NNC_DIALECTS_PROB_FAMILIES_GAMMAFUNCTION_H

#include "dialects/prob/Families/Formulas.h"

namespace nnc::prob {

/// log gamma(a) less Stirling's formula, for a > 0.
nn::Term stirlingError(nn::Term a);

/// log a - 1 / (2 a) - digamma(a): minus the derivative of stirlingError.
nn::Term stirlingSlope(nn::Term a);

/// A draw from the gamma distribution of rate 1, as value * e^logFactor: a small one lies below the
/// smallest number, its logarithm does not.
struct StandardGamma {
  nn::Term value, logFactor;
};
StandardGamma drawStandardGamma(const Instance &d, nn::Term shape, const Noise &noise,
                                uint64_t firstStream);

} // namespace nnc::prob

#endif
