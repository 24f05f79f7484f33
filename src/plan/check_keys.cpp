#include "plan/checks.hpp"

namespace hsmreq::plan::check {
namespace {

/// Reports every request whose algorithm is `broken`, with its name, the algorithm and the CA as words.
template <class Predicate>
void report_algorithms(const Draft& draft, Reporter& reporter, Severity severity, Predicate broken) {
    for (std::size_t i = 0; i < draft.requests.size(); ++i) {
        const auto& planned = draft.plan.requests[i];
        const auto& algorithm = facts(planned.key.algorithm);
        if (!broken(algorithm)) continue;
        reporter
            .report({setting_key(draft, draft.requests[i], "key.algorithm"), ""},
                    {quoted(planned.name), algorithm.name, draft.ca.name})
            .severity = severity;
    }
}

bool is_ed25519(const KeyAlgorithmFacts& algorithm) {
    return algorithm.family == KeyFamily::ed25519;
}

}  // namespace

void curve_not_allowed(const Draft& draft, Reporter& reporter) {
    report_algorithms(draft, reporter, Severity::error, [&](const KeyAlgorithmFacts& algorithm) {
        return algorithm.family == KeyFamily::ec && algorithm.curve == draft.ca.refused_curve;
    });
}

void ed25519_public_ca(const Draft& draft, Reporter& reporter) {
    if (draft.ca.publicly_trusted) report_algorithms(draft, reporter, Severity::error, is_ed25519);
}

void ed25519_libp11(const Draft& draft, Reporter& reporter) {
    const auto severity = draft.options.allow_ed25519 ? Severity::warning : Severity::error;
    report_algorithms(draft, reporter, severity, is_ed25519);
}

void rsa_size(const Draft& draft, Reporter& reporter) {
    if (!is_lync(draft.farm)) return;
    report_algorithms(draft, reporter, Severity::warning, [](const KeyAlgorithmFacts& algorithm) {
        return algorithm.family == KeyFamily::rsa && algorithm.bits != 2048 && algorithm.bits != 4096;
    });
}

}  // namespace hsmreq::plan::check
