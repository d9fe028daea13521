/// Runs an entry: from the command line, or from a train block.
#pragma once

#include "runtime/Flags.h"
#include "runtime/data/Batch.h"

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

  /// Runs all repetitions and shows what each gives.
  void run(const ShowTarget &target);

private:
  void show(const ShowTarget &target, int64_t row);

  Session &session;
  const Entry &entry;
  FlagValues flags;
  std::unique_ptr<Batch> batch;
  Split batchSplit = Split::Holdout;
  Call call;
};

} // namespace nnrt
