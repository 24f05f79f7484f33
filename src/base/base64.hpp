// Base64 text (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>

#include "hsmreq/bytes.hpp"

namespace hsmreq {

/// One line, with padding.
std::string to_base64(BytesView bytes);

/// Nothing when the text is empty, or not base64 with its padding and nothing else.
std::optional<Bytes> from_base64(const std::string& base64);

}  // namespace hsmreq
