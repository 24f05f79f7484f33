#include "base/digest.hpp"

#include <openssl/evp.h>

#include <stdexcept>

#include "base/hex.hpp"

namespace hsmreq {

Bytes digest(Hash hash, BytesView data) {
    const auto& row = facts(hash);
    Bytes result(row.size);
    std::size_t length = result.size();
    // The name views in the table are literals, so they end in NUL.
    if (EVP_Q_digest(nullptr, row.name.data(), nullptr, data.data(), data.size(), result.data(), &length) != 1 ||
        length != result.size())
        throw std::runtime_error("OpenSSL offers no " + std::string(row.name));
    return result;
}

std::string sha256_hex(BytesView data) {
    return to_hex(digest(Hash::sha256, data));
}

}  // namespace hsmreq
