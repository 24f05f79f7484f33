#include <array>

#include "base/try.hpp"
#include "token/key_templates.hpp"
#include "token/mechanisms.hpp"
#include "token/public_values.hpp"

namespace hsmreq::token {
namespace {

constexpr std::array<std::uint8_t, 3> public_exponent = {0x01, 0x00, 0x01};  // 65537

Template public_template(const TokenState& token, const KeyTemplate& wanted, LadderStep step) {
    const auto& algorithm = facts(wanted.algorithm);
    Template result = policy_template(token, wanted, ObjectKind::public_key, step.rung);
    if (algorithm.family == KeyFamily::rsa) {
        result.add_number(CKA_MODULUS_BITS, algorithm.bits);
        result.add_bytes(CKA_PUBLIC_EXPONENT, public_exponent);
    } else {
        result.add_bytes(CKA_EC_PARAMS, curve_parameters(wanted.algorithm, step.curve_form));
    }
    return result;
}

}  // namespace

Result<KeyPair> generate_key_pair(Session& session, const KeyTemplate& wanted) {
    const auto& token = session.token().state();
    TRY_ASSIGN(const auto type, choose_generation_mechanism(session.token(), facts(wanted.algorithm).family));
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
    const auto attempt = [&](LadderStep step) {
        CK_MECHANISM mechanism{type, nullptr, 0};
        Template for_public = public_template(token, wanted, step);
        Template for_private = policy_template(token, wanted, ObjectKind::private_key, step.rung);
        return token.caller.ask(CRYPTOKI(C_GenerateKeyPair), session.state().handle, &mechanism, for_public.data(),
                                for_public.size(), for_private.data(), for_private.size(), &public_key, &private_key);
    };
    TRY_ASSIGN(const LadderStep step, climb(session, wanted, generation_ascent, attempt));
    KeyPair pair;
    pair.private_key = private_key;
    pair.public_object = public_key;
    pair.generated = true;
    pair.rung = step.rung;
    return pair;
}

Result<ObjectHandle> create_public_object(Session& session, const KeyTemplate& wanted, const PublicKey& key) {
    const auto& token = session.token().state();
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    const auto attempt = [&](LadderStep step) {
        // The class can't follow from a mechanism here, so it is always stated.
        Template values =
            policy_template(token, wanted, ObjectKind::public_key, std::min(step.rung, rung_without_type - 1));
        if (key.family == KeyFamily::rsa) {
            values.add_bytes(CKA_MODULUS, key.modulus);
            values.add_bytes(CKA_PUBLIC_EXPONENT, key.public_exponent);
        } else {
            values.add_bytes(CKA_EC_PARAMS, curve_parameters(wanted.algorithm, step.curve_form));
            values.add_bytes(CKA_EC_POINT, encode_point(key.point));
        }
        return token.caller.ask(CRYPTOKI(C_CreateObject), session.state().handle, values.data(), values.size(),
                                &object);
    };
    TRY(climb(session, wanted, creation_ascent, attempt));
    return ObjectHandle{object};
}

}  // namespace hsmreq::token
