// The keys of one use that a private key travels under; for the files of wrapping only.
#pragma once

#include "token/cryptoki.hpp"
#include "token/wrapping.hpp"

namespace hsmreq::token {

/// CK_RSA_PKCS_OAEP_PARAMS and the one-step parameters around it, as one value that stays in place.
class OaepMechanism {
public:
    /// CKM_RSA_PKCS_OAEP, or CKM_RSA_AES_KEY_WRAP with an AES key of 256 bits.
    OaepMechanism(OaepHash hash, bool one_step);
    OaepMechanism(const OaepMechanism&) = delete;
    OaepMechanism& operator=(const OaepMechanism&) = delete;

    CK_MECHANISM* get() { return &mechanism_; }

private:
    /// CK_RSA_AES_KEY_WRAP_PARAMS, which p11-kit's header lacks.
    struct OneStep {
        CK_ULONG aes_key_bits;
        CK_RSA_PKCS_OAEP_PARAMS* oaep;
    };
    CK_RSA_PKCS_OAEP_PARAMS oaep_{};
    OneStep one_step_{256, &oaep_};
    CK_MECHANISM mechanism_{};
};

/// An AES-256 session key that may only wrap; extractable, since it goes along under the target's key.
Result<SessionObject> make_one_time_secret(Session& session);

/// An AES session key that arrives under `unwrapping` and may only unwrap.
struct ArrivedSecret {
    SessionObject key;
    bool imposes_template = false;
};
Result<ArrivedSecret> unwrap_one_time_secret(Session& session, ObjectHandle unwrapping, const WrappedKey& wrapped);

/// True when the token kept CKA_UNWRAP_TEMPLATE of a key: asked for by its length.
bool has_unwrap_template(Session& session, ObjectHandle key);

}  // namespace hsmreq::token
