#include "plan/checks.hpp"

namespace hsmreq::plan::check {
namespace {

/// Reports every request whose algorithm is `broken`, with whose key it is, the algorithm and `words`.
template <class Predicate>
void report_algorithms(const Draft& draft, Reporter& reporter, std::string_view words, Predicate broken,
                       Severity severity) {
    for (std::size_t i = 0; i < draft.requests.size(); ++i) {
        const auto& planned = draft.plan.requests[i];
        const auto& algorithm = facts(planned.key.algorithm);
        if (!broken(algorithm)) continue;
        reporter
            .report({setting_key(draft, draft.requests[i], "key.algorithm"), ""},
                    {"The key of request " + quoted(planned.name), algorithm.name, words})
            .severity = severity;
    }
}

bool is_ed25519(const KeyAlgorithmFacts& algorithm) {
    return algorithm.family == KeyFamily::ed25519;
}

}  // namespace

void curve_not_allowed(const Draft& draft, Reporter& reporter) {
    const auto refused = [&](const KeyAlgorithmFacts& algorithm) {
        return algorithm.family == KeyFamily::ec && algorithm.curve == draft.ca.refused_curve.value;
    };
    report_algorithms(draft, reporter, "which " + std::string(draft.ca.name) + " does not take", refused,
                      Severity::error);
}

void ed25519_public_ca(const Draft& draft, Reporter& reporter) {
    if (draft.ca.publicly_trusted) report_algorithms(draft, reporter, draft.ca.name, is_ed25519, Severity::error);
}

void ed25519_libp11(const Draft& draft, Reporter& reporter) {
    const auto severity = draft.options.allow_ed25519 ? Severity::warning : Severity::error;
    report_algorithms(draft, reporter, "", is_ed25519, severity);
}

void algorithm_product(const Draft& draft, Reporter& reporter) {
    if (is_lync(draft.farm)) report_algorithms(draft, reporter, "", is_ed25519, Severity::warning);
}

void rsa_size(const Draft& draft, Reporter& reporter) {
    if (!is_lync(draft.farm)) return;
    const auto unlisted = [](const KeyAlgorithmFacts& algorithm) {
        return algorithm.family == KeyFamily::rsa && algorithm.bits != 2048 && algorithm.bits != 4096;
    };
    report_algorithms(draft, reporter, "a size that the product's requirements do not list", unlisted,
                      Severity::warning);
}

}  // namespace hsmreq::plan::check
