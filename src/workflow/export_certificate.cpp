#include "workflow/export_certificate.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "hsmreq/inspect.hpp"
#include "plan/rules.hpp"
#include "workflow/certificate_findings.hpp"
#include "workflow/issuing_roots.hpp"
#include "workflow/run_parts.hpp"
#include "x509/certificate_file.hpp"

namespace hsmreq::workflow {
namespace {

using Certificates = std::vector<CertificateInspection>;

std::string place(const CertificateSearch& search, const std::string& name) {
    return search.directory.path() + "/" + name;
}

Result<Certificates> read(const CertificateSearch& search, const std::string& name) {
    TRY_ASSIGN(const auto content, search.directory.read(name, x509::certificate_file_limit));
    if (content.empty()) return Certificates{};  // a chain without intermediates may be written so
    auto certificates = inspect_certificates(content);
    if (!certificates && certificates.error().where.empty()) certificates.error().where = place(search, name);
    return certificates;
}

Error no_certificate(const CertificateSearch& search, const std::string& name) {
    return {.code = ExitCode::not_found,
            .what = "the key has no certificate yet",
            .where = place(search, name),
            .hint = "`hsmreq install` puts the CA's certificate there"};
}

Error another_key(const CertificateSearch& search, const std::string& name) {
    return {.code = ExitCode::verification,
            .what = "the certificate is for another key than the token's",
            .where = place(search, name),
            .hint = "`hsmreq install` takes the certificate that was issued for this key's request",
            .finding = "cert.key-mismatch"};
}

/// The leaf first, then whatever certificates there are.
Result<Certificates> read_bundle(const CertificateSearch& search) {
    const std::string name = search.stem + ".pem";
    const std::string chain_name = search.stem + ".chain.pem";
    if (!search.directory.exists() || !search.directory.has(name)) return no_certificate(search, name);
    TRY_ASSIGN(Certificates bundle, read(search, name));
    const auto leaf = std::ranges::find_if(bundle, [&](const CertificateInspection& certificate) {
        return std::ranges::equal(certificate.public_key_der, search.public_key_der);
    });
    if (leaf == bundle.end()) return another_key(search, name);
    std::rotate(bundle.begin(), leaf, leaf + 1);
    if (search.directory.has(chain_name)) {
        TRY_ASSIGN(Certificates chain, read(search, chain_name));
        std::ranges::move(chain, std::back_inserter(bundle));
    }
    return bundle;
}

void judge_all_dates(const CertificateSearch& search, const Certificates& bundle, const x509::Chain& chain,
                     std::vector<Finding>& findings) {
    const std::string file = search.stem + ".pem";
    Yardstick yardstick;
    yardstick.ca = search.farm.ca;
    yardstick.now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    for (const auto index : chain.order)
        std::ranges::move(judge_validity({bundle[index], file, bundle[index].subject_text}, yardstick),
                          std::back_inserter(findings));
}

Result<x509::Chain> chain_of_leaf(const Certificates& bundle, const IssuingRoots& roots) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    TRY_ASSIGN(auto chains, x509::verify_chains(bundle, roots.store, now));
    for (auto& chain : chains)
        if (!chain.order.empty() && chain.order.front() == 0) return std::move(chain);
    return Error{.code = ExitCode::rules,
                 .what = "the certificate is a CA's that has issued others of the same file",
                 .where = bundle.front().subject_text};
}

void take(const CertificateInspection& leaf, const std::string& name, ChosenCertificate& chosen) {
    chosen.facts = {.file = name,
                    .subject = leaf.subject_text,
                    .serial = leaf.serial,
                    .sha256 = leaf.der_sha256,
                    .not_after = to_text(leaf.not_after)};
    chosen.leaf = leaf.der;
}

}  // namespace

Result<ChosenCertificate> choose_certificate(const CertificateSearch& search) {
    TRY_ASSIGN(const Certificates bundle, read_bundle(search));
    TRY_ASSIGN(const auto roots, issuing_roots(&search.farm));
    TRY_ASSIGN(const auto chain, chain_of_leaf(bundle, roots));
    ChosenCertificate chosen;
    const std::string name = search.stem + ".pem";
    take(bundle.front(), name, chosen);
    chosen.findings = judge_chain(chain, name, roots.given);
    judge_all_dates(search, bundle, chain, chosen.findings);
    plan::apply_waivers(search.farm.rules, search.date, chosen.findings);
    if (refuses(chosen.findings)) return refused_by(chosen.findings, search.directory.path());
    for (const auto index : chain.order) {
        const bool root = index == chain.order.back() && bundle[index].self_issued;
        if (index == 0 || root) continue;
        chosen.chain.push_back(bundle[index].der);
        chosen.chain_subjects.push_back(bundle[index].subject_text);
    }
    return chosen;
}

}  // namespace hsmreq::workflow
