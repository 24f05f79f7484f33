// The plan: which requests a farm needs, what each carries and why. Pure values and pure functions.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/farm.hpp"
#include "hsmreq/finding.hpp"

namespace hsmreq {

using Date = std::chrono::year_month_day;

enum class NameType { dns, ip };

/// One subject alternative name and every reason it is there, in the contract's words
/// ("subject", "pool", "director", "meet", ...).
struct PlannedName {
    NameType type = NameType::dns;
    std::string value;  ///< lower-case A-labels, or the textual IP address
    std::vector<std::string> reasons;
};

struct Subject {
    SubjectFields fields;
    std::string common_name;

    bool operator==(const Subject&) const = default;
};

/// What a request's key must be and how it is kept.
struct KeyPlan {
    KeyAlgorithm algorithm = KeyAlgorithm::rsa_2048;
    Hash hash = Hash::sha256;
    KeyPurpose purpose = KeyPurpose::exchange;
    PrivateKeyPolicy private_key = PrivateKeyPolicy::non_exportable;
    Sharing sharing = Sharing::per_member;
    std::string label;         ///< template with {farm} {request} {member} {generation} {friendly_name}
    std::string wrapping_key;  ///< RFC 7512 URI, "" when none
    std::string uri;           ///< existing key, "" when the tool makes it
};

/// One certificate request: one for all its members when the key is shared, else one for each.
struct RequestPlan {
    std::string name;
    Subject subject;
    std::vector<PlannedName> subject_alternative_names;
    std::vector<KeyUsageBit> key_usage;           ///< empty leaves the extension out; always critical
    std::vector<std::string> extended_key_usage;  ///< dotted OIDs, in order; empty leaves it out; never critical
    bool subject_key_identifier = false;
    std::string ad_cs_template;  ///< "" leaves the extension out
    KeyPlan key;
    std::vector<std::string> members;  ///< names of the members that use the certificate
    FileFormat file_format = FileFormat::base64;
    std::string file_name;  ///< template with {farm} {request} {member} {friendly_name}
    std::string friendly_name;
    std::string description;
};

/// One key and one CSR to make: a request on the member whose token holds the key.
struct PlanItem {
    std::size_t request = 0;   ///< index into Plan::requests
    std::string member;        ///< part of the key's identity; "" for a shared key
    std::string token_member;  ///< the member whose token makes and holds the key
};

struct Plan {
    std::string farm;
    std::string farm_file;
    Date date{};  ///< the day the dated rules were judged on
    std::vector<RequestPlan> requests;
    std::vector<PlanItem> items;  ///< plan order: requests as planned, members as written
    std::vector<Finding> findings;
};

struct PlanOptions {
    Date date{};
    bool allow_ed25519 = false;  ///< lowers key.ed25519-libp11 to a warning
};

/// Farm to Plan. Never fails: what is wrong is in Plan::findings.
Plan make_plan(const Farm& farm, const PlanOptions& options);

/// What distinguishes one key from every other (contract: CKA_ID of private key, public key, certificate).
struct KeyIdentity {
    std::string farm;
    std::string request;
    std::string member;  ///< "" for a shared key
    unsigned generation = 1;
};

/// The first 20 bytes of SHA-256 over "hsmreq/1", farm, request, member and generation (decimal),
/// each followed by a zero byte.
Bytes key_id(const KeyIdentity& identity);

/// The same over "hsmreq/1/wrap", farm and member: the pair that a member's token offers for a sealed key.
Bytes wrapping_pair_id(const std::string& farm, const std::string& member);

/// The label of a key: the template filled in; a placeholder without a value goes with the dot before it.
std::string key_label(const RequestPlan& request, const KeyIdentity& identity);

/// File name stem of an item's outputs; ".gN" is added from generation 2 on.
std::string file_stem(const RequestPlan& request, const KeyIdentity& identity);

/// The word for an extended key usage OID ("serverAuth"), or the OID itself when it has none.
std::string extended_key_usage_name(const std::string& oid);

}  // namespace hsmreq
