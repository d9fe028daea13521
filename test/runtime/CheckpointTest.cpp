/// The safetensors format and what a checkpoint must hold.
#include "Harness.h"
#include "runtime/base/Error.h"
#include "runtime/session/Safetensors.h"

#include <cstring>

namespace nnrt::test {

namespace {

std::string file(const std::string &header, const std::string &data) {
  uint64_t length = header.size();
  return std::string(reinterpret_cast<const char *>(&length), 8) + header + data;
}

std::string errorOf(const std::string &content) {
  std::map<std::string, StoredTensor> tensors;
  Metadata metadata;
  try {
    parseSafetensors(content, "f", tensors, metadata);
  } catch (const Error &error) {
    EXPECT_EQ(error.code, Exit::Checkpoint);
    return error.what();
  }
  return "no error";
}

std::string tensor(const std::string &name, const std::string &shape, int begin, int end) {
  return "\"" + name + "\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":[" +
         std::to_string(begin) + "," + std::to_string(end) + "]}";
}

} // namespace

TEST(Safetensors, RoundTrip) {
  Folder folder;
  std::string f32(8, 'a'), u8(3, 'b'), f64(8, 'c');
  writeSafetensors(folder.path("x"),
                   {{"z", "U8", {3}, u8},
                    {"y", "F32", {2, 1}, f32},
                    {"scalar", "F64", {}, f64},
                    {"empty", "F32", {0, 4}, ""}},
                   {{"key", "välue"}});
  std::string content = folder.read("x");
  uint64_t length;
  std::memcpy(&length, content.data(), 8);
  EXPECT_EQ(length % 8, 0u);
  SafetensorsFile read(folder.path("x"));
  EXPECT_EQ(read.metadata().at("key"), "välue");
  ASSERT_TRUE(read.find("y") && read.find("z") && read.find("scalar") && read.find("empty"));
  EXPECT_EQ(read.find("y")->bytes, f32);
  EXPECT_EQ(read.find("z")->bytes, u8);
  EXPECT_TRUE(read.find("scalar")->shape.empty());
  // By descending alignment, so that every tensor is aligned in the file.
  EXPECT_LT(read.find("scalar")->bytes.data(), read.find("y")->bytes.data());
  EXPECT_LT(read.find("y")->bytes.data(), read.find("z")->bytes.data());
}

TEST(Safetensors, RefusesEachDefect) {
  std::string one = "{" + tensor("a", "[1]", 0, 4) + "}";
  EXPECT_EQ(errorOf(file(one, "1234")), "no error");
  EXPECT_EQ(errorOf("1234"), "f: header length: expected 8 bytes, found 4");
  EXPECT_EQ(errorOf(std::string("\0\xe1\xf5\x05\1\0\0\0", 8)),
            "f: header length: expected at most 100000000, found 4394967296");
  EXPECT_EQ(errorOf(file(one, "").substr(0, 20)),
            "f: header: expected " + std::to_string(one.size()) + " bytes, found 12");
  EXPECT_NE(errorOf(file("{\"\xff\":1}", "")).find("f: header: expected JSON in UTF-8"),
            std::string::npos);
  EXPECT_EQ(errorOf(file("[]", "")), "f: header: expected a JSON object, found array");
  EXPECT_EQ(
      errorOf(file("{" + tensor("a", "[1]", 0, 4) + "," + tensor("a", "[1]", 0, 4) + "}", "1234")),
      "f: header: expected unique keys, found 'a' twice");
  EXPECT_EQ(errorOf(file("{\"__metadata__\":{\"a\":1}}", "")),
            "f: __metadata__: a: expected a string, found number");
  EXPECT_EQ(errorOf(file("{" + tensor("a", "[1]", 4, 8) + "}", "12345678")),
            "f: a: data_offsets: expected to begin at 0, found 4");
  EXPECT_EQ(
      errorOf(file("{" + tensor("a", "[1]", 0, 4) + "," + tensor("b", "[1]", 0, 4) + "}", "1234")),
      "f: b: data_offsets: expected to begin at 4, found 0");
  EXPECT_NE(
      errorOf(file("{" + tensor("a", "[4294967296,4294967296]", 0, 0) + "}", "")).find("overflow"),
      std::string::npos);
  EXPECT_NE(errorOf(file("{" + tensor("a", "[2]", 0, 4) + "}", "1234")).find("expected 8 bytes"),
            std::string::npos);
  EXPECT_EQ(errorOf(file(one, "12345")), "f: data: expected 4 bytes, found 1 trailing");
  EXPECT_EQ(errorOf(file(one, "123")), "f: a: data: expected 4 bytes, found 3");
  EXPECT_NE(errorOf(file("{" + tensor("a", "[-1]", 0, 4) + "}", "1234")).find("unsigned"),
            std::string::npos);
}

using Checkpoints = Programs;

TEST_F(Checkpoints, TruncationIsSeen) {
  folder.write("points.csv", pointsCsv());
  ASSERT_EQ(points("train --n 1").code, 0);
  std::string whole = folder.read("the run/last.safetensors");
  for (size_t size : {size_t(0), size_t(7), size_t(100), whole.size() - 1}) {
    folder.write("the run/last.safetensors", whole.substr(0, size));
    Result result = points("eval");
    EXPECT_EQ(result.code, 3) << size;
    EXPECT_NE(result.err.find("last.safetensors: "), std::string::npos) << result.err;
  }
}

TEST_F(Checkpoints, NamespacesAndMetadata) {
  folder.write("points.csv", pointsCsv());
  ASSERT_EQ(points("train --n 2 --seed 3").code, 0);
  SafetensorsFile file(folder.path("the run/last.safetensors"));
  EXPECT_TRUE(file.find("param/net.w"));
  EXPECT_TRUE(file.find("run/net.mean"));
  EXPECT_TRUE(file.find("opt/optim.0.net.w.m"));
  EXPECT_EQ(file.metadata().at("nnc.step"), "8");
  EXPECT_EQ(file.metadata().at("nnc.seed"), "3");
  EXPECT_EQ(file.metadata().at("nnc.hash"), "p1");
}

TEST_F(Checkpoints, OfAnotherProgram) {
  folder.write("points.csv", pointsCsv());
  folder.write("book.txt", std::string(400, 'a'));
  ASSERT_EQ(letters("train").code, 0);
  std::string before = folder.read("the run/last.safetensors");
  for (const char *command : {"eval", "train --resume"}) {
    Result result = points(command);
    EXPECT_EQ(result.code, 3);
    EXPECT_NE(result.err.find("error: the run/last.safetensors: param/net.w: expected F32 [4, 3], "
                              "found no such tensor\n"),
              std::string::npos)
        << result.err;
  }
  EXPECT_EQ(before, folder.read("the run/last.safetensors"));
}

TEST_F(Checkpoints, MetadataIsChecked) {
  folder.write("points.csv", pointsCsv());
  ASSERT_EQ(points("train --n 1").code, 0);
  SafetensorsFile file(folder.path("the run/last.safetensors"));
  std::vector<StoredTensor> tensors;
  for (auto &[name, tensor] : file.tensors())
    tensors.push_back(tensor);
  auto errorWith = [&](const std::string &key, const std::string &value) {
    Metadata metadata = file.metadata();
    metadata[key] = value;
    if (value.empty())
      metadata.erase(key);
    writeSafetensors(folder.path("other.safetensors"), tensors, metadata);
    Result result = points("eval --checkpoint other.safetensors");
    EXPECT_EQ(result.code, 3);
    return result.err;
  };
  EXPECT_EQ(errorWith("nnc.step", "x8"),
            "error: other.safetensors: nnc.step: expected an integer, found 'x8'\n");
  EXPECT_EQ(errorWith("nnc.seed", ""),
            "error: other.safetensors: nnc.seed: expected it in the metadata, found none\n");
  EXPECT_EQ(errorWith("nnc.step", "-5"),
            "error: other.safetensors: nnc.step: expected 0 or more, found -5\n");
  EXPECT_EQ(errorWith("nnc.step", "9223372036854775807"),
            "error: other.safetensors: nnc.step: expected at most 9007199254740992, found "
            "9223372036854775807\n");
  EXPECT_EQ(errorWith("nnc.block_step", "-1"),
            "error: other.safetensors: nnc.block_step: expected 0 or more, found -1\n");
  EXPECT_EQ(errorWith("nnc.block_step", "5"),
            "error: other.safetensors: nnc.block_step: expected at most nnc.step, 4, found 5\n");
  EXPECT_EQ(errorWith("nnc.iteration", "-1"),
            "error: other.safetensors: nnc.iteration: expected 0 or more, found -1\n");
  EXPECT_EQ(errorWith("nnc.progress", "7"),
            "error: other.safetensors: nnc.progress: expected 0 to 1, found 7\n");
  EXPECT_EQ(errorWith("nnc.best", "nan"),
            "error: other.safetensors: nnc.best: expected a finite number, found 'nan'\n");
  EXPECT_EQ(errorWith("nnc.best", "1x"),
            "error: other.safetensors: nnc.best: expected a finite number, found '1x'\n");
  EXPECT_EQ(errorWith("nnc.command", "nosuch"),
            "error: other.safetensors: nnc.command: expected train or slow, found 'nosuch'\n");
  EXPECT_EQ(errorWith("nnc.version", "9"),
            "error: other.safetensors: nnc.version: expected 1, found 9\n");
}

TEST_F(Checkpoints, WeightsAlone) {
  folder.write("points.csv", pointsCsv());
  folder.write("x.csv", "9,1,1,1\n");
  ASSERT_EQ(points("train --n 5").code, 0);
  std::string trained = points("classify --x x.csv").out;
  SafetensorsFile file(folder.path("the run/last.safetensors"));
  std::vector<StoredTensor> tensors;
  for (auto &[name, tensor] : file.tensors())
    if (name.starts_with("param/"))
      tensors.push_back(tensor), tensors.back().name = name.substr(6);
  writeSafetensors(folder.path("w.safetensors"), tensors, {{"format", "pt"}});
  EXPECT_EQ(points("classify --x x.csv --checkpoint w.safetensors").out, trained);
  Result resumed = points("train --resume --checkpoint w.safetensors");
  EXPECT_EQ(resumed.code, 3);
  EXPECT_NE(resumed.err.find("expected a checkpoint of a training, found weights alone"),
            std::string::npos)
      << resumed.err;
  tensors.pop_back();
  writeSafetensors(folder.path("less.safetensors"), tensors, {});
  EXPECT_EQ(points("classify --x x.csv --checkpoint less.safetensors").code, 3);
}

TEST_F(Checkpoints, AnotherShapeIsRefused) {
  folder.write("points.csv", pointsCsv());
  ASSERT_EQ(points("train --n 1").code, 0);
  SafetensorsFile file(folder.path("the run/last.safetensors"));
  std::vector<StoredTensor> tensors;
  for (auto &[name, tensor] : file.tensors()) {
    tensors.push_back(tensor);
    if (name == "param/net.w")
      tensors.back().shape = {3, 4};
  }
  writeSafetensors(folder.path("other.safetensors"), tensors, file.metadata());
  Result result = points("eval --checkpoint other.safetensors");
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(result.err, "error: other.safetensors: param/net.w: shape: expected [4, 3], found [3, "
                        "4]\n");
}

} // namespace nnrt::test
