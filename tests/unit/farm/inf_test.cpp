#include "hsmreq/inf.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "support.hpp"

namespace hsmreq::farm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Result<InfInspection> read_text(const std::string& text) {
    return inspect_inf(as_bytes(text), "test.inf");
}

InfInspection read_sample(const std::string& name) {
    const auto content = content_of(std::string(HSMREQ_TEST_DATA) + "/inf/" + name);
    auto result = inspect_inf(as_bytes(content), name);
    EXPECT_TRUE(result) << (result ? "" : result.error().what);
    return result ? std::move(result).value() : InfInspection{};
}

/// "[NewRequest] KeyContainer = x" of everything left out.
std::vector<std::string> left_out(const InfInspection& inf) {
    std::vector<std::string> lines;
    for (const auto& entry : inf.unplaced) lines.push_back(entry.where + ": " + entry.name + " = " + entry.value);
    return lines;
}

std::vector<std::string> findings(const InfInspection& inf) {
    std::vector<std::string> lines;
    for (const auto& finding : inf.findings) lines.push_back(finding.id + " at " + finding.where);
    return lines;
}

struct EncodingCase {
    const char* file;
    const char* encoding;
};

class Encoding : public testing::TestWithParam<EncodingCase> {};

TEST_P(Encoding, TheProceduresRequestReadsTheSame) {
    const auto inf = read_sample(GetParam().file);
    EXPECT_EQ(inf.encoding, GetParam().encoding);
    EXPECT_EQ(inf.subject, (Subject{{}, "webext.contoso.com"}));
    EXPECT_THAT(inf.dns_names,
                ElementsAre("webext.contoso.com", "webdirext.contoso.com", "meet.contoso.com", "dialin.contoso.com",
                            "officewebapps01.contoso.com", "lyncdiscover.contoso.com"));
    EXPECT_EQ(inf.key_usage, (std::vector{KeyUsageBit::digital_signature, KeyUsageBit::key_encipherment}));
    EXPECT_THAT(inf.extended_key_usage, ElementsAre("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"));
    EXPECT_EQ(inf.algorithm, KeyAlgorithm::rsa_2048);
    EXPECT_EQ(inf.hash, Hash::sha256);
    EXPECT_EQ(inf.purpose, KeyPurpose::exchange);
    EXPECT_EQ(inf.exportable, true);
    EXPECT_EQ(inf.friendly_name, "Reverse Proxy Listener for Lync Server");
    EXPECT_THAT(findings(inf), IsEmpty());
    const std::string file = GetParam().file;
    EXPECT_THAT(
        left_out(inf),
        ElementsAre(file + ":11: [NewRequest] MachineKeySet = TRUE",
                    file + ":12: [NewRequest] ProviderName = Microsoft RSA SChannel Cryptographic Provider",
                    file + ":13: [NewRequest] ProviderType = 12", file + ":14: [NewRequest] RequestType = PKCS10"));
}

INSTANTIATE_TEST_SUITE_P(Inf, Encoding,
                         testing::Values(EncodingCase{"contoso.inf", "UTF-8"},
                                         EncodingCase{"contoso-utf8-mark.inf", "UTF-8"},
                                         EncodingCase{"contoso-utf16le.inf", "UTF-16LE"},
                                         EncodingCase{"contoso-utf16le-without-mark.inf", "UTF-16LE"},
                                         EncodingCase{"contoso-utf16be.inf", "UTF-16BE"}),
                         [](const auto& one) {
                             std::string name = one.param.file;
                             std::erase_if(name, [](char c) { return c == '-' || c == '.'; });
                             return name;
                         });

TEST(Inf, Windows1252) {
    const auto inf = read_sample("latin-1.inf");
    EXPECT_EQ(inf.encoding, "Windows-1252");
    EXPECT_EQ(inf.subject.fields.organization, "Müller & Söhne");
    EXPECT_EQ(inf.subject.fields.locality, "Zürich");
    EXPECT_EQ(inf.friendly_name, "Preis in €");
    EXPECT_EQ(inf.hash, Hash::sha256);
}

TEST(Inf, TokensOfTheStringsSectionAndOfWincrypt) {
    const auto inf = read_sample("strings.inf");
    EXPECT_EQ(inf.subject, (Subject{{"", "", "", "%unknown%", ""}, "www.example.com"}));
    EXPECT_THAT(inf.dns_names, ElementsAre("www.example.com", "example.com"));
    EXPECT_THAT(inf.extended_key_usage, ElementsAre("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"));
    EXPECT_EQ(inf.friendly_name, "100%");
    EXPECT_EQ(inf.algorithm, KeyAlgorithm::ec_p384);
    EXPECT_EQ(inf.hash, Hash::sha384);
    EXPECT_THAT(left_out(inf), IsEmpty());
    EXPECT_THAT(findings(inf), IsEmpty());
}

TEST(Inf, SymbolsAndNamesInAnyOrder) {
    const auto inf = read_sample("symbols.inf");
    EXPECT_EQ(inf.subject, (Subject{{"US", "Washington", "", "Contoso, Ltd.", "A"}, "www.example.com"}));
    EXPECT_EQ(inf.key_usage,
              (std::vector{KeyUsageBit::digital_signature, KeyUsageBit::key_encipherment, KeyUsageBit::key_agreement}));
    EXPECT_EQ(inf.algorithm, KeyAlgorithm::rsa_4096);
    EXPECT_EQ(inf.purpose, KeyPurpose::signature);
    EXPECT_EQ(inf.exportable, false);
    EXPECT_TRUE(inf.suppress_defaults);
    EXPECT_EQ(inf.certificate_template, "WebServer");
    EXPECT_THAT(inf.dns_names, ElementsAre("www.example.com", "mail.example.com"));
    EXPECT_THAT(left_out(inf),
                testing::IsSupersetOf({"symbols.inf:2: [NewRequest] Subject = OU=B",
                                       "symbols.inf:2: [NewRequest] Subject = E=admin@example.com",
                                       "symbols.inf:3: [NewRequest] X500NameFlags = CERT_NAME_STR_ENABLE_PUNYCODE_FLAG",
                                       "symbols.inf:13: [NewRequest] UseExistingKeySet = FALSE",
                                       "symbols.inf:19: [RequestAttributes] ChallengePassword = (not shown)"}));
}

TEST(Inf, WhatIsWrongBecomesAFinding) {
    const auto inf = read_sample("wrong.inf");
    EXPECT_THAT(findings(inf),
                ElementsAre("key.sha1 at wrong.inf:5", "key.rsa-too-small at wrong.inf:3",
                            "key.pss-product at wrong.inf:6", "name.subject-not-in-san at wrong.inf",
                            "csr.san-critical at wrong.inf:12", "usage.extended-key-usage-critical at wrong.inf:12",
                            "usage.not-for-tls-server at wrong.inf:4", "usage.server-auth-missing at wrong.inf:11"));
    EXPECT_THAT(inf.ip_addresses, ElementsAre("192.0.2.1"));
    ASSERT_EQ(inf.other_names.size(), 2U);
    EXPECT_EQ(inf.other_names[0].type, "upn");
    EXPECT_EQ(inf.other_names[1].value, "http://example.com/");
    EXPECT_THAT(left_out(inf),
                testing::IsSupersetOf({"wrong.inf:10: [Extensions] 2.5.29.17 = upn=admin@example.com",
                                       "wrong.inf:13: [Extensions] 2.5.29.19 = {text}ca=0",
                                       "wrong.inf:16: [ApplicationPolicyStatementExtension] Policies = AppPolicy",
                                       "wrong.inf:3: [NewRequest] KeyAlgorithm, KeyLength = rsa of 1024 bits"}));
}

TEST(Inf, ExtensionsInDer) {
    const auto inf = read_sample("binary.inf");
    EXPECT_THAT(inf.dns_names, ElementsAre("x.example.com"));
    EXPECT_THAT(inf.ip_addresses, ElementsAre("192.0.2.7"));
    EXPECT_THAT(inf.extended_key_usage, ElementsAre("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"));
    EXPECT_EQ(inf.key_usage, (std::vector{KeyUsageBit::digital_signature, KeyUsageBit::key_encipherment}));
    EXPECT_EQ(inf.algorithm, KeyAlgorithm::ec_p256);
    EXPECT_THAT(findings(inf), ElementsAre("key.sha1 at binary.inf", "usage.key-encipherment-with-ec at binary.inf:8"));
    EXPECT_THAT(left_out(inf), IsEmpty());
}

TEST(Inf, ANameInDerThatIsNoTextIsLeftOut) {
    const auto result =
        read_text("[NewRequest]\nKeyLength=2048\n[Extensions]\n2.5.29.17=\"{hex}300782050161ff0a62\"\n");
    ASSERT_TRUE(result);
    EXPECT_THAT(result->dns_names, IsEmpty());
    EXPECT_THAT(left_out(*result), ElementsAre("test.inf:4: [Extensions] 2.5.29.17 = \\x01a\\xff\\x0ab"));
}

TEST(Inf, QuotesCommentsAndContinuedLines) {
    const auto inf = read_sample("quotes.inf");
    EXPECT_EQ(inf.subject, (Subject{{"", "", "", "Contoso", ""}, "www.example.com"}));
    EXPECT_EQ(inf.hash, Hash::sha256);
    EXPECT_EQ(inf.friendly_name, "semicolon ; inside");
    EXPECT_EQ(inf.certificate_template, "Web");
    EXPECT_THAT(left_out(inf),
                ElementsAre("quotes.inf:5: [NewRequest] ProviderName = Microsoft    Software Key Storage Provider",
                            "quotes.inf:7: [NewRequest] 2.5.29.17 = lost"));
}

TEST(Inf, ExtensionsWithoutTheirPrefix) {
    const auto inf = read_sample("prefix-missing.inf");
    EXPECT_THAT(inf.dns_names, ElementsAre("www.example.com", "a.example.com"));
    EXPECT_THAT(inf.extended_key_usage, ElementsAre("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"));
    EXPECT_THAT(left_out(inf), ElementsAre("prefix-missing.inf:6: [Extensions] 2.5.29.15 = not base64!"));
}

struct Refusal {
    const char* name;
    std::string text;
    const char* what;
    const char* where;
};

class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, WithItsPlace) {
    const auto result = read_text(GetParam().text);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ExitCode::input);
    EXPECT_EQ(result.error().what, GetParam().what);
    EXPECT_EQ(result.error().where, GetParam().where);
    EXPECT_NE(result.error().hint, "");
}

std::string many_tokens() {
    std::string text = "[Strings]\na0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n";
    for (int i = 1; i < 8; ++i) {
        text += 'a' + std::to_string(i) + '=';
        for (int k = 0; k < 64; ++k) text += "%a" + std::to_string(i - 1) + '%';
        text += '\n';
    }
    return text + "[NewRequest]\nSubject=%a7%\n";
}

INSTANTIATE_TEST_SUITE_P(
    Inf, Refused,
    testing::Values(
        Refusal{"Empty", "", "there is nothing in [NewRequest], so this is no certreq policy file", "test.inf"},
        Refusal{"OtherInf", "[Version]\nClass=Printer\n",
                "there is nothing in [NewRequest], so this is no certreq policy file", "test.inf"},
        Refusal{"Pem", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n", "a line outside of any section", "test.inf:1"},
        Refusal{"OpenQuote", "[NewRequest]\nSubject=\"CN=a\n", "a quote that is not closed", "test.inf:2"},
        Refusal{"OpenBracket", "[NewRequest\n", "a section without ]", "test.inf:1"},
        Refusal{"ContinueFirst", "[Extensions]\n_continue_=\"dns=a\"\n", "_continue_ with no line above it to continue",
                "test.inf:2"},
        Refusal{"EndlessTokens", "[Strings]\na=%b%\nb=%a%\n[NewRequest]\nSubject=%a%\n",
                "the tokens of [Strings] name each other without end", "test.inf:5"},
        Refusal{"GrowingTokens", many_tokens(), "the tokens of [Strings] expand to more than 4 MiB", "test.inf:11"},
        Refusal{"ControlCharacter", "[NewRequest]\nSubject=a\x01\n", "a control character", "test.inf:2"},
        Refusal{"NulByte", std::string("[NewRequest]\nSubject=\0\n", 23), "a NUL byte, which no text has", "test.inf"},
        Refusal{"HalfACharacter", "\xff\xfe[", "UTF-16 text that ends in half a character", "test.inf"},
        Refusal{"HalfAPair", std::string("\xff\xfe\x00\xd8", 4), "UTF-16 text with half of a surrogate pair",
                "test.inf"},
        Refusal{"TooLarge", std::string((std::size_t{1} << 20) + 1, ';'), "larger than 1 MiB", "test.inf"},
        Refusal{"LongLine", "[NewRequest]\nSubject=" + std::string(70000, 'x'), "a line of more than 64 KiB",
                "test.inf:2"}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(Inf, AMebibyteOfEntriesIsListed) {
    std::string text = "[NewRequest]\n";
    while (text.size() + 4 <= std::size_t{1} << 20) text += "a=%\n";
    const auto result = read_text(text);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->unplaced.size(), (text.size() - 13) / 4);
}

struct NameCase {
    const char* name;
    const char* written;
    Subject subject;
};

class SubjectText : public testing::TestWithParam<NameCase> {};

TEST_P(SubjectText, IsRead) {
    const auto result = read_text("[NewRequest]\nSubject = \"" + std::string(GetParam().written) + "\"\n");
    ASSERT_TRUE(result);
    EXPECT_EQ(result->subject, GetParam().subject);
}

INSTANTIATE_TEST_SUITE_P(
    Inf, SubjectText,
    testing::Values(NameCase{"Backwards", "C=US,S=WA,CN=a.example", {{"US", "WA", "", "", ""}, "a.example"}},
                    NameCase{"Escapes", "CN=a.example,O=A\\, B\\+C", {{"", "", "", "A, B+C", ""}, "a.example"}},
                    NameCase{"Quoted",
                             "O=\"\"A \"\"\"\"B\"\"\"\" C\"\" , CN=a.example",
                             {{"", "", "", "A \"B\" C", ""}, "a.example"}},
                    NameCase{"Oids", "2.5.4.3=a.example;OID.2.5.4.10=A", {{"", "", "", "A", ""}, "a.example"}},
                    NameCase{"Blanks", "  CN = a.example , O = A B  ", {{"", "", "", "A B", ""}, "a.example"}},
                    NameCase{"CommaWithoutQuotes",
                             "O=Contoso, Inc., CN=a.example,",
                             {{"", "", "", "Contoso, Inc.", ""}, "a.example"}},
                    NameCase{"Nothing", "", {}}, NameCase{"Wildcard", "CN=*.a.example", {{}, "*.a.example"}},
                    NameCase{"NoName", "a.example", {}}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(Inf, FlagsChangeTheReadingOfTheSubject) {
    const auto result = read_text("[NewRequest]\nSubject=\"CN=a.example;O=A, B\"\nX500NameFlags=0x40000000\n");
    ASSERT_TRUE(result);
    EXPECT_EQ(result->subject, (Subject{{"", "", "", "A, B", ""}, "a.example"}));
}

}  // namespace
}  // namespace hsmreq::farm
