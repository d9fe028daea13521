/// The parts that no command shows by themselves: the pool, vocabularies, pictures.
#include "runtime/base/Error.h"
#include "runtime/base/Threads.h"
#include "runtime/data/Vocabulary.h"
#include "runtime/session/Png.h"
#include "runtime/session/Show.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <thread>

namespace nnrt::test {

TEST(Threads, EveryTaskRunsOnce) {
  for (int threads : {1, 2, 4}) {
    nnrt_pool pool(threads, 64);
    nnrt_context context{nullptr, &pool, nullptr};
    for (int64_t tasks : {0, 1, 2, 3, 17, 1000}) {
      std::vector<std::atomic<int>> ran(size_t(tasks) + 1);
      void *args[] = {ran.data()};
      for (int round = 0; round < 50; ++round)
        nnrt_parallel(
            &context,
            [](void *const *args, int64_t t, void *scratch) {
              // The scratch is this thread's own.
              *static_cast<int64_t *>(scratch) = t;
              static_cast<std::atomic<int> *>(args[0])[t] += *static_cast<int64_t *>(scratch) == t;
            },
            args, tasks, 0);
      for (int64_t t = 0; t < tasks; ++t)
        EXPECT_EQ(ran[size_t(t)], 50) << threads << " threads, task " << t << " of " << tasks;
    }
  }
}

TEST(Threads, SleepingWorkersWake) {
  nnrt_pool pool(3, 64);
  nnrt_context context{nullptr, &pool, nullptr};
  std::atomic<int> count{0};
  void *args[] = {&count};
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    nnrt_parallel(
        &context,
        [](void *const *args, int64_t, void *) { ++*static_cast<std::atomic<int> *>(args[0]); },
        args, 100, 0);
  }
  EXPECT_EQ(count, 2000);
}

TEST(Threads, TasksTreatSubnormalNumbersAsTheCallerDoes) {
  nnrt_pool pool(3, 64);
  nnrt_context context{nullptr, &pool, nullptr};
  constexpr int64_t tasks = 500;
  std::vector<float> halves(tasks);
  float smallest = 1.17549435e-38f;
  void *args[] = {halves.data(), &smallest};
  auto run = [&] {
    nnrt_parallel(
        &context,
        [](void *const *args, int64_t t, void *) {
          volatile float x = *static_cast<float *>(args[1]);
          static_cast<float *>(args[0])[t] = x / 2;
        },
        args, tasks, 0);
    return size_t(std::count(halves.begin(), halves.end(), 0.0f));
  };
  volatile float x = smallest;
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(run(), 0u);
    {
      FlushSubnormals flush;
      EXPECT_EQ(run(), size_t(tasks));
    }
    EXPECT_GT(x / 2, 0); // The caller's own mode is back.
  }
}

TEST(Vocabulary, IdsByFrequency) {
  VocabDecl decl{"v", VocabKind::Characters, 8, {}};
  Vocabulary vocabulary(decl);
  vocabulary.learn("ccc bb aé");
  vocabulary.finish();
  EXPECT_EQ(vocabulary.dropped(), 2u); // " cb" found room, "a" and "é" did not
  std::vector<int32_t> ids;
  vocabulary.encode("cb a<mask>", ids, true);
  EXPECT_EQ(ids, (std::vector<int32_t>{5, 7, 6, Vocabulary::unk, Vocabulary::mask}));
  std::vector<int32_t> text = {Vocabulary::bos, 5, 7, Vocabulary::eos, 5, 0, 0};
  EXPECT_EQ(vocabulary.decode(text.data(), 7), "cb");
  std::vector<double> frequency = vocabulary.frequency();
  EXPECT_EQ(frequency.size(), 8u);
  EXPECT_DOUBLE_EQ(frequency[5], 3.0 / 9);
  EXPECT_DOUBLE_EQ(frequency[Vocabulary::unk], 2.0 / 9);
}

TEST(Vocabulary, ACheckpointSaysItsKindInWords) {
  for (VocabKind kind : {VocabKind::Characters, VocabKind::Words, VocabKind::Labels}) {
    VocabDecl decl{"v", kind, 8, {}};
    Vocabulary vocabulary(decl);
    vocabulary.learn("a");
    vocabulary.finish();
    EXPECT_EQ(vocabulary.serialize(),
              "{\"counts\":[0,0,0,0,0,1],\"kind\":\"" + std::string(wordOf(kind)) +
                  "\",\"tokens\":[\"<pad>\",\"<unk>\",\"<bos>\",\"<eos>\",\"<mask>\",\"a\"]}");
  }
}

TEST(Vocabulary, WordsAndTheirSpaces) {
  VocabDecl decl{"v", VocabKind::Words, 16, {}};
  Vocabulary vocabulary(decl);
  vocabulary.learn("The cat's here, the dog isn't.");
  vocabulary.finish();
  std::vector<int32_t> ids;
  vocabulary.encode("The  cat's here,\nthe dog isn't.", ids);
  EXPECT_EQ(ids.size(), 8u);
  EXPECT_EQ(vocabulary.decode(ids.data(), int64_t(ids.size())), "The cat's here, the dog isn't.");
}

TEST(Vocabulary, MalformedUtf8IsReplaced) {
  VocabDecl decl{"v", VocabKind::Characters, 16, {}};
  Vocabulary vocabulary(decl);
  vocabulary.learn("a\xff\xc3(");
  vocabulary.finish();
  Vocabulary copy(decl);
  copy.deserialize(vocabulary.serialize(), "f");
  std::vector<int32_t> ids;
  copy.encode("\xff", ids);
  EXPECT_EQ(copy.decode(ids.data(), 1), "\xEF\xBF\xBD");
}

TEST(Vocabulary, BytesHaveNoSpecials) {
  VocabDecl decl{"v", VocabKind::Bytes, 256, {}};
  Vocabulary vocabulary(decl);
  vocabulary.finish();
  std::vector<int32_t> ids;
  vocabulary.encode("\x03<mask>", ids, true);
  EXPECT_EQ(ids.size(), 7u);
  EXPECT_EQ(ids[0], 3);
  EXPECT_EQ(vocabulary.decode(ids.data(), 7), "\x03<mask>");
}

TEST(Vocabulary, BpeIsRefused) {
  VocabDecl decl{"v", VocabKind::Bpe, 256, {}};
  EXPECT_THROW(Vocabulary{decl}, Error);
}

TEST(Show, Numbers) {
  ShowDecl decl;
  float values[] = {0.1f, 1, -2.5f, 3e10f};
  EXPECT_EQ(toText({&decl, nullptr, DType::F32, {2, 2}, values}),
            "[[0.1, 1], [-2.5, 30000000000]]");
  EXPECT_EQ(toText({&decl, nullptr, DType::F32, {}, values}), "0.1");
  uint8_t flags[] = {1, 0};
  EXPECT_EQ(toText({&decl, nullptr, DType::Bool, {2}, flags}), "[true, false]");
}

TEST(Picture, TilesInANearSquareGrid) {
  std::vector<float> values(5 * 4 * 4, 2.0f);
  Picture picture = layOut({5, 4, 4}, DType::F32, values.data(), false);
  EXPECT_EQ(picture.width, 3 * 6 - 2);
  EXPECT_EQ(picture.height, 2 * 6 - 2);
  EXPECT_EQ(picture.pixels[0], 255);
  EXPECT_EQ(picture.pixels[4], 0x80);
  Picture colour = layOut({3, 4, 4}, DType::F32, values.data(), true);
  EXPECT_EQ(colour.channels, 3);
  EXPECT_EQ(colour.width, 4);
}

} // namespace nnrt::test
