/// Flags, help, typos and exit codes.
#include "runtime/commands/CommandLine.h"
#include "Harness.h"

namespace nnrt::test {

using CommandLine = Programs;

TEST_F(CommandLine, HelpEverywhere) {
  Result all = folder.run("'" POINTS "' --help");
  EXPECT_EQ(all.code, 0);
  for (const char *name : {"train", "slow", "eval", "classify", "info", "check-grad", "mock-data"})
    EXPECT_NE(all.out.find(name), std::string::npos) << name << all.out;
  Result train = folder.run("'" POINTS "' train --help");
  EXPECT_EQ(train.code, 0);
  for (const char *name : {"--lr", "learning rate", "--points", "--resume", "--threads", "--seed"})
    EXPECT_NE(train.out.find(name), std::string::npos) << name << train.out;
}

TEST_F(CommandLine, NoCommand) {
  Result result = folder.run("'" POINTS "'");
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.err.find("expected a command: train"), std::string::npos) << result.err;
}

TEST_F(CommandLine, MistypedCommand) {
  Result result = folder.run("'" POINTS "' trian");
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.err.find("unknown command 'trian', did you mean 'train'?"), std::string::npos)
      << result.err;
}

TEST_F(CommandLine, MistypedFlag) {
  Result result = points("train --thread 2");
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.err.find("unknown flag '--thread', did you mean '--threads'?"),
            std::string::npos)
      << result.err;
}

TEST_F(CommandLine, FlagsAreTyped) {
  folder.write("points.csv", pointsCsv());
  Result number = points("train --lr fast");
  EXPECT_EQ(number.code, 1);
  EXPECT_EQ(number.err, "error: --lr: expected a number, found 'fast'\n");
  Result integer = points("train --n 1.5");
  EXPECT_EQ(integer.code, 1);
  EXPECT_EQ(integer.err, "error: --n: expected an integer, found '1.5'\n");
  for (const char *text : {"2147483648", "nan", "0x10", "1_000", "+-5", "", "1e400"}) {
    Result bad = points(std::string("train --n '") + text + "'");
    EXPECT_EQ(bad.code, 1) << text;
    EXPECT_EQ(bad.err.find("error: --n: expected a"), 0u) << bad.err;
  }
  EXPECT_EQ(points("train --n ' +1e0 '").code, 0);
  EXPECT_EQ(points("train --n -2147483648").code, 0);
  EXPECT_EQ(points("train --n 1 --lr 1e-400").code, 0);
  EXPECT_EQ(points("train --lr 1e39").err,
            "error: --lr: expected a number in the range of f32, found '1e39'\n");
  Result missing = points("train --lr");
  EXPECT_EQ(missing.code, 1);
  Result threads = points("train --threads 0");
  EXPECT_EQ(threads.code, 1);
}

TEST_F(CommandLine, ARequiredFlag) {
  folder.write("points.csv", pointsCsv());
  ASSERT_EQ(points("train --n 1").code, 0);
  Result result = points("classify");
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.err, "error: --x: expected a value, found none\n");
}

TEST_F(CommandLine, FilesOfAnotherShape) {
  folder.write("points.csv", pointsCsv());
  ASSERT_EQ(points("train --n 1").code, 0);
  auto errorOf = [&](const std::string &content) {
    folder.write("x.csv", content);
    Result result = points("classify --x x.csv");
    EXPECT_NE(result.code, 0);
    return std::to_string(result.code) + " " + result.err;
  };
  EXPECT_EQ(errorOf("1,2,3\n"), "2 error: x.csv: --x: expected rows of [4], found 1 rows of 3\n");
  EXPECT_EQ(errorOf("1\n2\n3\n4\n"),
            "2 error: x.csv: --x: expected rows of [4], found 4 rows of 1\n");
  EXPECT_EQ(errorOf("1,2,3,4\n1,2,3\n"),
            "2 error: x.csv: line 2: expected 4 columns as in line 1, found 3\n");
  EXPECT_EQ(errorOf("1,2,3,4\n1,2,3,four\n"),
            "2 error: x.csv: line 2, column 3: --x: expected a number, found 'four'\n");
  EXPECT_EQ(errorOf("1,,3,4\n"),
            "2 error: x.csv: line 1, column 1: --x: expected a number, found ''\n");
  EXPECT_EQ(errorOf(""), "2 error: x.csv: --x: expected rows of [4], found 0 rows of 0\n");
  EXPECT_EQ(errorOf("\x93NUMPY\1"),
            "2 error: x.csv: NPY version: expected 1 bytes at offset 7, found 0\n");
  Result missing = points("classify --x nowhere.csv");
  EXPECT_EQ(missing.code, 2);
  EXPECT_EQ(missing.err, "error: nowhere.csv: --x: expected a file in the current folder, beside "
                         "the executable, in --data-dir or in $NN_DATA, found none\n");
  folder.write("x.png", "no picture");
  EXPECT_EQ(points("classify --x x.png").code, 2);
}

TEST_F(CommandLine, AMissingFile) {
  Result result = points("train");
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("points.csv: --points: expected a file"), std::string::npos)
      << result.err;
  EXPECT_EQ(points("train --points nowhere.csv").code, 2);
}

TEST_F(CommandLine, DataFolders) {
  ASSERT_EQ(folder.run("mkdir data").code, 0);
  folder.write("data/points.csv", pointsCsv());
  EXPECT_EQ(points("train --n 1 --data-dir data").code, 0);
  EXPECT_EQ(folder.run("NN_DATA=data '" POINTS "' train --n 1 --run r").code, 0);
  EXPECT_TRUE(folder.exists("r/last.safetensors"));
}

TEST_F(CommandLine, MistakesInTheProjectsWords) {
  folder.write("points.csv", pointsCsv());
  auto errorOf = [&](const std::string &args) {
    Result result = folder.run("'" POINTS "' " + args);
    EXPECT_EQ(result.code, 1) << args;
    return result.err;
  };
  EXPECT_EQ(errorOf("train --lr"), "error: --lr: expected a value, found none\n");
  EXPECT_EQ(errorOf("train --lr --n 3"), "error: --lr: expected a value, found the flag --n (write "
                                         "--lr=--n if it is meant)\n");
  EXPECT_EQ(errorOf("train --n 1 --n 2"), "error: --n: expected it once, found it twice\n");
  EXPECT_EQ(errorOf("train --threads two"), "error: --threads: expected an integer, found 'two'\n");
  EXPECT_EQ(errorOf("train --seed 1.5"), "error: --seed: expected an integer, found '1.5'\n");
  EXPECT_EQ(errorOf("train --resume=1"), "error: --resume: expected no value, found '1'\n");
  EXPECT_EQ(errorOf("train 5"), "error: train: expected a flag, found '5'\n");
  EXPECT_EQ(errorOf("train -lr 5"), "error: train: unknown flag '-lr', did you mean '--lr'?\n");
  EXPECT_EQ(errorOf("--n 5 train").substr(0, 57),
            "error: expected a command before the flags, found '--n': ");
  EXPECT_EQ(errorOf("mock-data --rows 0"), "error: --rows: expected at least 1, found 0\n");
  // A value may look like a flag that there is not, a list, or a negative number.
  EXPECT_EQ(errorOf("train --lr [1]"), "error: --lr: expected a number, found '[1]'\n");
  EXPECT_EQ(errorOf("train --lr --x"), "error: --lr: expected a number, found '--x'\n");
  EXPECT_EQ(points("train --n 1 --seed -1").code, 0);
}

TEST_F(CommandLine, FoundOnThePath) {
  folder.write("points.csv", pointsCsv());
  ASSERT_EQ(folder.run("mkdir bin && cp '" POINTS "' bin/fit").code, 0);
  EXPECT_EQ(folder.run("PATH=\"$PWD/bin:$PATH\"; fit train --n 1").code, 0);
  EXPECT_TRUE(folder.exists("bin/fit.run/last.safetensors"));
}

TEST_F(CommandLine, ACpuThatLacksInstructions) {
  folder.write("points.csv", pointsCsv());
  for (const char *command : {"train", "eval", "check-grad"}) {
    Result result = folder.run(std::string("'" OTHER_CPU "' ") + command);
    EXPECT_EQ(result.code, 7) << result.err;
    EXPECT_NE(result.err.find("error: compiled for any: expected a CPU with "), std::string::npos)
        << result.err;
    EXPECT_NE(result.err.find("found one without; compile with --mcpu=x86-64"), std::string::npos);
    EXPECT_EQ(result.err.find("sse3"), std::string::npos) << result.err;
  }
  for (const char *command : {"info", "--help", "train --help", "mock-data"})
    EXPECT_EQ(folder.run(std::string("'" OTHER_CPU "' ") + command).code, 0);
}

TEST(Nearest, ProposesOnlyWhatIsNear) {
  std::vector<std::string> words = {"train", "eval", "info"};
  EXPECT_EQ(nearest("tarin", words), "train");
  EXPECT_EQ(nearest("evl", words), "eval");
  EXPECT_EQ(nearest("completely", words), std::nullopt);
}

} // namespace nnrt::test
