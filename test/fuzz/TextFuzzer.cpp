/// No text may break a vocabulary; what it encodes it can print, and a stored one is read again.
#include "runtime/data/Formats.h"
#include "runtime/data/Vocabulary.h"
#include "test/fuzz/Fuzz.h"

using namespace nnrt;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char *>(data), size);
  for (VocabKind kind :
       {VocabKind::Characters, VocabKind::Words, VocabKind::Labels, VocabKind::Bytes}) {
    VocabDecl decl{"v", kind, kind == VocabKind::Bytes ? 256 : 40, {}};
    fuzz::load([&] {
      Vocabulary vocabulary(decl), copy(decl);
      vocabulary.check(bytes, "file");
      for (std::string_view line : splitLines(bytes))
        vocabulary.learn(line);
      vocabulary.finish();
      std::vector<int32_t> ids, again;
      vocabulary.encode(bytes, ids, /*escapes=*/true);
      copy.deserialize(vocabulary.serialize(), "file");
      copy.encode(bytes, again, /*escapes=*/true);
      if (ids != again || vocabulary.decode(ids.data(), int64_t(ids.size())) !=
                              copy.decode(ids.data(), int64_t(ids.size())))
        std::abort();
      std::vector<int32_t> plain, pieces;
      vocabulary.encode(bytes, plain);
      if (vocabulary.count(bytes) != plain.size())
        std::abort();
      if (!vocabulary.isOfLabels()) {
        // A text that is read in two pieces is the same text.
        size_t cut = vocabulary.boundary(bytes.substr(0, size / 2));
        vocabulary.encode(bytes.substr(0, cut), pieces);
        vocabulary.encode(bytes.substr(cut), pieces);
        uint64_t half = plain.size() / 2, left = half;
        size_t skipped = vocabulary.skip(bytes, left);
        if (pieces != plain || vocabulary.count(bytes.substr(0, skipped)) != half)
          std::abort();
      }
      for (int32_t id : ids)
        if (id < 0 || id >= decl.size)
          std::abort();
    });
    fuzz::load([&] { Vocabulary(decl).deserialize(std::string(bytes), "file"); });
  }
  return 0;
}
