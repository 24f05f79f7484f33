// Host names as certificates carry them: read from what somebody wrote, with everything that is wrong noted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/plan.hpp"

namespace hsmreq::plan {

enum class NameFault { not_ldh, underscore, label_too_long, too_long, trailing_dot };

struct FaultFound {
    NameFault fault;
    std::string detail;  ///< for not_ldh what exactly is wrong; otherwise the label or the length at fault
};

struct HostName {
    NameType type = NameType::dns;
    std::string value;          ///< lower-case A-labels; with a not_ldh fault perhaps the escaped original
    bool wildcard = false;      ///< begins with "*."
    bool from_u_label = false;  ///< was written in Unicode and converted
    bool has_a_label = false;   ///< some label is an A-label (RFC 5890, 2.3.2.1)
    std::vector<FaultFound> faults;
};

/// RFC 1034 (3.5) and RFC 5890 as the TLS Baseline Requirements demand of a dNSName; IP addresses in text form are
/// recognised, IPv6 with or without brackets. Never fails: what is wrong is in `faults`.
HostName read_host_name(std::string_view written);

/// The part behind the leftmost label; "" for a single label.
std::string_view parent_domain(std::string_view name);

/// True when no public DNS root can lead to the name: a single label, or a top-level domain that the ICANN part of the
/// Public Suffix List does not know.
bool is_internal_name(const HostName& name);

/// True when registrations happen directly below `domain` (Public Suffix List, ICANN part).
bool is_public_suffix(std::string_view domain);

}  // namespace hsmreq::plan
