// The name check of TLS clients, held to the openssl tool's own.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/file.hpp"
#include "hsmreq/inspect.hpp"
#include "support/temporary_folder.hpp"
#include "x509/chain.hpp"

namespace hsmreq::x509 {
namespace {

std::string output_of(const std::string& command) {
    std::string text;
    FILE* output = ::popen((command + " 2>&1").c_str(), "r");
    if (output == nullptr) throw std::runtime_error("no shell");
    std::array<char, 1024> buffer{};
    while (const auto count = std::fread(buffer.data(), 1, buffer.size(), output)) text.append(buffer.data(), count);
    if (::pclose(output) != 0) throw std::runtime_error(command + ": " + text);
    return text;
}

class Host : public testing::Test {
protected:
    void make(const std::string& names) {
        file_ = folder_.path() + "/certificate.pem";
        output_of("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + folder_.path() +
                  "/key.pem -subj /CN=common.example.com " +
                  (names.empty() ? "" : "-addext 'subjectAltName=" + names + "'") + " -out " + file_);
        const auto bytes = read_file(file_, std::size_t{1} << 20);
        ASSERT_TRUE(bytes.ok());
        const auto certificates = inspect_certificates(*bytes);
        ASSERT_TRUE(certificates.ok()) << certificates.error().what;
        der_ = certificates->front().der;
    }

    void expect_agreement(const std::string& flag, const std::string& host) {
        // The answer is in the words: OpenSSL 3.5 also ends with 1 for no.
        const auto said = output_of("openssl x509 -noout -in " + file_ + " " + flag + " '" + host + "' || true");
        ASSERT_NE(said.find("does match") == std::string::npos, said.find("does NOT match") == std::string::npos)
            << said;
        EXPECT_EQ(matches_host(der_, host), said.find("does match") != std::string::npos) << host << ": " << said;
        seen_match_ = seen_match_ || matches_host(der_, host);
    }

    test::TemporaryFolder folder_;
    std::string file_;
    Bytes der_;
    bool seen_match_ = false;
};

TEST_F(Host, AgreesWithOpensslOnDnsNames) {
    make("DNS:web.example.com,DNS:*.wild.example.com,DNS:xn--mnchen-3ya.example");
    for (const char* host : {"web.example.com", "WEB.Example.COM", "web.example.com.", "example.com",
                             "a.wild.example.com", "wild.example.com", "a.b.wild.example.com", "*.wild.example.com",
                             "common.example.com", "xn--mnchen-3ya.example", "web.example.co"})
        expect_agreement("-checkhost", host);
    EXPECT_TRUE(seen_match_);
}

TEST_F(Host, AgreesWithOpensslOnAddresses) {
    make("IP:192.0.2.7,IP:2001:db8::7,DNS:192.0.2.8");
    for (const char* address : {"192.0.2.7", "192.0.2.8", "2001:db8::7", "2001:0db8:0:0:0:0:0:7", "2001:db8::8"})
        expect_agreement("-checkip", address);
    EXPECT_TRUE(seen_match_);
}

TEST_F(Host, AgreesWithOpensslOnACertificateWithoutAlternativeNames) {
    make("");
    expect_agreement("-checkhost", "common.example.com");
    expect_agreement("-checkhost", "other.example.com");
    EXPECT_TRUE(seen_match_);
}

TEST_F(Host, MatchesNothingForAnEmptyNameOneWithANulOrBytesThatAreNoCertificate) {
    make("DNS:web.example.com");
    EXPECT_FALSE(matches_host(der_, ""));
    EXPECT_FALSE(matches_host(der_, std::string("web.example.com\0.evil", 21)));
    EXPECT_FALSE(matches_host({}, "web.example.com"));
}

}  // namespace
}  // namespace hsmreq::x509
