#include "token/wrapping_keys.hpp"

#include <array>

#include "base/try.hpp"
#include "token/attributes.hpp"
#include "token/state.hpp"

namespace hsmreq::token {
namespace {

constexpr CK_ULONG aes_key_size = 32;
constexpr CK_ULONG rsa_bits = 2048;
constexpr std::array<std::uint8_t, 3> public_exponent = {0x01, 0x00, 0x01};

constexpr CK_ATTRIBUTE_TYPE secret_uses[] = {CKA_UNWRAP, CKA_ENCRYPT, CKA_DECRYPT, CKA_SIGN, CKA_VERIFY, CKA_DERIVE};
constexpr CK_ATTRIBUTE_TYPE public_uses[] = {CKA_ENCRYPT, CKA_VERIFY, CKA_VERIFY_RECOVER, CKA_DERIVE};
constexpr CK_ATTRIBUTE_TYPE private_uses[] = {CKA_UNWRAP, CKA_DECRYPT, CKA_SIGN, CKA_SIGN_RECOVER, CKA_DERIVE};

/// Everything stated first, then without the uses that the token may not want to hear of.
constexpr bool ladder[] = {true, false};

void forbid(Template& result, std::span<const CK_ATTRIBUTE_TYPE> uses, bool stated) {
    if (!stated) return;
    for (const auto use : uses) result.add_boolean(use, false);
}

void keep_inside(Template& result) {
    result.add_boolean(CKA_TOKEN, false);
    result.add_boolean(CKA_PRIVATE, true);
    result.add_boolean(CKA_SENSITIVE, true);
    result.add_boolean(CKA_EXTRACTABLE, false);
}

}  // namespace

WrappingKeys::~WrappingKeys() {
    // Session objects go with the session anyway.
    for (const auto object : objects_)
        session_.state().caller().ask(CRYPTOKI(C_DestroyObject), session_.state().handle, object);
}

Result<CK_OBJECT_HANDLE> WrappingKeys::get(WrappingKeyKind kind) {
    for (const auto& [made_kind, key] : made_)
        if (made_kind == kind) return key;
    made_.emplace_back(kind, make(kind));
    return made_.back().second;
}

Result<CK_OBJECT_HANDLE> WrappingKeys::make(WrappingKeyKind kind) {
    switch (kind) {
        case WrappingKeyKind::aes:
            return make_secret(CKM_AES_KEY_GEN, CKK_AES);
        case WrappingKeyKind::des3:
            return make_secret(CKM_DES3_KEY_GEN, CKK_DES3);
        case WrappingKeyKind::rsa:
            return make_pair();
    }
    return make_pair();
}

Result<CK_OBJECT_HANDLE> WrappingKeys::make_secret(CK_MECHANISM_TYPE generation, CK_KEY_TYPE type) {
    const Caller& caller = session_.state().caller();
    CK_RV value = CKR_OK;
    for (const bool stated : ladder) {
        CK_MECHANISM mechanism{generation, nullptr, 0};
        Template wanted;
        wanted.add_number(CKA_CLASS, CKO_SECRET_KEY);
        wanted.add_number(CKA_KEY_TYPE, type);
        if (type == CKK_AES) wanted.add_number(CKA_VALUE_LEN, aes_key_size);
        keep_inside(wanted);
        wanted.add_boolean(CKA_WRAP, true);
        forbid(wanted, secret_uses, stated);
        CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
        value = caller.ask(CRYPTOKI(C_GenerateKey), session_.state().handle, &mechanism, wanted.data(), wanted.size(),
                           &key);
        if (value == CKR_OK) return objects_.emplace_back(key);
        if (!about_attributes(value)) break;
    }
    return token_error(caller.where(), "C_GenerateKey", value);
}

Result<CK_OBJECT_HANDLE> WrappingKeys::make_pair() {
    const Caller& caller = session_.state().caller();
    CK_RV value = CKR_OK;
    for (const bool stated : ladder) {
        CK_MECHANISM mechanism{CKM_RSA_PKCS_KEY_PAIR_GEN, nullptr, 0};
        Template for_public;
        for_public.add_boolean(CKA_TOKEN, false);
        for_public.add_boolean(CKA_WRAP, true);
        for_public.add_number(CKA_MODULUS_BITS, rsa_bits);
        for_public.add_bytes(CKA_PUBLIC_EXPONENT, public_exponent);
        forbid(for_public, public_uses, stated);
        Template for_private;
        keep_inside(for_private);
        forbid(for_private, private_uses, stated);
        CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
        CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
        value = caller.ask(CRYPTOKI(C_GenerateKeyPair), session_.state().handle, &mechanism, for_public.data(),
                           for_public.size(), for_private.data(), for_private.size(), &public_key, &private_key);
        if (value == CKR_OK) {
            objects_.insert(objects_.end(), {public_key, private_key});
            return public_key;
        }
        if (!about_attributes(value)) break;
    }
    return token_error(caller.where(), "C_GenerateKeyPair", value);
}

}  // namespace hsmreq::token
