/// One rule for all readers: a value is looked at in the file's own type, first lines are not
/// guessed away, and large files are read where they are wanted.
#include "Harness.h"
#include "runtime/data/Tables.h"

#include <cmath>
#include <filesystem>
#include <limits>
#include <random>

namespace nnrt::test {

namespace {

std::string npy(const std::string &descr, const std::string &shape, const std::string &data) {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  return std::string("\x93NUMPY\x01\x00", 8) + char(header.size()) + '\0' + header + data;
}

template <typename T> std::string bytesOf(std::vector<T> values) {
  return {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)};
}

template <typename Call> std::string errorOf(Call call) {
  try {
    call();
  } catch (const Error &error) {
    return std::to_string(int(error.code)) + " " + error.what();
  }
  return "no error";
}

template <typename From> RawRows rowOf(const std::string &descr, std::vector<From> values) {
  return parseNpy(npy(descr, "(1, " + std::to_string(values.size()) + ")", bytesOf(values)), "f");
}

/// What reading the only value of a file says.
template <typename From>
std::string read(const std::string &descr, From value, const Target &target) {
  char out[8];
  return errorOf([&] { rowOf(descr, std::vector{value}).read(0, 0, 1, target, out); });
}

} // namespace

TEST(Narrowing, AValueIsCheckedInItsOwnType) {
  Target index(DType::I32, 5, "y");
  EXPECT_EQ(read<int64_t>("<i8", (int64_t(1) << 32) + 3, index),
            "2 f: y: row 0: expected an index in [0, 5), found 4294967299");
  EXPECT_EQ(read<double>("<f8", NAN, index),
            "2 f: y: row 0: expected an index in [0, 5), found nan");
  EXPECT_EQ(read<float>("<f4", 2.7f, index),
            "2 f: y: row 0: expected an index in [0, 5), found 2.7");
  EXPECT_EQ(read<float>("<f4", -0.5f, index),
            "2 f: y: row 0: expected an index in [0, 5), found -0.5");
  EXPECT_EQ(read<uint64_t>("<u8", (uint64_t(1) << 63) + 1, index),
            "2 f: y: row 0: expected an index in [0, 5), found 9223372036854775809");
  EXPECT_EQ(read<int64_t>("<i8", std::numeric_limits<int64_t>::min(), index),
            "2 f: y: row 0: expected an index in [0, 5), found -9223372036854775808");
  EXPECT_EQ(read<double>("<f8", 4.0, index), "no error");
  for (double value : {2147483648.0, -2147483649.0, 0.5, HUGE_VAL})
    EXPECT_NE(read<double>("<f8", value, DType::I32), "no error") << value;
  for (double value : {2147483647.0, -2147483648.0})
    EXPECT_EQ(read<double>("<f8", value, DType::I32), "no error") << value;
  EXPECT_EQ(read<int64_t>("<i8", (int64_t(1) << 40) + 7, DType::I32),
            "2 f: row 0: expected an integer from -2147483648 to 2147483647, found "
            "1099511627783");
}

TEST(Narrowing, TruthValuesAreZeroOrOne) {
  for (int value : {256, 2, -1})
    EXPECT_EQ(read<int32_t>("<i4", value, DType::Bool),
              "2 f: row 0: expected 0 or 1, found " + std::to_string(value));
  EXPECT_NE(read<double>("<f8", 0.5, DType::Bool), "no error");
  EXPECT_NE(read<double>("<f8", NAN, DType::Bool), "no error");
  EXPECT_EQ(read<double>("<f8", 1, DType::Bool), "no error");
}

TEST(Narrowing, RealNumbersKeepTheirRange) {
  EXPECT_EQ(read<double>("<f8", 1e300, DType::F32),
            "2 f: row 0: expected a number in the range of f32, found 1e+300");
  for (double value : {1e-300, HUGE_VAL, double(NAN), 0.1})
    EXPECT_EQ(read<double>("<f8", value, DType::F32), "no error");
  Target exact(DType::F32);
  exact.exact = true;
  EXPECT_EQ(read<int32_t>("<i4", 16777217, exact),
            "2 f: row 0: expected an integer that f32 holds exactly, found 16777217");
  EXPECT_EQ(read<int32_t>("<i4", 16777218, exact), "no error");
  EXPECT_EQ(read<double>("<f8", 0.1, exact), "no error");
}

TEST(Narrowing, EveryTypeInBothByteOrders) {
  auto check = [](const std::string &type, const std::string &one, double value) {
    std::string swapped(one.rbegin(), one.rend());
    for (auto [descr, data] : {std::pair("<" + type, one), std::pair(">" + type, swapped)}) {
      double read = 0;
      parseNpy(npy(descr, "(1,)", data), "f").read(0, 0, 1, DType::F64, &read);
      EXPECT_EQ(read, value) << descr;
    }
  };
  check("i2", bytesOf<int16_t>({-2}), -2);
  check("u2", bytesOf<uint16_t>({65535}), 65535);
  check("i4", bytesOf<int32_t>({-70000}), -70000);
  check("u4", bytesOf<uint32_t>({4000000000u}), 4000000000.0);
  check("i8", bytesOf<int64_t>({-5}), -5);
  check("f2", bytesOf<uint16_t>({0x3555}), 0.333251953125);
  check("f2", bytesOf<uint16_t>({0x8001}), -std::ldexp(1, -24));
  check("f2", bytesOf<uint16_t>({0xFC00}), -HUGE_VAL);
  check("f4", bytesOf<float>({0.1f}), double(0.1f));
  check("f8", bytesOf<double>({0.1}), 0.1);
  double truth = 0;
  parseNpy(npy("|b1", "(1,)", "\1"), "f").read(0, 0, 1, DType::F64, &truth);
  EXPECT_EQ(truth, 1);
}

TEST(Narrowing, HeadersOfEveryVersion) {
  auto value = [](const std::string &version, const std::string &length, std::string header) {
    double out = 0;
    parseNpy(std::string("\x93NUMPY") + version + std::string(1, '\0') + char(header.size()) +
                 length + header + bytesOf<float>({1, 2}),
             "f")
        .read(1, 0, 1, DType::F64, &out);
    return out;
  };
  const std::string plain = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n";
  EXPECT_EQ(value("\1", std::string(1, '\0'), plain), 2);
  EXPECT_EQ(value("\2", std::string(3, '\0'), plain), 2);
  EXPECT_EQ(value("\3", std::string(3, '\0'), plain), 2);
  EXPECT_EQ(value("\1", std::string(1, '\0'), "{'shape':(2,),'fortran_order':True,'descr':'=f4'}"),
            2);
  auto refused = [&](const std::string &header) {
    return errorOf([&] { value("\1", std::string(1, '\0'), header); });
  };
  EXPECT_EQ(refused("{'descr': '?f4', 'fortran_order': False, 'shape': (2,)}"),
            "2 f: NPY descr: expected integers, f2, f4, f8 or b1, found '?f4'");
  EXPECT_EQ(refused("{'descr': '<U4', 'fortran_order': False, 'shape': (2,)}"),
            "2 f: NPY descr: expected integers, f2, f4, f8 or b1, found '<U4'");
  EXPECT_EQ(errorOf([&] { value("\2", std::string("\0\0\x7f", 3), plain); }).substr(0, 41),
            "2 f: NPY header length: expected at most ");
}

TEST(Numbers, TextIsReadAsItsTarget) {
  int32_t whole = 0;
  for (const char *text : {"16777217", " +16777217 ", "16777217.0", "1.6777217e7"}) {
    EXPECT_TRUE(readNumber(text, DType::I32, &whole)) << text;
    EXPECT_EQ(whole, 16777217);
  }
  EXPECT_TRUE(readNumber("-2147483648", DType::I32, &whole));
  EXPECT_EQ(whole, std::numeric_limits<int32_t>::min());
  for (const char *text : {"", "nan", "1.5", "2147483648", "1e400", "0x10", "1_0", "1 2", "+-1"})
    EXPECT_FALSE(readNumber(text, DType::I32, &whole)) << text;
  float real = 1;
  EXPECT_TRUE(readNumber("1e-400", DType::F32, &real));
  EXPECT_EQ(real, 0);
  EXPECT_TRUE(readNumber("-1e-400", DType::F32, &real));
  EXPECT_TRUE(std::signbit(real));
  EXPECT_TRUE(readNumber("inf", DType::F32, &real));
  EXPECT_FALSE(readNumber("1e39", DType::F32, &real));
  EXPECT_FALSE(readNumber("-1e400", DType::F32, &real));
  // Rounded once, not by way of f64.
  EXPECT_TRUE(readNumber("1.00000005960464477540", DType::F32, &real));
  EXPECT_EQ(real, std::nextafterf(1, 2));
  bool truth = false;
  EXPECT_TRUE(readNumber("true", DType::Bool, &truth));
  EXPECT_TRUE(truth);
  EXPECT_FALSE(readNumber("2", DType::Bool, &truth));
}

TEST(Tables, AFirstLineIsAHeaderOnlyWithoutANumber) {
  EXPECT_TRUE(looksLikeHeader({"a", "b"}, {0, 1}));
  EXPECT_TRUE(looksLikeHeader({"1", "b"}, {1}));
  for (const char *cell : {"1", "1e-400", "nan", "", " ", "-1e999"})
    EXPECT_FALSE(looksLikeHeader({"NA", cell}, {0, 1})) << cell;
  EXPECT_FALSE(looksLikeHeader({"a"}, {}));
}

TEST(Tables, LineEndsAndMarks) {
  auto rows = [](const std::string &text) {
    std::string out;
    parseDelimited(text, ',', "f", [&](uint64_t line, const auto &cells) {
      out += std::to_string(line);
      for (std::string_view cell : cells)
        out += ":" + std::string(cell);
      out += ";";
    });
    return out;
  };
  EXPECT_EQ(rows("1,2\r3,4\r"), "1:1:2;2:3:4;");
  EXPECT_EQ(rows("\xef\xbb\xbf\"1\",2\n3,4"), "1:1:2;2:3:4;");
  EXPECT_EQ(rows("1\n\n3\n\n\n"), "1:1;2:;3:3;");
  EXPECT_EQ(rows("\n1,2\n\n3,4\n"), "2:1:2;4:3:4;");
  EXPECT_EQ(errorOf([&] {
              rows("\xff\xfe"
                   "1");
            }),
            "2 f: expected text in UTF-8, found the byte order mark of UTF-16; convert the file");
  EXPECT_EQ(errorOf([&] { rows("1,2\n1,5,2\n"); }),
            "2 f: line 2: expected 2 columns as in line 1, found 3");
  EXPECT_EQ(splitLines("a\rb"), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(splitLines("a\rb\nc"), (std::vector<std::string_view>{"a\rb", "c"}));
}

class Reading : public Programs {
protected:
  std::string classify(const std::string &content, const std::string &name = "x.npy") {
    if (!folder.exists("the run/last.safetensors")) {
      folder.write("points.csv", pointsCsv());
      EXPECT_EQ(points("train --n 1").code, 0);
    }
    folder.write(name, content);
    Result result = points("classify --x " + name);
    return std::to_string(result.code) + " " + (result.code ? result.err : result.out);
  }
};

TEST_F(Reading, ShapesAreComparedAxisByAxis) {
  std::vector<float> eight = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(classify(npy("<f4", "(2, 4)", bytesOf(eight))).substr(0, 2), "0 ");
  EXPECT_EQ(classify(npy("<f4", "(4, 2)", bytesOf(eight))),
            "2 error: x.npy: --x: expected rows of [4], found [4, 2]\n");
  EXPECT_EQ(classify(npy("<f4", "(2, 2, 2)", bytesOf(eight))),
            "2 error: x.npy: --x: expected rows of [4], found [2, 2, 2]\n");
  EXPECT_EQ(classify(npy("<f4", "(8,)", bytesOf(eight))),
            "2 error: x.npy: --x: expected rows of [4], found [8]\n");
}

TEST_F(Reading, PicturesOfAnotherShape) {
  folder.write("book.txt", std::string(400, 'a'));
  ASSERT_EQ(letters("train").code, 0);
  for (const char *name : {"images.gz", "test-images.gz"})
    folder.writeGz(name, idx({8, 4}, std::string(32, 'x')));
  for (const char *name : {"labels.gz", "test-labels.gz"})
    folder.writeGz(name, idx({8}, std::string(8, '\1')));
  EXPECT_EQ(letters("paint").code, 0); // One axis is as good as any.
  folder.writeGz("labels.gz", idx({8}, "\1\1\1\1\1\x0b\1\1"));
  Result result = letters("paint");
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, "error: labels.gz: label: row 5: expected an index in [0, 10), found 11\n");
}

TEST_F(Reading, FirstRowsAreNotLost) {
  std::string rows = pointsCsv(31).substr(pointsCsv(0).size());
  auto trained = [&](const std::string &first) {
    folder.write("points.csv", first + rows);
    Result result = points("train --n 1");
    return result.code ? result.err : result.err + result.out.substr(result.out.find("data "), 39);
  };
  const std::string all = "data points[16]: 24 rows, 8 held out, 1";
  for (const char *first : {"0.5,1,2,3,1\n",
                            "\xef\xbb\xbf"
                            "0.5,1,2,3,1\n",
                            "1e-400,1,2,3,1\n"})
    EXPECT_EQ(trained(first), all) << first;
  EXPECT_EQ(trained("NA,1,2,3,1\n"),
            "error: points.csv: line 1, column 0: x: expected a number, found 'NA'\n");
  EXPECT_EQ(trained("a,b,c,d,label\n0.5,1,2,3,1\n"),
            "note: points.csv: line 1 is taken as a header\n" + all);
}

// A file that is cut while it is read is an error, and what was read of it stays.
TEST_F(Reading, LargeFilesAreReadFromTheDisk) {
  const std::string path = folder.path("x.npy");
  folder.write("x.npy", npy("<f4", "(6000, 1024)", ""));
  uint64_t start = std::filesystem::file_size(path);
  std::filesystem::resize_file(path, start + 6000 * 4096);
  RawRows rows = parseNpy(FileBytes::open(path), "x.npy");
  EXPECT_FALSE(rows.content->held());
  EXPECT_EQ(rows.content->memory(), 0u);
  std::vector<float> row(1024, 1);
  rows.read(5999, 0, 1024, DType::F32, row.data());
  EXPECT_EQ(row[1023], 0);
  std::filesystem::resize_file(path, start + 5000 * 4096);
  rows.read(4999, 0, 1024, DType::F32, row.data());
  EXPECT_NE(errorOf([&] { rows.read(5999, 0, 1024, DType::F32, row.data()); }).find("was cut"),
            std::string::npos);
}

TEST_F(Reading, ALargeTextIsTheSameText) {
  // Some 20 MB of words and characters of all lengths, in one file and in memory.
  std::mt19937 random(1);
  std::string text;
  const char *pieces[] = {"a",
                          "word",
                          " ",
                          "\n",
                          "λόγος καὶ πάλιν",
                          "語",
                          "😀",
                          "don't and so on, in many more words than before",
                          ", ",
                          "\r\n",
                          "x_y"};
  while (text.size() < FileBytes::heldSize + 4'000'000)
    text += pieces[random() % std::size(pieces)];
  text += std::string(3'000'000, 'w'); // A word longer than what is read at once.
  folder.write("t.txt", text);
  auto content = std::make_shared<FileBytes>(FileBytes::open(folder.path("t.txt")));
  ASSERT_FALSE(content->held());
  for (VocabKind kind : {VocabKind::Characters, VocabKind::Words, VocabKind::Bytes}) {
    VocabDecl decl{"v", kind, kind == VocabKind::Bytes ? 256 : 40, {}};
    Vocabulary vocabulary(decl);
    vocabulary.learn(text.substr(0, 100'000));
    vocabulary.finish();
    std::vector<int32_t> ids, run(100);
    vocabulary.encode(text, ids);
    WindowRows rows(vocabulary, run.size());
    rows.add(content, "t.txt");
    ASSERT_EQ(rows.size(), ids.size()) << wordOf(kind);
    EXPECT_LT(rows.memory(), 1u << 18);
    for (int k = 0; k < 300; ++k) {
      uint64_t at = k ? random() % (ids.size() - run.size() + 1) : ids.size() - run.size();
      rows.read(at, run.data());
      ASSERT_TRUE(std::equal(run.begin(), run.end(), ids.begin() + ptrdiff_t(at)))
          << wordOf(kind) << at;
    }
  }
}

TEST_F(Reading, LinesOfALargeFileAreTheSameLines) {
  std::string text;
  for (int k = 0; text.size() < FileBytes::heldSize + 100'000; ++k)
    text += std::to_string(k) + std::string(size_t(k % 97), 'x') + (k % 3 ? "\n" : "\r\n");
  folder.write("l.txt", text + "end");
  auto content = std::make_shared<FileBytes>(FileBytes::open(folder.path("l.txt")));
  ASSERT_FALSE(content->held());
  VocabDecl decl{"v", VocabKind::Bytes, 256, {}};
  Vocabulary vocabulary(decl);
  vocabulary.finish();
  std::string whole = text + "end";
  std::vector<std::string_view> lines = splitLines(whole);
  uint64_t count = 0;
  LineRows rows({&vocabulary, Transform::Plain, 120}, content, "l.txt",
                [&](uint64_t number, std::string_view line) {
                  ASSERT_EQ(number, count++);
                  ASSERT_EQ(line, lines[number]);
                });
  ASSERT_EQ(count, lines.size());
  std::mt19937 random(1);
  for (int k = 0; k < 2000; ++k) {
    uint64_t at = k ? random() % count : count - 1;
    int32_t ids[120];
    rows.read(at, ids);
    std::string line;
    for (int32_t id : ids)
      line += id ? std::string(1, char(id)) : "";
    ASSERT_EQ(line, lines[at]);
  }
}

TEST(RowFilter, LeavesRowsOut) {
  RowFilter filter;
  for (uint64_t row : {0, 5, 63, 64, 65, 128, 129, 130, 700})
    filter.leaveOut(row);
  filter.leaveOut(5);
  filter.finish(1000);
  EXPECT_EQ(filter.leftOut(), 9u);
  EXPECT_EQ(filter(0), 1u);
  EXPECT_EQ(filter(4), 6u);
  EXPECT_EQ(filter(61), 66u);
  EXPECT_EQ(filter(990), 999u);
}

TEST(Memory, WhatDoesNotFitIsRefused) {
  EXPECT_GT(availableMemory(), 1u << 20);
  EXPECT_EQ(errorOf([] { checkFits("f", 1 << 20); }), "no error");
  EXPECT_EQ(errorOf([] { checkFits("f", UINT64_MAX / 2); }).find("2 f: expected a file that fits"),
            0u);
}

} // namespace nnrt::test
