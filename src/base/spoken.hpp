// Fingerprints as people pass them on: words for reading aloud, and hexadecimal however it is grouped.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/bytes.hpp"

namespace hsmreq {

/// The 256 words; the place of a word is its byte.
std::span<const std::string_view> spoken_words();

/// One word for each byte.
std::vector<std::string> to_spoken(BytesView bytes);

/// A fingerprint in hexadecimal (either case, with or without blanks, colons, dashes) or in words. Nothing when it is
/// neither.
std::optional<Bytes> read_fingerprint(std::string_view text);

}  // namespace hsmreq
