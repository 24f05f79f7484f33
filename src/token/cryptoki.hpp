// Cryptoki as this room sees it: p11-kit's header and the PKCS#11 3.0 constants that it lacks.
#pragma once

#include <p11-kit/pkcs11.h>

namespace hsmreq::token {

#ifndef CKM_AES_KEY_WRAP_KWP
inline constexpr CK_MECHANISM_TYPE CKM_AES_KEY_WRAP_KWP = 0x210b;
#endif
#ifndef CKM_AES_KEY_WRAP_PKCS7
inline constexpr CK_MECHANISM_TYPE CKM_AES_KEY_WRAP_PKCS7 = 0x210c;
#endif

#ifndef CKR_AEAD_DECRYPT_FAILED
inline constexpr CK_RV CKR_AEAD_DECRYPT_FAILED = 0x42;
#endif
#ifndef CKR_TOKEN_RESOURCE_EXCEEDED
inline constexpr CK_RV CKR_TOKEN_RESOURCE_EXCEEDED = 0x201;
#endif
#ifndef CKR_OPERATION_CANCEL_FAILED
inline constexpr CK_RV CKR_OPERATION_CANCEL_FAILED = 0x202;
#endif
#ifndef CKR_KEY_EXHAUSTED
inline constexpr CK_RV CKR_KEY_EXHAUSTED = 0x203;
#endif

}  // namespace hsmreq::token
