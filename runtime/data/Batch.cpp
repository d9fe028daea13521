/// Fills the buffers of a batch, and computes the order of an epoch.
#include "runtime/data/Batch.h"

#include <cmath>

namespace nnrt {

std::optional<size_t> findField(const DataDecl &decl, const std::string &argument) {
  std::string name = argument.substr(argument.rfind('.') + 1);
  for (size_t i = 0; i < decl.fields.size(); ++i)
    if (decl.fields[i].name == name)
      return i;
  return std::nullopt;
}

Batch::Batch(DataSet &data, int64_t size, Model &model)
    : data(data), size(size), model(model), buffers(data.decl.fields.size()), rows(size_t(size)) {}

void Batch::bind(const Function &function, Bindings &bindings) {
  for (const Arg &arg : function.args) {
    if (arg.kind != ArgKind::Input)
      continue;
    auto field = findField(data.decl, arg.name);
    if (!field)
      continue;
    void *&buffer = buffers[*field];
    size_t bytes = size_t(size) * bytesOf(data.decl.fields[*field]);
    if (bytesOf(arg) != bytes)
      failConstant("{}: {}: expected {} bytes, found {}", function.name, arg.name, bytes,
                   bytesOf(arg));
    if (!buffer)
      buffer = model.allocate(bytes);
    bindings.add(ArgKind::Input, arg.name, &buffer);
  }
}

std::optional<std::string> Batch::notFinite(const std::string &argument) const {
  auto field = findField(data.decl, argument);
  if (!field || !buffers[*field])
    return std::nullopt;
  const Field &decl = data.decl.fields[*field];
  for (int64_t i = 0; i < size * elementsOf(decl.shape); ++i)
    if (!std::isfinite(load(decl.dtype, buffers[*field], i)))
      return data.place(filled, *field, rows[size_t(i / elementsOf(decl.shape))]);
  return std::nullopt;
}

uint64_t EpochOrder::row(uint64_t n, uint64_t k) {
  uint64_t wanted = n / batchesPerEpoch();
  if (wanted != epoch) {
    epoch = wanted;
    order = Permutation(rows, mix(seed, 0xe70c4, epoch));
  }
  return order(n % batchesPerEpoch() * batch + k);
}

} // namespace nnrt
