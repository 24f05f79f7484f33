// Cryptoki as this room sees it: p11-kit's header and the PKCS#11 3.0 constants that it lacks.
#pragma once

#include <p11-kit/pkcs11.h>

namespace hsmreq::token {

inline constexpr CK_MECHANISM_TYPE CKM_AES_KEY_WRAP_KWP = 0x210b;
inline constexpr CK_MECHANISM_TYPE CKM_AES_KEY_WRAP_PKCS7 = 0x210c;

inline constexpr CK_RV CKR_AEAD_DECRYPT_FAILED = 0x42;
inline constexpr CK_RV CKR_TOKEN_RESOURCE_EXCEEDED = 0x201;
inline constexpr CK_RV CKR_OPERATION_CANCEL_FAILED = 0x202;
inline constexpr CK_RV CKR_KEY_EXHAUSTED = 0x203;

}  // namespace hsmreq::token
