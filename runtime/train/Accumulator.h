/// The k batches of an accumulated step as one batch of k times the rows.
#ifndef NNC_RUNTIME_TRAIN_ACCUMULATOR_H
#define NNC_RUNTIME_TRAIN_ACCUMULATOR_H

#include "runtime/program/Model.h"

namespace nnrt {

class Accumulator {
public:
  /// For the `parts` calls of a gradient function in a step.
  Accumulator(Model &model, const Call &gradient, int64_t parts);

  /// Takes what the call on batch `part` gave.
  void add(int64_t part);
  /// Leaves the means where one batch would have left its own: gradients, next running values,
  /// losses and reports; and the norm of the mean gradient.
  void finish();

private:
  /// A tensor and the sum of what it was. Integers and booleans have no mean: the last stays.
  struct Sum {
    const Tensor *type;
    void *const *value;
    void *sum;
    bool isGradient;
  };
  void sum(const Tensor &type, void *const *value, bool isGradient);
  double squaredNorm(const Sum &gradient) const;

  Model &model;
  const Call &call;
  int64_t parts;
  std::vector<Sum> sums;
  std::vector<double> scalars; ///< one for each output
};

} // namespace nnrt

#endif
