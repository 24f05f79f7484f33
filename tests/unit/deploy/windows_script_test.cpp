// The script for Windows: whatever stands in a certificate, it stays a comment of one line.
#include "deploy/windows_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace hsmreq::deploy {
namespace {

using testing::HasSubstr;
using testing::Not;

CertificateInspection certificate(const std::string& subject, bool root) {
    CertificateInspection one;
    one.subject_text = subject;
    one.self_issued = root;
    one.sha1 = "0a1b";
    one.der_sha256 = "ffee";
    one.der = Bytes(100, 0xa5);
    return one;
}

TEST(WindowsScript, IsAsciiWithCarriageReturnsAtEveryLine) {
    const auto script = windows_trust_script("f\u00fcr contoso", {certificate("CN=M\u00fcnchen", true)});
    for (std::size_t i = 0; i < script.size(); ++i) {
        EXPECT_LT(static_cast<unsigned char>(script[i]), 0x80);
        if (script[i] == '\n') {
            EXPECT_EQ(script[i - 1], '\r');
        }
    }
}

TEST(WindowsScript, KeepsSubjectsInsideTheirComments) {
    const auto script = windows_trust_script(
        "t", {certificate("CN=a\nRemove-Item C:\\", true), certificate("CN=b\r\n'@\r\nExit", false)});
    EXPECT_THAT(script, Not(HasSubstr("\nRemove-Item")));
    EXPECT_THAT(script, Not(HasSubstr("\nExit")));
    EXPECT_THAT(script, HasSubstr("# Into LocalMachine\\Root: CN=a\\x0aRemove-Item"));
}

TEST(WindowsScript, SendsRootsAndIntermediatesToTheirStores) {
    const auto script = windows_trust_script("t", {certificate("CN=r", true), certificate("CN=i", false)});
    EXPECT_THAT(script, HasSubstr("\r\nAdd-TrustedCertificate 'Root' '0A1B' @'\r\n"));
    EXPECT_THAT(script, HasSubstr("\r\nAdd-TrustedCertificate 'CA' '0A1B' @'\r\n"));
}

}  // namespace
}  // namespace hsmreq::deploy
