// Decryption by an RSA key in the token.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"
#include "token/key_pair.hpp"

namespace hsmreq::token {

struct DecryptionWay {
    unsigned long mechanism = 0;
    std::string oaep_hash;  ///< "SHA256", "SHA1"; "" for PKCS#1 v1.5

    [[nodiscard]] std::string name() const;  ///< "CKM_RSA_PKCS_OAEP with SHA256"
};

/// What the token's mechanism list offers, PKCS#1 v1.5 first, since that is what key exchange with RSA uses (RFC 5246,
/// section 7.4.7.1). Which hashes OAEP takes no list tells. Errors: ExitCode::token naming what is missing.
Result<std::vector<DecryptionWay>> decryption_ways(Token& token);

/// C_DecryptInit and C_Decrypt. Errors: ExitCode::token, login.
Result<Bytes> decrypt(Session& session, const KeyPair& key, const DecryptionWay& way, BytesView ciphertext);

/// True for the answers that say that another way might do.
bool refuses_way(const Error& error);

}  // namespace hsmreq::token
