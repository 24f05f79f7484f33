#include <algorithm>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "token/mechanisms.hpp"
#include "token/signing.hpp"
#include "token/state.hpp"

namespace hsmreq::token {
namespace {

constexpr std::size_t signature_room = 2048;  // RSA of 16384 bits; size queries are known to lie, so none is made
constexpr std::size_t signature_limit = 1 << 16;

/// What the mechanism signs: the message itself, its hash, or for RSA the DigestInfo around the hash (RFC 8017, 9.2).
Bytes to_be_signed(const SignatureMechanism& mechanism, BytesView message) {
    if (!mechanism.hash_in_software) return {message.begin(), message.end()};
    Bytes hash = digest(mechanism.hash, message);
    if (mechanism.family != KeyFamily::rsa) return hash;
    const auto prefix = as_bytes(facts(mechanism.hash).digest_info_prefix);
    Bytes digest_info(prefix.begin(), prefix.end());
    digest_info.insert(digest_info.end(), hash.begin(), hash.end());
    return digest_info;
}

Result<Bytes> finish(Session& session, Bytes& data) {
    const Caller& caller = session.state().caller();
    std::size_t room = signature_room;
    for (;;) {
        Bytes signature(room);
        CK_ULONG size = room;
        const CK_RV value = caller.ask(CRYPTOKI(C_Sign), session.state().handle, data.data(), CK_ULONG{data.size()},
                                       signature.data(), &size);
        if (value == CKR_OK && size <= room) {
            signature.resize(size);
            return signature;
        }
        // The operation stays active after this answer (PKCS#11, section 5.2).
        if (value != CKR_BUFFER_TOO_SMALL || room >= signature_limit)
            return token_error(caller.where(), "C_Sign", value == CKR_OK ? CKR_SIGNATURE_LEN_RANGE : value);
        room = signature_limit;
    }
}

}  // namespace

Result<Bytes> sign(Session& session, const KeyPair& key, const SignatureMechanism& mechanism, BytesView message) {
    Bytes data = to_be_signed(mechanism, message);
    CK_MECHANISM parameters{mechanism.type, nullptr, 0};
    TRY(session.state().caller().require(CRYPTOKI(C_SignInit), session.state().handle, &parameters, key.private_key));
    if (key.always_authenticate) TRY(login_for_operation(session));
    return finish(session, data);
}

bool signs_padded_octets(Token& token) {
    return offers_for(token, CKM_RSA_X_509, CKF_SIGN);
}

}  // namespace hsmreq::token
