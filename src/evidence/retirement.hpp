// The record of a key's destruction, written before it begins and completed after it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/retire.hpp"

namespace hsmreq::evidence {

/// Facts in hand when a key is about to go. Strings from tokens may hold any bytes.
struct Retirement {
    std::string tool_version;
    std::string time;  ///< RFC 3339
    std::string operator_name;
    std::string host;
    std::string reason;  ///< "" when none was given
    bool compromised = false;
    bool all = false;
    std::string farm;
    std::string farm_file;
    std::string farm_file_sha256;
    std::string request;
    std::string member;  ///< "" for a shared key
    std::string token_member;
    std::string module_path;
    std::string module_sha256;
    std::string token_label;
    std::string token_manufacturer;
    std::string token_model;
    std::string token_serial;
    RetiredGeneration item;
    std::vector<CertificateUse> certificates;  ///< for this key
    std::vector<ListenerUse> listeners;
};

/// "hsmreq.retired/1" with the state "begun".
Bytes begun_retirement(const Retirement& retirement);

/// The same record once all is gone: state "done", the time of it, and who saw it through. Nothing when the bytes are
/// no record of ours.
std::optional<Bytes> completed_retirement(BytesView record, const std::string& time, const std::string& operator_name);

struct RetirementState {
    bool done = false;
    bool all = false;
    std::string key_id;
    std::string public_key_sha256;  ///< "" when it was not known
};
/// Nothing when the bytes are no record of ours.
std::optional<RetirementState> read_retirement(BytesView record);

}  // namespace hsmreq::evidence
