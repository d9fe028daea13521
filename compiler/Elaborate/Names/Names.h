/// What names, types and sizes mean where the cursor stands.
#ifndef NNC_COMPILER_ELABORATE_NAMES_NAMES_H
#define NNC_COMPILER_ELABORATE_NAMES_NAMES_H

#include "compiler/Elaborate/Elaborate.h"

namespace nnc {

//===--- Files (Files.cpp) -------------------------------------------------------------===//

/// Declares the names of the prelude, of imported files (beside `file`) and of the file. False
/// after errors.
bool loadProgram(Body &body, const ast::File &file);
/// The nets of the main file, in source order; null if there is none of that name.
NetInfo *findNet(Body &body, llvm::StringRef name);
const DataInfo *findData(Body &body, llvm::StringRef name);
/// The declaration that a name has in a file, its imports or the prelude; null if there is none.
std::pair<FileScope *, FileScope::Declared *> findDeclared(FileScope &scope, llvm::StringRef name);
/// Its value, computed when it is first asked for.
std::optional<Binding> evaluateDeclared(Body &body, FileScope &scope, llvm::StringRef name,
                                        FileScope::Declared &declared);
/// `L` or `L[...]` after `net f =`. False after an error.
bool resolveLayer(Body &body, const ast::Expr *init, NetReference &reference);
/// The text of a -D as a value: `64`, `1e-3`, `true`, else a string.
Value parseDefine(llvm::StringRef text);

//===--- Names (Lookup.cpp) ------------------------------------------------------------===//

/// What a name means here; reports an unknown one, with a suggestion.
std::optional<Binding> lookup(Body &body, llvm::StringRef name, SourceRange use);
std::optional<Binding> lookupQuietly(Body &body, llvm::StringRef name);
/// The value of a binding: of a parameter, an argument of the function.
Value materialise(Body &body, const Binding &binding, llvm::StringRef name);
/// False after an error: the name is taken by what may not be hidden.
bool mayDefine(Body &body, const ast::Ident &name);
bool isReserved(llvm::StringRef name);
void bindName(Body &body, const ast::Ident &name, Value value,
              BindingKind kind = BindingKind::Value);

//===--- Types and compile-time values (Types.cpp) -------------------------------------===//

/// A declared type with its sizes. Names that are not in scope become new rigid names of size
/// `unknown` and are bound, or, without it, are errors.
std::optional<TensorType> resolveType(Body &body, const ast::Type &type,
                                      std::optional<int64_t> unknown = std::nullopt);
/// The part of a type before the brackets.
bool resolveElement(Body &body, const ast::Type &type, TensorType &result);
/// Reports a name that is no type; false if it is one, or stands for something else.
bool reportUnknownType(Body &body, const ast::Type &type);
/// True after an error: something in `range` would be a tensor that no memory holds.
bool reportRefusal(Body &body, SourceRange range);
/// A size of an axis: `/` divides exactly, and the number is one that an axis can have.
std::optional<Dim> evalSize(Body &body, const ast::Expr *expr);
/// The same, but any whole number.
std::optional<Dim> evalWhole(Body &body, const ast::Expr *expr);
/// False after an error: negative, or more than positions reach.
bool checkSize(Body &body, const Dim &size, SourceRange range);
/// What stands in brackets: sizes divide exactly, but a run-time value is no error.
Value evalInBrackets(Body &body, const ast::Expr *expr);
/// A compile-time value in brackets: a number, boolean, string or list.
Value evalStatic(Body &body, const ast::Expr *expr);
/// Statics in brackets by position and name.
Statics evalStatics(Body &body, llvm::ArrayRef<ast::Item> items, const ast::CallableDecl &decl);
/// Binds a static `name` to a value: a number becomes a new rigid name.
void bindStatic(Body &body, llvm::StringRef name, Value value, SourceRange where);

//===--- Sizes (Sizes.cpp) -------------------------------------------------------------===//

/// Looks through the pairs that static conditions have made one.
Dim tied(const Body &body, const Dim &dim);
Shape tied(const Body &body, llvm::ArrayRef<Dim> dims);
bool sameSize(const Body &body, const Dim &a, const Dim &b);
bool sameShape(const Body &body, llvm::ArrayRef<Dim> a, llvm::ArrayRef<Dim> b);
/// Whether a shape goes into another by repetition.
bool fits(const Body &body, llvm::ArrayRef<Dim> inner, llvm::ArrayRef<Dim> outer);
/// In the names of the body that called `inner`.
Dim toCaller(Body &body, const Dim &dim, const Frame &inner);
Value toCaller(Body &body, const Value &value, const Frame &inner);
/// A size of the body of `from` in names of the root body.
Dim toRoot(const Body &body, Dim dim, const Frame *from);
/// The vocabulary that an axis of this size counts: the only one whose size has this name.
const VocabInfo *vocabOf(const Body &body, const Dim &size);

//===--- Call sites (Sites.cpp) --------------------------------------------------------===//

/// The name of a call in its body: `dropout_2`.
std::string siteName(Body &body, const ast::Node *call, llvm::StringRef callee);
/// With the positions in the `repeat`s around the statement: `block.0`.
std::string indexedName(const Body &body, std::string name);
/// The path of a random number from the root.
std::string sitePath(const Body &body, llvm::StringRef name);
/// The instance of a layer that the current one owns under that name.
Instance *childInstance(Body &body, const FunctionReference &layer, llvm::StringRef name,
                        SourceRange where, bool anonymous);
/// An instance without a net (optimiser); its variables lie under `path`.
Instance *makeInstance(Body &body, llvm::StringRef path, const FunctionReference &layer);

} // namespace nnc

#endif
