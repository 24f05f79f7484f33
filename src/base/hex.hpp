// Hexadecimal text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hsmreq/bytes.hpp"

namespace hsmreq {

/// Lower-case, no separators.
std::string to_hex(BytesView bytes);

/// Nothing when the text has an odd length or another character.
std::optional<Bytes> from_hex(std::string_view text);

}  // namespace hsmreq
