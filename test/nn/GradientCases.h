/// What the gradient tests differentiate: one function for each rule.
#ifndef NNC_TEST_NN_GRADIENTCASES_H
#define NNC_TEST_NN_GRADIENTCASES_H

#include <string>
#include <vector>

namespace nnc::test {

struct GradientCase {
  std::string name;
  std::string arguments;        ///< of the function, in MLIR syntax; all of them are differentiated
  std::string body;             ///< defines %y
  std::string result;           ///< its type
  double low = 0.3, high = 1.7; ///< range of the arguments
};

std::vector<GradientCase> gradientCases();

} // namespace nnc::test

#endif
