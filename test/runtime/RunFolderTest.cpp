/// What a training leaves in its folder, however it ends, and who may write there.
#include "Harness.h"
#include "runtime/base/Error.h"
#include "runtime/session/Safetensors.h"
#include "runtime/train/Metrics.h"

#include <set>

namespace nnrt::test {

class RunFolder : public Programs {
protected:
  void SetUp() override { folder.write("points.csv", pointsCsv()); }
  std::string last() const { return folder.read("the run/last.safetensors"); }
  std::string stepOf(const std::string &name) const {
    return SafetensorsFile(folder.path("the run/" + name + ".safetensors"))
        .metadata()
        .at("nnc.step");
  }
  Result with(const std::string &environment, const std::string &args) const {
    return folder.run(environment + " '" POINTS "' " + args + " --run 'the run'");
  }
};

TEST_F(RunFolder, OptimiserStateThatIsNotFiniteIsNeverSaved) {
  // Four steps an epoch, and a validation after each.
  for (const char *args : {"train --n 3", "train --n 3 --save-every 1", "train --n 2"}) {
    ASSERT_EQ(folder.run("rm -rf 'the run'").code, 0);
    bool often = std::string(args).find("save") != std::string::npos;
    Result result = with("POINTS_SPOIL_AT=8", args);
    EXPECT_EQ(result.code, 4) << args << result.err;
    EXPECT_NE(result.err.find("error: step 8: optim.0.net.w.m is not finite since an earlier "
                              "update; the last checkpoint, of step "),
              std::string::npos)
        << result.err;
    EXPECT_EQ(stepOf("last"), often ? "7" : "4") << args;
    EXPECT_EQ(stepOf("best"), "4") << args;
    EXPECT_EQ(points("train --n 3 --resume").code, 0);
  }
}

TEST_F(RunFolder, AnInterruptSavesNothingThatIsNotFinite) {
  ASSERT_EQ(points("train --n 1").code, 0);
  std::string before = last();
  Result result = with("POINTS_STOP_AT=2 POINTS_SPOIL_AT=2", "train --n 3");
  EXPECT_EQ(result.code, 4) << result.err;
  EXPECT_EQ(before, last());
}

TEST_F(RunFolder, OneTrainingAtATime) {
  // The first one is held up by the reader of its output.
  Result result = folder.run(
      "mkfifo pipe; '" POINTS "' train --n 100000 --run 'the run' > pipe & pid=$!; exec 3< pipe; "
      "until [ -e 'the run/last.safetensors' ]; do sleep 0.05; done; "
      "'" POINTS "' train --run 'the run' > second 2>&1; echo $? > code; "
      "'" POINTS "' slow --resume --run 'the run' > third 2>&1; echo $? >> code; "
      "'" POINTS "' eval --run 'the run' > judged; echo $? >> code; "
      "echo $pid > pid; kill -9 $pid; wait $pid; ls 'the run' > left; "
      "'" POINTS "' train --n 1 --run 'the run' > fourth 2>&1; echo $? >> code");
  EXPECT_EQ(folder.read("code"), "6\n6\n0\n0\n") << folder.read("second");
  std::string pid = folder.read("pid");
  pid.pop_back();
  EXPECT_EQ(folder.read("second"), "error: the run: in use by another training (pid " + pid +
                                       "): wait for it, or give another --run\n");
  EXPECT_NE(folder.read("left").find("lock"), std::string::npos);
  EXPECT_FALSE(folder.exists("the run/lock"));
}

TEST_F(RunFolder, ATrainingThatDoesNotBeginLeavesNoFolder) {
  EXPECT_EQ(points("train --lr fast").code, 1);
  EXPECT_FALSE(folder.exists("the run"));
  ASSERT_EQ(folder.run("mkdir bin && echo > file").code, 0);
  Result result = folder.run("'" POINTS "' train --run file/r");
  EXPECT_EQ(result.code, 6);
  EXPECT_NE(result.err.find("cannot make the run folder"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("give another one with --run"), std::string::npos) << result.err;
}

TEST_F(RunFolder, ResumingWritesEachRecordOnce) {
  for (int limit : {1, 4, 6, 8}) {
    ASSERT_EQ(folder.run("rm -rf 'the run'").code, 0);
    ASSERT_EQ(with("POINTS_STOP_AT=" + std::to_string(limit), "train --n 3").code, 130);
    // What a kill may leave: records of steps that no checkpoint has, the last one in part.
    ASSERT_EQ(folder
                  .run("echo '{\"step\": 11, \"epoch\": 3}' >> 'the run/metrics.jsonl'; "
                       "printf '{\"step\": 12, \"ep' >> 'the run/metrics.jsonl'")
                  .code,
              0);
    ASSERT_EQ(points("train --n 3 --resume").code, 0);
    Result counts = folder.run("grep -c epoch 'the run/metrics.jsonl'; "
                               "grep -o '^{\"step\": [0-9]*, \"epoch' 'the run/metrics.jsonl' | "
                               "sort -u | wc -l; grep -c validation 'the run/metrics.jsonl'");
    EXPECT_EQ(counts.out, "12\n12\n3\n") << limit << folder.read("the run/metrics.jsonl");
  }
}

TEST_F(RunFolder, RecordsComeBeforeTheCheckpointThatHoldsTheirSteps) {
  // A checkpoint that cannot be written: its records are in the file already.
  ASSERT_EQ(folder.run("mkdir -p 'the run/last.safetensors.tmp'").code, 0);
  EXPECT_EQ(points("train --n 1 --save-every 3").code, 6);
  EXPECT_NE(folder.read("the run/metrics.jsonl").find("{\"step\": 3, "), std::string::npos);
}

TEST_F(RunFolder, ALaterBlockAddsItsRecords) {
  ASSERT_EQ(points("train --n 1").code, 0);
  ASSERT_EQ(points("slow").code, 0);
  Result counts = folder.run("grep -c epoch 'the run/metrics.jsonl'; "
                             "grep -c validation 'the run/metrics.jsonl'");
  EXPECT_EQ(counts.out, "9\n2\n") << folder.read("the run/metrics.jsonl");
}

TEST_F(RunFolder, ResumingKeepsTheSeedAndTheStepsDone) {
  ASSERT_EQ(points("train --n 2 --seed 3").code, 0);
  std::string before = last();
  Result seed = points("train --n 3 --resume --seed 4");
  EXPECT_EQ(seed.code, 1);
  EXPECT_NE(seed.err.find("--seed: expected 3, with which the checkpoint was trained, found 4"),
            std::string::npos)
      << seed.err;
  Result less = points("train --n 1 --resume");
  EXPECT_EQ(less.code, 1);
  EXPECT_NE(less.err.find("within the schedule's 4 steps to go on from, found step 8"),
            std::string::npos)
      << less.err;
  EXPECT_EQ(before, last());
  EXPECT_EQ(points("train --n 3 --resume --seed 3").code, 0);
  EXPECT_EQ(stepOf("last"), "12");
}

TEST_F(RunFolder, AFirstStepThatFailsSavesNothing) {
  ASSERT_EQ(points("train --n 1").code, 0);
  std::string before = last();
  std::string huge;
  for (int row = 0; row < 100; ++row)
    huge += "3e38,-3e38,3e38,-3e38,0\n";
  folder.write("points.csv", huge);
  for (int turn = 0; turn < 2; ++turn) {
    Result result = points("train --n 1");
    EXPECT_EQ(result.code, 4) << result.out;
    EXPECT_NE(result.err.find("; it is the first step, the run/last.safetensors is as it was"),
              std::string::npos)
        << result.err;
    EXPECT_EQ(before, last());
    EXPECT_EQ(before, folder.read("the run/previous.safetensors"));
  }
}

TEST_F(RunFolder, SignalsEndWhatHasNothingToSave) {
  for (const char *signal : {"INT", "TERM", "HUP"}) {
    // Reading from a pipe that nobody writes to.
    Result result = folder.run(std::string("rm -f pipe; mkfifo pipe; exec 4<> pipe; '" POINTS
                                           "' train --points pipe --run r & pid=$!; sleep 0.3; "
                                           "kill -") +
                               signal + " $pid; wait $pid");
    EXPECT_EQ(result.code, 130) << signal << result.err;
    EXPECT_EQ(result.err, "interrupted\n") << signal;
    EXPECT_FALSE(folder.exists("r/last.safetensors"));
  }
  Result ignored = folder.run("trap '' HUP; '" POINTS "' train --n 20000 --run r > /dev/null & "
                              "pid=$!; sleep 0.2; kill -HUP $pid; sleep 0.2; kill -0 $pid && "
                              "kill -TERM $pid; wait $pid");
  EXPECT_EQ(ignored.code, 130) << ignored.err;
}

TEST_F(RunFolder, OneRequestMayComeTwice) {
  // As from `timeout`, which signals the process and its group.
  Result result = folder.run("'" POINTS "' train --n 1000000 --run r > /dev/null & pid=$!; "
                             "until [ -e r/best.safetensors ]; do sleep 0.05; done; "
                             "kill -TERM $pid; kill -TERM $pid; wait $pid");
  EXPECT_EQ(result.code, 130);
  EXPECT_NE(result.err.find("saved in r/last.safetensors: go on with --resume"), std::string::npos)
      << result.err;
}

} // namespace nnrt::test
