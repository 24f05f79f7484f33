#include "workflow/certificate_findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "plan/ca_profiles.hpp"
#include "plan/calendar.hpp"
#include "plan/content.hpp"
#include "plan/rules.hpp"
#include "workflow/key_findings.hpp"

namespace hsmreq::workflow {
namespace {

using namespace std::chrono_literals;
using plan::make_finding;

using Findings = std::vector<Finding>;

constexpr std::string_view precertificate_poison = "1.3.6.1.4.1.11129.2.4.3";  // RFC 6962, section 3.1

void append(Findings more, Findings& findings) {
    std::ranges::move(more, std::back_inserter(findings));
}

const ExtensionInfo* find_extension(const SubjectInspection& subject, std::string_view name) {
    const auto found = std::ranges::find(subject.extensions, name, &ExtensionInfo::name);
    return found == subject.extensions.end() ? nullptr : &*found;
}

void judge_critical_marks(const SubjectInspection& subject, const std::string& where, Findings& findings) {
    const auto* names = find_extension(subject, "subjectAltName");
    if (names && names->critical && !subject.subject.empty())
        findings.push_back(make_finding("csr.san-critical", where, {}));
    if (subject.key_usage && !subject.key_usage->first)
        findings.push_back(make_finding("usage.key-usage-not-critical", where, {}));
    if (subject.extended_key_usage && subject.extended_key_usage->first)
        findings.push_back(make_finding("usage.extended-key-usage-critical", where, {}));
}

void judge_common_names(const SubjectInspection& subject, const std::string& where, Findings& findings) {
    const bool named = std::ranges::find(subject.subject, "CN", &NameAttribute::type) != subject.subject.end();
    if (!named && subject.subject_alternative_names.empty()) findings.push_back(make_finding("name.none", where, {}));
    for (const auto& attribute : subject.subject) {
        if (attribute.type != "CN") continue;
        const auto same = [&](const AlternativeName& name) {
            return to_lower(name.value) == to_lower(attribute.value);
        };
        if (std::ranges::none_of(subject.subject_alternative_names, same))
            findings.emplace_back(make_finding("name.subject-not-in-san", where, {plan::quoted(attribute.value)}))
                .name = plan::read_host_name(attribute.value).value;
    }
}

void judge_name_types(const SubjectInspection& subject, const std::string& where, Findings& findings) {
    std::vector<std::string> others;
    for (const auto& name : subject.subject_alternative_names)
        if (name.type != "dns" && name.type != "ip")
            others.push_back(fmt::format("{} ({})", plan::quoted(name.value), name.type));
    if (!others.empty()) findings.push_back(make_finding("name.other-type", where, {join(others, ", ")}));
}

bool is_pss(const SubjectInspection& subject) {
    return subject.signature_algorithm == "rsassaPss" || subject.public_key_algorithm.starts_with("rsa-pss");
}

/// Names, usages and subject, of a request as of a certificate that is to serve TLS.
void judge_subject(const plan::Content& content, Findings& findings) {
    append(plan::judge_content(content), findings);
    judge_common_names(content.subject, content.where, findings);
    if (plan::profile(content.ca).publicly_trusted) judge_name_types(content.subject, content.where, findings);
    judge_critical_marks(content.subject, content.where, findings);
    if (content.product != Product::generic && is_pss(content.subject))
        findings.push_back(make_finding("key.pss-product", content.where, {}));
}

/// What Windows writes about the machine and the person.
void judge_identity(const RequestInspection& request, const std::string& where, Findings& findings) {
    constexpr std::array<std::string_view, 2> telling{"clientInformation", "osVersion"};
    std::vector<std::string> told;
    for (const auto& attribute : request.attributes)
        if (std::ranges::find(telling, attribute.name) != telling.end())
            told.push_back(fmt::format("{} ({})", attribute.name, printable(attribute.value)));
    if (!told.empty()) findings.push_back(make_finding("csr.windows-identity-leak", where, {join(told, "; ")}));
}

/// Both ends count, and a fraction of a day is a day (Baseline Requirements, 1.6.1, "Validity Period").
std::int64_t days_valid(const CertificateInspection& certificate) {
    return std::chrono::ceil<std::chrono::days>(certificate.not_after - certificate.not_before + 1s).count();
}

plan::Content content_of(const SubjectInspection& subject, const std::string& name, const Yardstick& yardstick) {
    return {.subject = subject,
            .name = name,
            .where = name,
            .product = yardstick.product,
            .ca = yardstick.authority(),
            .date = yardstick.date};
}

}  // namespace

bool is_ca(const CertificateInspection& certificate) {
    return certificate.basic_constraints && certificate.basic_constraints->ca;
}

bool expires_soon(const CertificateInspection& certificate, const Yardstick& yardstick) {
    const auto left = certificate.not_after - yardstick.now;
    if (yardstick.warn_days) return left < *yardstick.warn_days;
    return left < (certificate.not_after - certificate.not_before) / 3;
}

Findings judge_validity(const PlacedCertificate& placed, const Yardstick& yardstick) {
    Findings findings;
    const auto& [certificate, file, where] = placed;
    const auto left = std::chrono::floor<std::chrono::days>(certificate.not_after - yardstick.now);
    if (certificate.not_after < yardstick.now) {
        auto& finding = findings.emplace_back(make_finding("cert.expired", where, {to_text(certificate.not_after)}));
        if (is_ca(certificate)) finding.fix = "Ask the CA for its present certificate.";
    } else if (certificate.not_before > yardstick.now) {
        findings.push_back(make_finding("cert.not-yet-valid", where, {to_text(certificate.not_before)}));
    } else if (!is_ca(certificate) && expires_soon(certificate, yardstick)) {
        findings.push_back(
            make_finding("cert.expires-soon", where, {to_text(certificate.not_after), std::to_string(left.count())}));
    }
    const int limit = plan::validity_limit(certificate.not_before);
    const auto days = days_valid(certificate);
    if (!is_ca(certificate) && plan::profile(yardstick.authority()).publicly_trusted && days > limit)
        findings.push_back(
            make_finding("cert.validity-too-long", where, {std::to_string(days), std::to_string(limit)}));
    return findings;
}

Result<Findings> judge_request(const RequestInspection& request, const std::string& file, const Yardstick& yardstick) {
    TRY_ASSIGN(Findings findings,
               request_findings(request, {.where = file, .ca = yardstick.ca, .weak_keys = yardstick.weak_keys}));
    judge_subject(content_of(request, file, yardstick), findings);
    judge_identity(request, file, findings);
    return findings;
}

Result<Findings> judge_certificate(const PlacedCertificate& placed, const Yardstick& yardstick) {
    const auto& certificate = placed.certificate;
    Findings findings;
    for (const auto& problem : certificate.problems)
        findings.push_back(make_finding("cert.malformed", placed.where, {problem}));
    if (std::ranges::find(certificate.extensions, precertificate_poison, &ExtensionInfo::oid) !=
        certificate.extensions.end())
        findings.push_back(make_finding("cert.precertificate", placed.where, {}));
    append(judge_validity(placed, yardstick), findings);
    // Nobody relies on the signature that a root makes over itself.
    if (!certificate.self_issued && is_broken_hash(certificate.signature_hash))
        findings.push_back(make_finding("key.sha1", placed.where, {"certificate", certificate.signature_hash}));
    if (certificate.public_key_decoded) {
        TRY_ASSIGN(auto of_key, key_findings(certificate.public_key, {.where = placed.where,
                                                                      .algorithm = certificate.public_key_algorithm,
                                                                      .ca = yardstick.ca,
                                                                      .weak_keys = yardstick.weak_keys}));
        append(std::move(of_key), findings);
    }
    if (is_ca(certificate)) return findings;
    auto content = content_of(certificate, placed.file, yardstick);
    content.is_certificate = true;
    content.where = placed.where;
    judge_subject(content, findings);
    return findings;
}

Findings judge_chain(const x509::Chain& chain, const std::string& where, bool roots_are_given) {
    using Kind = x509::ChainFaultKind;
    Findings findings;
    for (const auto& fault : chain.faults) {
        const std::string subject = plan::quoted(fault.subject);
        const std::string issuer = plan::quoted(fault.issuer);
        if (fault.kind == Kind::incomplete) {
            auto& finding = findings.emplace_back(make_finding("cert.chain-incomplete", where, {issuer, subject}));
            if (!fault.issuer_urls.empty())
                finding.fix += fmt::format(" The certificate says that it is at {}.", join(fault.issuer_urls, ", "));
        } else if (fault.kind == Kind::untrusted_root) {
            auto& finding = findings.emplace_back(make_finding("cert.untrusted-root", where, {subject}));
            if (!roots_are_given) finding.severity = Severity::warning;
        } else if (fault.kind == Kind::bad_signature) {
            findings.push_back(make_finding("cert.bad-signature", where, {subject, issuer}));
        } else if (fault.kind == Kind::refused) {
            findings.push_back(make_finding("cert.chain-refused", where, {subject, fault.reason}));
        } else if (!fault.index) {
            findings.push_back(make_finding("cert.chain-refused", where, {subject, fault.reason}));
        }
    }
    return findings;
}

}  // namespace hsmreq::workflow
