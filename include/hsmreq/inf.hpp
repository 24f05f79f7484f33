// A certreq policy file (INF) as values: what it asks for, and what has no place in a farm file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/finding.hpp"
#include "hsmreq/names.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq {

/// Something that a foreign file says and a farm file can't.
struct UnplacedEntry {
    std::string where;   ///< "FILE:LINE", or the file alone
    std::string name;    ///< "[NewRequest] KeyContainer"
    std::string value;   ///< as the file has it, tokens expanded; never a password
    std::string reason;  ///< one sentence
};

/// A subject alternative name other than a DNS name or an IP address.
struct InfName {
    std::string type;  ///< "upn", "email", "url", ... in lower case
    std::string value;
};

/// What absent values mean is certreq's: RSA, SHA-1, not exportable.
struct InfInspection {
    std::string encoding;  ///< of the file's bytes: "UTF-8", "UTF-16LE", ...
    Subject subject;
    std::vector<std::string> dns_names;     ///< as written, each once
    std::vector<std::string> ip_addresses;  ///< as written, each once
    std::vector<InfName> other_names;
    std::optional<std::vector<KeyUsageBit>> key_usage;
    std::vector<std::string> extended_key_usage;  ///< dotted OIDs, each once
    std::optional<KeyAlgorithm> algorithm;        ///< absent also when there is none like it here
    std::optional<Hash> hash;                     ///< absent also for SHA-1 and older
    std::optional<KeyPurpose> purpose;            ///< KeySpec
    std::optional<bool> exportable;
    bool suppress_defaults = false;
    std::string friendly_name;
    std::string certificate_template;
    std::vector<UnplacedEntry> unplaced;  ///< in the order of the file
    std::vector<Finding> findings;        ///< about the request that certreq would make of it
};

/// Reads the bytes of an INF file in any of the encodings Windows saves (see docs/init.md). `file` names it in
/// messages. Errors: ExitCode::input, with the line.
Result<InfInspection> inspect_inf(BytesView bytes, const std::string& file);

}  // namespace hsmreq
