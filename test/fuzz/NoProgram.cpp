/// The fuzzers link the runtime without a program.
#include "runtime/contract/nnrt.h"

extern const char nn_launches[] = R"({"kernels":[],"launches":[]})";
extern const nnrt_function nn_functions[] = {nullptr};
