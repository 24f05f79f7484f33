// What would be wrong with the request that certreq makes of the file. The table holds what is known before the file is
// read; a check answers the message and the place.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "farm/inf_draft.hpp"
#include "farm/reader.hpp"

namespace hsmreq::farm {
namespace {

struct Drawn {
    std::string message;
    std::string where;
};

std::optional<Drawn> weak_hash(const InfDraft& draft) {
    if (draft.result.hash) return std::nullopt;
    if (draft.hash_where.empty())
        return Drawn{"The file names no hash algorithm, and certreq then signs with SHA-1", draft.file};
    if (!draft.hash_word.starts_with("sha1") && !draft.hash_word.starts_with("md")) return std::nullopt;
    return Drawn{"The file asks for a signature with " + draft.hash_word, draft.hash_where};
}

std::optional<Drawn> small_key(const InfDraft& draft) {
    const bool rsa = draft.key_algorithm.empty() || draft.key_algorithm == "rsa";
    if (!rsa || draft.key_length == 0 || draft.key_length >= 2048) return std::nullopt;
    return Drawn{"The file asks for an RSA key of " + std::to_string(draft.key_length) + " bits", draft.key_where};
}

std::optional<Drawn> critical_names(const InfDraft& draft) {
    const auto found = draft.critical.find("2.5.29.17");
    const auto& subject = draft.result.subject;
    const bool empty = subject.common_name.empty() && subject.fields == SubjectFields{};
    if (found == draft.critical.end() || empty) return std::nullopt;
    return Drawn{"The file makes the subject alternative names critical although there is a subject", found->second};
}

std::optional<Drawn> critical_usage(const InfDraft& draft) {
    const auto found = draft.critical.find("2.5.29.37");
    if (found == draft.critical.end()) return std::nullopt;
    return Drawn{"The file makes the extended key usage critical", found->second};
}

bool has_usage(const InfDraft& draft, KeyUsageBit bit) {
    const auto& bits = draft.result.key_usage;
    return bits && std::ranges::find(*bits, bit) != bits->end();
}

std::optional<Drawn> foreign_usage(const InfDraft& draft) {
    const auto& algorithm = draft.result.algorithm;
    const auto family = algorithm ? facts(*algorithm).family : KeyFamily::rsa;
    std::vector<std::string> found;
    for (const auto& [bit, name] : named<KeyUsageBit>)
        if (!serves_tls(bit, family) && bit != KeyUsageBit::key_encipherment && has_usage(draft, bit))
            found.emplace_back(name);
    if (found.empty()) return std::nullopt;
    return Drawn{"The file asks for " + join(found, ", ") + ", which a TLS server's certificate may not have",
                 draft.key_usage_where};
}

std::optional<Drawn> encipherment_with_ec(const InfDraft& draft) {
    const auto& algorithm = draft.result.algorithm;
    if (!algorithm || facts(*algorithm).family == KeyFamily::rsa || !has_usage(draft, KeyUsageBit::key_encipherment))
        return std::nullopt;
    return Drawn{"The file asks for keyEncipherment with an elliptic curve key, which can't do it",
                 draft.key_usage_where};
}

std::optional<Drawn> no_server_authentication(const InfDraft& draft) {
    const auto& oids = draft.result.extended_key_usage;
    if (oids.empty() || std::ranges::find(oids, "1.3.6.1.5.5.7.3.1") != oids.end()) return std::nullopt;
    return Drawn{"The file's extended key usages leave out server authentication", draft.extended_key_usage_where};
}

std::optional<Drawn> subject_not_in_names(const InfDraft& draft) {
    const auto& result = draft.result;
    const auto name = to_lower(result.subject.common_name);
    if (name.empty() || draft.seen.contains("dns=" + name) || draft.seen.contains("ipaddress=" + name))
        return std::nullopt;
    return Drawn{"The common name " + backquoted(result.subject.common_name) + " is not among the alternative names",
                 draft.file};
}

std::optional<Drawn> pss(const InfDraft& draft) {
    const auto& algorithm = draft.result.algorithm;
    const bool rsa = !algorithm || facts(*algorithm).family == KeyFamily::rsa;
    if (draft.pss_where.empty() || !rsa) return std::nullopt;
    return Drawn{"The file asks for an RSASSA-PSS signature, which Lync and Skype for Business don't support",
                 draft.pss_where};
}

/// Severity and source are the rule's own: plan's list has them.
struct InfRule {
    std::string_view id;
    std::string_view fix;
    std::optional<Drawn> (*check)(const InfDraft&);
};

constexpr std::array<InfRule, 9> rules{{
    {"key.sha1", "A farm file asks for sha256; with certreq write HashAlgorithm = sha256.", weak_hash},
    {"key.rsa-too-small", "Choose rsa-2048 or larger.", small_key},
    {"key.pss-product", "A farm's requests are signed by PKCS #1 version 1.5; nothing needs doing.", pss},
    {"name.subject-not-in-san", "A farm's common name is always among the alternative names, too.",
     subject_not_in_names},
    {"csr.san-critical", "A farm's alternative names are never critical; nothing needs doing.", critical_names},
    {"usage.extended-key-usage-critical", "A farm's extended key usage is never critical; nothing needs doing.",
     critical_usage},
    {"usage.not-for-tls-server",
     "They are left out of the farm file; certificate.key_usage takes them where a private CA wants them.",
     foreign_usage},
    {"usage.key-encipherment-with-ec", "It is left out of the farm file.", encipherment_with_ec},
    {"usage.server-auth-missing", "The farm file adds serverAuth.", no_server_authentication},
}};

}  // namespace

std::vector<Finding> inf_findings(const InfDraft& draft) {
    std::vector<Finding> findings;
    for (const auto& rule : rules) {
        auto drawn = rule.check(draft);
        if (!drawn) continue;
        findings.push_back({.id = std::string(rule.id),
                            .message = std::move(drawn->message),
                            .where = std::move(drawn->where),
                            .fix = std::string(rule.fix),
                            .source = {}});
    }
    return findings;
}

}  // namespace hsmreq::farm
