/// Registration of every dialect of the project, for tools.
#ifndef NNC_DIALECTS_INITALLDIALECTS_H
#define NNC_DIALECTS_INITALLDIALECTS_H

#include "dialects/learn/IR/Learn.h"
#include "dialects/nn/IR/NN.h"
#include "dialects/prob/IR/Prob.h"
#include "dialects/sched/IR/Sched.h"

namespace nnc {
/// Registers nn, prob, learn and sched.
inline void registerNNCDialects(mlir::DialectRegistry &registry) {
  registry.insert<nn::NNDialect, prob::ProbDialect, learn::LearnDialect, sched::SchedDialect>();
}
} // namespace nnc

#endif
