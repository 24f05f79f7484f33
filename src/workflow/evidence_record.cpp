#include "workflow/evidence_record.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/clock.hpp"
#include "plan/concerns.hpp"
#include "token/quirks.hpp"

namespace hsmreq::workflow {
namespace {

const char* word(token::Verdict verdict) {
    switch (verdict) {
        case token::Verdict::as_asked:
            return "as-asked";
        case token::Verdict::unknown_to_token:
            return "unknown-to-token";
        case token::Verdict::differs:
            return "differs";
    }
    return "differs";
}

const char* word(token::ClaimSource source) {
    switch (source) {
        case token::ClaimSource::requested:
            return "requested";
        case token::ClaimSource::token_reported:
            return "token-reported";
        case token::ClaimSource::probe_tested:
            return "probe-tested";
        case token::ClaimSource::tool_enforced:
            return "tool-enforced";
        case token::ClaimSource::hardware_attested:
            return "hardware-attested";
    }
    return "requested";
}

const char* word(token::ProbeVerdict verdict) {
    switch (verdict) {
        case token::ProbeVerdict::refused:
            return "refused";
        case token::ProbeVerdict::wrapped:
            return "wrapped";
        case token::ProbeVerdict::inconclusive:
            return "inconclusive";
    }
    return "inconclusive";
}

/// What a claim is worth: the probe has tested the one it is about, an attribute that the token does not know is only
/// asked for.
token::ClaimSource claim_source(const token::AttributeClaim& claim, const token::ProbeOutcome* probe) {
    if (claim.read.empty()) return token::ClaimSource::requested;
    const bool probed = probe != nullptr && probe->verdict == token::ProbeVerdict::refused;
    if (probed && claim.attribute == "CKA_EXTRACTABLE") return token::ClaimSource::probe_tested;
    return claim.source;
}

std::vector<evidence::AttributeRecord> attribute_records(const ItemFacts& facts) {
    std::vector<evidence::AttributeRecord> records;
    for (const auto& claim : facts.key.attributes) {
        records.push_back({claim.object, claim.attribute, claim.asked, claim.read, word(claim.verdict),
                           word(claim_source(claim, facts.probe)), claim.left_out});
    }
    const KeyPlan& key = facts.request.key;
    if (key.private_key == PrivateKeyPolicy::wrap_only && key.wrapping_key.empty() && !facts.copy) {
        // No attribute says it: that the key leaves only as ciphertext for a sibling is this program's promise.
        records.push_back({"private", "wrap-only", "true", "", word(token::Verdict::unknown_to_token),
                           word(token::ClaimSource::tool_enforced), false});
    }
    return records;
}

evidence::ProbeRecord probe_record(const token::ProbeOutcome* probe) {
    if (probe == nullptr) return {.verdict = "not-applicable", .reason = {}, .attempts = {}};
    evidence::ProbeRecord record{.verdict = word(probe->verdict), .reason = probe->reason, .attempts = {}};
    for (const auto& attempt : probe->attempts) record.attempts.emplace_back(attempt.mechanism, attempt.answer);
    return record;
}

std::vector<std::string> checks_made(const RunFacts& run, const ItemFacts& facts) {
    std::vector<std::string> checks{
        "the public key was checked for its size and for what would give the private key away",
        "the key's attributes were read back and compared with the policy one by one",
        "the request was parsed again from its DER",
        "its signature verifies under its public key (OpenSSL)",
        "its public key is the one the token reported for this CKA_ID",
        "its subject, names and extensions equal the plan",
    };
    if (run.weak_keys != nullptr) checks.emplace_back("the public key is not on the farm's list of weak keys");
    if (facts.probe != nullptr) checks.emplace_back("wrapping a key of this token out was tried (see probe)");
    return checks;
}

void add_quirks(evidence::Record& record, const token::QuirkProfile& quirks) {
    record.quirk_profile = quirks.name;
    for (const auto& name : quirks.omit_private) record.quirks.push_back("private template without " + name);
    for (const auto& name : quirks.omit_public) record.quirks.push_back("public template without " + name);
    for (const auto& name : quirks.omit_certificate) record.quirks.push_back("certificate template without " + name);
    for (const auto& name : quirks.cannot_wrap) record.quirks.push_back("not probed: " + name);
}

}  // namespace

evidence::Record begin_record(const RunFacts& run, const PlanItem& item, unsigned generation) {
    evidence::Record record;
    record.tool_version = HSMREQ_VERSION;
    record.time = run.time;
    record.judged_date = to_text(run.plan.date);
    record.operator_name = run.operator_name;
    record.host = run.host;
    record.reason = run.options.reason;
    record.farm = run.plan.farm;
    record.farm_file = run.options.farm_file;
    record.farm_file_sha256 = run.farm_file_sha256;
    record.member = item.member;
    record.token_member = item.token_member;
    record.generation = generation;
    record.request = &run.plan.requests[item.request];
    return record;
}

void add_token(evidence::Record& record, const token::ModuleInfo& module, const token::TokenInfo& token) {
    record.module_path = module.path;
    record.module_sha256 = module.sha256;
    record.module_description = module.description;
    record.module_version = module.library_version;
    record.module_trust_override = module.trust_override;
    record.token_label = token.label;
    record.token_manufacturer = token.manufacturer;
    record.token_model = token.model;
    record.token_serial = token.serial;
    record.token_firmware = token.firmware_version;
}

evidence::Record make_record(const RunFacts& run, const ItemFacts& facts) {
    evidence::Record record = begin_record(run, facts.item, facts.identity.generation);
    record.request = &facts.request;
    add_token(record, facts.token.module(), facts.token.info());
    if (facts.quirks != nullptr) add_quirks(record, *facts.quirks);
    record.key_uri = token::key_uri(facts.token.info(), facts.key.id, facts.key.label);
    record.key_id = facts.key.id;
    record.key_label = facts.key.label;
    record.origin = facts.copy ? "copied" : facts.key.generated ? "generated" : "adopted";
    record.generation_mechanism = facts.key.generation_mechanism;
    record.signature_mechanism = facts.signature_mechanism;
    record.hash_in_software = facts.hash_in_software;
    record.attributes = attribute_records(facts);
    record.probe = probe_record(facts.probe);
    record.checks = checks_made(run, facts);
    for (const auto& finding : run.plan.findings)
        if (plan::concerns(finding, run.farm, run.plan, facts.item)) record.findings.push_back(finding);
    record.findings.insert(record.findings.end(), facts.findings.begin(), facts.findings.end());
    return record;
}

}  // namespace hsmreq::workflow
