#include "workflow/internal_roots.hpp"

#include <algorithm>
#include <tuple>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "plan/rules.hpp"
#include "workflow/certificate_findings.hpp"
#include "workflow/issuing_roots.hpp"

namespace hsmreq::workflow {
namespace {

bool contains(const std::vector<InternalAuthority>& all, const CertificateInspection& certificate) {
    return std::ranges::any_of(all,
                               [&](const auto& one) { return one.certificate.der_sha256 == certificate.der_sha256; });
}

/// Why a certificate can't be a root; "" when it can.
std::string unfit(const CertificateInspection& certificate) {
    if (!certificate.self_issued) return "it is issued by " + printable(certificate.issuer_text);
    // Version 1 had no way to say it, and old CAs still have such roots.
    if (!is_ca(certificate) && certificate.version != 0) return "it is no CA's";
    return {};
}

Finding judge_root(const CertificateInspection& certificate, const std::string& file, const std::string& reason) {
    return plan::make_finding("trust.not-a-root", file, {plan::quoted(certificate.subject_text), file, reason});
}

/// True when `certificate` leads to a root, by way of those that were found to do so before.
Result<bool> leads_to_root(const InternalRoots& roots, const CertificateInspection& certificate,
                           const std::vector<InternalAuthority>& accepted, std::chrono::sys_seconds now) {
    std::vector<CertificateInspection> bundle{certificate};
    for (const auto& one : accepted) bundle.push_back(one.certificate);
    TRY_ASSIGN(const auto chains, x509::verify_chains(bundle, roots.store, now));
    return std::ranges::any_of(chains, [](const x509::Chain& chain) {
        return !chain.order.empty() && chain.order.front() == 0 && chain.holds();
    });
}

}  // namespace

Result<InternalRoots> internal_roots(const Farm& farm, std::chrono::sys_seconds now) {
    std::vector<InternalAuthority> roots;
    std::vector<Finding> findings;
    std::vector<CertificateInspection> usable;
    for (const auto& file : farm.trust.internal_roots) {
        TRY_ASSIGN(auto certificates, read_roots(file));
        for (auto& certificate : certificates) {
            const std::string reason = unfit(certificate);
            if (!reason.empty()) findings.push_back(judge_root(certificate, file, reason));
            if (!reason.empty() || contains(roots, certificate)) continue;
            if (certificate.not_after < now)
                findings.push_back(plan::make_finding("cert.expired", file, {to_text(certificate.not_after)}));
            usable.push_back(certificate);
            roots.push_back({file, true, std::move(certificate)});
        }
    }
    TRY_ASSIGN(auto store, x509::TrustStore::of(usable));
    return InternalRoots{std::move(store), std::move(roots), std::move(findings)};
}

Result<std::vector<InternalAuthority>> verified_intermediates(const InternalRoots& roots,
                                                              const std::vector<InternalAuthority>& candidates,
                                                              std::chrono::sys_seconds now) {
    std::vector<InternalAuthority> accepted;
    // Each round finds those one step further from the roots.
    for (bool found = true; found;) {
        found = false;
        for (const auto& one : candidates) {
            if (one.certificate.self_issued || !is_ca(one.certificate) || contains(accepted, one.certificate)) continue;
            TRY_ASSIGN(const bool leads, leads_to_root(roots, one.certificate, accepted, now));
            if (leads) accepted.push_back({one.source, false, one.certificate});
            found = found || leads;
        }
    }
    std::ranges::sort(accepted, {}, [](const InternalAuthority& one) {
        return std::tie(one.certificate.subject_text, one.certificate.der_sha256);
    });
    return accepted;
}

}  // namespace hsmreq::workflow
