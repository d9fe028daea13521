/// What an expression means while a body is elaborated: a compile-time thing, or a tensor with
/// named sizes and its mlir::Value.
#ifndef NNC_COMPILER_SEMA_VALUE_H
#define NNC_COMPILER_SEMA_VALUE_H

#include "compiler/Sema/Dim.h"
#include "compiler/Syntax/AST.h"
#include "dialects/prob/Families/Families.h"
#include "mlir/IR/Value.h"
#include <map>
#include <memory>
#include <variant>

namespace nnc {

class FileScope;
struct Instance;
struct NetReference;
class Value;

enum class Element : uint8_t { F32, I32, Bool };
llvm::StringRef spelling(Element element);

/// Whole numbers that a value may take, ends included.
struct Interval {
  int64_t low = 0, high = 0;
};

/// `vocab en[V] = words(...)`.
struct VocabInfo {
  const ast::VocabDecl *decl = nullptr;
  std::string name;
  Dim size;
  /// `bytes` has no special ids.
  bool hasSpecials = true;
};

/// Element type, sizes and bound: a declared type once its names have sizes.
struct TensorType {
  Element element = Element::F32;
  Shape dims;
  /// Integers below this.
  std::optional<Dim> bound;
  const VocabInfo *vocab = nullptr;

  int64_t rank() const { return dims.size(); }
  /// `f32[B, T]`, `i32[B] < V`.
  std::string str() const;
};

struct Tensor : TensorType {
  mlir::Value value;
  /// Known limits of integers; a bound implies [0, bound - 1].
  std::optional<Interval> range;
  /// A scan or index variable, or arithmetic on such: it becomes f32 where it meets f32.
  bool index = false;
  /// value = base + offset, for run-time positions: `t - 1` is (t, -1).
  mlir::Value base;
  Dim offset;

  /// The range, or what the bound says.
  std::optional<Interval> limits() const;
};

/// A distribution: a compile-time record of a family and its parameters.
struct Distribution {
  /// Of a Mixture: that of its component.
  prob::Family family{};
  /// In the order of the table. Each has its own shape, which fits into the full one.
  llvm::SmallVector<Tensor, 2> params;
  /// Shape of a draw; its last axes may be one event.
  Shape dims;
  std::optional<Dim> bound;
  const VocabInfo *vocab = nullptr;
  /// Of a Mixture, which has one parameter, its logits: the density of one component, its mixture
  /// axis just before the event axes.
  std::shared_ptr<Distribution> component;

  const prob::FamilyTraits &traits() const { return prob::traitsOf(family); }
  llvm::StringRef name() const { return component ? "Mixture" : traits().name; }
  unsigned eventRank() const { return traits().eventRank; }
  bool isContinuous() const { return prob::isContinuous(traits().values); }
  Element element() const {
    return traits().values == prob::Values::label ? Element::I32 : Element::F32;
  }
  /// Booleans may stand for 0 and 1.
  bool takesBooleans() const { return !component && traits().values == prob::Values::binary; }
  llvm::ArrayRef<Dim> batchDims() const { return eventSplit(dims).first; }
  llvm::ArrayRef<Dim> eventDims() const { return eventSplit(dims).second; }
  /// The axes of a draw that tell events apart, and those of an event.
  std::pair<llvm::ArrayRef<Dim>, llvm::ArrayRef<Dim>> eventSplit(llvm::ArrayRef<Dim> draw) const {
    return {draw.drop_back(eventRank()), draw.take_back(eventRank())};
  }
};

/// Not a value, and already reported.
struct Poison {};
/// `none`, or an optional argument that was left out.
struct Absent {};
struct FunctionReference {
  const ast::FunctionDecl *decl = nullptr;
  FileScope *file = nullptr;
};
struct BuiltinReference {
  llvm::StringRef name;
};
/// `en.pad`: the id of a special word, known at compile time. It counts as a number, but a tensor
/// that it is written into is one of words.
struct Word {
  Dim id;
  const VocabInfo *vocab = nullptr;
};
/// `batch: digits[B]`: fields become arguments of the function when they are used.
struct Batch {
  const struct DataInfo *data = nullptr;
  Shape rows;
};
/// A top-level objective or entry, by name; only train blocks use them.
struct CallableReference {
  const ast::CallableDecl *decl = nullptr;
};
struct TupleValue {
  std::vector<Value> elements;
};
/// `[32, 64]`: of static numbers, or of tensors.
struct ListValue {
  std::vector<Value> elements;
};

class Value {
public:
  using Storage =
      std::variant<Poison, Absent, Dim, Word, double, bool, std::string, Tensor,
                   std::shared_ptr<Distribution>, FunctionReference, BuiltinReference,
                   std::shared_ptr<NetReference>, std::shared_ptr<TupleValue>,
                   std::shared_ptr<ListValue>, Batch, const VocabInfo *, CallableReference>;

  Value() : storage(Poison{}) {}
  template <typename T>
    requires(!std::is_same_v<std::decay_t<T>, Value> && std::is_constructible_v<Storage, T>)
  Value(T &&x) : storage(std::forward<T>(x)) {}
  static Value integer(int64_t n) { return Value(Dim(n)); }
  static Value real(double x) { return Value(x); }
  static Value boolean(bool b) { return Value(Storage(std::in_place_type<bool>, b)); }
  static Value string(std::string s) {
    return Value(Storage(std::in_place_type<std::string>, std::move(s)));
  }
  static Value tuple(std::vector<Value> elements);
  static Value list(std::vector<Value> elements);

  /// The value as a T, or null; a special word is also a Dim.
  template <typename T> const T *as() const {
    if constexpr (std::is_same_v<T, Dim>)
      if (auto *word = std::get_if<Word>(&storage))
        return &word->id;
    return std::get_if<T>(&storage);
  }
  template <typename T> bool is() const { return as<T>() != nullptr; }

  bool isPoison() const { return is<Poison>(); }
  bool isAbsent() const { return is<Absent>(); }
  /// A number or a truth value of compile time.
  bool isStaticScalar() const { return is<Dim>() || is<double>() || is<bool>(); }
  /// The number of a Dim, double or bool.
  std::optional<double> number() const;
  const Tensor *tensor() const { return as<Tensor>(); }
  const Distribution *distribution() const;
  const TupleValue *asTuple() const;
  const ListValue *asList() const;
  NetReference *net() const;

  /// "a tensor f32[B, T]", "the number 3", "a layer": for messages.
  std::string describe() const;

private:
  explicit Value(Storage storage) : storage(std::move(storage)) {}
  Storage storage;
};

/// Static arguments of a call, by name.
using Statics = std::map<std::string, Value, std::less<>>;

/// A net as a body sees it. Instances are shared by all bodies; sizes are those of the body that
/// declared the net.
struct NetReference {
  Instance *instance = nullptr;
  const ast::FunctionDecl *layer = nullptr;
  FileScope *file = nullptr;
  Statics statics;
  /// Declared at file level: sizes are in names of file level.
  bool global = false;
  /// Shapes of parameters by name, known after a call.
  std::map<std::string, Shape, std::less<>> paramDims;
};

} // namespace nnc

#endif
