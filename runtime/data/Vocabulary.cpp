/// Splitting texts into tokens, learning which there are, and back to text.
#include "runtime/data/Vocabulary.h"
#include "runtime/base/Error.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace nnrt {

namespace {

constexpr const char *specialNames[] = {"<pad>", "<unk>", "<bos>", "<eos>", "<mask>"};
constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// The length of the UTF-8 sequence at the start of `text`, 0 where it is malformed.
size_t sequenceLength(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char lead = byte(0);
  size_t n = lead < 0x80                   ? 1
             : lead >= 0xC2 && lead < 0xE0 ? 2
             : (lead >> 4) == 0xE          ? 3
             : lead >= 0xF0 && lead < 0xF5 ? 4
                                           : 0;
  if (n == 0 || n > text.size())
    return 0;
  for (size_t i = 1; i < n; ++i)
    if ((byte(i) & 0xC0) != 0x80)
      return 0;
  // Overlong forms and surrogates.
  bool bad = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) >= 0xA0) ||
             (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) >= 0x90);
  return bad ? 0 : n;
}

bool isWordByte(unsigned char c) { return std::isalnum(c) || c == '\'' || c == '_' || c >= 0x80; }

/// Punctuation that stands right after the word before it when words are printed.
bool clings(const std::string &token) {
  return token.size() == 1 && std::string_view(".,;:!?)]}").find(token[0]) != std::string::npos;
}

} // namespace

Vocabulary::Vocabulary(const VocabDecl &decl)
    : declaration(&decl), isBytes(decl.kind == VocabKind::Bytes),
      isWords(decl.kind == VocabKind::Words), isLabels(decl.kind == VocabKind::Labels) {
  if (decl.kind == VocabKind::Bpe)
    fail(Exit::Usage, "vocab {}: bpe is not supported yet; use words, characters, labels or bytes",
         decl.name);
}

/// Calls `use(token)` for each token of the text.
template <typename Use> void Vocabulary::split(std::string_view text, Use use) const {
  if (isLabels) {
    if (!text.empty())
      use(text);
    return;
  }
  while (!text.empty()) {
    size_t n = 1;
    if (isBytes) {
      use(text.substr(0, 1));
    } else if (isWords) {
      auto c = static_cast<unsigned char>(text[0]);
      if (std::isspace(c)) {
        text.remove_prefix(1);
        continue;
      }
      if (isWordByte(c))
        while (n < text.size() && isWordByte(static_cast<unsigned char>(text[n])))
          ++n;
      use(text.substr(0, n));
    } else {
      n = sequenceLength(text);
      use(n ? text.substr(0, n) : replacement);
      n = std::max<size_t>(n, 1);
    }
    text.remove_prefix(n);
  }
}

void Vocabulary::check(std::string_view text, const std::string &file, uint64_t line) const {
  if (isBytes)
    return;
  for (size_t at = 0; at < text.size();) {
    size_t n = sequenceLength(text.substr(at));
    if (n == 0)
      fail(Exit::Data,
           "{}: line {}: expected text in UTF-8, found byte {:02x}; convert the file, or use a "
           "vocabulary of bytes",
           file, line, static_cast<unsigned char>(text[at]));
    line += text[at] == '\n';
    at += n;
  }
}

void Vocabulary::learn(std::string_view text) {
  if (!isBytes && !isWords && !isLabels) {
    // Almost all characters are ASCII: counting them in an array keeps the start fast.
    uint64_t ascii[128] = {};
    split(text, [&](std::string_view token) {
      if (token.size() == 1)
        ++ascii[static_cast<unsigned char>(token[0])];
      else if (auto it = counting.find(token); it != counting.end())
        ++it->second;
      else
        counting.emplace(token, 1);
    });
    for (int c = 0; c < 128; ++c)
      if (ascii[c])
        counting[std::string(1, char(c))] += ascii[c];
    return;
  }
  split(text, [&](std::string_view token) {
    if (auto it = counting.find(token); it != counting.end())
      ++it->second;
    else
      counting.emplace(token, 1);
  });
}

void Vocabulary::finish() {
  tokens.clear();
  counts.clear();
  if (isBytes) {
    for (int c = 0; c < 256; ++c) {
      tokens.push_back(std::string(1, char(c)));
      counts.push_back(counting[tokens.back()]);
    }
    return index();
  }
  std::vector<std::pair<std::string, uint64_t>> sorted(counting.begin(), counting.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto &a, const auto &b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  size_t room = size_t(std::max<int64_t>(declaration->size - specials, 0));
  droppedTokens = sorted.size() > room ? sorted.size() - room : 0;
  tokens.assign(std::begin(specialNames), std::end(specialNames));
  counts.assign(specials, 0);
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (i < room) {
      tokens.push_back(sorted[i].first);
      counts.push_back(sorted[i].second);
    } else {
      counts[unk] += sorted[i].second;
    }
  }
  counting.clear();
  index();
}

void Vocabulary::index() {
  ids.clear();
  for (size_t i = isBytes ? 0 : specials; i < tokens.size(); ++i)
    ids.emplace(tokens[i], int32_t(i));
}

void Vocabulary::encode(std::string_view text, std::vector<int32_t> &out, bool escapes) const {
  auto plain = [&](std::string_view piece) {
    if (isBytes) {
      for (unsigned char c : piece)
        out.push_back(c);
      return;
    }
    split(piece, [&](std::string_view token) {
      auto it = ids.find(token);
      out.push_back(it == ids.end() ? unk : it->second);
    });
  };
  if (isLabels && text.empty())
    out.push_back(pad);
  while (escapes && !isBytes) {
    size_t at = std::string_view::npos;
    int32_t special = 0;
    for (int32_t id = 0; id < specials; ++id)
      if (size_t found = text.find(specialNames[id]); found < at) {
        at = found;
        special = id;
      }
    std::string_view name = specialNames[special];
    if (at == std::string_view::npos || (isLabels && text != name))
      break;
    plain(text.substr(0, at));
    out.push_back(special);
    text.remove_prefix(at + name.size());
  }
  plain(text);
}

uint64_t Vocabulary::count(std::string_view text) const {
  if (isBytes || isLabels)
    return isBytes ? text.size() : 1;
  uint64_t tokens = 0;
  split(text, [&](std::string_view) { ++tokens; });
  return tokens;
}

size_t Vocabulary::skip(std::string_view text, uint64_t &tokens) const {
  size_t at = 0;
  for (; tokens > 0 && at < text.size(); --tokens) {
    if (isWords) {
      while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])))
        ++at;
      if (at == text.size())
        break;
      bool word = isWordByte(static_cast<unsigned char>(text[at++]));
      while (word && at < text.size() && isWordByte(static_cast<unsigned char>(text[at])))
        ++at;
    } else {
      at += isBytes ? 1 : std::max<size_t>(sequenceLength(text.substr(at)), 1);
    }
  }
  return at;
}

size_t Vocabulary::boundary(std::string_view piece) const {
  size_t end = piece.size();
  if (isWords) {
    while (end > 0 && isWordByte(static_cast<unsigned char>(piece[end - 1])))
      --end;
  } else if (!isBytes) {
    // Up to three bytes may belong to a character that goes on.
    for (size_t back = 1; back <= 3 && back <= piece.size(); ++back) {
      auto c = static_cast<unsigned char>(piece[piece.size() - back]);
      if (c < 0x80)
        break;
      if (c >= 0xC0)
        return sequenceLength(piece.substr(piece.size() - back)) ? end : piece.size() - back;
    }
  }
  return end;
}

std::optional<std::string> Vocabulary::differenceTo(const Vocabulary &other) const {
  for (size_t i = 0; i < std::max(tokens.size(), other.tokens.size()); ++i) {
    std::string here = i < tokens.size() ? tokens[i] : "",
                there = i < other.tokens.size() ? other.tokens[i] : "";
    if (here != there)
      return fmt::format("id {} is '{}' here and '{}' there", i, here, there);
  }
  return std::nullopt;
}

std::string Vocabulary::decode(const int32_t *idsIn, int64_t count) const {
  while (count > 0 && idsIn[count - 1] == pad)
    --count;
  std::string text;
  for (int64_t i = 0; i < count; ++i) {
    int32_t id = idsIn[i];
    if (hasSpecials() && id == eos)
      break;
    if (hasSpecials() && (id == pad || id == bos))
      continue;
    std::string token = id >= 0 && size_t(id) < tokens.size() ? tokens[size_t(id)] : "<unk>";
    if (!text.empty() && isLabels)
      text += ", ";
    else if (!text.empty() && isWords && !clings(token))
      text += ' ';
    text += token;
  }
  return text;
}

std::vector<double> Vocabulary::frequency() const {
  std::vector<double> result(size_t(declaration->size), 0.0);
  double total = 0;
  for (uint64_t count : counts)
    total += double(count);
  for (size_t i = 0; i < counts.size() && i < result.size(); ++i)
    result[i] = total > 0 ? double(counts[i]) / total : 0;
  return result;
}

std::string Vocabulary::serialize() const {
  nlohmann::json object;
  object["kind"] = wordOf(declaration->kind);
  object["counts"] = counts;
  // A byte vocabulary's tokens are implied, and are not UTF-8.
  if (!isBytes)
    object["tokens"] = tokens;
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void Vocabulary::deserialize(const std::string &text, const std::string &file) {
  try {
    auto object = nlohmann::json::parse(text);
    for (const auto &count : object.at("counts"))
      if (!count.is_number_unsigned())
        fail(Exit::Checkpoint, "{}: vocabulary '{}': counts: expected 0 or more, found {}", file,
             declaration->name, count.dump());
    counts = object.at("counts").get<std::vector<uint64_t>>();
    if (isBytes) {
      tokens.clear();
      for (int c = 0; c < 256; ++c)
        tokens.push_back(std::string(1, char(c)));
    } else {
      tokens = object.at("tokens").get<std::vector<std::string>>();
    }
  } catch (const nlohmann::json::exception &) {
    fail(Exit::Checkpoint, "{}: vocabulary '{}': expected tokens and counts, found another form",
         file, declaration->name);
  }
  if (int64_t(tokens.size()) > declaration->size || counts.size() != tokens.size())
    fail(Exit::Checkpoint, "{}: vocabulary '{}': expected at most {} tokens, found {}", file,
         declaration->name, declaration->size, tokens.size());
  index();
}

} // namespace nnrt
