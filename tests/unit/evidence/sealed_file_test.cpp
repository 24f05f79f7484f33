#include "evidence/sealed_file.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "base/hex.hpp"
#include "base/text.hpp"

namespace hsmreq::evidence {
namespace {

SealedKey sample() {
    return {.farm = "contoso",
            .request = "reverse-proxy",
            .generation = 2,
            .public_key_sha256 = std::string(64, 'a'),
            .offer_sha256 = std::string(64, 'b'),
            .public_key = {0x30, 0x01},
            .wrappings = {{"aes-kwp", "sha1", {1, 2, 3}, {4, 5}}, {"aes-kw", "sha256", {6}, {7}}},
            .signature_hash = "sha256",
            .signature = {9, 9}};
}

std::string text_of(const SealedKey& sealed) {
    return std::string(as_text(to_json(sealed)));
}

TEST(SealedFile, SurvivesWritingAndReading) {
    const auto read = read_sealed_file(to_json(sample()));
    ASSERT_TRUE(read.ok()) << read.error().what;
    EXPECT_EQ(to_json(*read), to_json(sample()));
    EXPECT_EQ(signed_content(*read), signed_content(sample()));
    EXPECT_EQ(read->wrappings.size(), 2U);
    EXPECT_EQ(read->wrappings[0].secret, (Bytes{1, 2, 3}));
}

TEST(SealedFile, UnderAStandingKeyHasNoSecret) {
    auto sealed = sample();
    sealed.wrappings = {{"aes-kwp", "", {}, {4, 5}}};
    const auto read = read_sealed_file(to_json(sealed));
    ASSERT_TRUE(read.ok());
    EXPECT_TRUE(read->wrappings[0].secret.empty());
    EXPECT_TRUE(read->wrappings[0].oaep_hash.empty());
}

TEST(SealedFile, HasTheReasonWhereThereIsOneAndNoPlaceForItElse) {
    EXPECT_EQ(text_of(sample()).find("reason"), std::string::npos);
    auto sealed = sample();
    sealed.reason = "change 4711";
    const auto read = read_sealed_file(to_json(sealed));
    ASSERT_TRUE(read.ok()) << read.error().what;
    EXPECT_EQ(read->reason, "change 4711");
    sealed.reason.assign(1001, 'x');
    EXPECT_FALSE(read_sealed_file(to_json(sealed)).ok());
}

struct Change {
    const char* name;
    std::function<void(SealedKey&)> apply;
};

const std::vector<Change>& changes() {
    static const std::vector<Change> all{
        {"farm", [](SealedKey& s) { s.farm = "contos"; }},
        {"request", [](SealedKey& s) { s.request = "oreverse-proxy"; }},
        {"both_names_moved", [](SealedKey& s) { s.farm = "contosor", s.request = "everse-proxy"; }},
        {"generation", [](SealedKey& s) { s.generation = 1; }},
        {"public_key_sha256", [](SealedKey& s) { s.public_key_sha256[0] = 'c'; }},
        {"offer_sha256", [](SealedKey& s) { s.offer_sha256[0] = 'c'; }},
        {"public_key", [](SealedKey& s) { s.public_key[1] = 2; }},
        {"key_wrap", [](SealedKey& s) { s.wrappings[0].key_wrap = "aes-kw"; }},
        {"oaep_hash", [](SealedKey& s) { s.wrappings[0].oaep_hash = "sha256"; }},
        {"secret", [](SealedKey& s) { s.wrappings[0].secret[0] = 0; }},
        {"key", [](SealedKey& s) { s.wrappings[0].key[0] = 0; }},
        {"a_byte_moved",
         [](SealedKey& s) {
             s.wrappings[0].secret = {1, 2}, s.wrappings[0].key = {3, 4, 5};
         }},
        {"a_wrapping_less", [](SealedKey& s) { s.wrappings.pop_back(); }},
        {"wrappings_in_another_order", [](SealedKey& s) { std::swap(s.wrappings[0], s.wrappings[1]); }},
        {"signature_hash", [](SealedKey& s) { s.signature_hash = "sha384"; }},
        {"a_reason", [](SealedKey& s) { s.reason = "change 4711"; }},
        {"another_reason", [](SealedKey& s) { s.reason = "change 4712"; }},
    };
    return all;
}

TEST(SealedFile, EveryChangeChangesWhatIsSigned) {
    std::set<std::string> contents{to_hex(signed_content(sample()))};
    for (const auto& change : changes()) {
        auto sealed = sample();
        change.apply(sealed);
        EXPECT_TRUE(contents.insert(to_hex(signed_content(sealed))).second) << change.name;
    }
}

TEST(SealedFile, TheSignatureIsNotAboutItself) {
    auto sealed = sample();
    sealed.signature = {1};
    EXPECT_EQ(signed_content(sealed), signed_content(sample()));
}

TEST(SealedFile, WhatIsSignedIsNeitherRequestNorHandshake) {
    const auto content = signed_content(sample());
    EXPECT_EQ(content.size(), 16U + 32U);
    EXPECT_EQ(as_text(content).substr(0, 15), "hsmreq/1/sealed");
}

struct Malformed {
    const char* name;
    const char* from;
    const char* to;
};
void PrintTo(const Malformed& given, std::ostream* stream) {
    *stream << given.name;
}
class MalformedFiles : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedFiles, AreRefusedAsInput) {
    std::string text = text_of(sample());
    const auto place = text.find(GetParam().from);
    ASSERT_NE(place, std::string::npos);
    text.replace(place, std::string(GetParam().from).size(), GetParam().to);
    const auto read = read_sealed_file(as_bytes(text));
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, ExitCode::input);
}

INSTANTIATE_TEST_SUITE_P(
    Table, MalformedFiles,
    testing::Values(Malformed{"another_schema", "hsmreq.sealed/1", "hsmreq.sealed/2"},
                    Malformed{"a_member_more", "\"farm\"", "\"further\": 1, \"farm\""},
                    Malformed{"a_member_less", "\"signature_hash\": \"sha256\",", ""},
                    Malformed{"an_empty_reason", "\"farm\"", "\"reason\": \"\", \"farm\""},
                    Malformed{"no_reason_but_null", "\"farm\"", "\"reason\": null, \"farm\""},
                    Malformed{"an_empty_name", "\"contoso\"", "\"\""},
                    Malformed{"a_number_for_a_name", "\"contoso\"", "7"},
                    Malformed{"generation_zero", "\"generation\": 2", "\"generation\": 0"},
                    Malformed{"generation_negative", "\"generation\": 2", "\"generation\": -2"},
                    Malformed{"generation_too_large", "\"generation\": 2", "\"generation\": 4294967296"},
                    Malformed{"a_short_hash", "\"bbbb", "\"bb"}, Malformed{"no_hexadecimal", "\"3001\"", "\"30x1\""},
                    Malformed{"half_a_byte", "\"3001\"", "\"300\""},
                    Malformed{"secret_without_hash", "\"sha1\"", "null"},
                    Malformed{"hash_without_secret", "\"010203\"", "null"},
                    Malformed{"a_wrapping_with_more", "\"key_wrap\"", "\"more\": 1, \"key_wrap\""},
                    Malformed{"no_key", "\"key\": \"0405\"", "\"key\": null"},
                    Malformed{"cut_off", "\"signature\": \"0909\"\n}", "\"signature\": \"0909\""}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(SealedFile, RefusesWhatIsTooMuch) {
    auto sealed = sample();
    sealed.wrappings.assign(9, sealed.wrappings[0]);
    EXPECT_FALSE(read_sealed_file(to_json(sealed)).ok());
    sealed = sample();
    sealed.wrappings[0].key.assign(std::size_t{16} * 1024 + 1, 1);
    EXPECT_FALSE(read_sealed_file(to_json(sealed)).ok());
    sealed.wrappings.clear();
    EXPECT_FALSE(read_sealed_file(to_json(sealed)).ok());
    EXPECT_FALSE(read_sealed_file(Bytes(sealed_file_limit + 1, ' ')).ok());
    EXPECT_FALSE(read_sealed_file({}).ok());
}

}  // namespace
}  // namespace hsmreq::evidence
