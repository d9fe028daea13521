/// Recognition of attention: from the contraction with the values back to that of queries and keys.
#ifndef NNC_DIALECTS_NN_TRANSFORMS_ATTENTIONMATCH_H
#define NNC_DIALECTS_NN_TRANSFORMS_ATTENTIONMATCH_H

#include "dialects/nn/IR/NN.h"

namespace nnc::nn {

/// A value whose axes carry labels that are the same for all operands of one attention.
struct Labelled {
  mlir::Value value;
  llvm::SmallVector<int64_t> labels;
};

/// A key is seen where the value is true or, if it is negated, where it is false.
struct SeenWhere {
  Labelled value;
  bool isNegated = false;
};

/// What an attention is made of. Labels name axes across operands; the sets give each its part.
struct AttentionMatch {
  ContractOp output; ///< weights . values
  SoftmaxOp softmax;
  Labelled q, k, v;
  llvm::SmallVector<int64_t> outputLabels; ///< of the result of `output`
  double scale = 1;
  llvm::SmallVector<SeenWhere> masks;                    ///< all of them must hold
  llvm::SmallVector<std::pair<Labelled, double>> biases; ///< added after scaling, with a factor
  bool causal = false;
  Labelled keep; ///< dropout of the weights; null value if none
  double keepScale = 1;
  llvm::DenseMap<int64_t, int64_t> sizes;
  llvm::SmallVector<int64_t> group, queries, features, outputs; ///< labels by part
  int64_t key = -1;
  std::string whyNot; ///< why a softmax between two contractions is not attention
};

/// Matches the contraction `output` if its operand `weights` comes from a softmax. False without
/// `whyNot`: there is no softmax or no contraction before it, so a reader would not expect
/// attention.
bool matchAttention(ContractOp output, bool weightsAreA, AttentionMatch &match);

} // namespace nnc::nn

#endif
