/// The checker and the translation to nn, prob and learn as one abstract interpreter over the
/// syntax tree.
///
/// Each body is elaborated once a call. Inside, the variables of its signature and its statics are
/// rigid names with numbers: names decide equality of sizes, numbers decide floors, quotients and
/// bounds. Results go back to the caller in its own names. An error makes the value of its
/// statement a Poison, silently accepted everywhere, so that one run reports several errors.
#ifndef NNC_COMPILER_ELABORATE_ELABORATOR_H
#define NNC_COMPILER_ELABORATE_ELABORATOR_H

#include "compiler/Elaborate/Frame.h"
#include "compiler/Elaborate/FunctionContext.h"
#include "compiler/Elaborate/TensorBuilder.h"
#include "compiler/Sema/Scope.h"
#include "compiler/Syntax/Diagnostics.h"
#include "llvm/ADT/DenseSet.h"

namespace nnc {

struct ElaborationOptions {
  bool real64 = false;
  /// -D NAME=VALUE.
  std::vector<std::pair<std::string, std::string>> defines;
  /// --compare-estimators.
  bool compareEstimators = false;
};

/// An argument of a call, evaluated.
struct Argument {
  std::string name; ///< empty if positional
  Value value;
  SourceRange range;
};

/// A call of a fn or layer.
struct Call {
  FunctionReference callee;
  Statics statics;
  std::vector<Argument> arguments;
  /// Of layers with parameters.
  Instance *instance = nullptr;
  NetReference *reference = nullptr;
  /// Its part of the call path: `block.0`, `dropout_2`.
  std::string site;
  SourceRange range;
  bool lifted = false;
};

/// A call of a predeclared function.
struct BuiltinCall {
  const struct Builtin *builtin = nullptr;
  const ast::CallExpr *expr = nullptr;
  std::vector<Argument> arguments;
  /// What stood in brackets, and after `axis =`; not evaluated.
  llvm::ArrayRef<ast::Item> items;
  const ast::Expr *axis = nullptr;
  /// The arguments as written.
  llvm::ArrayRef<ast::Arg> source;
  SourceRange range;
};

class Elaborator {
public:
  Elaborator(mlir::ModuleOp module, Diagnostics &diags, ElaborationOptions options);
  ~Elaborator();

  //===--- Files (Files.cpp) -----------------------------------------------===//

  /// Declares the names of the prelude, of imported files (beside `file`) and of the file. False
  /// after errors.
  bool load(const ast::File &file);
  FileScope &mainFile() { return *main; }
  /// The nets of the main file, in source order; null if there is none of that name.
  NetInfo *findNet(llvm::StringRef name);
  const DataInfo *findData(llvm::StringRef name);
  Registry registry;

  //===--- Bodies ----------------------------------------------------------===//

  /// While it lives, `fn` is being built and names resolve in a new scope of `file`.
  class Root {
  public:
    Root(Elaborator &elaborator, FunctionContext &fn, FileScope &file, llvm::StringRef path,
         bool training);
    ~Root();
    Root(const Root &) = delete;
    Frame frame;
    Scope scope;

  private:
    Elaborator &elaborator;
    FunctionContext *savedFunction;
    Frame *savedFrame;
    Scope *savedScope;
    mlir::OpBuilder *savedBuilder;
    unsigned savedDepth;
    bool savedCondition;
  };

  /// The statements of a block in the current scope; the value of the last one.
  Value elaborateBlock(const ast::Block &block);
  /// The same in a scope of its own.
  Value elaborateScoped(const ast::Block &block);
  void elaborateStatement(const ast::Stmt &statement, Value *last = nullptr);
  Value elaborateExpr(const ast::Expr *expr);

  //===--- Types and compile-time values (Types.cpp) -------------------------===//

  /// A declared type with its sizes. Names that are not in scope become new rigid names of size
  /// `unknown` and are bound, or, without it, are errors.
  std::optional<TensorType> resolveType(const ast::Type &type,
                                        std::optional<int64_t> unknown = std::nullopt);
  /// Reports a name that is no type; false if it is one, or stands for something else.
  bool reportUnknownType(const ast::Type &type);
  /// A size of an axis: `/` divides exactly, and the number is one that an axis can have.
  std::optional<Dim> evalSize(const ast::Expr *expr);
  /// The same, but any whole number.
  std::optional<Dim> evalWhole(const ast::Expr *expr);
  /// The place in the program of what stands in the body of another file (the prelude).
  SourceRange inMainFile(SourceRange range) const;
  /// False after an error: negative, or more than positions reach.
  bool checkSize(const Dim &size, SourceRange range);
  /// A compile-time value in brackets: a number, truth value, string or list.
  Value evalStatic(const ast::Expr *expr);
  /// Binds a static `name` to a value: a number becomes a new rigid name.
  void bindStatic(llvm::StringRef name, Value value, SourceRange where);

  //===--- Conversions (Convert.cpp) -----------------------------------------===//

  /// The value as a tensor; literals become `like` (f32 unless it says otherwise). Reports what
  /// cannot be one.
  std::optional<Tensor> toTensor(const Value &value, SourceRange range,
                                 std::optional<Element> like = std::nullopt);
  /// The tensor repeated along missing axes, where it fits in one way. `what` begins the message.
  std::optional<Tensor> broadcastTo(const Tensor &x, llvm::ArrayRef<Dim> dims, SourceRange range,
                                    const llvm::Twine &what);
  /// The value as a tensor of a declared type, repeated along missing axes. `what` begins the
  /// message: "carried h".
  std::optional<Tensor> convert(const Value &value, const TensorType &type, SourceRange range,
                                const llvm::Twine &what);
  /// A scalar of f32, for losses and reports.
  std::optional<Tensor> toScalar(const Value &value, SourceRange range, const llvm::Twine &what);

  //===--- Calls (Calls.cpp, Layers.cpp) -------------------------------------===//

  /// Elaborates the body of a fn or layer on its arguments.
  Value call(Call call);
  /// The frame of a call from here.
  Frame frameOf(const Call &call);
  /// A call of a net, or of a new instance such as an optimiser's: `instance` owns its parameters
  /// and running values.
  std::vector<Argument> evalArguments(llvm::ArrayRef<ast::Arg> args);
  /// Statics in brackets by position and name.
  Statics evalStatics(llvm::ArrayRef<ast::Item> items, const ast::CallableDecl &decl);
  /// An instance without a net (optimiser); its variables lie under `path`.
  Instance *makeInstance(llvm::StringRef path, const FunctionReference &layer);
  /// What a name means here; reports an unknown one, with a suggestion.
  std::optional<Binding> lookup(llvm::StringRef name, SourceRange use);
  std::optional<Binding> lookupQuietly(llvm::StringRef name);

  //===--- Shared with the program part --------------------------------------===//

  Diagnostics &diagnostics() { return diags; }
  mlir::Location location(SourceRange range) const;
  /// The innermost call around the statement that stands in a file: of a layer of the prelude,
  /// where the program uses it.
  SourceRange callInFile(const FileScope &file) const;
  /// The function `init.params`: its results grow whenever a parameter or running value is met for
  /// the first time. The program part finishes it.
  FunctionContext &initFunction() { return *init; }
  TensorBuilder &tensors() { return build; }
  FunctionContext *function() { return fn; }
  Scope *currentScope() { return scope; }
  Frame *currentFrame() { return frame; }
  Dims &dims() { return dimTable; }
  /// A size of the current body in names of the root body.
  Dim toRoot(Dim dim, const Frame *from) const;
  /// The vocabulary that an axis of this size counts: the only one whose size has this name.
  const VocabInfo *vocabOf(const Dim &size) const;
  mlir::ModuleOp getModule() { return module; }
  const ElaborationOptions &getOptions() const { return options; }

private:
  friend class IndexNotation;
  friend struct AxisAccess;
  friend class ScanBuilder;
  friend struct BuiltinAccess;

  //===--- Files ---------------------------------------------------------------===//
  FileScope *loadFile(const ast::File &file, FileScope *prelude, bool imported);
  void declare(FileScope &scope, const ast::Decl &decl, bool imported);
  void declareName(FileScope &scope, const ast::Ident &name, BindingKind kind,
                   const ast::Decl *decl, const ast::Constant *constant = nullptr);
  FileScope *loadImport(FileScope &importer, const ast::ImportDecl &import);
  std::pair<FileScope *, FileScope::Declared *> findDeclared(FileScope &scope,
                                                             llvm::StringRef name);
  std::optional<Binding> evaluateDeclared(FileScope &scope, llvm::StringRef name,
                                          FileScope::Declared &declared);
  Value evaluateConstant(FileScope &scope, llvm::StringRef name, FileScope::Declared &declared);
  Value evaluateDim(FileScope &scope, llvm::StringRef name, FileScope::Declared &declared);
  Value evaluateNet(FileScope &scope, const ast::NetDecl &decl);
  bool isEma(const ast::CallExpr &call) const;
  bool resolveEma(const ast::CallExpr &call, NetInfo &info, NetReference &reference);
  bool resolveLayer(const ast::Expr *init, NetReference &reference);
  Value elaborateIndexed(const ast::Target &target, const ast::Expr *value);
  Value elaborateReduce(const ast::ReduceExpr &expr);
  Value evaluateData(FileScope &scope, const ast::DataDecl &decl);
  Value evaluateVocab(FileScope &scope, const ast::VocabDecl &decl);
  std::optional<Value> defined(FileScope &scope, llvm::StringRef name);
  std::optional<Binding> predeclared(llvm::StringRef name, SourceRange use);
  Value readEvidence(SourceRange use);
  void reportUnknown(llvm::StringRef name, SourceRange use);
  Value materialise(const Binding &binding, llvm::StringRef name);

  //===--- Types -----------------------------------------------------------------===//
  std::optional<Dim> evalSizeOrReport(const ast::Expr *expr, std::optional<int64_t> unknown);
  bool resolveElement(const ast::Type &type, TensorType &result);
  bool isStaticContext() const { return bracketDepth != 0; }

  //===--- Statements (Statements.cpp) ---------------------------------------------===//
  void define(const ast::Target &target, const Value &value, SourceRange range);
  void bindName(const ast::Ident &name, Value value, BindingKind kind = BindingKind::Value);
  bool mayDefine(const ast::Ident &name);
  void elaborateDefine(const ast::DefineStmt &statement);
  void elaborateDims(const ast::ConstantsDecl &decl);
  void elaborateNetStatement(const ast::NetDecl &decl);
  void elaborateVariable(const ast::ParamStmt &statement);
  void elaborateUpdate(const ast::UpdateStmt &statement);
  void updateSlice(const ast::UpdateStmt &statement, const Tensor &old, const Value &value);
  Tensor putAt(const Tensor &x, llvm::ArrayRef<std::pair<int64_t, Tensor>> places,
               const Tensor &piece);
  void elaborateYield(const ast::YieldStmt &statement);
  void moveRunning(const ast::UpdateStmt &statement, Binding &binding, const Value &value);
  void elaborateRepeat(const ast::RepeatStmt &statement);
  void elaborateAssert(const ast::AssertStmt &statement);
  void elaborateOutput(const ast::Stmt &statement);
  Value elaborateExprStatement(const ast::ExprStmt &statement, bool isLast);

  //===--- Expressions (Expressions.cpp, Operators.cpp, Subscripts.cpp) ---------------===//
  Value elaborateKind(const ast::Expr *expr);
  /// True after an error: something in `range` would be a tensor that no memory holds.
  bool reportRefusal(SourceRange range);
  Value elaborateSequence(const ast::Expr *expr);
  Value elaborateBinary(const ast::BinaryExpr &expr);
  Value elaborateName(const ast::NameExpr &expr);
  Value elaborateStaticItem(const ast::Expr *expr);
  Value elaborateMember(const ast::MemberExpr &expr);
  bool reportModule(const ast::MemberExpr &expr);
  Value elaborateBracket(const ast::BracketExpr &expr);
  Value elaborateCall(const ast::CallExpr &expr);
  Value memberOf(const Value &base, const ast::MemberExpr &expr);
  Value netMember(NetReference &net, llvm::ArrayRef<const ast::MemberExpr *> path);
  Value variableOf(NetReference &net, Variable &variable, llvm::StringRef relative);
  void reportMember(const Instance &instance, SourceRange range, const llvm::Twine &message);
  bool completeNet(NetReference &net, SourceRange use);
  void noteSizes(llvm::StringRef path, llvm::ArrayRef<Dim> dims);
  Value distributionMember(const Distribution &distribution, const ast::MemberExpr &expr);
  Value batchMember(const Batch &batch, const ast::MemberExpr &expr);
  Value vocabMember(const VocabInfo &vocab, const ast::MemberExpr &expr);

  Value unary(ast::UnaryOp op, const Value &operand, SourceRange range);
  Value binary(ast::BinaryOp op, const Value &lhs, const Value &rhs, const ast::BinaryExpr &expr);
  Value foldBinary(ast::BinaryOp op, const Value &lhs, const Value &rhs, SourceRange range);
  Value arithmetic(ast::BinaryOp op, const Value &lhs, const Value &rhs,
                   const ast::BinaryExpr &expr);
  Value foldSizes(ast::BinaryOp op, const Dim &a, const Dim &b, SourceRange range);
  Value logical(ast::BinaryOp op, const Value &lhs, const Value &rhs, const ast::BinaryExpr &expr);
  Value divide(const Value &lhs, const Value &rhs, const ast::BinaryExpr &expr);
  void noteInteger(ast::BinaryOp op, Tensor &result, const Value &lhs, const Value &rhs);
  void reportProduct(const Tensor &a, const Tensor &b, unsigned shared,
                     const ast::BinaryExpr &expr);
  Value matmul(const Value &lhs, const Value &rhs, const ast::BinaryExpr &expr);
  Value emitArithmetic(ast::BinaryOp op, Tensor a, Tensor b, SourceRange range);
  Value foldPower(const Dim &a, const Dim &b);
  Value emitPower(const Tensor &base, const Value &exponent, SourceRange range);
  Value wholePower(const Tensor &base, const Tensor &exponent, SourceRange range);
  bool checkWholePower(const Tensor &base, const Tensor &exponent, SourceRange range);
  /// Both as tensors of one element type and shape. `what` names the operation in messages.
  std::optional<std::pair<Tensor, Tensor>> align(const Value &lhs, const Value &rhs,
                                                 SourceRange lhsRange, SourceRange rhsRange,
                                                 SourceRange range, llvm::StringRef what,
                                                 bool promote = true);
  /// Several as tensors of one shape.
  bool alignShapes(llvm::MutableArrayRef<Tensor> tensors, llvm::ArrayRef<SourceRange> ranges,
                   SourceRange range, llvm::StringRef what);
  std::optional<Element> commonElement(const Value &lhs, const Value &rhs, SourceRange range,
                                       llvm::StringRef what);
  bool checkDeclaredBound(Tensor &x, const TensorType &type, SourceRange range);
  void reportShapes(Code code, const llvm::Twine &message, llvm::ArrayRef<Dim> a,
                    llvm::ArrayRef<Dim> b, SourceRange aRange, SourceRange bRange,
                    SourceRange range);
  Interval arithmeticRange(ast::BinaryOp op, Interval a, Interval b);

  Value subscript(const Value &base, llvm::ArrayRef<ast::Item> items, SourceRange range);
  std::optional<Tensor> subscriptAxis(const Tensor &x, int64_t axis, const Value &index,
                                      SourceRange range);
  std::optional<Tensor> sliceAxis(const Tensor &x, int64_t axis, const ast::Item &item);
  /// Proves 0 <= index < size or emits a check.
  bool checkBound(const Tensor &index, const Dim &size, SourceRange range);
  void emitAssert(const Tensor &condition, const llvm::Twine &message, SourceRange range);

  //===--- Control (Control.cpp, Scan.cpp) ---------------------------------------------===//
  Value elaborateIf(const ast::IfExpr &expr);
  Value runtimeIf(const ast::IfExpr &expr, const Tensor &condition);
  void tie(const ast::Expr *condition);
  bool checkBranches(const ast::IfExpr &expr, llvm::ArrayRef<Tensor> a, llvm::ArrayRef<Tensor> b);
  Value buildIf(const ast::IfExpr &expr, const Tensor &condition,
                llvm::MutableArrayRef<std::unique_ptr<mlir::Region>> regions,
                llvm::ArrayRef<std::vector<Tensor>> tensors, llvm::ArrayRef<mlir::Value> scored,
                bool isTuple);
  bool sameSize(const Dim &a, const Dim &b) const { return tied(a).equals(tied(b)); }
  bool sameShape(llvm::ArrayRef<Dim> a, llvm::ArrayRef<Dim> b) const;
  void addEvidence(mlir::Value value);
  Value elaborateScan(const ast::ScanExpr &scan, const ast::Target *target);
  Dim tied(const Dim &dim) const;

  //===--- Calls ----------------------------------------------------------------------===//
  void bindDefaultStatic(llvm::StringRef name, Value value, SourceRange where);
  bool bindDefault(const ast::Parameter &parameter, Value value);
  Value callNet(std::shared_ptr<NetReference> net, llvm::ArrayRef<ast::Item> items,
                const ast::CallExpr &expr);
  Value callFunction(const FunctionReference &callee, llvm::ArrayRef<ast::Item> items,
                     llvm::ArrayRef<ast::Arg> args, const ast::Expr &expr);
  bool bindStatics(const Call &call, Frame &inner, Scope &body,
                   const llvm::StringMap<const Argument *> &arguments);
  bool bindParameters(const Call &call, Frame &inner, Scope &body,
                      const llvm::StringMap<const Argument *> &arguments);
  bool bindParameter(const Call &call, const ast::Parameter &parameter, const Argument &argument,
                     Frame &inner, Scope &body);
  bool matchArguments(const Call &call, llvm::StringMap<const Argument *> &arguments);
  std::optional<Tensor> unify(const ast::Type &type, const Value &value, Frame &inner, Scope &body,
                              SourceRange range, const llvm::Twine &what);
  bool unifyDims(const ast::Type &type, llvm::ArrayRef<Dim> given, Frame &inner, Scope &body,
                 SourceRange range, const llvm::Twine &what, llvm::SmallVectorImpl<Dim> &out);
  bool unifyDots(llvm::ArrayRef<Dim> run, Frame &inner, SourceRange range, const llvm::Twine &what);
  bool unifyDim(const ast::Expr *written, const Dim &given, llvm::ArrayRef<Dim> shape, Frame &inner,
                Scope &body, SourceRange range, const llvm::Twine &what,
                llvm::SmallVectorImpl<Dim> &out);
  bool unifyBound(const ast::Type &type, Tensor &tensor, Frame &inner, Scope &body,
                  SourceRange range, const llvm::Twine &what);
  Value checkResult(const ast::FunctionDecl &decl, const Value &value, const Frame &inner);
  bool reportMissingValue(const ast::FunctionDecl &decl);
  std::string conversionHelp(const TensorType &declared, const ast::Type &type, SourceRange range);
  Value checkResultType(const ast::Type &type, const Value &value, SourceRange range,
                        llvm::StringRef name);
  /// In the caller's names.
  Value toCaller(const Value &value, const Frame &inner);
  Dim toCaller(const Dim &dim, const Frame &inner);
  Instance *childInstance(const FunctionReference &layer, llvm::StringRef name, SourceRange where,
                          bool anonymous);
  std::string siteName(const ast::Node *call, llvm::StringRef callee);
  std::string indexed(std::string name) const;
  void reportNoOwner(const ast::ParamStmt &statement);
  Variable *registerVariable(const ast::ParamStmt &statement, const TensorType &type);
  void initialise(Variable &variable, const ast::ParamStmt &statement, const TensorType &type);

  //===--- Probability (Draws.cpp, Distributions.cpp) --------------------------------------===//
  void elaborateDraw(const ast::DrawStmt &statement);
  void elaborateObserve(const ast::ObserveStmt &statement);
  std::optional<Tensor> draw(const Distribution &distribution, const TensorType &type,
                             llvm::StringRef site, const ast::Expr *by, SourceRange range);
  std::optional<Tensor> drawMixture(const Distribution &d, const TensorType &type,
                                    llvm::StringRef site, const ast::Expr *by, SourceRange range);
  EstimatorChoice estimatorOf(const Distribution &d, const TensorType &type, const ast::Expr *by);
  mlir::IntegerAttr rowAxis(const Distribution &d, const TensorType &type);
  std::optional<Tensor> logProb(const Distribution &d, const Value &value, SourceRange range,
                                const Tensor *mask = nullptr);
  std::optional<Tensor> familyLogProb(const Distribution &d, const Tensor &x, SourceRange range,
                                      const Tensor *mask);
  std::optional<Tensor> mixtureLogProb(const Distribution &d, const Tensor &x, SourceRange range,
                                       const Tensor *mask);
  std::optional<Tensor> mixtureLogits(const Distribution &d, llvm::ArrayRef<Dim> dims,
                                      SourceRange range);
  std::optional<TensorType> drawType(const Distribution &d, const ast::DrawStmt &statement);
  std::optional<Tensor> scoreGiven(const Distribution &d, const TensorType &type,
                                   const Value &given, const Tensor *mask,
                                   const ast::DrawStmt &statement);
  std::optional<std::optional<Tensor>> maskOf(const ast::Expr *where);
  void score(const Tensor &density, SourceRange range);
  std::optional<Tensor> paramAt(const Distribution &d, unsigned index, llvm::ArrayRef<Dim> dims,
                                SourceRange range);
  std::string sitePath(llvm::StringRef name) const;
  std::string drawName(const ast::DrawStmt &statement);
  const Distribution *toDistribution(const Value &value, SourceRange range);

  //===--- Builtins (Builtins*.cpp) --------------------------------------------------------===//
  const Builtin *findBuiltin(llvm::StringRef name) const;
  bool checkArguments(const BuiltinCall &call);
  Value callBuiltin(const Builtin &builtin, llvm::ArrayRef<ast::Item> items,
                    const ast::CallExpr &expr);
  std::optional<llvm::SmallVector<int64_t>> axesOf(const ast::Expr *axis, const Tensor &x);
  std::optional<int64_t> axisOf(const ast::Expr *axis, const Tensor &x, int64_t otherwise);
  std::optional<int64_t> axisByName(const ast::Expr *axis, const Tensor &x);

  mlir::ModuleOp module;
  Diagnostics &diags;
  ElaborationOptions options;
  TensorBuilder build;
  Dims dimTable;

  FileScope *main = nullptr;
  std::vector<std::unique_ptr<FileScope>> files;
  std::vector<std::unique_ptr<ast::File>> ownedFiles;
  llvm::StringMap<FileScope *> imported;
  std::vector<std::unique_ptr<Instance>> loose;
  llvm::DenseMap<const ast::FunctionDecl *, std::unique_ptr<SiteNames>> siteNames;

  std::unique_ptr<FunctionContext> init;
  FunctionContext *fn = nullptr;
  Frame *frame = nullptr;
  Scope *scope = nullptr;
  unsigned bracketDepth = 0;
  /// The condition of an `if` is evaluated.
  bool inCondition = false;
  /// Counts scored sites and moved running values: a discarded value is allowed if it did either.
  unsigned effects = 0;
  /// Calls whose parameters belong to no net: reported.
  llvm::DenseSet<const char *> ownerless;
  /// Yields of the scan whose body is elaborated.
  struct ScanState *currentScan = nullptr;
};

} // namespace nnc

#endif
