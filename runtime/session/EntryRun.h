/// Runs an entry: from the command line, or from a train block.
#ifndef NNC_RUNTIME_SESSION_ENTRYRUN_H
#define NNC_RUNTIME_SESSION_ENTRYRUN_H

#include "runtime/data/Batch.h"
#include "runtime/session/Flags.h"
#include "runtime/session/Show.h"

namespace nnrt {

/// Where shown values go.
struct ShowTarget {
  std::map<std::string, std::string> renames; ///< path by shown name
  bool json = false;
  std::string folder; ///< of files, with a trailing slash; empty: the current one
  std::string suffix; ///< added to file names
};

class EntryRun {
public:
  EntryRun(Session &session, const Entry &entry, const std::map<std::string, std::string> &values);

  /// Runs the entry for each row, prints what belongs to the row, and then writes each file: all
  /// rows of a value stand in one.
  void run(const ShowTarget &target);

private:
  /// A shown value: printed row by row, or collected for a file.
  struct Item {
    const Call::Output *output;
    Shown shown;      ///< of one row
    std::string path; ///< empty: printed
    std::string rows; ///< bytes, or text of a printed value that goes to a file
  };
  int64_t rowCount() const;
  bool isEveryRow() const { return entry.data && entry.data->every; }
  bool repeats() const { return !entry.repeat.empty() || isEveryRow(); }
  std::vector<Item> itemsFor(const ShowTarget &target) const;
  void take(std::vector<Item> &items, bool json) const;
  void write(Item &item, int64_t rows) const;

  Session &session;
  const Entry &entry;
  FlagValues flags;
  std::unique_ptr<Batch> batch;
  Split batchSplit = Split::Holdout;
  std::vector<uint64_t> order; ///< of the rows, where each is a run
  Call call;
};

} // namespace nnrt

#endif
