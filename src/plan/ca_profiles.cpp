#include "plan/ca_profiles.hpp"

#include <fmt/format.h>

#include "base/clock.hpp"

namespace hsmreq::plan {
namespace {

std::string rsa_text(const CaProfile& ca) {
    if (!ca.publicly_trusted) return "2048 bits or more";
    const auto& sizes = ca.rsa_sizes.value;
    if (sizes.front() == 0) return "2048 bits or more, a multiple of 8; an odd exponent of at least 3";
    return fmt::format("exactly {}, {} or {} bits", sizes[0], sizes[1], sizes[2]);
}

std::string curve_text(const CaProfile& ca) {
    if (!ca.publicly_trusted) return "P-256, P-384, P-521, Ed25519 and what it says";
    if (ca.refused_curve.value.empty()) return "P-256, P-384, P-521";
    return fmt::format("P-256 and P-384, not {}", ca.refused_curve.value);
}

std::string client_auth_text(const CaProfile& ca) {
    if (!ca.client_auth_ends) return "as its templates say";
    const auto day = to_text(*ca.client_auth_ends);
    return ca.refuses_client_auth ? fmt::format("a request for it is refused from {} on", day)
                                  : fmt::format("none is issued from {} on", day);
}

template <class T, class Text>
void add(std::string_view topic, const Sourced<T>& fact, const Text& text, std::vector<CaFact>& facts) {
    facts.push_back({std::string(topic), std::string(text), std::string(fact.source)});
}

}  // namespace

std::vector<CaFact> describe(const CaProfile& ca) {
    std::vector<CaFact> facts;
    add("RSA keys", ca.rsa_sizes, rsa_text(ca), facts);
    add("curves", ca.refused_curve, curve_text(ca), facts);
    if (ca.max_names.value != 0)
        add("names", ca.max_names, fmt::format("at most {} in one certificate", ca.max_names.value), facts);
    if (ca.publicly_trusted)
        add("e-mail and URI names", ca.refuses_other_names,
            ca.refuses_other_names.value ? "refused" : "not allowed in the certificate", facts);
    if (ca.duplicate_limit.value != 0)
        add("same names again", ca.duplicate_limit,
            fmt::format("at most {} certificates in seven days", ca.duplicate_limit.value), facts);
    add("takes from the request", ca.reads, ca.reads.value, facts);
    add("common name", ca.common_name, ca.common_name.value, facts);
    add("refused signature hashes", ca.refused_hashes, ca.refused_hashes.value, facts);
    facts.push_back({"clientAuth", client_auth_text(ca), std::string(ca.client_auth_source)});
    return facts;
}

}  // namespace hsmreq::plan
