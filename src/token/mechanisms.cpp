#include "token/mechanisms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/try.hpp"
#include "token/key_pair.hpp"
#include "token/signing.hpp"

namespace hsmreq::token {
namespace {

enum class Keys { rsa, ec, ed25519, other };

struct MechanismName {
    CK_MECHANISM_TYPE type;
    const char* name;
    Keys keys;
};
#define ROW(name, keys) \
    { name, #name, Keys::keys }

// The mechanisms that this program uses or names in messages, and the kind of asymmetric key that each works with.
constexpr MechanismName mechanism_names[] = {
    ROW(CKM_RSA_PKCS_KEY_PAIR_GEN, other),
    ROW(CKM_RSA_X9_31_KEY_PAIR_GEN, other),
    ROW(CKM_RSA_PKCS, rsa),
    ROW(CKM_RSA_9796, rsa),
    ROW(CKM_RSA_X_509, rsa),
    ROW(CKM_RSA_PKCS_OAEP, rsa),
    ROW(CKM_RSA_PKCS_PSS, rsa),
    ROW(CKM_RSA_AES_KEY_WRAP, rsa),
    ROW(CKM_SHA1_RSA_PKCS, rsa),
    ROW(CKM_SHA256_RSA_PKCS, rsa),
    ROW(CKM_SHA384_RSA_PKCS, rsa),
    ROW(CKM_SHA512_RSA_PKCS, rsa),
    ROW(CKM_RSA_PKCS_TPM_1_1, rsa),
    ROW(CKM_RSA_PKCS_OAEP_TPM_1_1, rsa),
    ROW(CKM_EC_KEY_PAIR_GEN, other),
    ROW(CKM_ECDSA, ec),
    ROW(CKM_ECDSA_SHA1, ec),
    ROW(CKM_ECDSA_SHA256, ec),
    ROW(CKM_ECDSA_SHA384, ec),
    ROW(CKM_ECDSA_SHA512, ec),
    ROW(CKM_ECDH1_DERIVE, ec),
    ROW(CKM_ECDH1_COFACTOR_DERIVE, ec),
    ROW(CKM_ECMQV_DERIVE, ec),
    ROW(CKM_ECDH_AES_KEY_WRAP, ec),
    ROW(CKM_EC_EDWARDS_KEY_PAIR_GEN, other),
    ROW(CKM_EDDSA, ed25519),
    ROW(CKM_DES_ECB, other),
    ROW(CKM_DES_CBC, other),
    ROW(CKM_DES_CBC_PAD, other),
    ROW(CKM_DES3_KEY_GEN, other),
    ROW(CKM_DES3_ECB, other),
    ROW(CKM_DES3_CBC, other),
    ROW(CKM_DES3_CBC_PAD, other),
    ROW(CKM_AES_KEY_GEN, other),
    ROW(CKM_AES_ECB, other),
    ROW(CKM_AES_CBC, other),
    ROW(CKM_AES_CBC_PAD, other),
    ROW(CKM_AES_CTR, other),
    ROW(CKM_AES_GCM, other),
    ROW(CKM_AES_CCM, other),
    ROW(CKM_AES_KEY_WRAP, other),
    ROW(CKM_AES_KEY_WRAP_PAD, other),
    ROW(CKM_AES_KEY_WRAP_KWP, other),
    ROW(CKM_AES_KEY_WRAP_PKCS7, other),
    ROW(CKM_CAMELLIA_CBC_PAD, other),
    ROW(CKM_ARIA_CBC_PAD, other),
    ROW(CKM_SEED_CBC_PAD, other),
};
#undef ROW

// The forms that take a finished hash come first: they work with whatever the token thinks of hashing.
constexpr SignatureRow signatures[] = {
    {CKM_RSA_PKCS, KeyFamily::rsa, Hash::sha256, true},
    {CKM_RSA_PKCS, KeyFamily::rsa, Hash::sha384, true},
    {CKM_RSA_PKCS, KeyFamily::rsa, Hash::sha512, true},
    {CKM_SHA256_RSA_PKCS, KeyFamily::rsa, Hash::sha256, false},
    {CKM_SHA384_RSA_PKCS, KeyFamily::rsa, Hash::sha384, false},
    {CKM_SHA512_RSA_PKCS, KeyFamily::rsa, Hash::sha512, false},
    {CKM_ECDSA, KeyFamily::ec, Hash::sha256, true},
    {CKM_ECDSA, KeyFamily::ec, Hash::sha384, true},
    {CKM_ECDSA, KeyFamily::ec, Hash::sha512, true},
    {CKM_ECDSA_SHA256, KeyFamily::ec, Hash::sha256, false},
    {CKM_ECDSA_SHA384, KeyFamily::ec, Hash::sha384, false},
    {CKM_ECDSA_SHA512, KeyFamily::ec, Hash::sha512, false},
    {CKM_EDDSA, KeyFamily::ed25519, Hash::sha256, false},
};

struct GenerationRow {
    KeyFamily family;
    CK_MECHANISM_TYPE type;
};

// X9.31 generation makes the same keys and is all that some tokens offer in FIPS mode.
constexpr GenerationRow generations[] = {
    {KeyFamily::rsa, CKM_RSA_PKCS_KEY_PAIR_GEN},
    {KeyFamily::rsa, CKM_RSA_X9_31_KEY_PAIR_GEN},
    {KeyFamily::ec, CKM_EC_KEY_PAIR_GEN},
    {KeyFamily::ed25519, CKM_EC_EDWARDS_KEY_PAIR_GEN},
};

constexpr Keys keys_of(KeyFamily family) {
    switch (family) {
        case KeyFamily::rsa:
            return Keys::rsa;
        case KeyFamily::ec:
            return Keys::ec;
        case KeyFamily::ed25519:
            return Keys::ed25519;
    }
    return Keys::other;
}

Error missing(const Token& token, std::string what) {
    Error error;
    error.code = ExitCode::token;
    error.what = std::move(what);
    error.where = token.info().display();
    error.hint = "choose another key algorithm, or enable the mechanism in the token's configuration";
    return error;
}

}  // namespace

std::string mechanism_name(unsigned long type) {
    for (const auto& row : mechanism_names)
        if (row.type == type) return row.name;
    return fmt::format("{:#x}", type);
}

std::span<const SignatureRow> signature_rows() {
    return signatures;
}

bool offers_for(Token& token, CK_MECHANISM_TYPE type, CK_FLAGS use) {
    if (!token.offers(type)) return false;
    const MechanismFacts* mechanism = token.mechanism(type);
    return mechanism == nullptr || (mechanism->flags & use) != 0;
}

Result<CK_MECHANISM_TYPE> choose_generation_mechanism(Token& token, KeyFamily family) {
    TRY(token.mechanisms());
    std::string tried;
    for (const auto& row : generations) {
        if (row.family != family) continue;
        if (offers_for(token, row.type, CKF_GENERATE_KEY_PAIR)) return row.type;
        tried += (tried.empty() ? "" : " nor ") + mechanism_name(row.type);
    }
    return missing(token, "the token can't make such a key: it does not offer " + tried);
}

bool family_can(Token& token, KeyFamily family, CK_FLAGS use) {
    return std::any_of(std::begin(mechanism_names), std::end(mechanism_names), [&](const MechanismName& row) {
        return row.keys == keys_of(family) && offers_for(token, row.type, use);
    });
}

Result<SignatureMechanism> choose_signature_mechanism(Token& token, KeyAlgorithm algorithm, Hash hash) {
    TRY(token.mechanisms());
    const KeyFamily family = facts(algorithm).family;
    std::string tried;
    for (const auto& row : signatures) {
        if (row.family != family || (family != KeyFamily::ed25519 && row.hash != hash)) continue;
        if (offers_for(token, row.type, CKF_SIGN))
            return SignatureMechanism{row.type, family, hash, row.hash_in_software};
        tried += (tried.empty() ? "" : " nor ") + mechanism_name(row.type);
    }
    return missing(token, fmt::format("the token can't sign with {} and {}: it does not offer {}",
                                      facts(algorithm).name, facts(hash).name, tried));
}

Status check_mechanisms(Token& token, KeyAlgorithm algorithm, Hash hash) {
    TRY(choose_generation_mechanism(token, facts(algorithm).family));
    TRY(choose_signature_mechanism(token, algorithm, hash));
    return {};
}

}  // namespace hsmreq::token
