/// Flags, help, typos and exit codes.
#include "runtime/CommandLine.h"
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

TEST(Nearest, ProposesOnlyWhatIsNear) {
  std::vector<std::string> words = {"train", "eval", "info"};
  EXPECT_EQ(nearest("tarin", words), "train");
  EXPECT_EQ(nearest("evl", words), "eval");
  EXPECT_EQ(nearest("completely", words), std::nullopt);
}

} // namespace nnrt::test
