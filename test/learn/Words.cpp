/// The dialect's words are those of the runtime's table: each enumeration has the same, no more and
/// no fewer.
#include "dialects/learn/IR/Learn.h"
#include "runtime/contract/Contract.h"

#include <gtest/gtest.h>

namespace nnc {
namespace {

template <typename Theirs, typename Mine>
void expectSame(unsigned greatest, std::optional<Mine> (*symbolize)(uint32_t),
                llvm::StringRef (*stringify)(Mine)) {
  EXPECT_EQ(greatest + 1, nnrt::allOf<Theirs>.size());
  for (unsigned k = 0; k <= greatest; ++k) {
    std::optional<Mine> mine = symbolize(k);
    ASSERT_TRUE(mine);
    EXPECT_TRUE(nnrt::enumOf<Theirs>(std::string_view(stringify(*mine)))) << stringify(*mine).str();
  }
}

#define SAME_WORDS(Enum)                                                                           \
  expectSame<nnrt::Enum, learn::Enum>(learn::getMaxEnumValFor##Enum(), learn::symbolize##Enum,     \
                                      learn::stringify##Enum)

TEST(Words, AreThoseOfTheRuntime) {
  SAME_WORDS(ArgKind);
  SAME_WORDS(Combiner);
  SAME_WORDS(SourceKind);
  SAME_WORDS(InputKind);
  SAME_WORDS(Transform);
  SAME_WORDS(VocabKind);
  SAME_WORDS(CountUnit);
  SAME_WORDS(ShowKind);
}

} // namespace
} // namespace nnc
