/// Buffers of parameters and states, and calls bound to them.
#include "runtime/program/Model.h"
#include "runtime/base/Error.h"

#include <cmath>
#include <cstring>
#include <optional>

namespace nnrt {

namespace {

/// Steps are counted below this bit of the counter of random numbers, batches of one step above.
constexpr int partShift = 40;

size_t totalBytes(const std::vector<Variable> &decls) {
  size_t bytes = 0;
  for (const Variable &decl : decls)
    bytes += alignUp(bytesOf(decl), cacheLine);
  return bytes;
}

/// Lays the tensors out one after the other.
void carve(const std::vector<Variable> &decls, Block &block, std::deque<Model::Buffer> &buffers,
           std::unordered_map<std::string, size_t> &index) {
  block = Block(totalBytes(decls));
  size_t offset = 0;
  for (const Variable &decl : decls) {
    index[decl.name] = buffers.size();
    Model::Buffer &buffer = buffers.emplace_back();
    buffer.decl = &decl;
    buffer.data = block.data() + offset;
    offset += alignUp(bytesOf(decl), cacheLine);
  }
}

size_t at(const std::unordered_map<std::string, size_t> &index, const Arg &arg,
          const Function &function) {
  auto it = index.find(arg.name);
  if (it == index.end())
    failConstant("{}: unknown tensor '{}'", function.name, arg.name);
  return it->second;
}

} // namespace

Model::Model(const Program &program, int threads)
    : program(program), pool(threads, program.scratch), arena(program.arena, true),
      context{arena.data(), &pool, nullptr} {
  carve(program.params, paramBlock, paramBuffers, paramIndex);
  carve(program.states, stateBlock, stateBuffers, stateIndex);
}

void *Model::allocate(size_t bytes) {
  extraBytes += alignUp(bytes, cacheLine);
  return blocks.emplace_back(bytes).data();
}

Call Model::bind(const Function &function, const Bindings &extra) {
  Call call;
  call.function = &function;
  for (const Arg &arg : function.args) {
    call.places.push_back(place(function, arg, extra, call));
    if (isLogged(arg.kind) || arg.kind == ArgKind::Show)
      call.outputs.push_back({&arg, *call.places.back()});
  }
  call.pointers.resize(call.places.size());
  return call;
}

void *const *Model::stateOf(const Function &function, const Arg &arg, Call &call) {
  size_t i = at(stateIndex, arg, function);
  Buffer &state = stateBuffers[i];
  if (!state.next)
    state.next = allocate(bytesOf(*state.decl));
  call.nextStates.push_back(i);
  return &state.next;
}

void *const *Model::gradientOf(const Function &function, const Arg &arg) {
  Buffer &param = paramBuffers[at(paramIndex, arg, function)];
  if (!param.gradient)
    param.gradient = allocate(bytesOf(*param.decl));
  return &param.gradient;
}

void *const *Model::place(const Function &function, const Arg &arg, const Bindings &extra,
                          Call &call) {
  if (void *const *given = extra.find(arg.kind, arg.name))
    return given;
  switch (arg.kind) {
  case ArgKind::Param:
    return &paramBuffers[at(paramIndex, arg, function)].data;
  case ArgKind::State:
    return &stateBuffers[at(stateIndex, arg, function)].data;
  case ArgKind::StateOut:
    return stateOf(function, arg, call);
  case ArgKind::Gradient:
    return gradientOf(function, arg);
  case ArgKind::Seed:
    return &seedPlace;
  case ArgKind::Step:
    return &stepPlace;
  case ArgKind::Iteration:
    return &iterationPlace;
  case ArgKind::Progress:
    return &progressPlace;
  case ArgKind::Rows:
    return &rowsPlace;
  case ArgKind::Valid:
    return &validPlace;
  case ArgKind::VocabFrequency: {
    void *&buffer = frequencies[arg.name];
    if (!buffer)
      buffer = allocate(bytesOf(arg));
    return &buffer;
  }
  case ArgKind::Loss:
  case ArgKind::Report:
  case ArgKind::GradNorm:
  case ArgKind::Lr:
  case ArgKind::Show:
    return &cells.emplace_back(allocate(bytesOf(arg)));
  case ArgKind::Input:
  case ArgKind::Flag:
  case ArgKind::Field:
  case ArgKind::Frozen:
  case ArgKind::Statistic:
    break;
  }
  failConstant("{}: nothing provides its argument '{}'", function.name, arg.name);
}

void Model::call(Call &call, Subnormals subnormals) {
  seedCell = seed;
  stepCell = step + (part << partShift);
  for (size_t i = 0; i < call.places.size(); ++i)
    call.pointers[i] = *call.places[i];
  const Function &function = *call.function;
  std::optional<FlushSubnormals> flush;
  if (program.real == DType::F32 && subnormals == Subnormals::Flushed)
    flush.emplace();
  int32_t code = nn_functions[function.index](&context, call.pointers.data());
  flush.reset();
  if (code == 0)
    return;
  if (code < 0 || size_t(code) > function.asserts.size())
    fail(Exit::Assertion, "{}: assertion {} failed", function.name, code);
  const Assert &failed = function.asserts[size_t(code) - 1];
  fail(Exit::Assertion, "line {}: assertion failed: {}", failed.line, failed.message);
}

void Model::replay(Call &again, nnrt_watch &watch) {
  // What a value that died long ago left behind is no finding.
  std::memset(arena.data(), 0, program.arena);
  context.watch = &watch;
  call(again);
  context.watch = nullptr;
}

const Arg *Model::firstNotFinite(const Call &call) const {
  for (size_t k = 0; k < call.places.size(); ++k) {
    const Arg &arg = call.function->args[k];
    bool isRead =
        isOneOf(arg.kind, {ArgKind::Param, ArgKind::State, ArgKind::Input, ArgKind::Flag});
    for (int64_t i = 0; isRead && i < elementsOf(arg.shape); ++i)
      if (!std::isfinite(load(arg.dtype, *call.places[k], i)))
        return &arg;
  }
  return nullptr;
}

bool Model::Buffer::isFinite() const {
  auto all = [&](auto zero) {
    auto *values = static_cast<const decltype(zero) *>(data);
    // A sum of zeros, unless one of the factors is not finite; this needs no branch.
    for (int64_t i = 0; i < elementsOf(decl->shape); ++i)
      zero += values[i] * 0;
    return zero == 0;
  };
  return decl->dtype == DType::F32 ? all(0.0f) : decl->dtype == DType::F64 ? all(0.0) : true;
}

void Model::acceptStates(const Call &call) {
  for (size_t i : call.nextStates)
    std::swap(stateBuffers[i].data, stateBuffers[i].next);
}

std::vector<Model::Buffer *> Model::movedStates(const Call &call) {
  std::vector<Buffer *> states;
  for (size_t i : call.nextStates)
    states.push_back(&stateBuffers[i]);
  return states;
}

Model::Buffer &Model::param(const std::string &name) {
  auto it = paramIndex.find(name);
  if (it == paramIndex.end())
    failConstant("unknown parameter '{}'", name);
  return paramBuffers[it->second];
}

void Model::setFrequency(const std::string &vocabulary, const std::vector<double> &values) {
  void *&buffer = frequencies[vocabulary];
  if (!buffer)
    buffer = allocate(values.size() * sizeOf(program.real));
  for (size_t i = 0; i < values.size(); ++i)
    store(program.real, buffer, int64_t(i), values[i]);
}

void Model::setReal(double &cell, double value) { store(program.real, &cell, 0, value); }

int64_t Model::parameterCount() const {
  int64_t count = 0;
  for (const Buffer &param : paramBuffers)
    count += elementsOf(param.decl->shape);
  return count;
}

size_t Model::parameterBytes() const { return paramBlock.size(); }
size_t Model::stateBytes() const { return stateBlock.size(); }

} // namespace nnrt
