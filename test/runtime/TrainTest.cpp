/// Training, resuming, judging and entries, end to end.
#include "Harness.h"

namespace nnrt::test {

class Train : public Programs {
protected:
  void SetUp() override { folder.write("points.csv", pointsCsv()); }
  std::string last() const { return folder.read("the run/last.safetensors"); }
};

TEST_F(Train, LearnsAndSaysWhatItDoes) {
  Result result = points("train --n 20");
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("seed=0"), std::string::npos);
  EXPECT_NE(result.out.find("lr=0.1 n=20"), std::string::npos);
  EXPECT_NE(result.out.find("data points[16]: 75 rows, 25 held out, 4 batches per epoch"),
            std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("parameters: 15"), std::string::npos);
  EXPECT_NE(result.out.find("memory: "), std::string::npos);
  EXPECT_NE(result.out.find("step 80  validation: nll="), std::string::npos) << result.out;
  Result judged = points("eval");
  ASSERT_EQ(judged.code, 0) << judged.err;
  EXPECT_NE(judged.out.find("nll.accuracy=1\n"), std::string::npos) << judged.out;
}

TEST_F(Train, EvalWeighsByRowsAndPrintsAsTheFinalValidation) {
  Result result = points("train --n 1");
  ASSERT_EQ(result.code, 0) << result.err;
  Result judged = points("eval");
  std::string line = judged.out;
  line[line.find('\n')] = ' ';
  EXPECT_NE(result.out.find("\nvalidation: " + line), std::string::npos)
      << result.out << judged.out;
}

TEST_F(Train, EachRowIsTrainedOnOrJudged) {
  const std::string csv = folder.read("points.csv");
  auto outcome = [&] { // parameters after an epoch, and the judgement of other parameters
    EXPECT_EQ(folder.run("'" POINTS "' train --n 1 --run other").code, 0);
    std::string file = folder.read("other/last.safetensors");
    constexpr size_t bytes = (12 + 3 + 4 + 12 + 3) * sizeof(float);
    return std::pair(file.substr(file.size() - bytes), points("eval").out);
  };
  ASSERT_EQ(points("train --n 1").code, 0);
  const auto before = outcome();
  int trained = 0, judged = 0, both = 0;
  for (size_t row = csv.find('\n'); row + 1 < csv.size(); row = csv.find('\n', row + 1)) {
    std::string changed = csv;
    changed[row + 1] ^= 1; // the first digit
    folder.write("points.csv", changed);
    const auto after = outcome();
    trained += after.first != before.first;
    judged += after.second != before.second;
    both += after.first != before.first && after.second != before.second;
  }
  EXPECT_EQ(trained, 64); // of 75, in batches of 16
  EXPECT_EQ(judged, 25);
  EXPECT_EQ(both, 0);
}

TEST_F(Train, MetricsBeginWithTheConfiguration) {
  ASSERT_EQ(points("train --n 2 --seed 7").code, 0);
  std::string metrics = folder.read("the run/metrics.jsonl");
  std::string first = metrics.substr(0, metrics.find('\n'));
  EXPECT_NE(first.find("\"seed\":7"), std::string::npos) << first;
  EXPECT_NE(first.find("\"n\":\"2\""), std::string::npos) << first;
  EXPECT_NE(metrics.find("{\"step\": 1, \"epoch\": 1, \"nll\": "), std::string::npos) << metrics;
  EXPECT_NE(metrics.find("\"validation\": {\"nll\": "), std::string::npos) << metrics;
}

TEST_F(Train, ThreadsDoNotChangeTheResult) {
  ASSERT_EQ(points("train --threads 1").code, 0);
  std::string one = last();
  ASSERT_EQ(points("train --threads 3").code, 0);
  EXPECT_EQ(one, last());
}

TEST_F(Train, SeedsDiffer) {
  ASSERT_EQ(points("train --seed 1").code, 0);
  std::string one = last();
  ASSERT_EQ(points("train --seed 2").code, 0);
  EXPECT_NE(one, last());
}

TEST_F(Train, AnInterruptSavesAndResumeIsBitExact) {
  ASSERT_EQ(points("train --n 3").code, 0);
  std::string whole = last();
  for (int limit : {1, 3, 4, 5, 9, 11}) {
    Result stopped = folder.run("POINTS_STOP_AT=" + std::to_string(limit) +
                                " '" POINTS "' train --n 3 --run 'the run'");
    ASSERT_EQ(stopped.code, 130) << stopped.err;
    EXPECT_NE(stopped.err.find("after step " + std::to_string(limit) + ";"), std::string::npos)
        << stopped.err;
    ASSERT_NE(whole, last());
    Result resumed = points("train --n 3 --resume");
    ASSERT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_EQ(whole, last()) << "stopped after step " << limit;
  }
}

TEST_F(Train, AccumulatedBatchesResumeBitExactly) {
  ASSERT_EQ(points("train --n 1").code, 0);
  ASSERT_EQ(folder.run("cp -r 'the run' start").code, 0);
  ASSERT_EQ(points("slow").code, 0);
  std::string whole = last();
  ASSERT_EQ(folder.run("rm -r 'the run' && cp -r start 'the run'").code, 0);
  ASSERT_EQ(folder.run("POINTS_STOP_AT=2 '" POINTS "' slow --run 'the run'").code, 130);
  ASSERT_EQ(points("slow --resume").code, 0);
  EXPECT_EQ(whole, last());
}

TEST_F(Train, ResumeWithoutCheckpoint) {
  Result result = points("train --resume");
  EXPECT_EQ(result.code, 3);
  EXPECT_NE(result.err.find("expected a checkpoint, found none"), std::string::npos) << result.err;
}

TEST_F(Train, KeepsThePreviousCheckpoint) {
  ASSERT_EQ(points("train --seed 1").code, 0);
  std::string one = last();
  ASSERT_EQ(points("train --seed 2").code, 0);
  EXPECT_EQ(one, folder.read("the run/previous.safetensors"));
  EXPECT_TRUE(folder.exists("the run/best.safetensors"));
}

TEST_F(Train, ALaterBlockGoesOnFromTheFirst) {
  ASSERT_EQ(points("train --n 3").code, 0);
  Result result = points("slow");
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("step 17"), std::string::npos) << result.out;
}

TEST_F(Train, AFullDiskLeavesTheOldCheckpoint) {
  ASSERT_EQ(points("train --n 1").code, 0);
  std::string before = last();
  // A file size limit makes the next write fail as a full disk would.
  Result result = folder.run("trap '' XFSZ; ulimit -f 1; '" POINTS
                             "' train --n 1 --seed 5 --run 'the run' --log-every 1000");
  EXPECT_EQ(result.code, 6) << result.err;
  EXPECT_NE(result.err.find("error: "), std::string::npos) << result.err;
  EXPECT_EQ(before, last());
}

TEST_F(Train, AKilledSaveLeavesTheOldCheckpoint) {
  ASSERT_EQ(points("train --n 1").code, 0);
  // What a kill between writing and renaming leaves behind.
  folder.write("the run/last.safetensors.tmp", "half a checkpoint");
  EXPECT_EQ(points("eval").code, 0);
  EXPECT_EQ(points("train --n 1 --resume").code, 0);
  EXPECT_FALSE(folder.exists("the run/last.safetensors.tmp"));
}

TEST_F(Train, TheRunFolderNeverHoldsAnInput) {
  ASSERT_EQ(folder.run("mkdir 'the run' && cp points.csv 'the run/metrics.jsonl'").code, 0);
  Result result = points("train --points 'the run/metrics.jsonl'");
  EXPECT_EQ(result.code, 6);
  EXPECT_EQ(folder.read("the run/metrics.jsonl"), pointsCsv());
}

TEST_F(Train, EntriesRepeatOverTheRowsOfAFile) {
  ASSERT_EQ(points("train --n 20").code, 0);
  folder.write("x.csv", "9,1,1,1\n1,9,1,1\n1,1,9,1\n");
  Result result = points("classify --x x.csv");
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out.find("label=0\np="), 0u) << result.out;
  EXPECT_NE(result.out.find("label=1\n"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("label=2\n"), std::string::npos) << result.out;
  Result json = points("classify --x x.csv --json");
  EXPECT_EQ(json.out.find("{\"label\":0,\"p\":["), 0u) << json.out;
}

TEST_F(Train, AFailedAssertionHasItsLine) {
  ASSERT_EQ(points("train --n 1").code, 0);
  folder.write("x.csv", "-1,1,1,1\n");
  Result result = points("classify --x x.csv");
  EXPECT_EQ(result.code, 5);
  EXPECT_EQ(result.err, "error: line 7: assertion failed: x must not be negative\n");
}

TEST_F(Train, AnEntryNeedsACheckpoint) {
  folder.write("x.csv", "1,1,1,1\n");
  EXPECT_EQ(points("classify --x x.csv").code, 3);
}

TEST_F(Train, GradientsAreChecked) {
  Result wide = run(POINTS_F64, "check-grad");
  EXPECT_EQ(wide.code, 0) << wide.out << wide.err;
  EXPECT_NE(wide.out.find("net.w"), std::string::npos) << wide.out;
  Result narrow = points("check-grad");
  EXPECT_EQ(narrow.code, 0) << narrow.out << narrow.err;
  Result wrong = folder.run("POINTS_WRONG_GRADIENT=1 '" POINTS_F64 "' check-grad");
  EXPECT_EQ(wrong.code, 5) << wrong.out;
  EXPECT_NE(wrong.out.find("WRONG"), std::string::npos) << wrong.out;
}

TEST_F(Train, AGradientAtACornerLiesBetweenTheSlopes) {
  for (const std::string program : {POINTS, POINTS_F64}) {
    auto check = [&](const std::string &settings) {
      return folder.run(settings + " '" + program + "' check-grad");
    };
    for (const char *between : {"0", "1", "0.25"}) {
      Result good = check("POINTS_CORNER=" + std::string(between) + " POINTS_ABOVE=1");
      EXPECT_EQ(good.code, 0) << good.out << good.err;
      EXPECT_NE(good.out.find("ok, kink (1 of 3)"), std::string::npos) << good.out;
    }
    for (const char *wrong :
         {"POINTS_CORNER=1.2 POINTS_ABOVE=1", "POINTS_CORNER=-0.2 POINTS_ABOVE=1",
          "POINTS_CORNER=0 POINTS_ABOVE=0.8"}) {
      Result bad = check(wrong);
      EXPECT_EQ(bad.code, 5) << bad.out;
      EXPECT_NE(bad.out.find("WRONG"), std::string::npos) << bad.out;
    }
  }
}

TEST_F(Train, JsonEverywhere) {
  Result trained = points("train --n 2 --json");
  ASSERT_EQ(trained.code, 0) << trained.err;
  std::string commands[] = {"eval --json", "check-grad --json", "grad-variance --json --samples 3"};
  std::string out = trained.out;
  for (const std::string &command : commands) {
    Result result = points(command);
    EXPECT_EQ(result.code, 0) << result.err;
    out += result.out;
  }
  EXPECT_NE(out.find("\"validation\": {\"nll\": "), std::string::npos) << out;
  EXPECT_NE(out.find("{\"nll\": "), std::string::npos) << out;
  EXPECT_NE(out.find("\"parameter\":\"net.w\""), std::string::npos) << out;
  size_t lines = 0;
  for (size_t at = 0; at < out.size(); at = out.find('\n', at) + 1, ++lines)
    EXPECT_EQ(out[at], '{') << out.substr(at, 80);
  EXPECT_GT(lines, 8u);
  EXPECT_EQ(points("check-grad --resume --checkpoint nowhere").code, 3);
  EXPECT_EQ(points("grad-variance --checkpoint nowhere").code, 3);
}

TEST_F(Train, InfoListsParameters) {
  Result result = points("info");
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("net.w"), std::string::npos);
  EXPECT_NE(result.out.find("[4, 3]"), std::string::npos);
  EXPECT_NE(result.out.find("optim.0.net.w.m"), std::string::npos);
  EXPECT_NE(result.out.find("grad.0"), std::string::npos);
}

TEST_F(Train, MockDataTrains) {
  ASSERT_EQ(folder.run("rm points.csv").code, 0);
  Result made = points("mock-data --rows 64");
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(points("train --n 1").code, 0);
  Result again = points("mock-data --rows 64");
  EXPECT_NE(again.out.find("exists, left as it is"), std::string::npos) << again.out;
}

class Text : public Programs {
protected:
  void SetUp() override {
    std::string text;
    for (int i = 0; i < 60; ++i)
      text += "abcdefgh ";
    folder.write("book.txt", text);
    std::string pixels, labels;
    for (int i = 0; i < 18; ++i) {
      pixels += std::string(4, char(i * 10));
      labels += char(i % 9);
    }
    folder.writeGz("images.gz", idx({18, 2, 2}, pixels));
    folder.writeGz("labels.gz", idx({18}, labels));
    folder.writeGz("test-images.gz", idx({6, 2, 2}, pixels.substr(0, 24)));
    folder.writeGz("test-labels.gz", idx({6}, labels.substr(0, 6)));
  }
};

/// The first value that `eval` prints.
double lossOf(const Result &result) {
  EXPECT_EQ(result.code, 0) << result.err;
  size_t at = result.out.find('=');
  EXPECT_NE(at, std::string::npos) << result.out;
  return at == std::string::npos ? 0 : std::strtod(result.out.c_str() + at + 1, nullptr);
}

TEST_F(Text, GeneratesWhatItRead) {
  Result result = letters("train");
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("data prose[4]: 478 rows, 6 held out"), std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("abcdefgh"), std::string::npos) << result.out;
  // Generation needs no data file.
  ASSERT_EQ(folder.run("rm book.txt").code, 0);
  Result entry = letters("generate --prompt cd");
  ASSERT_EQ(entry.code, 0) << entry.err;
  EXPECT_EQ(entry.out.find("cdefgh a\nfrequency=0.11"), 0u) << entry.out;
}

TEST_F(Text, TheEndIsHeldOut) {
  ASSERT_EQ(letters("train").code, 0);
  auto parameters = [&] { // behind the header, which has the loss that was validated
    std::string file = folder.read("the run/last.safetensors");
    return file.substr(file.size() - (4 + 32 * 32) * sizeof(float));
  };
  std::string learned = parameters();
  double familiar = lossOf(letters("eval"));
  // Another end of the same letters: training does not see it, evaluation does.
  std::string text;
  for (int i = 0; i < 60; ++i)
    text += i < 54 ? "abcdefgh " : "hgfedcba ";
  folder.write("book.txt", text);
  EXPECT_GT(lossOf(letters("eval")), familiar + 1);
  ASSERT_EQ(letters("train").code, 0);
  EXPECT_TRUE(parameters() == learned) << "training read what is held out";
}

TEST_F(Text, PromptsAreChecked) {
  ASSERT_EQ(letters("train").code, 0);
  Result empty = letters("generate --prompt ''");
  EXPECT_EQ(empty.code, 5);
  EXPECT_NE(empty.err.find("line 42: assertion failed: the prompt is empty"), std::string::npos);
  Result lengthy = letters("generate --prompt abcdefghi");
  EXPECT_EQ(lengthy.code, 1);
  EXPECT_NE(lengthy.err.find("--prompt: expected at most 8 tokens, found 9"), std::string::npos);
}

TEST_F(Text, TheVocabularyFollowsTheDataFlag) {
  ASSERT_EQ(folder.run("mv book.txt other.txt").code, 0);
  Result result = letters("train --prose other.txt");
  EXPECT_EQ(result.code, 0) << result.err;
}

TEST_F(Text, PicturesFromHeldOutRows) {
  ASSERT_EQ(letters("train").code, 0);
  Result painted = letters("paint");
  ASSERT_EQ(painted.code, 0) << painted.err;
  EXPECT_TRUE(folder.exists("the run/samples/grid-000068.png")) << painted.out;
  ASSERT_EQ(letters("look --grid seen.png").code, 0);
  EXPECT_EQ(folder.read("seen.png").substr(1, 3), "PNG");
}

TEST_F(Text, AnOutputIsNeverAnInput) {
  ASSERT_EQ(letters("train").code, 0);
  std::string before = folder.read("test-images.gz");
  Result result = letters("look --grid test-images.gz");
  EXPECT_EQ(result.code, 6);
  EXPECT_EQ(before, folder.read("test-images.gz"));
}

TEST_F(Text, NotANumberStopsWithGoodParameters) {
  folder.writeGz("labels.gz", idx({18}, std::string(18, 9)));
  Result result = letters("train");
  ASSERT_EQ(result.code, 0) << result.err;
  std::string before = folder.read("the run/last.safetensors");
  Result bad = letters("paint");
  EXPECT_EQ(bad.code, 4);
  EXPECT_NE(bad.err.find("step 61: mse: expected a finite number, found nan"), std::string::npos)
      << bad.err;
  std::string after = folder.read("the run/last.safetensors");
  EXPECT_EQ(before.substr(before.size() - 4112), after.substr(after.size() - 4112));
}

} // namespace nnrt::test
