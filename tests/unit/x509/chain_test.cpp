// Chains out of unordered bundles: which, in which order, and what is wrong with them.
#include "x509/chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/hex.hpp"
#include "hsmreq/inspect.hpp"
#include "unit/x509/issued.hpp"
#include "x509/certificate_file.hpp"
#include "x509/certificate_parts.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// A name and the key that stands behind it.
struct Party {
    explicit Party(std::string party_name) : name(std::move(party_name)), key(EVP_EC_gen("P-256")) {}
    std::string name;
    KeyPtr key;
};

struct Validity {
    long begins = -1000;  ///< seconds from `now`
    long ends = 1000;
};

CertificateInspection issue(const Party& subject, const Party& issuer, bool ca, Validity validity = {}) {
    return inspect_certificates(x509::issue({.subject = subject.name,
                                             .issuer = issuer.name,
                                             .key = subject.key.get(),
                                             .signer = issuer.key.get(),
                                             .ca = ca,
                                             .purpose = "",
                                             .begins = validity.begins,
                                             .ends = validity.ends}))
        .value()
        .front();
}

std::vector<Chain> chains_of(const std::vector<CertificateInspection>& bundle,
                             const std::vector<CertificateInspection>& roots) {
    const auto store = TrustStore::of(roots);
    return verify_chains(bundle, store.value(), now).value();
}

class Chains : public testing::Test {
protected:
    Party root{"Root"};
    Party middle{"Middle"};
    Party leaf{"Leaf"};
    Party other{"Other"};
    CertificateInspection root_certificate = issue(root, root, true);
    CertificateInspection middle_certificate = issue(middle, root, true);
    CertificateInspection leaf_certificate = issue(leaf, middle, false);
};

TEST_F(Chains, AreOrderedFromTheLeafWhateverTheOrderOfTheBundle) {
    const auto chains = chains_of({root_certificate, leaf_certificate, middle_certificate}, {root_certificate});
    ASSERT_THAT(chains, SizeIs(1));
    EXPECT_THAT(chains[0].order, ElementsAre(1, 2, 0));
    EXPECT_TRUE(chains[0].holds());
    EXPECT_EQ(chains[0].root, "CN=Root");
}

TEST_F(Chains, EndInARootThatIsNotInTheBundle) {
    const auto chains = chains_of({middle_certificate, leaf_certificate}, {root_certificate});
    ASSERT_THAT(chains, SizeIs(1));
    EXPECT_THAT(chains[0].order, ElementsAre(1, 0));
    EXPECT_TRUE(chains[0].holds());
    EXPECT_EQ(chains[0].root, "CN=Root");
}

TEST_F(Chains, HoldTheWholePathAlsoWhereItLeavesTheBundle) {
    const auto chains = chains_of({leaf_certificate}, {middle_certificate, root_certificate});
    ASSERT_THAT(chains, SizeIs(1));
    EXPECT_TRUE(chains[0].holds());
    EXPECT_THAT(chains[0].order, ElementsAre(0));
    EXPECT_THAT(chains[0].path, ElementsAre(leaf_certificate.der, middle_certificate.der, root_certificate.der));
}

TEST_F(Chains, NameTheCertificateWhoseIssuerIsMissing) {
    const auto chains = chains_of({leaf_certificate}, {root_certificate});
    ASSERT_THAT(chains, SizeIs(1));
    ASSERT_THAT(chains[0].faults, SizeIs(1));
    EXPECT_EQ(chains[0].faults[0].kind, ChainFaultKind::incomplete);
    EXPECT_EQ(chains[0].faults[0].issuer, "CN=Middle");
    EXPECT_EQ(chains[0].faults[0].index, 0U);
    EXPECT_EQ(chains[0].root, "");
}

TEST_F(Chains, FindEveryFaultAndNotTheFirstOnly) {
    const auto expired = issue(middle, root, true, {-2000, -1000});
    const auto early = issue(leaf, middle, false, {500, 1000});
    const auto chains = chains_of({early, expired}, {root_certificate});
    ASSERT_THAT(chains, SizeIs(1));
    std::vector<std::pair<ChainFaultKind, std::string>> found;
    for (const auto& fault : chains[0].faults) found.emplace_back(fault.kind, fault.subject);
    EXPECT_THAT(found, testing::UnorderedElementsAre(std::pair(ChainFaultKind::expired, "CN=Middle"),
                                                     std::pair(ChainFaultKind::not_yet_valid, "CN=Leaf")));
}

TEST_F(Chains, FindASignatureByAnotherKeyOfTheSameName) {
    const Party impostor{"Middle"};
    const auto forged = issue(leaf, impostor, false);
    const auto chains = chains_of({forged, middle_certificate}, {root_certificate});
    ASSERT_THAT(chains, SizeIs(1));
    ASSERT_THAT(chains[0].faults, SizeIs(1));
    EXPECT_EQ(chains[0].faults[0].kind, ChainFaultKind::bad_signature);
    EXPECT_EQ(chains[0].faults[0].index, 0U);
}

TEST_F(Chains, DoNotEndInASelfSignedCertificateThatIsNoRoot) {
    const auto chains = chains_of({leaf_certificate, middle_certificate, root_certificate}, {});
    ASSERT_THAT(chains, SizeIs(1));
    ASSERT_THAT(chains[0].faults, SizeIs(1));
    EXPECT_EQ(chains[0].faults[0].kind, ChainFaultKind::untrusted_root);
    EXPECT_EQ(chains[0].faults[0].subject, "CN=Root");
}

TEST_F(Chains, OfSeveralLeavesAreSeveralAndOthersCasAreNone) {
    const auto second = issue(other, middle, false);
    const Party stranger{"Stranger"};
    const auto chains =
        chains_of({leaf_certificate, issue(stranger, stranger, true), second, middle_certificate}, {root_certificate});
    ASSERT_THAT(chains, SizeIs(2));
    EXPECT_THAT(chains[0].order, ElementsAre(0, 3));
    EXPECT_THAT(chains[1].order, ElementsAre(2, 3));
}

TEST_F(Chains, CountACertificateOnce) {
    const auto chains =
        chains_of({leaf_certificate, leaf_certificate, middle_certificate, middle_certificate}, {root_certificate});
    ASSERT_THAT(chains, SizeIs(1));
    EXPECT_THAT(chains[0].order, ElementsAre(0, 2));
}

TEST_F(Chains, OfCasThatCertifyEachOtherComeToAnEnd) {
    const auto chains = chains_of({issue(middle, other, true), issue(other, middle, true)}, {});
    ASSERT_THAT(chains, SizeIs(2));
    for (const auto& chain : chains) EXPECT_FALSE(chain.holds());
}

TEST_F(Chains, RefuseALeafAsIssuer) {
    const auto issued_by_leaf = issue(other, leaf, false);
    const auto chains = chains_of({issued_by_leaf, leaf_certificate, middle_certificate}, {root_certificate});
    ASSERT_THAT(chains, SizeIs(1));
    ASSERT_FALSE(chains[0].faults.empty());
    EXPECT_EQ(chains[0].faults[0].kind, ChainFaultKind::refused);
    EXPECT_EQ(chains[0].faults[0].index, 1U);
}

TEST_F(Chains, RefuseACertificateWhoseKeyCannotBeDecoded) {
    auto damaged = leaf_certificate;
    // The identifier of the curve P-256, changed to one that nobody knows.
    const Bytes curve{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    const auto found = std::search(damaged.der.begin(), damaged.der.end(), curve.begin(), curve.end());
    ASSERT_NE(found, damaged.der.end());
    found[7] = 0x7f;
    const auto chains = chains_of({damaged, middle_certificate}, {root_certificate});
    ASSERT_THAT(chains, SizeIs(1));
    ASSERT_FALSE(chains[0].faults.empty());
    for (const auto& fault : chains[0].faults) EXPECT_EQ(fault.index, 0U) << fault.reason;
}

TEST_F(Chains, OfNothingAreNone) {
    EXPECT_THAT(chains_of({}, {}), IsEmpty());
}

TEST_F(Chains, AreMadeOfCertificatesWhosePartsAreDer) {
    const auto parts = certificate_parts(middle_certificate.der);
    ASSERT_TRUE(parts.ok());
    // SEQUENCE { SET { SEQUENCE { 2.5.4.3, UTF8String "Middle" } } }
    const Bytes middle_name{0x30, 0x11, 0x31, 0x0f, 0x30, 0x0d, 0x06, 0x03, 0x55, 0x04,
                            0x03, 0x0c, 0x06, 'M',  'i',  'd',  'd',  'l',  'e'};
    EXPECT_EQ(parts->subject, middle_name);
    EXPECT_EQ(parts->issuer, certificate_parts(root_certificate.der).value().subject);
    ASSERT_GE(parts->serial_number.size(), 3U);
    EXPECT_EQ(parts->serial_number[0], 0x02);
    EXPECT_EQ(to_hex(BytesView(parts->serial_number).subspan(2)), middle_certificate.serial);
    EXPECT_EQ(certificate_parts(Bytes{0x30, 0x00}).error().code, ExitCode::input);
}

TEST_F(Chains, AreMadeOfCertificatesThatReadBackFromTheirPem) {
    const Bytes pem = certificate_to_pem(leaf_certificate.der);
    const auto read = inspect_certificates(pem);
    ASSERT_TRUE(read.ok());
    ASSERT_THAT(*read, SizeIs(1));
    EXPECT_EQ(read->front().der, leaf_certificate.der);
    EXPECT_EQ(read->front().pem_label, "CERTIFICATE");
}

TEST(CertificateFile, IsHeldToItsBounds) {
    const Bytes large(certificate_file_limit + 1, 0x30);
    EXPECT_FALSE(holds_certificates(large));
    EXPECT_EQ(read_certificate_file(large).error().code, ExitCode::input);
    EXPECT_EQ(read_certificate_file({}).error().code, ExitCode::input);
}

}  // namespace
}  // namespace hsmreq::x509
