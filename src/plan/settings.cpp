#include <algorithm>
#include <set>

#include "plan/draft.hpp"
#include "plan/extended_key_usage.hpp"

namespace hsmreq::plan {
namespace {

/// Written bits in the order of the BIT STRING, each once.
std::vector<KeyUsageBit> key_usage(const CertificateSettings& settings, KeyFamily family) {
    if (settings.key_usage) {
        const std::set<KeyUsageBit> bits(settings.key_usage->begin(), settings.key_usage->end());
        return {bits.begin(), bits.end()};
    }
    if (family == KeyFamily::rsa) return {KeyUsageBit::digital_signature, KeyUsageBit::key_encipherment};
    return {KeyUsageBit::digital_signature};
}

std::vector<std::string> extended_key_usage(const Draft& draft, const CertificateSettings& settings) {
    std::vector<std::string> oids;
    if (!settings.extended_key_usage) {
        oids = default_extended_key_usage(draft.farm);
        if (!issues_client_auth(draft.ca, draft.options.date)) std::erase(oids, client_auth_oid);
        return oids;
    }
    std::set<std::string> seen;
    for (const auto& written : *settings.extended_key_usage)
        if (auto oid = extended_key_usage_oid(written); oid && seen.insert(*oid).second)
            oids.push_back(std::move(*oid));
    return oids;
}

bool subject_key_identifier(DefaultExtensions setting, const CaProfile& ca) {
    return setting == DefaultExtensions::add || (setting == DefaultExtensions::ca && ca.subject_key_identifier);
}

KeyPlan key_plan(const KeySettings& settings) {
    KeyPlan key;
    key.algorithm = settings.algorithm;
    key.hash = settings.hash;
    // Exchange means RSA decryption; no other family has it.
    const bool is_rsa = facts(settings.algorithm).family == KeyFamily::rsa;
    key.purpose = is_rsa ? settings.purpose.value_or(KeyPurpose::exchange) : KeyPurpose::signature;
    key.private_key = settings.private_key;
    key.sharing = settings.sharing;
    key.label = settings.label;
    key.wrapping_key = settings.wrapping_key;
    key.uri = settings.uri;
    return key;
}

}  // namespace

std::vector<std::string> default_extended_key_usage(const Farm& farm) {
    if (is_lync(farm)) return {std::string(server_auth_oid), std::string(client_auth_oid)};
    return {std::string(server_auth_oid)};
}

void fill_settings(const Draft& draft, const DraftRequest& from, RequestPlan& request) {
    const auto& settings = *from.certificate;
    request.subject.fields = settings.subject;
    request.key_usage = key_usage(settings, facts(from.key->algorithm).family);
    request.extended_key_usage = extended_key_usage(draft, settings);
    request.subject_key_identifier = subject_key_identifier(settings.default_extensions, draft.ca);
    request.ad_cs_template = settings.ad_cs_template;
    request.key = key_plan(*from.key);
    request.file_format = settings.file_format;
    request.file_name = settings.file_name;
    request.friendly_name = settings.friendly_name;
    request.description = settings.description;
}

}  // namespace hsmreq::plan
