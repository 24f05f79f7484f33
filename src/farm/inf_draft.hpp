// What the readers of a certreq file's sections fill in together.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "farm/inf_file.hpp"
#include "farm/inf_subject.hpp"
#include "hsmreq/inf.hpp"

namespace hsmreq::farm {

struct InfDraft {
    std::string file;
    InfInspection result;
    std::map<std::string, std::string> critical;  ///< OID of an extension asked for as critical, and where
    std::string key_usage_where;
    std::string extended_key_usage_where;
    std::string key_where;   ///< of KeyAlgorithm, else KeyLength
    std::string hash_where;  ///< "" when no hash is named
    std::string hash_word;
    std::string pss_where;  ///< of AlternateSignatureAlgorithm = true
    std::string key_algorithm;
    unsigned key_length = 0;
    std::set<std::string> seen;  ///< names, addresses and OIDs in lower case, so that each goes in once

    [[nodiscard]] std::string where(const InfEntry& entry) const { return file + ':' + std::to_string(entry.line); }

    void leave_out(const InfEntry& entry, std::string reason);
    /// The same for a part of the entry's value.
    void leave_out(const InfEntry& entry, std::string value, std::string reason);
};

/// [NewRequest]; the subject's reading depends on another key of the section, so it is read apart.
void read_new_request(InfDraft& draft, const InfEntry& entry);
void read_subject(InfDraft& draft, const InfEntry& entry, NameFlags flags);
/// [Extensions], [EnhancedKeyUsageExtension], [RequestAttributes]: names, usages, template.
void read_extension(InfDraft& draft, const InfEntry& entry);
void read_extended_key_usage_entry(InfDraft& draft, const InfEntry& entry);
void read_request_attribute(InfDraft& draft, const InfEntry& entry);
/// The low eight bits in the first octet, as certreq counts them, then decipherOnly.
std::vector<KeyUsageBit> key_usage_bits(unsigned value);

/// What is wrong with the request that certreq would make.
std::vector<Finding> inf_findings(const InfDraft& draft);

bool is_true(std::string_view word);

}  // namespace hsmreq::farm
