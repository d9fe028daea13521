/// Means over the batches of an accumulated step.
#include "runtime/train/Accumulator.h"

#include <cmath>

namespace nnrt {

namespace {

/// sum + value, which becomes the sum, or (last) divided the value.
template <typename T> void addElements(int64_t n, T *value, T *sum, bool first, double divisor) {
  for (int64_t i = 0; i < n; ++i) {
    double total = double(value[i]) + (first ? 0.0 : double(sum[i]));
    sum[i] = T(total);
    if (divisor > 0)
      value[i] = T(total / divisor);
  }
}

template <typename T> double squares(int64_t n, const T *value) {
  double total = 0;
  for (int64_t i = 0; i < n; ++i)
    total += double(value[i]) * double(value[i]);
  return total;
}

bool isMean(const Call::Output &output) {
  return output.arg->kind == ArgKind::Loss || output.arg->kind == ArgKind::Report;
}

} // namespace

Accumulator::Accumulator(Model &model, const Call &gradient, int64_t parts)
    : model(model), call(gradient), parts(parts), scalars(gradient.outputs.size()) {
  for (const Arg &arg : gradient.function->args)
    if (arg.kind == ArgKind::Gradient)
      sum(arg, &model.param(arg.name).gradient, true);
  for (Model::Buffer *state : model.movedStates(gradient))
    sum(*state->decl, &state->next, false);
}

void Accumulator::sum(const Tensor &type, void *const *value, bool isGradient) {
  if (type.dtype == DType::F32 || type.dtype == DType::F64)
    sums.push_back({&type, value, model.allocate(bytesOf(type)), isGradient});
}

void Accumulator::add(int64_t part) {
  double divisor = part + 1 == parts ? double(parts) : 0;
  for (const Sum &each : sums) {
    if (each.type->dtype == DType::F32)
      addElements(elementsOf(each.type->shape), static_cast<float *>(*each.value),
                  static_cast<float *>(each.sum), part == 0, divisor);
    else
      addElements(elementsOf(each.type->shape), static_cast<double *>(*each.value),
                  static_cast<double *>(each.sum), part == 0, divisor);
  }
  for (size_t i = 0; i < scalars.size(); ++i)
    scalars[i] = call.outputs[i].scalar() + (part ? scalars[i] : 0.0);
}

double Accumulator::squaredNorm(const Sum &gradient) const {
  int64_t n = elementsOf(gradient.type->shape);
  return gradient.type->dtype == DType::F32 ? squares(n, static_cast<float *>(*gradient.value))
                                            : squares(n, static_cast<double *>(*gradient.value));
}

void Accumulator::finish() {
  double total = 0;
  for (const Sum &each : sums)
    if (each.isGradient)
      total += squaredNorm(each);
  for (size_t i = 0; i < scalars.size(); ++i) {
    const Call::Output &output = call.outputs[i];
    if (isMean(output))
      store(output.arg->dtype, output.data, 0, scalars[i] / double(parts));
    else if (output.arg->kind == ArgKind::GradNorm)
      store(output.arg->dtype, output.data, 0, std::sqrt(total));
  }
}

} // namespace nnrt
