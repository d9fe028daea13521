/// The arguments of a train block or an entry: typed values in buffers.
#ifndef NNC_RUNTIME_SESSION_FLAGS_H
#define NNC_RUNTIME_SESSION_FLAGS_H

#include "runtime/session/Session.h"

namespace nnrt {

class FlagValues {
public:
  /// `values`: text by flag name. `repeat`: the flag whose file has one row for each repetition.
  FlagValues(Session &session, const std::vector<FlagDecl> &flags,
             const std::map<std::string, std::string> &values, const std::string &repeat = "");

  void bind(Bindings &bindings);
  /// How often an entry runs: the rows of the repeated flag's file, else once.
  int64_t rows() const { return rowCount; }
  void select(int64_t row);
  /// The value of a scalar flag.
  double number(const std::string &name) const;
  /// "lr=0.001 n=3", for the log.
  const std::vector<std::pair<std::string, std::string>> &texts() const { return given; }

private:
  struct Value {
    const FlagDecl *flag = nullptr;
    void *data = nullptr;
    RawRows rows;         ///< of a file
    bool repeats = false; ///< the file has a row for each repetition
    int64_t items = 1;
  };
  void parse(Value &value, const std::string &text);
  void parseTokens(Value &value, const std::string &text);
  void parseScalar(Value &value, const std::string &text);
  void parseFile(Value &value, const std::string &path);
  void load(Value &value, int64_t k);

  Session &session;
  std::string repeat;
  std::deque<Value> values;
  std::vector<std::pair<std::string, std::string>> given;
  int64_t rowCount = 1;
};

} // namespace nnrt

#endif
