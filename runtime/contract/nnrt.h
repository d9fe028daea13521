/// What compiled code and the runtime know of each other; README.md has the rest of the contract.
#ifndef NNC_RUNTIME_CONTRACT_NNRT_H
#define NNC_RUNTIME_CONTRACT_NNRT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nnrt_pool;
struct nnrt_watch;

/// The first argument of every compiled function. Compiled code reads `arena` and passes the
/// context on to nnrt_parallel; the other fields belong to the runtime.
typedef struct nnrt_context {
  /// At least the program's "arena" bytes, aligned to 2 MB; contents are undefined between calls.
  void *arena;
  struct nnrt_pool *pool;
  /// Told of each launch; null unless a failed step is being run again.
  struct nnrt_watch *watch;
} nnrt_context;

/// A function of the program: 0, or 1 + the index of the assertion that failed.
typedef int32_t (*nnrt_function)(nnrt_context *context, void *const *args);

/// One task of a kernel. `scratch` is the running thread's own, of the program's "scratch" bytes,
/// aligned to 64; its contents are undefined on entry.
typedef void (*nnrt_kernel)(void *const *args, int64_t task, void *scratch);

/// Runs kernel(args, t, scratch) for each t in [0, tasks) on the caller and the pool, and returns
/// when all are done. Not to be called from within a kernel. `launch` is the place of this launch
/// in the program's list of launches.
void nnrt_parallel(nnrt_context *context, nnrt_kernel kernel, void *const *args, int64_t tasks,
                   int64_t launch);

/// The program, defined by the compiled object. `nn_launches` is read only when a step has failed.
extern const char nn_program[];
extern const char nn_launches[];
extern const nnrt_function nn_functions[];

#ifdef __cplusplus
}
#endif

#endif
