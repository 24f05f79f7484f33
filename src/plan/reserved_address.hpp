// IP addresses that no public CA may certify, because they lead to nobody in particular.
#pragma once

#include <string>
#include <string_view>

namespace hsmreq::plan {

/// "private use, 10.0.0.0/8 (RFC 1918)" for an address of the special-purpose registries (RFC 6890) or of the multicast
/// blocks; "" for any other, and for what is no address. Takes the canonical text of read_host_name().
std::string reserved_range(const std::string& address);

}  // namespace hsmreq::plan
