/// The program constant: what JsonWriter writes is read back, and what the table does not allow is
/// an internal error with its path.
#include "Harness.h"
#include "runtime/contract/Json.h"
#include "runtime/program/Program.h"

namespace nnrt::test {

namespace {

Tensor tensor(const std::string &name, DType dtype = DType::F32, Shape shape = {}) {
  return {name, dtype, std::move(shape)};
}

/// A program with a record of every kind, and every optional field somewhere.
ProgramConstant example() {
  ProgramConstant made;
  made.version = constantVersion;
  made.name = "a \"program\"\n\x01 é";
  made.arena = uint64_t(1) << 40;
  made.instructions = {"avx2", "fma"};
  made.params = {{tensor("w", DType::F32, {2, 3}), VariableRole::Parameter, "net",
                  Origin{"w.st", "a.w", "net"}}};
  made.states = {{tensor("m"), VariableRole::Running, "net", {}},
                 {tensor("v"), VariableRole::Optimizer, "", {}}};
  made.vocabs = {{"word", VocabKind::Words, 40, {{SourceKind::Csv, "a.csv", "word", 2, "city"}}}};
  DataDecl data{"points", {{SourceKind::Csv, {{"", "a.csv", "points"}}}}, 0.1, {}, {}};
  data.fields.push_back({.name = "text",
                         .dtype = DType::I32,
                         .shape = {8},
                         .kind = FieldKind::Text,
                         .vocab = "word",
                         .transform = Transform::Framed,
                         .inputs = {{InputKind::Header, "city"}}});
  data.fields.push_back({.name = "label",
                         .dtype = DType::I32,
                         .bound = 10,
                         .function = "load.points.label",
                         .direct = true,
                         .inputs = {{InputKind::Columns, "columns", 3, 4}}});
  made.data = {data};
  Statement step{.op = StatementOp::Step,
                 .objective = "nll",
                 .over = {"net"},
                 .gradient = "grad.0",
                 .update = "update.0",
                 .accumulate = 4};
  Statement validate{.op = StatementOp::Validate, .objective = "nll", .rows = Count{2000, ""}};
  Statement run{.op = StatementOp::Run,
                .entry = "classify",
                .args = {{"a", 1.0}, {"b", int64_t(-1)}, {"c", true}, {"d", "text"}}};
  Statement every{.op = StatementOp::Every,
                  .count = {1, ""},
                  .unit = CountUnit::Epochs,
                  .body = {validate, run}};
  Statement repeat{.op = StatementOp::Repeat, .count = {2, ""}, .body = {step}};
  Statement loop{.op = StatementOp::For,
                 .count = {0, "n"},
                 .unit = CountUnit::Epochs,
                 .data = BatchOf{"points", 64},
                 .body = {repeat, every}};
  FlagDecl flag;
  static_cast<Tensor &>(flag) = tensor("n", DType::I32);
  flag.preset = Scalar(1e-3);
  flag.bound = 7;
  made.commands = {{"train", {flag}, {loop}}};
  made.objectives = {
      {"nll",
       "points",
       true,
       Evaluation{64, "eval.nll", "eval.nll.1", "eval.nll.finish"},
       {{64, "grad.0", "nll", true, {"w"}, {{EstimatorKind::ScoreAlone, "grad.0.plain"}}}}}};
  EntryRows rows;
  rows.set = "points";
  rows.rows = 1;
  rows.every = true;
  made.entries = {{"classify",
                   "doc",
                   "entry.classify",
                   {flag},
                   rows,
                   "x",
                   {{"label", "label.npy", ShowKind::Npy, true, true, "word"}}}};
  Arg statistic;
  static_cast<Tensor &>(statistic) = tensor("max.0");
  statistic.kind = ArgKind::Statistic;
  statistic.combiner = Combiner::LogSumExp;
  made.functions = {{"eval.nll", {statistic}, {{"too large", 12}}}, {"grad.0", {}, {}}};
  return made;
}

std::string errorOf(std::string text, const std::string &from, const std::string &to) {
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  text.replace(at, from.size(), to);
  try {
    parseProgram(text.c_str());
  } catch (const Error &error) {
    EXPECT_EQ(error.code, Exit::Internal);
    return error.what();
  }
  return "no error";
}

} // namespace

TEST(Constant, WhatIsWrittenIsRead) {
  ProgramConstant written = example();
  ProgramConstant read = parseProgram(JsonWriter::write(written).c_str());
  // The reader numbers functions, and statements in the order of their text.
  const Statement &loop = read.commands[0].body[0];
  EXPECT_EQ(loop.index, 0u);
  EXPECT_EQ(loop.body[0].body[0].index, 2u);
  EXPECT_EQ(loop.body[1].body[1].index, 5u);
  EXPECT_EQ(read.functions[1].index, 1u);
  EXPECT_EQ(JsonWriter::write(read), JsonWriter::write(written));
  Statement &made = written.commands[0].body[0];
  made.body[0].index = 1, made.body[0].body[0].index = 2;
  made.body[1].index = 3, made.body[1].body[0].index = 4, made.body[1].body[1].index = 5;
  written.functions[1].index = 1;
  EXPECT_TRUE(read == written);
}

TEST(Constant, EveryWordIsReadAsItself) {
  auto check = [](auto value) {
    using Enum = decltype(value);
    for (Enum each : allOf<Enum>)
      EXPECT_EQ(enumOf<Enum>(wordOf(each)), each) << wordOf(each);
    EXPECT_EQ(enumOf<Enum>("no such word"), std::nullopt);
  };
#define ENUM(Name, meaning) check(Name());
#define END_ENUM(Name)
#include "runtime/contract/program.def"
}

TEST(Constant, WhatIsWrongIsSaidWithItsPath) {
  const std::string text = JsonWriter::write(example());
  auto error = [&](const std::string &from, const std::string &to) {
    return errorOf(text, from, to);
  };
  EXPECT_EQ(
      error(R"("unit":"epochs")", R"("unit":"weeks")"),
      "program constant: commands[0].body[0].unit: expected one of steps, epochs, found \"weeks\"");
  EXPECT_EQ(error(R"("kind":"statistic")", R"("kind":"number")").substr(0, 70),
            "program constant: functions[0].args[0].kind: expected one of param, st");
  EXPECT_EQ(
      error(R"("accumulate":4)", R"("accumulates":4)"),
      "program constant: commands[0].body[0].body[0].body[0]: expected one of op, objective, over, "
      "gradient, update, accumulate, found a field 'accumulates'");
  EXPECT_EQ(error(R"("gradient":"grad.0",)", ""),
            "program constant: commands[0].body[0].body[0].body[0]: expected a field 'gradient', "
            "found none");
  // A field of other statements.
  EXPECT_EQ(error(R"("op":"repeat")", R"("op":"repeat","unit":"steps")"),
            "program constant: commands[0].body[0].body[0]: expected one of op, count, body, found "
            "a field "
            "'unit'");
  EXPECT_EQ(error(R"("size":40)", R"("size":"40")"),
            "program constant: vocabs[0].size: expected an integer, found \"40\"");
  EXPECT_EQ(error(R"("net":"net")", R"("net":null)"),
            "program constant: params[0].net: expected a text, found null");
  EXPECT_EQ(error(R"("version":2)", R"("version":1)"),
            "program constant: version: expected 2, found 1");
  EXPECT_EQ(error("{", "["), "program constant: expected a JSON object, found another text");
  EXPECT_EQ(error(R"("inputs":[{"kind":"header","name":"city"}])", R"("inputs":[])"),
            "program constant: data[0].fields[0].inputs: expected one of a text, found 0");
}

TEST(Constant, LaunchesAreReadByTheSameTable) {
  LaunchTable table;
  table.kernels = {{"relu", "rw", {64, 64}, true}};
  table.launches = {{0, "mlp.nn:14"}};
  EXPECT_TRUE(parseLaunches(JsonWriter::write(table).c_str()) == table);
  table.launches.push_back({1, ""});
  try {
    parseLaunches(JsonWriter::write(table).c_str());
    FAIL() << "a launch of no kernel";
  } catch (const Error &error) {
    EXPECT_EQ(error.code, Exit::Internal);
    EXPECT_STREQ(error.what(),
                 "program constant: nn_launches.launches[1].kernel: expected one of 1 "
                 "kernels, found 1");
  }
}

TEST_F(Programs, AWrongConstantIsAnInternalError) {
  for (const char *command : {"train", "--help", "info"}) {
    Result result = folder.run(std::string("'" WRONG_CONSTANT "' ") + command);
    EXPECT_EQ(result.code, 8);
    EXPECT_EQ(result.err,
              "internal error: program constant: commands[0].body[0].unit: expected one of steps, "
              "epochs, found \"weeks\"\n");
  }
}

} // namespace nnrt::test
