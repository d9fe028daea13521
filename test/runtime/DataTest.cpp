/// The loaders: what they read, and what they refuse with which words.
#include "Harness.h"
#include "runtime/data/DataSet.h"
#include "runtime/data/Formats.h"

#include <set>

namespace nnrt::test {

namespace {

std::string npy(const std::string &dict, const std::string &data) {
  std::string header = dict + "\n";
  return std::string("\x93NUMPY\x01\x00", 8) + char(header.size()) + '\0' + header + data;
}

template <typename Call> std::string errorOf(Call call) {
  try {
    call();
  } catch (const Error &error) {
    EXPECT_EQ(error.code, Exit::Data);
    return error.what();
  }
  return "no error";
}

} // namespace

TEST(Idx, ReadsBytes) {
  RawRows rows = parseIdx(idx({2, 3}, std::string("\x01\x02\x03\x04\x05\xff", 6)), "f");
  EXPECT_EQ(rows.rows, 2u);
  EXPECT_EQ(rows.elements, 3);
  float values[2];
  rows.read(1, 1, 2, DType::F32, values);
  EXPECT_EQ(values[0], 5);
  EXPECT_EQ(values[1], 255);
}

TEST(Idx, RefusesMalformedFiles) {
  std::string good = idx({2, 3}, std::string(6, 'x'));
  EXPECT_EQ(errorOf([&] { parseIdx(good.substr(0, 3), "f"); }),
            "f: IDX magic: expected 4 bytes at offset 0, found 3");
  EXPECT_EQ(errorOf([&] { parseIdx(good.substr(0, 10), "f"); }),
            "f: IDX dimensions: expected 4 bytes at offset 8, found 2");
  EXPECT_EQ(errorOf([&] { parseIdx(good.substr(0, 14), "f"); }),
            "f: IDX data: expected 6 bytes after the header, found 2");
  EXPECT_EQ(errorOf([&] { parseIdx(good + "x", "f"); }),
            "f: IDX data: expected 6 bytes after the header, found 7");
  EXPECT_NE(errorOf([&] { parseIdx(std::string("PNG....."), "f"); }).find("f: IDX magic"),
            std::string::npos);
  std::string huge = idx({0xffffffff, 0xffffffff, 0xffffffff}, "");
  EXPECT_NE(errorOf([&] { parseIdx(huge, "f"); }).find("overflow"), std::string::npos);
}

TEST(Npy, ReadsBothByteOrders) {
  RawRows little = parseNpy(
      npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }", std::string("\1\0\2\0", 4)),
      "f");
  RawRows big = parseNpy(
      npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", std::string("\0\1\0\2", 4)),
      "f");
  for (const RawRows *rows : {&little, &big}) {
    int32_t value;
    rows->read(1, 0, 1, DType::I32, &value);
    EXPECT_EQ(value, 2);
    EXPECT_EQ(rows->rows, 2u);
  }
}

TEST(Npy, RefusesMalformedFiles) {
  auto refuse = [](const std::string &dict, const std::string &data) {
    return errorOf([&] { parseNpy(npy(dict, data), "f"); });
  };
  EXPECT_EQ(refuse("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "x"),
            "f: NPY descr: expected a plain type such as '<f4', found '|O', 'fortran_order': F");
  EXPECT_EQ(refuse("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "xxxxxxxx"),
            "f: NPY descr: expected integers, f2, f4, f8 or b1, found '<c8'");
  EXPECT_EQ(refuse("{'descr': '<f4', 'fortran_order': True, 'shape': (1,2), }", "xxxxxxxx"),
            "f: NPY order: expected C order, found Fortran order");
  EXPECT_EQ(refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "xxxx"),
            "f: NPY data: expected 8 bytes after the header, found 4");
  EXPECT_NE(refuse("{'descr': '<f4', 'fortran_order': False, "
                   "'shape': (9223372036854775807,9223372036854775807), }",
                   "")
                .find("overflow"),
            std::string::npos);
  EXPECT_EQ(refuse("{'descr': '<f4'}", ""), "f: NPY header: expected a key 'shape', found none");
  EXPECT_EQ(errorOf([] { parseNpy(std::string("\x93NUMPY\x07"), "f"); }),
            "f: NPY version: expected 1 bytes at offset 7, found 0");
}

TEST(Cifar10, CountsRecords) {
  std::string record = std::string(1, '\7') + std::string(3072, '\1');
  RawRows labels =
      parseCifar10(std::make_shared<FileBytes>(record + record), "f", Cifar10Part::Label);
  EXPECT_EQ(labels.rows, 2u);
  float value;
  labels.read(1, 0, 1, DType::F32, &value);
  EXPECT_EQ(value, 7);
  EXPECT_EQ(errorOf([&] {
              parseCifar10(std::make_shared<FileBytes>(record + "x"), "f", Cifar10Part::Image);
            }),
            "f: CIFAR-10 data: expected a multiple of 3073 bytes, found 3074");
}

TEST(Csv, FollowsRfc4180) {
  std::vector<std::vector<std::string>> rows;
  std::vector<uint64_t> lines;
  parseDelimited("a,\"b,\"\"c\"\"\"\r\n\"two\nlines\",2\n\nlast,3", ',', "f",
                 [&](uint64_t line, const std::vector<std::string_view> &cells) {
                   rows.emplace_back(cells.begin(), cells.end());
                   lines.push_back(line);
                 });
  std::vector<std::vector<std::string>> expected = {
      {"a", "b,\"c\""}, {"two\nlines", "2"}, {"last", "3"}};
  EXPECT_EQ(rows, expected);
  EXPECT_EQ(lines, (std::vector<uint64_t>{1, 2, 5}));
  auto ignore = [](uint64_t, const std::vector<std::string_view> &) {};
  EXPECT_EQ(errorOf([&] { parseDelimited("a\n\"b", ',', "f", ignore); }),
            "f: line 2: expected a closing quote, found the end of the file");
  EXPECT_EQ(errorOf([&] { parseDelimited("\"b\"c", ',', "f", ignore); }),
            "f: line 1: expected a comma after the closing quote, found 'c'");
}

TEST(Csv, Numbers) {
  EXPECT_EQ(parseNumber(" +1.5e2 "), 150.0);
  EXPECT_EQ(parseNumber("1x"), std::nullopt);
  EXPECT_EQ(parseNumber(""), std::nullopt);
}

TEST(Permutation, IsOne) {
  for (uint64_t n : {1, 2, 3, 5, 16, 17, 1000, 4097}) {
    Permutation order(n, 42);
    std::set<uint64_t> seen;
    uint64_t fixed = 0;
    for (uint64_t i = 0; i < n; ++i) {
      seen.insert(order(i));
      fixed += order(i) == i;
    }
    EXPECT_EQ(seen.size(), n);
    EXPECT_LT(*seen.rbegin(), n);
    if (n >= 1000) {
      EXPECT_LT(fixed, 10u);
    }
  }
}

TEST(Permutation, PairsAreSpread) {
  // Where row 0 lands over many epochs is about uniform.
  int low = 0;
  for (uint64_t epoch = 0; epoch < 2000; ++epoch)
    low += Permutation(1000, mix(7, epoch))(0) < 500;
  EXPECT_NEAR(low, 1000, 120);
}

class BadData : public Programs {
protected:
  std::string errorOfTraining(const std::string &csv) {
    folder.write("points.csv", csv);
    Result result = points("train");
    EXPECT_EQ(result.code, 2) << result.out;
    return result.err.substr(result.err.find("error: "));
  }
};

TEST_F(BadData, ALabelOutOfRange) {
  EXPECT_EQ(
      errorOfTraining(pointsCsv() + "1,2,3,4,3\n"),
      "error: points.csv: line 102, column 4: label: expected an index in [0, 3), found '3'\n");
}

TEST_F(BadData, AWordForANumber) {
  EXPECT_EQ(errorOfTraining(pointsCsv() + "1,two,3,4,0\n"),
            "error: points.csv: line 102, column 1: x: expected a number, found 'two'\n");
}

TEST_F(BadData, TooFewColumns) {
  EXPECT_EQ(errorOfTraining(pointsCsv() + "1,2,3\n"),
            "error: points.csv: line 102: expected 5 columns as in line 1, found 3\n");
  EXPECT_EQ(errorOfTraining("1,2,3\n4,5,6\n"),
            "error: points.csv: line 1: expected at least 4 columns, found 3\n");
}

TEST_F(BadData, TooFewRows) {
  EXPECT_EQ(errorOfTraining(pointsCsv(12)),
            "error: points.csv: data points: expected at least one batch of 16 rows, found 9\n");
  EXPECT_EQ(errorOfTraining(""),
            "error: points.csv: data points: expected at least one batch of 16 rows, found 0\n");
}

TEST_F(BadData, TruncatedGzip) {
  folder.writeGz("whole.gz", pointsCsv(2000));
  std::string whole = folder.read("whole.gz");
  folder.write("points.csv", whole.substr(0, whole.size() / 2));
  Result result = points("train");
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("points.csv: "), std::string::npos) << result.err;
}

TEST_F(BadData, PicturesOfAnotherSize) {
  folder.write("book.txt", std::string(400, 'a'));
  folder.writeGz("images.gz", idx({8, 3, 3}, std::string(72, 'x')));
  folder.writeGz("labels.gz", idx({8}, std::string(8, '\1')));
  folder.writeGz("test-images.gz", idx({8, 2, 2}, std::string(32, 'x')));
  folder.writeGz("test-labels.gz", idx({7}, std::string(7, '\1')));
  ASSERT_EQ(letters("train").code, 0);
  Result result = letters("paint");
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, "error: images.gz: image: expected rows of [4], found [3, 3]\n");
  folder.writeGz("images.gz", idx({8, 2, 2}, std::string(32, 'x')));
  result = letters("paint");
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, "error: test-labels.gz: rows: expected 8 as in test-images.gz, found 7\n");
}

TEST_F(BadData, ATextThatIsNotUtf8) {
  folder.write("book.txt", "abc\nde\xe9" + std::string(400, 'a'));
  Result result = letters("train");
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, "error: book.txt: line 2: expected text in UTF-8, found byte e9; convert "
                        "the file, or use a vocabulary of bytes\n");
}

TEST_F(BadData, ANumberThatIsNone) {
  folder.write("points.csv", pointsCsv(16) + "1,nan,3,4,0\n" + pointsCsv(16).substr(14));
  Result result = points("train --n 9");
  EXPECT_EQ(result.code, 4);
  EXPECT_NE(result.err.find(": x is not finite in points.csv: row 16; the parameters before this "
                            "step are in the run/"),
            std::string::npos)
      << result.err;
}

TEST_F(BadData, ATextShorterThanItsWindow) {
  folder.write("book.txt", "abc");
  Result result = letters("train");
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, "error: book.txt: text: expected at least 9 tokens, found 3\n");
}

} // namespace nnrt::test
