/// The registry of parameters and running values by path.
#include "compiler/Sema/Instances.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

namespace nnc {

Variable *Registry::find(llvm::StringRef path) const { return byPath.lookup(path); }

Variable *Registry::add(Variable variable) {
  variables.push_back(std::make_unique<Variable>(std::move(variable)));
  return byPath[variables.back()->path] = variables.back().get();
}

std::string snakeCase(llvm::StringRef name) {
  std::string result;
  for (size_t i = 0; i < name.size(); ++i) {
    bool word = i && llvm::isUpper(name[i]) &&
                (llvm::isLower(name[i - 1]) || llvm::isDigit(name[i - 1]) ||
                 (i + 1 < name.size() && llvm::isLower(name[i + 1]) && llvm::isUpper(name[i - 1])));
    if (word && result.back() != '_')
      result += '_';
    result += llvm::toLower(name[i]);
  }
  return result;
}

uint64_t hashPath(llvm::StringRef path) {
  uint64_t hash = 0xcbf29ce484222325ull;
  for (unsigned char byte : path)
    hash = (hash ^ byte) * 0x100000001b3ull;
  return hash;
}

namespace {
/// Visits expressions in the order of evaluation: arguments before their call.
class SiteCollector {
public:
  explicit SiteCollector(llvm::DenseMap<const ast::Node *, std::string> &names) : names(names) {}

  void visit(const ast::Block *block) {
    if (block)
      for (const ast::Stmt *statement : block->statements)
        visit(statement);
  }

private:
  void visit(const ast::Stmt *statement);
  void visit(const ast::Expr *expr);
  void visitItems(llvm::ArrayRef<ast::Item> items) {
    for (const ast::Item &item : items)
      for (const ast::Expr *part : {item.value, item.begin, item.end})
        visit(part);
  }
  void note(const ast::Expr *site, const ast::Expr *callee) {
    const ast::NameExpr *head = ast::headName(callee);
    if (head && !names.contains(site))
      count(site, snakeCase(head->name));
  }
  void count(const ast::Node *site, std::string name) {
    unsigned count = ++counts[name];
    names[site] = count == 1 ? name : name + "_" + std::to_string(count);
  }

  llvm::DenseMap<const ast::Node *, std::string> &names;
  llvm::StringMap<unsigned> counts;
};
} // namespace

void SiteCollector::visit(const ast::Stmt *statement) {
  llvm::TypeSwitch<const ast::Stmt *>(statement)
      .Case<ast::ParamStmt>([&](auto *s) { visit(s->init); })
      .Case<ast::DefineStmt>([&](auto *s) { visit(s->value); })
      .Case<ast::DrawStmt>([&](auto *s) {
        for (const ast::Expr *part : {s->distribution, s->by, s->given, s->where})
          visit(part);
        count(s, "~" + s->name.text.str()); // Not among the calls of that name.
      })
      .Case<ast::UpdateStmt>([&](auto *s) { visit(s->value); })
      .Case<ast::ObserveStmt>([&](auto *s) {
        for (const ast::Expr *part : {s->value, s->distribution, s->where})
          visit(part);
      })
      .Case<ast::OptimizeStmt>([&](auto *s) { visit(s->value); })
      .Case<ast::ReportStmt>([&](auto *s) { visit(s->value); })
      .Case<ast::ShowStmt>([&](auto *s) { visit(s->value); })
      .Case<ast::AssertStmt>([&](auto *s) { visit(s->condition); })
      .Case<ast::YieldStmt>([&](auto *s) {
        for (const ast::Expr *value : s->values)
          visit(value);
      })
      .Case<ast::RepeatStmt>([&](auto *s) { visit(s->body); })
      .Case<ast::ExprStmt>([&](auto *s) { visit(s->value); });
}

void SiteCollector::visit(const ast::Expr *expr) {
  if (!expr)
    return;
  llvm::TypeSwitch<const ast::Expr *>(expr)
      .Case<ast::TupleExpr, ast::ListExpr>([&](auto *e) {
        for (const ast::Expr *element : e->elements)
          visit(element);
      })
      .Case<ast::UnaryExpr>([&](auto *e) { visit(e->operand); })
      .Case<ast::BinaryExpr>([&](auto *e) {
        auto spine = ast::leftSpine(e);
        visit(spine.back()->lhs);
        for (const ast::BinaryExpr *one : llvm::reverse(spine))
          visit(one->rhs);
      })
      .Case<ast::ReduceExpr>([&](auto *e) { visit(e->body); })
      .Case<ast::CallExpr>([&](auto *e) {
        for (const ast::Arg &arg : e->args)
          visit(arg.value);
        if (auto *bracket = llvm::dyn_cast<ast::BracketExpr>(e->callee))
          visitItems(bracket->items);
        note(e, e->callee);
      })
      .Case<ast::BracketExpr>([&](auto *e) {
        visit(e->base);
        visitItems(e->items);
        // `sinusoid[T, d]` is a call without parentheses; subscripts get names that nobody asks
        // for.
        if (llvm::isa<ast::NameExpr>(e->base))
          note(e, e->base);
      })
      .Case<ast::MemberExpr>([&](auto *e) { visit(e->base); })
      .Case<ast::IfExpr>([&](auto *e) {
        visit(e->condition);
        visit(e->thenBlock);
        visit(e->elseBlock);
      })
      .Case<ast::ScanExpr>([&](auto *e) {
        for (const ast::Carry &carry : e->carries)
          visit(carry.init);
        visit(e->until);
        visit(e->body);
      });
}

SiteNames::SiteNames(const ast::Block *body) { SiteCollector(names).visit(body); }

llvm::StringRef SiteNames::name(const ast::Node *call) const {
  auto found = names.find(call);
  return found == names.end() ? llvm::StringRef() : llvm::StringRef(found->second);
}

} // namespace nnc
