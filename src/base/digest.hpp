// Message digests (FIPS 180-4), computed in software by OpenSSL.
#pragma once

#include <string>

#include "hsmreq/algorithm.hpp"
#include "hsmreq/bytes.hpp"

namespace hsmreq {

/// Aborts the process's operation by std::runtime_error only if OpenSSL lacks the digest, which no supported build
/// does.
Bytes digest(Hash hash, BytesView data);

/// Hexadecimal SHA-256.
std::string sha256_hex(BytesView data);

}  // namespace hsmreq
