#include "farm/words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "support.hpp"

namespace hsmreq::farm {
namespace {

/// A word as its tool writes it, and what the hint for it has to name.
struct Brought {
    const char* word;
    const char* leads_to;
};

constexpr Brought wizard[] = {
    {"Friendly name", "[certificate] friendly_name"},
    {"Subject name", "[certificate] subject"},
    {"Common name", "[certificate] common_name"},
    {"Alternative name", "extra_names"},
    {"Key usage", "[certificate] key_usage"},
    {"Extended Key Usage", "[certificate] extended_key_usage"},
    {"Application policies", "[certificate] extended_key_usage"},
    {"Key size", "[key] algorithm"},
    {"Make private key exportable", "[key] private_key"},
    {"Strong private key protection", "token"},
    {"Key type", "[key] purpose"},
    {"Cryptographic Service Provider", "[token] module"},
    {"Hash Algorithm", "[key] hash"},
    {"Suppress default extensions", "[certificate] default_extensions"},
    {"Template", "[certificate] ad_cs_template"},
};

constexpr Brought certreq[] = {
    {"NewRequest", "init --from-inf"},
    {"Extensions", "init --from-inf"},
    {"_continue_", "init --from-inf"},
    {"Exportable", "[key] private_key"},
    {"ExportableEncrypted", "[key] private_key"},
    {"HashAlgorithm", "[key] hash"},
    {"KeyAlgorithm", "[key] algorithm"},
    {"KeyContainer", "[key] label"},
    {"KeyLength", "[key] algorithm"},
    {"KeySpec", "[key] purpose"},
    {"KeyUsage", "[certificate] key_usage"},
    {"KeyUsageProperty", "[key] purpose"},
    {"MachineKeySet", "leave the line out"},
    {"ProviderName", "[token] module"},
    {"ProviderType", "[token] module"},
    {"RequestType", "leave the line out"},
    {"AlternateSignatureAlgorithm", "PKCS #1"},
    {"SMIME", "leave the line out"},
    {"SuppressDefaults", "[certificate] default_extensions"},
    {"UseExistingKeySet", "[request.key] uri"},
    {"FriendlyName", "[certificate] friendly_name"},
    {"PrivateKeyArchive", "never archived"},
    {"X500NameFlags", "init --from-inf"},
    {"CertificateTemplate", "[certificate] ad_cs_template"},
    {"EnhancedKeyUsageExtension", "[certificate] extended_key_usage"},
    {"OID", "[certificate] extended_key_usage"},
    {"2.5.29.17", "extra_names"},
    {"Critical", "always critical"},
    {"ValidityPeriod", "The CA decides"},
};

constexpr Brought openssl[] = {
    {"req", "init"},
    {"distinguished_name", "[certificate] subject"},
    {"req_distinguished_name", "[certificate.subject]"},
    {"req_extensions", "topology"},
    {"v3_req", "topology"},
    {"subjectAltName", "extra_names"},
    {"alt_names", "extra_names"},
    {"DNS", "extra_names"},
    {"IP", "extra_names"},
    {"default_bits", "[key] algorithm"},
    {"default_md", "[key] hash"},
    {"default_keyfile", "[[member]] uri"},
    {"encrypt_key", "pin_source"},
    {"prompt", "hsmreq init"},
    {"string_mask", "UTF-8"},
    {"CN", "[certificate] common_name"},
    {"commonName", "[certificate] common_name"},
    {"countryName", "[certificate] subject"},
    {"countryName_default", "[certificate] subject"},
    {"stateOrProvinceName", "[certificate] subject"},
    {"0.organizationName", "[certificate] subject"},
    {"OU", "[certificate] subject"},
    {"emailAddress", "no e-mail"},
    {"extendedKeyUsage", "[certificate] extended_key_usage"},
    {"keyUsage", "[certificate] key_usage"},
    {"basicConstraints", "no basic constraints"},
    {"subjectKeyIdentifier", "[certificate] default_extensions"},
    {"challengePassword", "leave the line out"},
    {"days", "The CA decides"},
};

void expect_hints(std::span<const Brought> rows) {
    for (const auto& [word, leads_to] : rows)
        EXPECT_THAT(std::string(hint_for_foreign_word(word)), testing::HasSubstr(leads_to)) << word;
}

TEST(ForeignWords, OfTheWizardLeadToTheirKeys) {
    expect_hints(wizard);
}

TEST(ForeignWords, OfCertreqLeadToTheirKeys) {
    expect_hints(certreq);
}

TEST(ForeignWords, OfOpensslLeadToTheirKeys) {
    expect_hints(openssl);
}

TEST(ForeignWords, StandInTheTableOnceAndAsTheyAreLookedUp) {
    std::set<std::string_view> seen;
    for (const auto& row : foreign_words()) {
        EXPECT_TRUE(seen.insert(row.word).second) << row.word;
        EXPECT_FALSE(hint_for_foreign_word(row.word).empty()) << row.word;
        EXPECT_TRUE(row.hint.ends_with('.')) << row.word;
    }
}

TEST(ForeignWords, AnUnknownWordHasNoHint) {
    EXPECT_EQ(hint_for_foreign_word("weather"), "");
    EXPECT_EQ(hint_for_foreign_word(""), "");
}

TEST(ForeignWords, AreExplainedWhereTheyStand) {
    for (const auto* line : {"[req]\ndefault_bits = 2048\n", "[certificate]\nDNS.1 = \"www.contoso.com\"\n",
                             "[key]\nKeyLength = 2048\n", "[NewRequest]\nSubject = \"CN=a\"\n"}) {
        const auto text = outcome(parse_text(std::string(small_farm) + line));
        EXPECT_THAT(text, testing::HasSubstr("unknown")) << line;
        EXPECT_THAT(text, testing::HasSubstr("hint: ")) << line;
    }
}

TEST(ForeignWords, AnUnquotedDomainIsToldToBeQuoted) {
    const auto text = outcome(
        parse_text(std::string(small_farm) + "[simple_urls.meet]\ncontoso.com = [\"https://meet.contoso.com\"]\n"));
    EXPECT_THAT(text, testing::HasSubstr("\"contoso.com\""));
    EXPECT_THAT(text, testing::HasSubstr("quote"));
}

}  // namespace
}  // namespace hsmreq::farm
