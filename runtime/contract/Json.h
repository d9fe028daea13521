/// Writes records of the program constant as JSON text; runtime/program reads them.
#ifndef NNC_RUNTIME_CONTRACT_JSON_H
#define NNC_RUNTIME_CONTRACT_JSON_H

#include "runtime/contract/Contract.h"

#include <charconv>

namespace nnrt {

class JsonWriter {
public:
  template <typename Record> static std::string write(const Record &record) {
    JsonWriter writer;
    writer.value(record);
    return std::move(writer.out);
  }

  template <typename T> void required(std::string_view key, const T &member) {
    out += out.back() == '{' ? "" : ",";
    value(key);
    out += ':';
    value(member);
  }
  template <typename T> void optional(std::string_view key, const T &member, const T &fallback) {
    if (!(member == fallback))
      required(key, member);
  }

private:
  void value(bool boolean) { out += boolean ? "true" : "false"; }
  void value(int64_t number) { out += std::to_string(number); }
  void value(uint64_t number) { out += std::to_string(number); }
  void value(const std::string &text) { value(std::string_view(text)); }

  /// The shortest text that reads back as the same number; it says that the number is a real one.
  void value(double number) {
    char text[32];
    std::string_view shortest(text, size_t(std::to_chars(text, std::end(text), number).ptr - text));
    out += shortest;
    if (shortest.find_first_of(".en") == std::string_view::npos)
      out += ".0";
  }

  void value(std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    out += '"';
    for (char c : text) {
      if (c == '"' || c == '\\')
        (out += '\\') += c;
      else if (static_cast<unsigned char>(c) < 0x20)
        ((out += "\\u00") += digits[c >> 4]) += digits[c & 15];
      else
        out += c;
    }
    out += '"';
  }

  void value(const Scalar &scalar) {
    std::visit([&](const auto &held) { value(held); }, scalar);
  }
  template <typename T> void value(const std::optional<T> &member) { value(*member); }

  template <typename T> void value(const std::vector<T> &items) {
    out += '[';
    for (size_t i = 0; i < items.size(); ++i) {
      out += i ? "," : "";
      value(items[i]);
    }
    out += ']';
  }

  template <typename T>
    requires std::is_enum_v<T>
  void value(T word) {
    value(wordOf(word));
  }

  template <typename T>
    requires std::is_class_v<T>
  void value(const T &record) {
    out += '{';
    visitFields(*this, record);
    out += '}';
  }

  std::string out;
};

} // namespace nnrt

#endif
