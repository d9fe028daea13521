/// The first training rows as a batch.
#include "runtime/commands/FirstBatch.h"
#include "runtime/base/Error.h"

namespace nnrt {

std::unique_ptr<Batch> firstBatch(Session &session, const Objective &objective,
                                  const CheckDecl &check, const Function &function,
                                  Bindings &bindings) {
  if (objective.data.empty())
    return nullptr;
  session.need(objective.data, Split::Train);
  DataSet &data = session.data(objective.data);
  if (data.rows(Split::Train) < uint64_t(check.rows))
    fail(Exit::Data, "{}: expected at least {} rows, found {}", data.name(Split::Train), check.rows,
         data.rows(Split::Train));
  auto batch = std::make_unique<Batch>(data, check.rows, session.model);
  batch->bind(function, bindings);
  batch->fill(Split::Train, [](uint64_t k) { return k; });
  return batch;
}

} // namespace nnrt
