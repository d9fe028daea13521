/// Runs an entry for each of its rows, and hands its values to standard output or files.
#include "runtime/session/EntryRun.h"
#include "runtime/base/Error.h"
#include "runtime/base/Interrupt.h"
#include "runtime/base/Output.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace nnrt {

EntryRun::EntryRun(Session &session, const Entry &entry,
                   const std::map<std::string, std::string> &values)
    : session(session), entry(entry), flags(session, entry.flags, values, entry.repeat) {
  Bindings bindings;
  const Function &function = session.program.function(entry.function);
  if (entry.data) {
    bool heldOut = hasHoldout(session.program.dataSet(entry.data->set));
    batchSplit = heldOut ? Split::Holdout : Split::Train;
    session.need(entry.data->set, batchSplit);
    DataSet &data = session.data(entry.data->set);
    uint64_t rows = data.rows(batchSplit), wanted = uint64_t(entry.data->rows);
    if (rows < wanted)
      fail(Exit::Data, "{}: expected {} rows for {}, found {}", data.name(batchSplit), wanted,
           entry.name, rows);
    if (isEveryRow())
      order = data.fileOrder(batchSplit);
    else if (!heldOut && rows > wanted)
      note("{}: {} takes the first {} of {} rows", data.name(batchSplit), entry.name, wanted, rows);
    if (isEveryRow() && flags.rows() > 1 && uint64_t(flags.rows()) != rows)
      fail(Exit::Data, "--{}: expected {} rows as in {}, found {}", entry.repeat, rows,
           data.name(batchSplit), flags.rows());
    batch = std::make_unique<Batch>(data, entry.data->rows, session.model);
    batch->bind(function, bindings);
  }
  flags.bind(bindings);
  call = session.model.bind(function, bindings);
}

int64_t EntryRun::rowCount() const { return isEveryRow() ? int64_t(order.size()) : flags.rows(); }

std::vector<EntryRun::Item> EntryRun::itemsFor(const ShowTarget &target) const {
  std::vector<Item> items;
  for (const Call::Output &output : call.outputs) {
    auto decl = std::find_if(entry.shows.begin(), entry.shows.end(), [&](const ShowDecl &shown) {
      return shown.result == output.arg->name;
    });
    if (output.arg->kind != ArgKind::Show || decl == entry.shows.end())
      continue;
    Item item{&output,
              {&*decl, session.vocabulary(decl->vocab), output.arg->dtype, output.arg->shape,
               output.data},
              "",
              ""};
    if (repeats() && decl->row)
      item.shown.shape.erase(item.shown.shape.begin());
    auto renamed = target.renames.find(decl->result);
    if (renamed != target.renames.end())
      item.path = renamed->second;
    else if (decl->kind != ShowKind::Print)
      item.path = target.folder + decl->name + target.suffix + std::string(extensionOf(decl->kind));
    if (!item.path.empty())
      session.files.checkOutput(item.path);
    for (const Item &other : items)
      if (!item.path.empty() && item.path == other.path && !item.path.starts_with("/dev/"))
        fail(Exit::Usage, "--{}: expected another file than that of --{}, found {}", decl->result,
             other.shown.decl->result, item.path);
    items.push_back(std::move(item));
  }
  return items;
}

void EntryRun::run(const ShowTarget &target) {
  std::vector<Item> items = itemsFor(target);
  bool prints =
      std::any_of(items.begin(), items.end(), [](auto &item) { return item.path.empty(); });
  if (batch && !isEveryRow())
    batch->fill(batchSplit, [](uint64_t k) { return k; });
  {
    Restored step(session.model.step);
    Progress progress(entry.name);
    for (int64_t row = 0; row < rowCount(); ++row) {
      if (isEveryRow())
        batch->fill(batchSplit, [&](uint64_t) { return order[size_t(row)]; });
      flags.select(flags.rows() > 1 ? row : 0);
      // Each repetition has draws of its own.
      session.model.step = step.value + row;
      session.model.call(call);
      take(items, target.json);
      // What is printed shows by itself how far it has come.
      prints ? honourInterrupt() : progress.at(uint64_t(row) + 1, uint64_t(rowCount()));
    }
  }
  for (Item &item : items) {
    if (item.path.empty())
      continue;
    write(item, rowCount());
    if (!target.json)
      say("{}: {}\n", item.shown.decl->name, item.path);
  }
  std::fflush(stdout);
}

/// Prints a row's values, and keeps those that go into files.
void EntryRun::take(std::vector<Item> &items, bool json) const {
  nlohmann::ordered_json record = nlohmann::ordered_json::object();
  for (Item &item : items) {
    const Shown &shown = item.shown;
    const std::string &name = shown.decl->name;
    if (!item.path.empty()) {
      record[shown.decl->result] = item.path;
      if (shown.decl->kind == ShowKind::Print)
        item.rows += toText(shown) + "\n";
      else
        item.rows.append(static_cast<const char *>(shown.data), bytesOf(*item.output->arg));
    } else if (json) {
      record[name] = toJson(shown);
    } else if (shown.vocabulary && elementsOf(shown.shape) > 1) {
      say("{}\n", toText(shown));
    } else {
      say("{}={}\n", name, toText(shown));
    }
  }
  if (json)
    say("{}\n", record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void EntryRun::write(Item &item, int64_t rows) const {
  Shown all = item.shown;
  if (all.decl->kind == ShowKind::Print)
    return writeFile(item.path, {item.rows});
  all.data = item.rows.data();
  if (repeats()) {
    // One number per row is a column.
    if (all.shape.empty() && all.decl->kind == ShowKind::Csv)
      all.shape.push_back(1);
    all.shape.insert(all.shape.begin(), rows);
  }
  writeShown(all, item.path);
}

} // namespace nnrt
