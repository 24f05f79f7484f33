// Files as people have them: PEM of every make, DER, and what is neither.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "unit/x509/samples.hpp"

namespace hsmreq::x509 {
namespace {

using testing::HasSubstr;

const std::string& pem() {
    static const std::string text(as_text(to_pem(signed_request(sample_plan()))));
    return text;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

std::string utf16(const std::string& text, bool little_endian) {
    std::string wide = little_endian ? "\xff\xfe" : "\xfe\xff";
    for (const char c : text) wide += little_endian ? std::string{c, '\0'} : std::string{'\0', c};
    return wide;
}

const std::string certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const std::string private_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

TEST(RequestFile, PemIsReadHoweverItWasSaved) {
    const std::pair<const char*, std::string> files[] = {
        {"plain", pem()},
        {"old header", replaced(pem(), "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")},
        {"text around", "Certificate Request:\n  Data:\n" + pem() + "\nbye\n"},
        {"CRLF", replaced(pem(), "\n", "\r\n")},
        {"byte order mark", "\xef\xbb\xbf" + pem()},
        {"no newline at the end", pem().substr(0, pem().size() - 1)},
        {"spaces around and in lines", replaced(replaced(pem(), "\n", "  \n"), "w", " w ")},
        {"empty lines", replaced(pem(), "\n", "\n\n")},
        {"UTF-16 of Windows", utf16(pem(), true)},
        {"UTF-16, other order", utf16(pem(), false)},
        {"behind a certificate", certificate + pem()},
        {"before a private key", pem() + private_key},
    };
    for (const auto& [name, file] : files) {
        const auto request = inspect_request(as_bytes(file));
        ASSERT_TRUE(request) << name << ": " << request.error().what;
        EXPECT_TRUE(request->signature_valid) << name;
        EXPECT_THAT(request->pem_label, HasSubstr("CERTIFICATE REQUEST")) << name;
    }
}

struct BadFile {
    const char* name;
    std::string content;
    const char* what;
    bool claims_to_be_a_request;
};

std::vector<BadFile> bad_files() {
    const Bytes der = signed_request(sample_plan());
    const std::string raw(as_text(der));
    const Bytes spki = spki_of(software_key(KeyAlgorithm::ec_p256));
    const std::string begin = "-----BEGIN CERTIFICATE REQUEST-----\n";
    const std::string end = "-----END CERTIFICATE REQUEST-----\n";
    return {
        {"empty", "", "empty", false},
        {"one newline", "\n", "no known type", false},
        {"text", "hello world\n", "no known type", false},
        {"zeros", std::string(1000, '\0'), "no known type", false},
        {"too large", std::string((1U << 20U) + 1, 'x'), "larger than", false},
        {"two requests", pem() + pem(), "2 certification requests", false},
        {"certificate", certificate, "a certificate", false},
        {"private key", private_key, "a private key", false},
        {"other PEM", "-----BEGIN FOO-----\nAAAA\n-----END FOO-----\n", "another kind", false},
        {"no end line", pem().substr(0, pem().find("-----END")), "no end line", true},
        {"another end line", replaced(pem(), "-----END CERTIFICATE", "-----END NEW CERTIFICATE"), "no end line", true},
        {"no base64", begin + end, "base64", true},
        {"bad base64", begin + "AA*A\n" + end, "base64", true},
        {"bad padding", begin + "A===\n" + end, "base64", true},
        {"nul in base64", begin + std::string("AA\0A\n", 5) + end, "base64", true},
        {"encrypted", begin + "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n" + end, "base64", true},
        {"PEM around other DER", begin + "MAA=\n" + end, "no known type", true},
        {"cut DER", raw.substr(0, raw.size() - 1), "DER is malformed", true},
        {"DER and a newline", raw + "\n", "DER is malformed", true},
        {"DER twice", raw + raw, "DER is malformed", true},
        {"public key", std::string(as_text(spki)), "a public key", false},
        {"cut SEQUENCE", "\x30\x10\x02", "DER is malformed", false},
        {"empty SEQUENCE", std::string("\x30\x00", 2), "no known type", false},
        {"huge length", "\x30\x84\xff\xff\xff\xff", "DER is malformed", false},
        {"indefinite length", std::string("\x30\x80\x00\x00", 4), "DER is malformed", false},
    };
}

TEST(RequestFile, WhatIsNoneIsRefusedWithTheReason) {
    for (const auto& file : bad_files()) {
        const auto request = inspect_request(as_bytes(file.content));
        ASSERT_FALSE(request) << file.name;
        const Error& error = request.error();
        EXPECT_EQ(error.code, ExitCode::input) << file.name;
        EXPECT_THAT(error.what, HasSubstr(file.what)) << file.name;
        EXPECT_EQ(error.finding, file.claims_to_be_a_request ? "csr.malformed" : "") << file.name;
        EXPECT_EQ(ERR_peek_error(), 0U) << file.name;
    }
}

TEST(RequestFile, EveryPrefixOfARequestIsRefused) {
    const Bytes der = signed_request(sample_plan());
    for (std::size_t size = 0; size < der.size(); ++size)
        EXPECT_FALSE(inspect_request(BytesView(der).first(size))) << size;
}

}  // namespace
}  // namespace hsmreq::x509
