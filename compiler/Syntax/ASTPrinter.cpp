/// Expressions and declarations as text.
#include "compiler/Syntax/ASTPrinter.h"
#include "compiler/Syntax/ASTPrinterImpl.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace nnc;
using namespace nnc::ast;
using llvm::dyn_cast;
using llvm::StringRef;
using llvm::Twine;

std::string nnc::sourceText(SourceRange range) {
  if (!range.isValid())
    return "";
  StringRef text(range.begin.getPointer(), range.end.getPointer() - range.begin.getPointer());
  std::string result;
  while (!text.empty()) {
    auto [row, rest] = text.split('\n');
    row = row.take_front(row.find("//")).trim();
    if (!result.empty() && !row.empty())
      result += ' ';
    result += row;
    text = rest;
  }
  return result;
}

std::string nnc::quoted(StringRef text) {
  std::string result;
  llvm::raw_string_ostream os(result);
  os << '"';
  for (char c : text) {
    if (c == '\n')
      os << "\\n";
    else if (c == '\t')
      os << "\\t";
    else if (c == '"' || c == '\\')
      os << '\\' << c;
    else
      os << c;
  }
  os << '"';
  return result;
}

void ASTPrinter::line(const Twine &text) { os.indent(2 * depth) << text << '\n'; }

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

/// The node without its children.
static std::string headOf(const Expr *expr) {
  switch (expr->kind) {
  case Kind::Number:
    return ("number " + llvm::cast<NumberExpr>(expr)->text).str();
  case Kind::String:
    return "string " + quoted(llvm::cast<StringExpr>(expr)->value);
  case Kind::Name:
    return ("name " + llvm::cast<NameExpr>(expr)->name).str();
  case Kind::Bool:
    return llvm::cast<BoolExpr>(expr)->value ? "true" : "false";
  case Kind::Ellipsis:
    return "..";
  case Kind::Unary:
    return ("unary " + spelling(llvm::cast<UnaryExpr>(expr)->op)).str();
  case Kind::Binary:
    return ("binary " + spelling(llvm::cast<BinaryExpr>(expr)->op)).str();
  case Kind::Member:
    return ("member " + llvm::cast<MemberExpr>(expr)->member.text).str();
  case Kind::Reduce: {
    auto *reduce = llvm::cast<ReduceExpr>(expr);
    std::string binders = llvm::join(
        llvm::map_range(reduce->binders, [](Binder *b) { return sourceText(b->range); }), ", ");
    return ("reduce " + spelling(reduce->op) + "[" + binders + "]").str();
  }
  case Kind::Scan:
    return "scan " + sourceText(llvm::cast<ScanExpr>(expr)->binder->range);
  default:
    return kindName(expr->kind).str();
  }
}

void ASTPrinter::print(const Expr *expr, const Twine &prefix) {
  if (!expr)
    return;
  auto head = [&](const Expr *one, const Twine &before) {
    std::string note = annotate ? annotate(*one) : "";
    line(before + headOf(one) + (note.empty() ? "" : " : ") + note);
    ++depth;
  };
  head(expr, prefix);
  auto spine = leftSpine(expr);
  if (spine.empty()) {
    printParts(expr);
    --depth;
    return;
  }
  for (const BinaryExpr *left : llvm::drop_begin(spine))
    head(left, "");
  print(spine.back()->lhs);
  for (const BinaryExpr *one : llvm::reverse(spine)) {
    print(one->rhs);
    --depth;
  }
}

void ASTPrinter::printParts(const Expr *expr) {
  if (auto *tuple = dyn_cast<TupleExpr>(expr)) {
    for (const Expr *element : tuple->elements)
      print(element);
  } else if (auto *list = dyn_cast<ListExpr>(expr)) {
    for (const Expr *element : list->elements)
      print(element);
  } else if (auto *unary = dyn_cast<UnaryExpr>(expr)) {
    print(unary->operand);
  } else if (auto *reduce = dyn_cast<ReduceExpr>(expr)) {
    print(reduce->body);
  } else if (auto *call = dyn_cast<CallExpr>(expr)) {
    print(call->callee, "callee ");
    for (const Arg &arg : call->args)
      print(arg);
  } else if (auto *bracket = dyn_cast<BracketExpr>(expr)) {
    print(bracket->base, "base ");
    for (const Item &item : bracket->items)
      print(item);
  } else if (auto *member = dyn_cast<MemberExpr>(expr)) {
    print(member->base);
  } else if (auto *branch = dyn_cast<IfExpr>(expr)) {
    print(branch->condition);
    line("then");
    print(branch->thenBlock);
    if (branch->elseBlock)
      line("else");
    print(branch->elseBlock);
  } else if (auto *scan = dyn_cast<ScanExpr>(expr)) {
    for (const Carry &carry : scan->carries)
      print(carry.init, "carry " + carry.name.text + (carry.type ? ": " : "") +
                            (carry.type ? sourceText(carry.type->range) : "") + " = ");
    print(scan->until, "until ");
    line("body");
    print(scan->body);
  }
}

void ASTPrinter::print(const Arg &arg) {
  print(arg.value, arg.name ? arg.name.text.str() + " = " : "");
}

void ASTPrinter::print(const Item &item) {
  switch (item.form) {
  case Item::Value:
    return print(item.value);
  case Item::Named:
    return print(item.value, item.name.text + " = ");
  case Item::Ellipsis:
    return line("..");
  case Item::Range:
    return line("range " + sourceText(item.range));
  case Item::Slice:
    line("slice");
    Indent indent(*this);
    print(item.begin, "from ");
    print(item.end, "to ");
  }
}

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

void ASTPrinter::print(const Source &source) {
  line("source " + source.reader.text);
  Indent indent(*this);
  for (const Arg &arg : source.args)
    print(arg);
}

void ASTPrinter::print(const std::vector<Parameter> &params) {
  for (const Parameter &param : params) {
    line("param " + param.name.text + ": " + sourceText(param.type->range));
    Indent indent(*this);
    print(param.init, "default ");
  }
}

void ASTPrinter::print(const DataDecl *data) {
  line("data " + data->name.text);
  Indent indent(*this);
  for (const Source &source : data->sources)
    print(source);
  for (const Field &field : data->fields) {
    line("field " + field.name.text + ": " + sourceText(field.type->range));
    Indent inner(*this);
    print(field.value);
  }
  for (const Expr *holdout : data->holdout)
    print(holdout, "holdout ");
}

void ASTPrinter::print(const CallableDecl *callable) {
  auto *function = dyn_cast<FunctionDecl>(callable);
  StringRef word = function ? (function->isLayer ? "layer" : "fn") : kindName(callable->kind);
  std::string result =
      function && function->result ? " -> " + sourceText(function->result->range) : "";
  line(word + " " + callable->name.text + result);
  Indent indent(*this);
  for (const Static &entry : callable->statics) {
    line("static " + entry.name.text);
    Indent inner(*this);
    print(entry.init, "default ");
  }
  print(callable->params);
  line("body");
  print(callable->body);
}

void ASTPrinter::print(const Decl *decl) {
  if (!decl->doc.empty())
    for (StringRef row : llvm::split(decl->doc, '\n'))
      line("/// " + row);
  if (auto *import = dyn_cast<ImportDecl>(decl)) {
    line("import " + quoted(import->path));
  } else if (auto *constants = dyn_cast<ConstantsDecl>(decl)) {
    line(constants->isDim ? "dim" : "const");
    Indent indent(*this);
    for (const Constant &constant : constants->constants)
      print(constant.value, sourceText(constant.target->range) + " = ");
  } else if (auto *vocab = dyn_cast<VocabDecl>(decl)) {
    line("vocab " + vocab->name.text);
    Indent indent(*this);
    print(vocab->size, "size ");
    print(vocab->source);
  } else if (auto *data = dyn_cast<DataDecl>(decl)) {
    print(data);
  } else if (auto *callable = dyn_cast<CallableDecl>(decl)) {
    print(callable);
  } else if (auto *net = dyn_cast<NetDecl>(decl)) {
    std::string from = net->from ? " from " + quoted(*net->from) : "";
    std::string at = net->at.parts.empty() ? "" : " at " + sourceText(net->at.range);
    line((net->frozen ? "frozen net " : "net ") + net->name.text + from + at);
    Indent indent(*this);
    print(net->init);
  } else if (auto *train = dyn_cast<TrainDecl>(decl)) {
    line("train" + (train->name ? " " + train->name.text.str() : ""));
    Indent indent(*this);
    print(train->params);
    print(train->body);
  }
}

void ASTPrinter::print(const File &file) {
  line("file " + quoted(file.path));
  Indent indent(*this);
  for (const Decl *decl : file.decls)
    print(decl);
  for (const Expectation &expectation : file.expectations)
    line("expect " + expectation.command + ": " + expectation.condition);
}

void nnc::printAST(const File &file, llvm::raw_ostream &os, const ExprAnnotator &annotate) {
  ASTPrinter(os, annotate).print(file);
}
