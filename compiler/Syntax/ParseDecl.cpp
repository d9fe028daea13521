/// Declarations.

#include "compiler/Syntax/ParserImpl.h"
#include "llvm/ADT/StringSwitch.h"

using namespace nnc;
using namespace nnc::ast;

Decl *Parser::declaration() {
  switch (tok().kind) {
  case Tok::kw_import:
    return import();
  case Tok::kw_dim:
  case Tok::kw_const:
    return constants();
  case Tok::kw_vocab:
    return vocab();
  case Tok::kw_data:
    return data();
  case Tok::kw_fn:
  case Tok::kw_layer:
    return function();
  case Tok::kw_net:
  case Tok::kw_frozen:
    return net();
  case Tok::kw_objective:
    return objective();
  case Tok::kw_train:
    return train();
  case Tok::kw_entry:
    return entry();
  default:
    misplacedStatement();
    return nullptr;
  }
}

/// What stands at file level, but is no declaration.
void Parser::misplacedStatement() {
  const Token &found = tok();
  if (found.is(Tok::RightBrace) || found.is(Tok::RightParen) || found.is(Tok::RightBracket)) {
    stop(Code::UnmatchedBracket, found.range, "this `" + found.text + "` closes nothing");
    return;
  }
  llvm::StringRef help =
      llvm::StringSwitch<llvm::StringRef>(found.text)
          .Cases({"param", "running"}, "parameters are declared inside a `layer`")
          .Cases({"minimize", "maximize", "observe", "report"}, "write it inside an `objective`")
          .Case("show", "write it inside an `entry`")
          .Cases({"for", "every", "step"}, "write it inside a `train` block")
          .Cases({"def", "func", "function"}, "a function is declared with `fn`")
          .Cases({"class", "struct", "module", "model"},
                 "a model is a `layer`; `net` makes an instance of it")
          .Cases({"from", "include", "use"}, "another file is read with `import \"file.nn\"`")
          .Default("");
  if (found.is(Tok::Name) && peek().is(Tok::Equal))
    help = "at file level, a size is a `dim` and any other fixed number a `const`";
  if (isKeyword(found.kind) || found.is(Tok::Name)) {
    auto builder = stop(Code::StatementAtTopLevel, found.range,
                        "expected a declaration, found " + describe(found));
    if (help.empty())
      help = "a file consists of import, dim, const, vocab, data, fn, layer, net, objective, "
             "train and entry";
    builder.help(help);
    return;
  }
  fail("a declaration");
}

Decl *Parser::import() {
  take();
  auto *result = file.make<ImportDecl>();
  result->path = string(&result->pathRange);
  return result;
}

Decl *Parser::constants() {
  Token word = take();
  auto *result = file.make<ConstantsDecl>();
  result->isDim = word.is(Tok::kw_dim);
  commas([&] {
    Constant constant;
    llvm::SMLoc begin = tok().range.begin;
    // A reserved word is reported once, as the name that it was meant to be.
    if (isKeyword(tok().kind)) {
      constant.target = file.make<Target>(tok().range);
      constant.target->name = name(result->isDim ? "the name of a size" : "the name of a constant");
    } else if (at(Tok::Name)) {
      constant.target = toTarget(postfix());
    } else {
      fail(result->isDim ? "the name of a size" : "the name of a constant");
    }
    expect(Tok::Equal);
    constant.value = expr();
    constant.range = since(begin);
    result->constants.push_back(constant);
  });
  result->range = since(word);
  return result;
}

Source Parser::source() {
  Source result;
  llvm::SMLoc begin = tok().range.begin;
  result.reader = name("a source such as `csv(\"file.csv\")`");
  Token open = tok();
  if (expect(Tok::LeftParen))
    list(open, Tok::RightParen, [&] { result.args.push_back(arg()); }, /*mayBeEmpty=*/true);
  result.range = since(begin);
  return result;
}

Decl *Parser::vocab() {
  take();
  auto *result = file.make<VocabDecl>();
  result->name = name("the name of the vocabulary");
  Token open = tok();
  if (expect(Tok::LeftBracket)) {
    result->size = expr();
    close(open, Tok::RightBracket);
  }
  expect(Tok::Equal);
  result->source = source();
  return result;
}

Decl *Parser::data() {
  take();
  auto *result = file.make<DataDecl>();
  result->name = name("the name of the data set");
  if (!panic && !eatWord("from"))
    fail("`from` and a source");
  commas([&] { result->sources.push_back(source()); });
  braces([&] {
    Token start = tok();
    field(*result);
    endStatement(start);
  });
  return result;
}

void Parser::field(DataDecl &data) {
  Token start = tok();
  if (atWord("holdout") && !peek().is(Tok::Colon)) {
    take();
    if (data.holdoutRange.isValid())
      report(Code::DuplicateClause, start.range, "`holdout` stands twice")
          .label(data.holdoutRange, "the first one");
    commas([&] { data.holdout.push_back(expr()); });
    data.holdoutRange = since(start);
    return;
  }
  Field field;
  field.name = name("a field or `holdout`");
  field.type = requiredType(field.name);
  if (eat(Tok::Equal))
    field.value = expr();
  field.range = since(start);
  if (!panic)
    data.fields.push_back(field);
}

void Parser::parameters(bool &present, std::vector<Parameter> &params) {
  if (!at(Tok::LeftParen))
    return;
  Token open = take();
  present = true;
  list(open, Tok::RightParen, [&] { params.push_back(parameter()); }, /*mayBeEmpty=*/true);
}

Parameter Parser::parameter() {
  Parameter result;
  llvm::SMLoc begin = tok().range.begin;
  result.name = name("a parameter");
  result.type = requiredType(result.name);
  if (eat(Tok::Equal))
    result.init = expr();
  result.range = since(begin);
  return result;
}

/// NAME [statics] [params]
void Parser::signature(CallableDecl &decl) {
  decl.name = name("a name");
  if (at(Tok::LeftBracket)) {
    Token open = take();
    decl.hasStatics = true;
    auto one = [&] {
      Static result;
      llvm::SMLoc begin = tok().range.begin;
      result.name = name("the name of a static argument");
      if (eat(Tok::Equal))
        result.init = expr();
      result.range = since(begin);
      decl.statics.push_back(result);
    };
    list(open, Tok::RightBracket, one, /*mayBeEmpty=*/true);
  }
  parameters(decl.hasParams, decl.params);
}

Decl *Parser::function() {
  auto *result = file.make<FunctionDecl>();
  result->isLayer = take().is(Tok::kw_layer);
  signature(*result);
  if (eat(Tok::Arrow))
    result->result = type();
  if (at(Tok::LeftBrace) || (at(Tok::Newline) && peek().is(Tok::LeftBrace))) {
    result->body = block();
    return result;
  }
  result->expressionBody = true;
  if (!panic && !eat(Tok::Equal))
    fail("`{` or `=` and the body");
  auto *value = file.make<ExprStmt>();
  value->value = expr();
  value->range = value->value->range;
  result->body = file.make<Block>(value->range);
  result->body->statements.push_back(value);
  return result;
}

Decl *Parser::objective() {
  take();
  auto *result = file.make<ObjectiveDecl>();
  signature(*result);
  result->body = block();
  return result;
}

Decl *Parser::entry() {
  take();
  auto *result = file.make<EntryDecl>();
  signature(*result);
  result->body = block();
  return result;
}

Decl *Parser::net() {
  Token word = tok();
  auto *result = file.make<NetDecl>();
  result->frozen = eat(Tok::kw_frozen);
  expect(Tok::kw_net);
  result->name = name("the name of the net");
  if (!panic && !eat(Tok::Equal))
    fail("`=` and a layer");
  result->init = expr();
  if (eatWord("from")) {
    result->from = string(&result->fromRange);
    if (eatWord("at"))
      result->at = path("a net of the checkpoint");
  }
  result->range = since(word);
  return result;
}
