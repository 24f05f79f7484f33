// Text that other systems wrote, as UTF-8.
#pragma once

#include <string>
#include <string_view>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq {

struct DecodedText {
    std::string text;           ///< UTF-8, without byte order mark
    std::string_view encoding;  ///< "UTF-8", "UTF-16LE", "UTF-16BE" or "Windows-1252"
};

/// By its byte order mark; without one UTF-16 is known by the zero bytes of its first characters, then whatever is
/// valid UTF-8 is UTF-8, and all else is Windows-1252, which agrees with Latin-1 wherever that has letters. Errors:
/// ExitCode::input for half a UTF-16 character and for NUL, which no text has; `where` is left empty.
Result<DecodedText> decode_text(BytesView bytes);

/// One code point (at most U+10FFFF) in UTF-8.
void append_utf8(std::string& text, char32_t point);

}  // namespace hsmreq
