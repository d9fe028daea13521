/// The table of predeclared functions, and their calls.
#include "compiler/Elaborate/Builtin.h"
#include "compiler/Elaborate/Elaborate.h"
#include "compiler/Syntax/Habits.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc {

llvm::ArrayRef<Builtin> allBuiltins() {
  static const std::vector<Builtin> table = [] {
    std::vector<Builtin> all;
    for (llvm::ArrayRef<Builtin> part :
         {elementwiseBuiltins(), reductionBuiltins(), shapeBuiltins(), distributionBuiltins()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return table;
}

const Builtin *findBuiltin(llvm::StringRef name) {
  for (const Builtin &builtin : allBuiltins())
    if (builtin.name == name)
      return &builtin;
  return nullptr;
}

static bool checkArguments(Body &body, const BuiltinCall &call) {
  const Builtin &builtin = *call.builtin;
  bool many = builtin.maxArguments == anyNumber;
  for (const Argument &argument : call.arguments) {
    if (many && (argument.value.asTuple() || argument.value.asList())) {
      body.diags
          .error(Code::BadArguments, argument.range,
                 "`" + builtin.name + "` takes its parts one by one")
          .help("write `" + builtin.name + "(a, b)`");
      return false;
    }
  }
  unsigned given = call.arguments.size();
  if (given >= builtin.minArguments && given <= builtin.maxArguments)
    return true;
  std::string wanted = std::to_string(builtin.minArguments);
  if (builtin.maxArguments > builtin.minArguments)
    wanted += many ? " or more" : " to " + std::to_string(builtin.maxArguments);
  auto error = body.diags.error(Code::BadArguments, call.range,
                                "`" + builtin.name + "` takes " + wanted +
                                    (wanted == "1" ? " argument, " : " arguments, ") +
                                    llvm::Twine(given) + (given == 1 ? " is given" : " are given"));
  if (given > builtin.maxArguments && builtin.takesAxis)
    error.help("an axis has its name: `axis = T`, or `axis = 1`");
  if (given > builtin.maxArguments && builtin.takesBrackets)
    error.help("sizes and counts stand in brackets: `" + builtin.name + "[...](x)`");
  return false;
}

Value callBuiltin(Body &body, const Builtin &builtin, llvm::ArrayRef<ast::Item> items,
                  const ast::CallExpr &expr) {
  SourceRange range = expr.range;
  BuiltinCall call;
  call.builtin = &builtin;
  call.expr = &expr;
  call.items = items;
  call.source = expr.args;
  call.range = range;
  for (const ast::Arg &arg : expr.args) {
    if (arg.name.text == "axis" && builtin.takesAxis) {
      call.axis = arg.value;
      continue;
    }
    // Parameters of distributions have names.
    if (arg.name && !llvm::isUpper(builtin.name.front())) {
      body.diags
          .error(Code::BadArguments, arg.range,
                 "`" + builtin.name + "` has no argument `" + arg.name.text + "`")
          .help(habit(Habit::Argument, arg.name.text));
      return {};
    }
    call.arguments.push_back({arg.name.text.str(), elaborateExpr(body, arg.value), arg.range});
    if (call.arguments.back().value.isPoison())
      return {};
  }
  if (!items.empty() && !builtin.takesBrackets) {
    body.diags.error(Code::BadStatics, range, "`" + builtin.name + "` takes nothing in brackets");
    return {};
  }
  return checkArguments(body, call) ? builtin.build(body, call) : Value();
}

} // namespace nnc
