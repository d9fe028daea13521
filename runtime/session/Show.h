/// What an entry shows: text on standard output, or a file.
#ifndef NNC_RUNTIME_SESSION_SHOW_H
#define NNC_RUNTIME_SESSION_SHOW_H

#include "runtime/program/Program.h"

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace nnrt {

class Vocabulary;

/// A shown value.
struct Shown {
  const ShowDecl *decl;
  const Vocabulary *vocabulary; ///< of text values
  DType dtype;
  Shape shape;
  const void *data;
};

/// The value as text: numbers with full precision, nested lists, one line a text.
std::string toText(const Shown &shown);
/// The value as JSON.
nlohmann::json toJson(const Shown &shown);
/// Writes an image, svg, csv or npy file.
void writeShown(const Shown &shown, const std::string &path);
/// ".png", ".svg", ".csv", ".npy"; empty for printed values.
std::string_view extensionOf(ShowKind kind);

/// The shortest text that reads back as the same number of that type.
std::string formatNumber(DType type, double value);

} // namespace nnrt

#endif
