/// Numbers from text, by one rule.
#include "runtime/data/Numbers.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace nnrt {

namespace {

/// Without spaces around it and without a plus sign.
std::string_view trim(std::string_view text) {
  auto space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && space(text.back()))
    text.remove_suffix(1);
  if (text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+')
    text.remove_prefix(1);
  return text;
}

/// The nearest number of a type; nothing where the text is none.
template <typename T> std::optional<T> parseReal(std::string_view text) {
  text = trim(text);
  T value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty() || error == std::errc::invalid_argument)
    return std::nullopt;
  // from_chars does not say whether a number is too large or too small.
  if (error == std::errc::result_out_of_range)
    value = sizeof(T) == 4 ? T(std::strtof(std::string(text).c_str(), nullptr))
                           : T(std::strtod(std::string(text).c_str(), nullptr));
  return value;
}

/// A finite text stays finite.
template <typename T> bool readReal(std::string_view text, void *out) {
  std::optional<T> value = parseReal<T>(text);
  text = trim(text);
  bool spelled = text.find_first_of("0123456789") == std::string_view::npos;
  if (!value || (std::isinf(*value) && !spelled))
    return false;
  std::memcpy(out, &*value, sizeof *value);
  return true;
}

} // namespace

std::optional<double> parseNumber(std::string_view text) { return parseReal<double>(text); }

bool readNumber(std::string_view text, const Target &to, void *out) {
  if (!to.exact && to.type == DType::F32)
    return readReal<float>(text, out);
  if (!to.exact && to.type == DType::F64)
    return readReal<double>(text, out);
  std::string_view bare = trim(text);
  if (to.type == DType::Bool)
    for (bool boolean : {false, true})
      for (std::string_view name : boolean
                                       ? std::initializer_list<std::string_view>{"true", "True"}
                                       : std::initializer_list<std::string_view>{"false", "False"})
        if (bare == name) {
          std::memcpy(out, &boolean, 1);
          return true;
        }
  int64_t whole;
  auto [end, error] = std::from_chars(bare.data(), bare.data() + bare.size(), whole);
  if (error == std::errc() && end == bare.data() + bare.size())
    return !convert(Raw::I64, &whole, false, 1, to, out);
  double real;
  return readReal<double>(text, &real) && !convert(Raw::F64, &real, false, 1, to, out);
}

std::string expectedNumber(std::string_view text, const Target &to) {
  if (to.type == DType::Bool)
    return "true or false";
  return parseNumber(text) || to.bound ? to.expected() : "a number";
}

} // namespace nnrt
