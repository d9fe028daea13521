/// What the compiler tells the runtime of a program: program.def as enumerations and structs. Both
/// sides include this; it depends on the standard library alone.
#ifndef NNC_RUNTIME_CONTRACT_CONTRACT_H
#define NNC_RUNTIME_CONTRACT_CONTRACT_H

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace nnrt {

/// What `version` of the program constant says: it grows with each change of the table.
constexpr int64_t constantVersion = 2;

//===--- Words ---------------------------------------------------------------------------===//

// NOLINTBEGIN(bugprone-macro-parentheses): they paste names.
#define ENUM(Name, meaning) enum class Name {
#define WORD(Enum, Case, word, meaning) Case,
#define END_ENUM(Name)                                                                             \
  }                                                                                                \
  ;
#include "runtime/contract/program.def"

/// The word of an enumerator.
#define ENUM(Name, meaning)                                                                        \
  constexpr std::string_view wordOf(Name value) {                                                  \
    using enum Name;                                                                               \
    switch (value) {
#define WORD(Enum, Case, word, meaning)                                                            \
  case Case:                                                                                       \
    return word;
#define END_ENUM(Name)                                                                             \
  }                                                                                                \
  return "";                                                                                       \
  }
#include "runtime/contract/program.def"

/// All enumerators, in the order of the table.
template <typename Enum> constexpr std::initializer_list<Enum> allOf;
#define ENUM(Name, meaning) template <> inline constexpr std::initializer_list<Name> allOf<Name> = {
#define WORD(Enum, Case, word, meaning) Enum::Case,
#define END_ENUM(Name)                                                                             \
  }                                                                                                \
  ;
#include "runtime/contract/program.def"

/// The enumerator of a word, if it is one.
template <typename Enum> constexpr std::optional<Enum> enumOf(std::string_view word) {
  for (Enum value : allOf<Enum>)
    if (wordOf(value) == word)
      return value;
  return std::nullopt;
}

template <typename Enum> constexpr bool isOneOf(Enum value, std::initializer_list<Enum> values) {
  for (Enum candidate : values)
    if (candidate == value)
      return true;
  return false;
}

//===--- Records -------------------------------------------------------------------------===//

using Shape = std::vector<int64_t>;
using Scalar = std::variant<bool, int64_t, double, std::string>;

#define RECORD(Name, meaning) struct Name {
#define RECORD_OF(Name, Base, meaning) struct Name : Base {
#define TAGGED(Name, Enum, meaning) RECORD(Name, meaning)
#define REQUIRED(Type, member, key, meaning) Type member{};
#define OPTIONAL(Type, member, fallback, key, meaning) Type member = fallback;
#define REQUIRED_IF(condition, Type, member, key, meaning) REQUIRED(Type, member, key, meaning)
#define OPTIONAL_IF(condition, Type, member, fallback, key, meaning)                               \
  OPTIONAL(Type, member, fallback, key, meaning)
#define NUMBERED(member, meaning) size_t member = 0;
#define END_RECORD(Name)                                                                           \
  bool operator==(const Name &) const = default;                                                   \
  }                                                                                                \
  ;
#include "runtime/contract/program.def"

template <typename T, typename Record>
concept Is = std::same_as<std::remove_const_t<T>, Record>;

// `visitFields` calls `visitor.required(key, member)` or `visitor.optional(key, member, fallback)`
// for each field that a record has, in the order of the table.

#define RECORD(Name, meaning)                                                                      \
  template <typename V, Is<Name> T> void visitFields(V &visitor, T &record) {
#define RECORD_OF(Name, Base, meaning)                                                             \
  RECORD(Name, meaning)                                                                            \
  using Parent = std::conditional_t<std::is_const_v<T>, const Base, Base>;                         \
  visitFields<V, Parent>(visitor, record);
#define TAGGED(Name, Enum, meaning)                                                                \
  RECORD(Name, meaning)                                                                            \
  using enum Enum;
#define REQUIRED(Type, member, key, meaning) visitor.required(key, record.member);
#define OPTIONAL(Type, member, fallback, key, meaning)                                             \
  visitor.optional(key, record.member, Type(fallback));
#define REQUIRED_IF(condition, Type, member, key, meaning)                                         \
  if (condition)                                                                                   \
    visitor.required(key, record.member);
#define OPTIONAL_IF(condition, Type, member, fallback, key, meaning)                               \
  if (condition)                                                                                   \
    visitor.optional(key, record.member, Type(fallback));
#define NUMBERED(member, meaning)
#define END_RECORD(Name) }
#include "runtime/contract/program.def"
// NOLINTEND(bugprone-macro-parentheses)

} // namespace nnrt

#endif
