// What status and trust find, with every field filled in.
#include "unit/evidence/samples.hpp"

namespace hsmreq::evidence::samples {
namespace {

const std::string key_sha256(64, 'b');

}  // namespace

StatusSummary status() {
    StatusSummary all;
    static_cast<RunHeader&>(all) = summary();
    all.authority = "public";
    all.warn_days = std::chrono::days(15);
    all.due = true;
    StatusItem item;
    item.request = "reverse-proxy";
    item.member = item.token_member = item.token = "rp01";
    item.state = StatusState::expired;
    item.generation = 2;
    item.due = true;
    item.next = "renew";
    item.older = {1};
    item.missing_names = {"new.contoso.com"};
    item.findings = {finding()};
    item.error = token_error();
    const StatusCertificate certificate{.sources = {"token", "reverse-proxy.rp01.g2.pem"},
                                        .subject = "CN=webext.contoso.com",
                                        .issuer = "CN=Root",
                                        .serial = "4002",
                                        .sha256 = std::string(64, 'c'),
                                        .public_key_sha256 = key_sha256,
                                        .not_before = std::chrono::sys_seconds(std::chrono::seconds(1'790'000'000)),
                                        .not_after = std::chrono::sys_seconds(std::chrono::seconds(1'799'999'999)),
                                        .days_left = -1};
    item.generations.resize(1);
    item.generations.front().generation = 1;
    item.generations.front().key_id = std::string(40, 'a');
    item.generations.push_back({.generation = 2,
                                .key_id = std::string(40, 'd'),
                                .public_key_sha256 = key_sha256,
                                .sources = {"token"},
                                .private_key = KeyPresence::present,
                                .request_file = "reverse-proxy.rp01.g2.csr",
                                .chain_file = "reverse-proxy.rp01.g2.chain.pem",
                                .certificates = {certificate}});
    all.items = {item};
    CalendarEntry entry;
    entry.from = std::chrono::year{2027} / 3 / 15;
    entry.text = "a new certificate is valid for 100 days at most";
    entry.days = 100;
    entry.source = "TLS Baseline Requirements 2.2.6, 6.3.2";
    all.calendar = {entry};
    return all;
}

TrustSummary trust() {
    TrustSummary all;
    static_cast<RunHeader&>(all) = summary();
    CertificateInspection certificate;
    certificate.subject_text = certificate.issuer_text = "CN=Root";
    certificate.serial = "01";
    certificate.self_issued = true;
    certificate.signature_algorithm = "ecdsa-with-SHA256";
    certificate.der_sha256 = std::string(64, 'e');
    certificate.sha1 = std::string(40, 'e');
    BackendResult item;
    item.address = "pool01.corp.contoso.com:4443";
    item.uses = {"pool webext.contoso.com"};
    item.chain = {certificate};
    item.findings = {finding()};
    item.error = token_error();
    all.items = {item};
    all.authorities = {{"root.pem", true, certificate}};
    all.bundle_file = "internal-ca-bundle.pem";
    all.anchors = {"/usr/local/share/ca-certificates/hsmreq-contoso-eeeeeeeeeeeeeeee.crt"};
    return all;
}

}  // namespace hsmreq::evidence::samples
