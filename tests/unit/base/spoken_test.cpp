#include "base/spoken.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "base/hex.hpp"
#include "base/text.hpp"

namespace hsmreq {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t k = 0; k < b.size(); ++k) {
            const std::size_t above = row[k + 1];
            row[k + 1] = std::min({above + 1, row[k] + 1, diagonal + (a[i] == b[k] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

TEST(SpokenWords, Are256DistinctLowerCaseWords) {
    const auto words = spoken_words();
    ASSERT_EQ(words.size(), 256U);
    EXPECT_EQ(std::set<std::string_view>(words.begin(), words.end()).size(), 256U);
    for (const auto word : words) {
        EXPECT_GE(word.size(), 4U) << word;
        EXPECT_LE(word.size(), 12U) << word;
        EXPECT_TRUE(std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; })) << word;
    }
}

TEST(SpokenWords, AreFurtherApartThanAMisheardLetterOrTwo) {
    const auto words = spoken_words();
    for (std::size_t i = 0; i < words.size(); ++i)
        for (std::size_t k = 0; k < i; ++k) EXPECT_GE(distance(words[i], words[k]), 3U) << words[i] << ' ' << words[k];
}

TEST(SpokenWords, AreNoHexadecimalNumber) {
    for (const auto word : spoken_words()) EXPECT_EQ(from_hex(word), std::nullopt) << word;
}

TEST(Fingerprint, IsTheSameInWordsAndInHexadecimal) {
    Bytes all(256);
    std::iota(all.begin(), all.end(), std::uint8_t{0});
    EXPECT_EQ(read_fingerprint(join(to_spoken(all), " ")), all);
    EXPECT_EQ(read_fingerprint(to_hex(all)), all);
}

struct Spelling {
    const char* text;
    std::optional<Bytes> bytes;
};
class Spellings : public testing::TestWithParam<Spelling> {};

TEST_P(Spellings, AreReadAsPeopleWriteThem) {
    EXPECT_EQ(read_fingerprint(GetParam().text), GetParam().bytes) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(Table, Spellings,
                         testing::Values(Spelling{"00ff", Bytes{0x00, 0xff}}, Spelling{"00:FF", Bytes{0x00, 0xff}},
                                         Spelling{" 00 ff ", Bytes{0x00, 0xff}}, Spelling{"00-ff\n", Bytes{0x00, 0xff}},
                                         Spelling{"abacus acorn", Bytes{0, 1}}, Spelling{"Abacus-ACORN", Bytes{0, 1}},
                                         Spelling{"abacus, acorn.", Bytes{0, 1}}, Spelling{"", std::nullopt},
                                         Spelling{" : ", std::nullopt}, Spelling{"00f", std::nullopt},
                                         Spelling{"abacus 00", std::nullopt}, Spelling{"abacas", std::nullopt}));

}  // namespace
}  // namespace hsmreq
