// What the writer and the checker of PKCS#12 files agree on; for their files only.
#pragma once

#include "x509/openssl.hpp"
#include "x509/pkcs12.hpp"

namespace hsmreq::x509 {

inline void free_safe_bags(STACK_OF(PKCS12_SAFEBAG) * bags) {
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}
inline void free_safes(STACK_OF(PKCS7) * safes) {
    sk_PKCS7_pop_free(safes, PKCS7_free);
}
using SafeBagPtr = Owner<PKCS12_SAFEBAG, PKCS12_SAFEBAG_free>;
using SafeBagsPtr = Owner<STACK_OF(PKCS12_SAFEBAG), free_safe_bags>;
using SafesPtr = Owner<STACK_OF(PKCS7), free_safes>;

/// The algorithms of a protection.
struct PfxScheme {
    KeyProtection id;
    int cipher;  ///< NID: of a cipher for PBES2 (its PRF is HMAC-SHA-256), or of a scheme of RFC 7292, appendix C
    int mac;     ///< NID of the hash
    const EVP_MD* (*mac_digest)();
    int salt_size;  ///< bytes
};

inline constexpr PfxScheme pfx_schemes[] = {
    {KeyProtection::aes_256, NID_aes_256_cbc, NID_sha256, EVP_sha256, 16},
    {KeyProtection::triple_des, NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NID_sha1, EVP_sha1, 8},
};

/// Null for a protection that is none of PKCS#12.
inline const PfxScheme* find_scheme(KeyProtection protection) {
    for (const auto& row : pfx_schemes)
        if (row.id == protection) return &row;
    return nullptr;
}

/// OpenSSL takes passwords so.
inline const char* characters(const Secret& password) {
    return reinterpret_cast<const char*>(password.reveal().data());
}
inline int length(const Secret& password) {
    return static_cast<int>(password.size());
}

/// KeySpec as CryptoAPI numbers it, in the bits of a KeyUsage: AT_KEYEXCHANGE and AT_SIGNATURE.
inline int key_spec(KeyPurpose type) {
    return type == KeyPurpose::exchange ? KEY_EX : KEY_SIG;
}

/// localKeyID: the certificate's SHA-1, as OpenSSL has it. It only ties the two bags together.
Bytes local_key_id(BytesView certificate);

}  // namespace hsmreq::x509
