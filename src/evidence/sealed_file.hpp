// The sealed file: a private key as ciphertext for one token, and what it says about itself.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::evidence {

inline constexpr std::size_t sealed_file_limit = std::size_t{1} << 20;

/// The key wrapped in one way; a file may hold several, for the target to take the one it can.
struct SealedWrapping {
    std::string key_wrap;   ///< "aes-kwp", "aes-kw"
    std::string oaep_hash;  ///< "sha256", "sha1"; "" under a standing wrapping key
    Bytes secret = {};      ///< the one-time AES key under the offered RSA key; empty under a standing wrapping key
    Bytes key = {};         ///< the private key under the AES key
};

struct SealedKey {
    std::string farm;
    std::string request;
    unsigned generation = 0;
    std::string public_key_sha256;  ///< of public_key, hexadecimal
    std::string offer_sha256;       ///< fingerprint of the public key that it is sealed for
    Bytes public_key = {};          ///< SubjectPublicKeyInfo of the sealed key
    std::vector<SealedWrapping> wrappings = {};
    std::string reason = {};     ///< why it was sealed; "" when nobody said
    std::string signature_hash;  ///< "sha256", ...
    Bytes signature = {};        ///< by the sealed key, over signed_content(), in the token's raw form
};

/// What the sealed key itself signs: a fixed prefix and a SHA-256 over every field but the signature, so short and of
/// such a form that it is no TLS handshake, certificate or request.
Bytes signed_content(const SealedKey& sealed);

/// The file's bytes: UTF-8 JSON with a final newline.
Bytes to_json(const SealedKey& sealed);

/// Reads one back; nothing may be missing, unknown, or larger than a key can be. Whether it is true is another
/// question. Errors: ExitCode::input.
Result<SealedKey> read_sealed_file(BytesView json);

}  // namespace hsmreq::evidence
