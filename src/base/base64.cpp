#include "base/base64.hpp"

#include <openssl/evp.h>

#include <string_view>

#include "base/text.hpp"

namespace hsmreq {

std::string to_base64(BytesView bytes) {
    // EVP_EncodeBlock ends its text with a zero byte.
    Bytes text((bytes.size() + 2) / 3 * 4 + 1);
    EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
    return {text.begin(), text.end() - 1};
}

std::optional<Bytes> from_base64(const std::string& base64) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto data_end = base64.find_last_not_of('=') + 1;
    const std::size_t padding = base64.size() - data_end;
    if (base64.empty() || base64.size() % 4 != 0 || padding > 2 || base64.find_first_not_of(alphabet) < data_end)
        return std::nullopt;
    Bytes decoded(base64.size() / 4 * 3);
    const BytesView octets = as_bytes(base64);
    if (EVP_DecodeBlock(decoded.data(), octets.data(), static_cast<int>(octets.size())) < 0) return std::nullopt;
    decoded.resize(decoded.size() - padding);
    return decoded;
}

}  // namespace hsmreq
