/// The buffers of a program and the calls of its functions.
#ifndef NNC_RUNTIME_PROGRAM_MODEL_H
#define NNC_RUNTIME_PROGRAM_MODEL_H

#include "runtime/base/Memory.h"
#include "runtime/base/Threads.h"
#include "runtime/program/Program.h"

#include <deque>
#include <map>
#include <unordered_map>

namespace nnrt {

/// Buffers that the caller of `Model::bind` provides, by argument kind and name. The value is the
/// place of the pointer, so that a buffer may move between calls.
class Bindings {
public:
  void add(ArgKind kind, const std::string &name, void *const *place) {
    places[{kind, name}] = place;
  }
  void *const *find(ArgKind kind, const std::string &name) const {
    auto it = places.find({kind, name});
    return it == places.end() ? nullptr : it->second;
  }

private:
  std::map<std::pair<ArgKind, std::string>, void *const *> places;
};

/// A function bound to its buffers, ready to be called again and again.
class Call {
public:
  /// A scalar to log, or a shown value.
  struct Output {
    const Arg *arg;
    void *data;
    double scalar() const { return load(arg->dtype, data, 0); }
  };

  const Function *function = nullptr;
  std::vector<Output> outputs;

private:
  friend class Model;
  std::vector<void *const *> places;
  std::vector<void *> pointers;
  std::vector<size_t> nextStates; ///< states whose next value the function writes
};

enum class Subnormals { Flushed, Kept };

/// Gives a counter its value back at the end of a scope, however that ends.
struct Restored {
  explicit Restored(int64_t &cell) : cell(cell), value(cell) {}
  ~Restored() { cell = value; }
  Restored(const Restored &) = delete;
  int64_t &cell;
  const int64_t value;
};

class Model {
public:
  Model(const Program &program, int threads);

  /// Binds a function: parameters, states, gradients and counters come from the model, the rest
  /// from `extra`; outputs that nobody provides get a buffer here.
  Call bind(const Function &function, const Bindings &extra = {});

  /// Calls; a failed assertion is an Error with its source line. In an f32 program subnormal
  /// numbers are 0 meanwhile, unless what is called only reads data.
  void call(Call &call, Subnormals subnormals = Subnormals::Flushed);
  /// Calls again, in a cleared arena, and tells `watch` of each launch.
  void replay(Call &call, nnrt_watch &watch);
  /// The first argument that the call reads and that holds something else than finite numbers.
  const Arg *firstNotFinite(const Call &call) const;
  /// Makes the next states that the call wrote the current ones.
  void acceptStates(const Call &call);

  struct Buffer {
    /// Whether it holds neither an infinity nor a NaN.
    bool isFinite() const;

    const Variable *decl = nullptr;
    void *data = nullptr;     ///< current value
    void *next = nullptr;     ///< states only, where a function writes one
    void *gradient = nullptr; ///< parameters only, where a function writes or reads one
  };
  Buffer &param(const std::string &name);
  /// The states whose next value the call writes.
  std::vector<Buffer *> movedStates(const Call &call);
  std::deque<Buffer> &params() { return paramBuffers; }
  std::deque<Buffer> &states() { return stateBuffers; }

  /// How frequent each token of a vocabulary is.
  void setFrequency(const std::string &vocabulary, const std::vector<double> &values);

  /// The counters that functions read. `part` is which of the batches of an accumulated step is
  /// computed: it is part of the step that random numbers are counted by.
  int64_t seed = 0, step = 0, part = 0;
  void setIteration(double value) { setReal(iterationCell, value); }
  void setProgress(double value) { setReal(progressCell, value); }
  /// The rows that an evaluation is of, and how many of its batch count.
  void setRows(double value) { setReal(rowsCell, value); }
  void setValid(int32_t value) { validCell = value; }
  double iteration() const { return load(program.real, &iterationCell, 0); }
  double progress() const { return load(program.real, &progressCell, 0); }

  const Program &program;
  int64_t parameterCount() const;
  size_t parameterBytes() const;
  size_t stateBytes() const;
  /// Bytes of gradients, next states, outputs and batches handed out so far.
  size_t workBytes() const { return extraBytes; }
  int threads() const { return pool.threads(); }

  /// A zeroed buffer that lives as long as the model.
  void *allocate(size_t bytes);

private:
  void *const *place(const Function &function, const Arg &arg, const Bindings &extra, Call &call);
  void *const *stateOf(const Function &function, const Arg &arg, Call &call);
  void *const *gradientOf(const Function &function, const Arg &arg);
  void setReal(double &cell, double value);

  nnrt_pool pool;
  Block arena;
  nnrt_context context;
  Block paramBlock, stateBlock;
  std::deque<Buffer> paramBuffers, stateBuffers;
  std::unordered_map<std::string, size_t> paramIndex, stateIndex;
  std::map<std::string, void *> frequencies;
  std::deque<Block> blocks;
  std::deque<void *> cells; ///< places of buffers that never move
  size_t extraBytes = 0;
  alignas(64) double iterationCell = 0;
  alignas(64) double progressCell = 0;
  alignas(64) int64_t seedCell = 0;
  alignas(64) int64_t stepCell = 0;
  alignas(64) double rowsCell = 0;
  alignas(64) int32_t validCell = 0;
  void *seedPlace = &seedCell, *stepPlace = &stepCell;
  void *iterationPlace = &iterationCell, *progressPlace = &progressCell;
  void *rowsPlace = &rowsCell, *validPlace = &validCell;
};

} // namespace nnrt

#endif
