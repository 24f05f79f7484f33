// Cryptoki's fixed fields as text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "token/cryptoki.hpp"

namespace hsmreq::token {

/// A field padded with blanks (PKCS#11, section 3.1), or with zero bytes as some modules do.
template <std::size_t N>
std::string unpadded(const unsigned char (&field)[N]) {
    std::string_view text(reinterpret_cast<const char*>(field), N);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
    return std::string(text);
}

inline std::string version_text(CK_VERSION version) {
    return std::to_string(version.major) + "." + std::to_string(version.minor);
}

}  // namespace hsmreq::token
