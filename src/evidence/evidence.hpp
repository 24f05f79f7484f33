// The evidence record of one request: an in-toto Statement v1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/export.hpp"
#include "hsmreq/finding.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::evidence {

/// What every statement has under "_type" and a request's under "predicateType".
inline constexpr std::string_view statement_type = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view predicate_type = "urn:hsmreq:evidence:1";

/// One attribute of the key: asked, read, and how much the statement is worth. All words are final text.
struct AttributeRecord {
    std::string object;
    std::string attribute;
    std::string asked;
    std::string read;
    std::string verdict;  ///< "as-asked", "unknown-to-token", "differs"
    std::string source;   ///< "requested", "token-reported", "probe-tested", "tool-enforced", "hardware-attested"
    bool left_out = false;
};

struct ProbeRecord {
    std::string verdict;  ///< "refused", "wrapped", "inconclusive", "not-applicable"
    std::string reason;
    std::vector<std::pair<std::string, std::string>> attempts;  ///< mechanism, answer
};

/// Facts in hand when a CSR is published. Strings from tokens may hold any bytes: they are encoded on writing.
struct Record {
    std::string tool_version;
    std::string time;  ///< RFC 3339
    std::string judged_date;
    std::string operator_name;
    std::string host;
    std::string reason;  ///< --reason, "" when not given
    std::string farm;
    std::string farm_file;
    std::string farm_file_sha256;
    std::string member;  ///< "" for a shared key
    std::string token_member;
    unsigned generation = 1;
    const RequestPlan* request = nullptr;  ///< not owned; must be set

    std::string module_path;
    std::string module_sha256;
    std::string module_description;
    std::string module_version;
    std::string module_trust_override;
    std::string token_label;
    std::string token_manufacturer;
    std::string token_model;
    std::string token_serial;
    std::string token_firmware;
    std::string key_uri;
    std::string key_label;
    std::string origin;  ///< "generated" or "adopted"
    std::string generation_mechanism;
    std::string signature_mechanism;
    bool hash_in_software = true;
    std::vector<AttributeRecord> attributes;
    ProbeRecord probe;
    std::string quirk_profile;        ///< name of the profile that matched, "" when none
    std::vector<std::string> quirks;  ///< what it changed
    std::vector<std::string> checks;  ///< the checks that were made, in words
    std::vector<Finding> findings;

    std::string csr_file;
    Bytes csr_file_content;
    Bytes csr_der;
    Bytes public_key_der;
    Bytes key_id = {};  ///< CKA_ID of the key pair
};

/// The statement's bytes: UTF-8 JSON with a final newline. Values that are not UTF-8 appear as {"hex": ...}.
Bytes to_json(const Record& record);

/// How a copy of a shared key came into its token; what the Record of a copy does not say.
struct CopyRecord {
    std::string way;            ///< "tokens-in-reach", "sealed-file"
    std::string source_member;  ///< "" when the tokens were apart
    std::string source_token_label;
    std::string source_token_serial;
    std::string offer_sha256;                  ///< fingerprint of the wrapping pair, "" when the tokens were in reach
    std::string seal_reason = {};              ///< why it was sealed; "" when nobody said, or nothing was
    std::string wrapping_key;                  ///< URI of the standing wrapping key, "" for keys of one use
    std::vector<std::string> wrapped_with;     ///< mechanisms of the source, "" for a copy that an earlier run made
    std::vector<std::string> unwrapped_with;   ///< mechanisms of the target
    std::string kept_non_extractable_by = {};  ///< "token-reported" with CKA_UNWRAP_TEMPLATE, else "tool-enforced"
    bool local = false;                        ///< CKA_LOCAL as the target reports it
};

/// The statement of a copy: its subject is the public key alone, and there is no request in it.
Bytes to_json(const Record& record, const CopyRecord& copy);

/// How a key left its token for a file; what the Record of an export does not say.
struct ExportRecord {
    std::string target;       ///< as --for has it
    std::string file;         ///< as --output has it
    std::string file_name;    ///< without its folder
    std::string file_sha256;  ///< of its bytes
    std::string protection;   ///< the algorithms, in words
    std::string friendly_name;
    std::string windows_provider;
    std::string key_type;  ///< "exchange", "signature"; "" when the file says nothing of it
    ExportedCertificate certificate;
    std::vector<std::string> chain;       ///< subjects
    std::vector<std::string> mechanisms;  ///< how it left
    std::vector<std::string> recipients;  ///< members
    std::vector<std::string> note;        ///< the security note as it was shown
    std::string acknowledged_by;          ///< "flag", "terminal"
    bool short_password_allowed = false;  ///< --allow-weak-password was needed
};

/// The statement of an export: its subjects are the file and the public key, and there is no request in it.
Bytes to_json(const Record& record, const ExportRecord& exported);

/// SHA-256 of the public key that a copy's evidence is about. Nothing when the bytes are no such evidence of ours.
std::optional<std::string> read_copy_evidence(BytesView json);

/// The few facts that later runs read back out of an evidence file. Nothing when the bytes are not our evidence.
struct EvidenceSummary {
    std::string csr_file_sha256;
    std::string public_key_sha256;
    std::string origin;
    unsigned generation = 0;
};
std::optional<EvidenceSummary> read_evidence(BytesView json);

}  // namespace hsmreq::evidence
