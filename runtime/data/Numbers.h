/// Numbers that are written as text: cells of tables and flags are read by one rule.
#ifndef NNC_RUNTIME_DATA_NUMBERS_H
#define NNC_RUNTIME_DATA_NUMBERS_H

#include "runtime/data/Reader.h"

namespace nnrt {

/// The number that a text spells, if it is one: infinite beyond the range of f64, 0 below it.
/// Spaces around it and a sign are allowed.
std::optional<double> parseNumber(std::string_view text);

/// Writes the value that a text spells to `out`; false where the target has no place for it. Whole
/// numbers are read as such, however large; booleans also as true and false.
bool readNumber(std::string_view text, const Target &to, void *out);

/// What a text that readNumber refused should have been.
std::string expectedNumber(std::string_view text, const Target &to);

} // namespace nnrt

#endif
