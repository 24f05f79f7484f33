#include "workflow/key_findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "plan/ca_profiles.hpp"
#include "plan/rules.hpp"
#include "x509/key_checks.hpp"

namespace hsmreq::workflow {
namespace {

using x509::KeyProblemKind;

constexpr std::size_t weak_key_list_limit = std::size_t{64} << 20U;

/// How a problem is reported whoever certifies the key.
struct ProblemRow {
    KeyProblemKind kind;
    std::string_view rule;
    std::string_view remark;  ///< the message's word after the problem's detail
    Severity severity;
};

constexpr std::array problem_rows{
    ProblemRow{KeyProblemKind::rsa_too_small, "key.rsa-too-small", "", Severity::error},
    ProblemRow{KeyProblemKind::rsa_uneven_size, "key.rsa-size",
               "a number that 8 does not divide, so public CAs refuse it", Severity::warning},
    ProblemRow{KeyProblemKind::rsa_too_large, "key.rsa-size", "more than programs work with (16384)",
               Severity::warning},
    ProblemRow{KeyProblemKind::rsa_exponent_invalid, "key.rsa-exponent",
               "which is no odd number of at least 3 and below the modulus", Severity::error},
    ProblemRow{KeyProblemKind::rsa_exponent_unusual, "key.rsa-exponent",
               "outside the usual range of 65537 to 2^256 - 1", Severity::warning},
    ProblemRow{KeyProblemKind::rsa_small_factor, "key.rsa-small-factor", "", Severity::error},
    ProblemRow{KeyProblemKind::rsa_roca, "key.roca", "", Severity::error},
    ProblemRow{KeyProblemKind::rsa_close_primes, "key.close-primes", "", Severity::error},
    ProblemRow{KeyProblemKind::rsa_listed, "key.debian-weak", "", Severity::error},
};

/// Public CAs and the programs that trust them go by one list; a private CA decides for itself.
struct Authority {
    std::string name;
    bool publicly_trusted;
    Severity severity;
    std::string_view refused_curve;  ///< FIPS 186 name, "" when it takes the usual three
};

Authority authority(std::optional<CertificateAuthority> ca) {
    if (!ca) return {"a public CA", true, Severity::warning, ""};
    const auto& profile = plan::profile(*ca);
    return {std::string(profile.name), profile.publicly_trusted, Severity::error, profile.refused_curve.value};
}

Finding with_severity(Finding finding, Severity severity) {
    finding.severity = severity;
    return finding;
}

/// The problems whose weight depends on who certifies the key.
void report_by_authority(const x509::KeyProblem& problem, const KeyContext& context, std::vector<Finding>& findings) {
    const Authority ca = authority(context.ca);
    if (problem.kind == KeyProblemKind::ec_explicit) {
        findings.push_back(
            plan::make_finding("key.curve-not-allowed", context.where,
                               {"The EC key", "spelled out in its parameters", "where certificates must name theirs"}));
    } else if (!ca.publicly_trusted) {
        return;
    } else if (problem.kind == KeyProblemKind::ec_other_curve) {
        const std::string refusal = "which " + ca.name + " does not take";
        findings.push_back(with_severity(
            plan::make_finding("key.curve-not-allowed", context.where, {"The EC key", problem.detail, refusal}),
            ca.severity));
    } else if (!context.algorithm.empty()) {
        findings.push_back(with_severity(
            plan::make_finding("key.algorithm-not-allowed", context.where, {printable(context.algorithm), ca.name}),
            ca.severity));
    }
}

unsigned rsa_bits(const PublicKey& key) {
    const auto first = std::ranges::find_if(key.modulus, [](std::uint8_t octet) { return octet != 0; });
    if (first == key.modulus.end()) return 0;
    const auto octets = static_cast<unsigned>(key.modulus.end() - first);
    return (octets - 1) * 8 + static_cast<unsigned>(std::bit_width(*first));
}

/// What is no problem of the key itself: the CA does not take such keys.
void report_refused_kind(const PublicKey& key, const KeyContext& context, std::vector<Finding>& findings) {
    const Authority ca = authority(context.ca);
    if (!ca.publicly_trusted) return;
    if (key.family == KeyFamily::ed25519)
        findings.push_back(with_severity(
            plan::make_finding("key.ed25519-public-ca", context.where, {"The key", "Ed25519", ca.name}), ca.severity));
    if (key.family == KeyFamily::rsa && context.ca && !plan::takes_rsa_size(plan::profile(*context.ca), rsa_bits(key)))
        findings.push_back(plan::make_finding("key.algorithm-not-allowed", context.where,
                                              {fmt::format("rsa-{}", rsa_bits(key)), ca.name}));
    if (key.family != KeyFamily::ec || ca.refused_curve.empty()) return;
    const auto row = std::ranges::find(key_algorithms, std::string_view(key.curve_oid), &KeyAlgorithmFacts::curve_oid);
    if (row == key_algorithms.end() || row->curve != ca.refused_curve) return;
    const std::string refusal = "which " + ca.name + " does not take";
    findings.push_back(plan::make_finding("key.curve-not-allowed", context.where, {"The EC key", row->curve, refusal}));
}

}  // namespace

bool is_broken_hash(std::string_view hash) {
    constexpr std::array<std::string_view, 6> broken{"MD2", "MD4", "MD5", "MD5-SHA1", "SHA1", "RIPEMD160"};
    return std::ranges::find(broken, hash) != broken.end();
}

Result<std::vector<Finding>> key_findings(const PublicKey& key, const KeyContext& context) {
    TRY_ASSIGN(const auto problems, x509::check_public_key(key, context.weak_keys));
    std::vector<Finding> findings;
    for (const auto& problem : problems) {
        const auto row = std::ranges::find(problem_rows, problem.kind, &ProblemRow::kind);
        if (row == problem_rows.end()) {
            report_by_authority(problem, context, findings);
            continue;
        }
        const bool of_size = row->rule == "key.rsa-size";
        const std::string bits = problem.detail + " bits long";
        auto finding = of_size ? plan::make_finding(row->rule, context.where, {"The RSA key", bits, row->remark})
                               : plan::make_finding(row->rule, context.where, {problem.detail, row->remark});
        findings.push_back(with_severity(std::move(finding), row->severity));
    }
    report_refused_kind(key, context, findings);
    return findings;
}

Result<std::vector<Finding>> request_findings(const RequestInspection& request, KeyContext context) {
    std::vector<Finding> findings;
    if (!request.signature_valid) findings.push_back(plan::make_finding("csr.bad-signature", context.where, {}));
    for (const auto& problem : request.problems)
        findings.push_back(plan::make_finding("csr.malformed", context.where, {problem}));
    if (is_broken_hash(request.signature_hash))
        findings.push_back(plan::make_finding("key.sha1", context.where, {"request", request.signature_hash}));
    if (!request.public_key_decoded) return findings;
    context.algorithm = request.public_key_algorithm;
    TRY_ASSIGN(auto of_key, key_findings(request.public_key, context));
    std::ranges::move(of_key, std::back_inserter(findings));
    return findings;
}

Result<std::optional<x509::WeakKeyList>> load_weak_key_list(const std::string& file) {
    if (file.empty()) return std::optional<x509::WeakKeyList>{};
    TRY_ASSIGN(const auto text, read_file(file, weak_key_list_limit));
    TRY_ASSIGN(auto list, x509::WeakKeyList::parse(text, file));
    return std::optional(std::move(list));
}

}  // namespace hsmreq::workflow
