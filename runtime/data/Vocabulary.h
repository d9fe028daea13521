/// Vocabularies: what characters, words, labels or bytes the ids of a text stand for.
#ifndef NNC_RUNTIME_DATA_VOCABULARY_H
#define NNC_RUNTIME_DATA_VOCABULARY_H

#include "runtime/program/Program.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace nnrt {

/// The contents of one `vocab`, learned at the first training and kept in the checkpoint.
class Vocabulary {
public:
  static constexpr int32_t pad = 0, unk = 1, bos = 2, eos = 3, mask = 4, specials = 5;

  explicit Vocabulary(const VocabDecl &decl);

  /// Fails where the text is not UTF-8, unless the tokens are bytes. `file` and the first line's
  /// number name the place.
  void check(std::string_view text, const std::string &file, uint64_t line = 1) const;

  /// Counts the tokens of a text; `finish` turns the counts into ids.
  void learn(std::string_view text);
  void finish();

  /// Splits a text into ids; unknown tokens become unk. `escapes`: "<mask>" and the other special
  /// names are ids. A label is one token, an empty one is pad.
  void encode(std::string_view text, std::vector<int32_t> &ids, bool escapes = false) const;
  /// How many ids a text is.
  uint64_t count(std::string_view text) const;
  /// How many bytes the first `tokens` tokens take; fewer tokens where the text ends.
  size_t skip(std::string_view text, uint64_t &tokens) const;
  /// How many bytes of a piece of a longer text end between two tokens, whatever follows.
  size_t boundary(std::string_view piece) const;

  /// The text of ids: bos and pad omitted, ended by eos.
  std::string decode(const int32_t *ids, int64_t count) const;

  /// f32[V]: the share of each id among the tokens that were learned.
  std::vector<double> frequency() const;

  const VocabDecl &decl() const { return *declaration; }
  bool hasSpecials() const { return !isBytes; }
  /// Whole cells or lines are the tokens.
  bool isOfLabels() const { return isLabels; }
  /// The first difference to another vocabulary, or nothing where they give texts the same ids.
  std::optional<std::string> differenceTo(const Vocabulary &other) const;
  bool empty() const { return tokens.empty(); }
  /// Whether any token of a text was counted.
  bool isCounted() const {
    return std::any_of(counts.begin(), counts.end(), [](uint64_t n) { return n > 0; });
  }
  /// Distinct tokens that found no room at the last `finish`.
  size_t dropped() const { return droppedTokens; }

  /// JSON text for the checkpoint's metadata.
  std::string serialize() const;
  void deserialize(const std::string &json, const std::string &file);

private:
  template <typename Use> void split(std::string_view text, Use use) const;
  void index();

  const VocabDecl *declaration;
  bool isBytes = false, isWords = false, isLabels = false;
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, uint64_t, Hash, std::equal_to<>> counting;
  std::vector<std::string> tokens; ///< of id i, specials included
  std::vector<uint64_t> counts;
  std::unordered_map<std::string_view, int32_t> ids;
  size_t droppedTokens = 0;
};

} // namespace nnrt

#endif
