#include "runtime/EntryRun.h"
#include "runtime/Error.h"
#include "runtime/Show.h"

#include <nlohmann/json.hpp>

namespace nnrt {

EntryRun::EntryRun(Session &session, const Entry &entry,
                   const std::map<std::string, std::string> &values)
    : session(session), entry(entry), flags(session, entry.flags, values, entry.repeat) {
  Bindings bindings;
  const Function &function = session.program.function(entry.function);
  if (entry.data) {
    batchSplit =
        session.program.dataSet(entry.data->set).hasHoldout() ? Split::Holdout : Split::Train;
    session.need(entry.data->set, batchSplit);
    DataSet &data = session.data(entry.data->set);
    if (data.rows(batchSplit) < uint64_t(entry.data->batch))
      fail(Exit::Data, "{}: expected {} rows for {}, found {}", data.name(batchSplit),
           entry.data->batch, entry.name, data.rows(batchSplit));
    batch = std::make_unique<Batch>(data, entry.data->batch, session.model);
    batch->bind(function, bindings);
  }
  flags.bind(bindings);
  call = session.model.bind(function, bindings);
}

void EntryRun::run(const ShowTarget &target) {
  if (batch)
    batch->fill(batchSplit, [](uint64_t k) { return k; });
  int64_t step = session.model.step;
  for (int64_t row = 0; row < flags.rows(); ++row) {
    flags.select(row);
    // Each repetition has draws of its own.
    session.model.step = step + row;
    session.model.call(call);
    show(target, row);
  }
  session.model.step = step;
  std::fflush(stdout);
}

void EntryRun::show(const ShowTarget &target, int64_t row) {
  nlohmann::ordered_json record = nlohmann::ordered_json::object();
  bool repeats = flags.rows() > 1;
  for (const Call::Output &output : call.outputs) {
    if (output.arg->kind != ArgKind::Show)
      continue;
    const ShowDecl *decl = nullptr;
    for (const ShowDecl &candidate : entry.shows)
      if (candidate.result == output.arg->name)
        decl = &candidate;
    if (!decl)
      continue;
    Shown shown{decl, session.vocabulary(decl->vocab), output.arg->dtype, output.arg->shape,
                output.data};
    // A repeated entry shows one row at a time, so its axis of one is left out.
    if (!entry.repeat.empty() && !shown.shape.empty() && shown.shape[0] == 1)
      shown.shape.erase(shown.shape.begin());
    auto renamed = target.renames.find(decl->result);
    if (decl->kind != ShowDecl::Kind::Print || renamed != target.renames.end()) {
      std::string path = target.folder + decl->name + target.suffix +
                         (repeats ? fmt::format("-{}", row) : "") +
                         std::string(extensionOf(decl->kind));
      if (renamed != target.renames.end())
        path = renamed->second;
      session.files.checkOutput(path);
      writeShown(shown, path);
      record[decl->result] = path;
      if (!target.json)
        fmt::print("{}: {}\n", decl->name, path);
      continue;
    }
    if (target.json)
      record[decl->name] = toJson(shown);
    else if (shown.vocabulary && elementsOf(shown.shape) > 1)
      fmt::print("{}\n", toText(shown));
    else
      fmt::print("{}={}\n", decl->name, toText(shown));
  }
  if (target.json)
    fmt::print("{}\n", record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

} // namespace nnrt
