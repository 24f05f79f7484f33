// Something to decrypt, to see that a private key can.
#pragma once

#include <string>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::x509 {

struct DecryptionChallenge {
    Bytes plain;  ///< random
    Bytes ciphertext;
};

/// 32 random bytes under an RSA public key: with OAEP and that hash for it and its MGF1 ("SHA256", "SHA1"), by PKCS#1
/// v1.5 for "". Errors: ExitCode::verification for a key that can't encrypt, ExitCode::internal.
Result<DecryptionChallenge> make_decryption_challenge(BytesView public_key_der, const std::string& oaep_hash);

}  // namespace hsmreq::x509
