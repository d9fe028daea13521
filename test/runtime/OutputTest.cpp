/// What is put out: files that survive a failure, one file for all rows, streams that fail.
#include "runtime/base/Output.h"
#include "Harness.h"
#include "runtime/base/Error.h"
#include "runtime/base/Files.h"
#include "runtime/session/Png.h"
#include "runtime/session/Show.h"

#include <csignal>
#include <filesystem>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace nnrt::test {

namespace fs = std::filesystem;

class Outputs : public Programs {
protected:
  void SetUp() override {
    folder.write("points.csv", pointsCsv());
    ASSERT_EQ(points("train --n 1").code, 0);
    folder.write("x.csv", "9,1,1,1\n1,9,1,1\n1,1,9,1\n");
  }
};

TEST_F(Outputs, AFullStandardOutputIsAnError) {
  for (const char *command : {"info", "eval", "train --n 1", "classify --x x.csv", "mock-data",
                              "check-grad", "--help", "train --help"}) {
    Result result = points(std::string(command) + " > /dev/full");
    if (std::string(command).starts_with("--"))
      result = folder.run("'" POINTS "' --help > /dev/full");
    EXPECT_EQ(result.code, 6) << command;
    EXPECT_NE(result.err.find("standard output: cannot write"), std::string::npos)
        << command << result.err;
    Result closed = points(std::string(command) + " >&-");
    EXPECT_EQ(closed.code, 6) << command << closed.err;
  }
}

TEST_F(Outputs, AReaderThatGoesIsNoFault) {
  Result result = folder.run("{ '" POINTS "' info --run 'the run'; echo $? > code; } | head -c 1");
  EXPECT_EQ(result.err, "");
  std::string rows;
  for (int i = 0; i < 20000; ++i)
    rows += "1,2,3,4\n";
  folder.write("many.csv", rows);
  result = folder.run("{ '" POINTS "' classify --run 'the run' --x many.csv; echo $? > code; } | "
                      "head -1");
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(folder.read("code"), "6\n");
}

TEST_F(Outputs, ATrainingWhoseReaderGoesIsSaved) {
  ASSERT_EQ(folder.run("'" POINTS "' train --n 100000 --run r | head -1").code, 0);
  Result judged = folder.run("'" POINTS "' eval --run r");
  EXPECT_EQ(judged.code, 0) << judged.err;
}

TEST_F(Outputs, PrintedValuesOfAllRowsInOneFile) {
  Result result = points("classify --x x.csv --label l.txt");
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(folder.read("l.txt"), "0\n1\n2\n");
  EXPECT_NE(result.out.find("label: l.txt\n"), std::string::npos) << result.out;
  EXPECT_EQ(result.out.find("label: l.txt\n"), result.out.rfind("label: l.txt\n"));
  Result same = points("classify --x x.csv --label l.txt --p l.txt");
  EXPECT_EQ(same.code, 1);
  EXPECT_NE(same.err.find("expected another file than that of --label"), std::string::npos);
}

TEST(WriteFile, LeavesWhatWasThereWhenItFails) {
  Folder folder;
  folder.write("old", "old");
  std::string big(1 << 16, 'x');
  // A limit of the file size fails as a full disk does; a signal for it would end the test.
  Result result = folder.run("trap '' XFSZ; ulimit -f 8; head -c 65536 /dev/zero > probe");
  ASSERT_NE(result.code, 0);
  pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    rlimit limit{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      writeFile(folder.path("old"), {big});
    } catch (const Error &error) {
      _exit(int(error.code));
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 6);
  EXPECT_EQ(folder.read("old"), "old");
  EXPECT_EQ(folder.run("ls -A").out.find(".nn-"), std::string::npos);
}

TEST(WriteFile, KeepsLinksModesAndDevices) {
  Folder folder;
  ASSERT_EQ(folder
                .run("mkdir shared && echo old > shared/a && chmod 640 shared/a && "
                     "ln -s shared/a link && ln -s shared/new dangling && mkfifo pipe")
                .code,
            0);
  writeFile(folder.path("link"), {"one", "two"});
  EXPECT_TRUE(fs::is_symlink(folder.path("link")));
  EXPECT_EQ(folder.read("shared/a"), "onetwo");
  struct stat info = {};
  ASSERT_EQ(stat(folder.path("shared/a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
  writeFile(folder.path("dangling"), {"three"});
  EXPECT_TRUE(fs::is_symlink(folder.path("dangling")));
  EXPECT_EQ(folder.read("shared/new"), "three");
  std::thread reader([&] { folder.run("cat pipe > got"); });
  writeFile(folder.path("pipe"), {"through"});
  reader.join();
  EXPECT_EQ(folder.read("got"), "through");
  EXPECT_TRUE(fs::is_fifo(folder.path("pipe")));
  writeFile("/dev/null", {"x"});
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  for (auto write : {+[](const std::string &path) { writeFile(path, {"x"}); },
                     +[](const std::string &path) { writePng(path, {2, 2, 1, {0, 1, 2, 3}}); }}) {
    try {
      write("/dev/full");
      ADD_FAILURE() << "a full device took a file";
    } catch (const Error &error) {
      EXPECT_EQ(error.code, Exit::IO);
    }
    EXPECT_TRUE(fs::is_character_file("/dev/full"));
    EXPECT_THROW(write(folder.path("shared")), Error);
    EXPECT_TRUE(fs::is_directory(folder.path("shared")));
    EXPECT_THROW(write(folder.path("no/such/folder")), Error);
  }
}

TEST(Output, LiveLinesFitTheTerminal) {
  EXPECT_EQ(fitColumns("step 1  loss 2", 6), "step 1");
  EXPECT_EQ(fitColumns("step", 6), "step");
  EXPECT_EQ(fitColumns("verlüst", 5), "verlü");
  EXPECT_EQ(fitColumns("損失損失", 5), "損失");
}

TEST(Output, ColourIsWhatTheCompilerSaid) {
  std::vector<float> values(3 * 4 * 5, 0.5f);
  Picture planes = layOut({3, 4, 5}, DType::F32, values.data(), true);
  EXPECT_EQ(planes.channels, 3);
  EXPECT_EQ(planes.width, 5);
  Picture grey = layOut({3, 4, 5}, DType::F32, values.data(), false);
  EXPECT_EQ(grey.channels, 1);
  EXPECT_GT(grey.width, 5);
  EXPECT_THROW(layOut({0, 4, 5}, DType::F32, values.data(), false), Error);
}

TEST(Output, CsvOfTextAndOfPointsThatAreNowhere) {
  Folder folder;
  ShowDecl svg{"line", "line", ShowKind::Svg};
  std::vector<float> moves = {0, 0, 0, NAN, 1, 0, 1, 1, 1};
  writeShown({&svg, nullptr, DType::F32, {3, 3}, moves.data()}, folder.path("line.svg"));
  EXPECT_EQ(folder.read("line.svg").find("nan"), std::string::npos);
}

} // namespace nnrt::test
