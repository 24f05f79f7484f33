// What becomes of the files that are there, decided before anything is written.
#include "workflow/install_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "support/certificates.hpp"
#include "support/softhsm.hpp"
#include "workflow/install_token.hpp"
#include "x509/certificate_parts.hpp"

namespace hsmreq::workflow {
namespace {

using test::CertificateWish;
using test::self_signed_certificate;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Files : public ::testing::Test {
protected:
    CertificateInspection certificate(long serial, long begins) const {
        const CertificateWish wish{.name = "web", .serial = serial, .begins = begins, .key = key.get()};
        return inspect_certificates(self_signed_certificate(wish)).value().front();
    }

    void put(const std::string& name, const Bytes& content) const { folder.write(name, std::string(as_text(content))); }
    static Bytes pem(const CertificateInspection& certificate) { return x509::certificate_to_pem(certificate.der); }

    Result<FileChanges> plan(const CertificateInspection& leaf, bool replace = false) const {
        return plan_files({directory, names, leaf, intermediates, replace});
    }

    /// With evidence that nobody signs.
    Status write(const FileChanges& changes) {
        return write_files({directory, names, changes, {}}, {names.evidence, {'{', '}'}});
    }

    static std::vector<std::string> names_of(const std::vector<StagedFile>& files) {
        std::vector<std::string> found;
        for (const auto& file : files) found.push_back(file.name);
        return found;
    }

    test::TemporaryFolder folder;
    OutputDirectory directory = OutputDirectory::open(folder.path()).value();
    InstallFiles names{"web", "web.pem", "web.chain.pem", "web.fullchain.pem", "web.install.evidence.json"};
    x509::KeyPtr key{EVP_EC_gen("P-256")};
    std::vector<Bytes> intermediates{self_signed_certificate(CertificateWish{.name = "CA", .ca = true})};
};

TEST_F(Files, AreWrittenWithTheLeafLast) {
    const auto leaf = certificate(1, -60);
    const auto changes = plan(leaf);
    ASSERT_TRUE(changes.ok());
    EXPECT_THAT(names_of(changes->written), ElementsAre("web.chain.pem", "web.fullchain.pem", "web.pem"));
    EXPECT_THAT(changes->kept, IsEmpty());
    EXPECT_FALSE(changes->former);
    ASSERT_TRUE(write(*changes).ok());
    EXPECT_FALSE(plan(leaf)->any()) << "the same once more";
}

TEST_F(Files, OfAnOlderCertificateAreKeptUnderItsSerialNumber) {
    const auto former = certificate(0x4001, -3600);
    ASSERT_TRUE(write(*plan(former)).ok());
    const auto changes = plan(certificate(0x4002, -60));
    ASSERT_TRUE(changes.ok());
    EXPECT_THAT(names_of(changes->kept), ElementsAre("web.4001.chain.pem", "web.4001.fullchain.pem",
                                                     "web.4001.install.evidence.json", "web.4001.pem"));
    EXPECT_THAT(names_of(changes->written), ElementsAre("web.fullchain.pem", "web.pem"));
    ASSERT_TRUE(changes->former);
    EXPECT_EQ(changes->former->serial, "4001");
    EXPECT_EQ(changes->former->sha256, former.der_sha256);
}

TEST_F(Files, OfAnEnvelopeGoWithTheEvidenceThatItIsOver) {
    const auto former = certificate(0x4001, -3600);
    const auto leaf = certificate(0x4002, -60);
    ASSERT_TRUE(write(*plan(former)).ok());
    put("web.install.evidence.dsse.json", {'e'});
    ASSERT_TRUE(write(*plan(leaf)).ok());
    EXPECT_FALSE(directory.has("web.install.evidence.dsse.json")) << "there is no key that would sign the new evidence";
    EXPECT_EQ(directory.read("web.4001.install.evidence.dsse.json", 10).value(), Bytes{'e'});
}

TEST_F(Files, ThatWereKeptBeforeTheRunWasCutOffAreNotKeptTwice) {
    const auto former = certificate(0x4001, -3600);
    const auto leaf = certificate(0x4002, -60);
    put("web.pem", pem(former));
    put("web.4001.pem", pem(former));
    put("web.fullchain.pem", pem(leaf));  // the new one is there already
    const auto changes = plan(leaf);
    ASSERT_TRUE(changes.ok());
    EXPECT_THAT(changes->kept, IsEmpty());
    EXPECT_EQ(changes->former->file, "web.4001.pem");
}

TEST_F(Files, OfAChainThatIsNoLongerNeededGo) {
    const auto leaf = certificate(1, -60);
    ASSERT_TRUE(write(*plan(leaf)).ok());
    intermediates.clear();
    const auto changes = plan(leaf);
    ASSERT_TRUE(changes.ok());
    EXPECT_TRUE(changes->removes_chain);
    ASSERT_TRUE(write(*changes).ok());
    EXPECT_FALSE(directory.has("web.chain.pem"));
    EXPECT_FALSE(plan(leaf)->any());
}

struct InTheWay {
    const char* name;
    const char* file;
    const char* words;
    Bytes (*content)(const x509::KeyPtr& key);
};
void PrintTo(const InTheWay& given, std::ostream* stream) {
    *stream << given.name;
}
class Obstacles : public Files, public ::testing::WithParamInterface<InTheWay> {};

TEST_P(Obstacles, AreLeftUnlessReplaceIsGiven) {
    put(GetParam().file, GetParam().content(key));
    const auto leaf = certificate(1, -60);
    const auto refused = plan(leaf);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ExitCode::output);
    EXPECT_THAT(refused.error().what, HasSubstr(GetParam().words));
    EXPECT_TRUE(plan(leaf, true).ok());
}

Bytes notes(const x509::KeyPtr&) {
    return {'n', 'o', 't', 'e', 's'};
}
Bytes of_another_key(const x509::KeyPtr&) {
    return x509::certificate_to_pem(self_signed_certificate(CertificateWish{.name = "web", .begins = -7200}));
}
Bytes younger(const x509::KeyPtr& key) {
    return x509::certificate_to_pem(
        self_signed_certificate(CertificateWish{.name = "web", .begins = 0, .key = key.get()}));
}

constexpr InTheWay obstacles[] = {
    {"Notes", "web.pem", "is no certificate", notes},
    {"AnotherKey", "web.pem", "for another key", of_another_key},
    {"Younger", "web.pem", "a younger certificate", younger},
    {"ForeignChain", "web.chain.pem", "is not of this key's certificate", of_another_key},
    {"ForeignFullChain", "web.fullchain.pem", "is not of this key's certificate", of_another_key},
    {"NotesForAChain", "web.chain.pem", "is not of this key's certificate", notes},
};
INSTANTIATE_TEST_SUITE_P(Table, Obstacles, ::testing::ValuesIn(obstacles),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(Files, OfAnotherCertificateUnderTheFormersNameAreLeft) {
    put("web.pem", pem(certificate(0x4001, -3600)));
    put("web.4001.pem", of_another_key(key));
    const auto refused = plan(certificate(0x4002, -60));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ExitCode::output);
    EXPECT_THAT(refused.error().what, HasSubstr("web.4001.pem"));
}

TEST(IntermediateId, IsTheFingerprintCutShort) {
    const Bytes der = self_signed_certificate(CertificateWish{.name = "CA", .ca = true});
    const auto inspected = inspect_certificates(der).value().front();
    EXPECT_EQ(to_hex(intermediate_id(der)), inspected.der_sha256.substr(0, 40));
}

}  // namespace
}  // namespace hsmreq::workflow
