// The values of extensions in words, where their syntax is known.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hsmreq/bytes.hpp"

namespace hsmreq::x509 {

/// What the octets inside extnValue say; nothing for an extension that is not known, has a field of its own in the
/// inspection, or is malformed.
std::optional<std::string> extension_text(std::string_view identifier, BytesView value);

}  // namespace hsmreq::x509
