// The keys that describe members and their tokens, evidence, trust and exceptions.
#pragma once

#include "farm/schema.hpp"
#include "hsmreq/farm.hpp"

namespace hsmreq::farm {

void read_until(const Field& field, AcceptedFinding& target);

/// [token] is read into a member, too: what its keys say goes for every member that has none of its own.
inline constexpr std::array token_keys = {
    text<any_text, &Member::module>("module"),
    validated<&Validators::token_uri, &Member::uri>("uri"),
    validated<&Validators::pin_source, &Member::pin_source>("pin_source"),
};

inline constexpr auto member_keys = joined(std::array{text<member_name, &Member::name>("name", "name = \"rp01\"")},
                                           joined(token_keys, std::array{
                                                                  word<MemberRole, &Member::role>("role"),
                                                                  word<Receives, &Member::receives>("receives"),
                                                                  word<ServerKind, &Member::server>("server"),
                                                              }));

inline constexpr std::array evidence_keys = {
    validated<&Validators::object_uri, &EvidenceSettings::key>("key"),
    text<any_text, &EvidenceSettings::module>("module"),
    validated<&Validators::pin_source, &EvidenceSettings::pin_source>("pin_source"),
};

inline constexpr std::array trust_keys = {
    list<not_empty, Repeats::refused, &TrustSettings::internal_roots>("internal_roots"),
    list<not_empty, Repeats::refused, &TrustSettings::issuing_roots>("issuing_roots"),
};

inline constexpr std::array accept_keys = {
    text<acceptable_finding, &AcceptedFinding::finding>("finding", "finding = \"name.wildcard-web-fqdn\""),
    text<any_text, &AcceptedFinding::name>("name"),
    text<not_empty, &AcceptedFinding::reason>("reason", "reason = \"why, and who decided it\""),
    Key<AcceptedFinding>{"until", read_until},
};

inline constexpr std::array rules_keys = {
    text<any_text, &Rules::weak_key_list>("weak_key_list"),
    tables<accept_keys, &Rules::accept>("accept"),
};

}  // namespace hsmreq::farm
