#include "token/policy_attributes.hpp"

namespace hsmreq::token {
namespace {

#define ROW(name, object, rule, rung, unknown, use) \
    { name, #name, ObjectKind::object, ValueRule::rule, rung, Unknown::unknown, use }

// EXTRACTABLE, SENSITIVE and PRIVATE are never left out. The rungs follow what tokens are known to refuse, the most
// harmless first: COPYABLE is unknown before PKCS#11 2.30, recovery exists for RSA only, then derive and wrapping,
// at last the attributes that say "no" to what a key of this type can't do anyway.
// A copy can't loosen SENSITIVE or EXTRACTABLE (PKCS#11, C_CopyObject), hence an unknown COPYABLE is harmless.
// MODIFIABLE comes last: SoftHSM's C_UnwrapKey sets one attribute after the other and takes none after it has made the
// object unmodifiable (https://github.com/softhsm/SoftHSMv2/issues/707).
constexpr PolicyAttribute attributes[] = {
    ROW(CKA_TOKEN, private_key, yes, 0, differs, 0),
    ROW(CKA_PRIVATE, private_key, yes, 0, differs, 0),
    ROW(CKA_SENSITIVE, private_key, yes, 0, differs, 0),
    ROW(CKA_EXTRACTABLE, private_key, as_extractable, 0, differs, 0),
    ROW(CKA_SIGN, private_key, yes, 0, differs, 0),
    ROW(CKA_DECRYPT, private_key, as_decrypt, 4, unusable, CKF_DECRYPT),
    ROW(CKA_UNWRAP, private_key, no, 3, unusable, CKF_UNWRAP),
    ROW(CKA_SIGN_RECOVER, private_key, no, 2, unusable, CKF_SIGN_RECOVER),
    ROW(CKA_DERIVE, private_key, no, 3, unusable, CKF_DERIVE),
    ROW(CKA_COPYABLE, private_key, no, 1, harmless, 0),
    ROW(CKA_WRAP_WITH_TRUSTED, private_key, as_wrap_with_trusted, 0, differs, 0),
    ROW(CKA_MODIFIABLE, private_key, no, 4, differs, 0),
    ROW(CKA_TOKEN, public_key, yes, 0, differs, 0),
    ROW(CKA_VERIFY, public_key, yes, 0, differs, 0),
    ROW(CKA_PRIVATE, public_key, no, 0, differs, 0),
    ROW(CKA_ENCRYPT, public_key, no, 4, unusable, CKF_ENCRYPT),
    ROW(CKA_WRAP, public_key, no, 3, unusable, CKF_WRAP),
    ROW(CKA_VERIFY_RECOVER, public_key, no, 2, unusable, CKF_VERIFY_RECOVER),
    ROW(CKA_DERIVE, public_key, no, 3, unusable, CKF_DERIVE),
    ROW(CKA_COPYABLE, public_key, no, 1, harmless, 0),
    ROW(CKA_MODIFIABLE, public_key, no, 4, differs, 0),
};
#undef ROW

}  // namespace

std::span<const PolicyAttribute> policy_attributes() {
    return attributes;
}

bool wanted_value(const PolicyAttribute& attribute, const KeyTemplate& wanted) {
    switch (attribute.rule) {
        case ValueRule::yes:
            return true;
        case ValueRule::no:
            return false;
        case ValueRule::as_decrypt:
            return wanted.decrypt;
        case ValueRule::as_extractable:
            return wanted.extractable;
        case ValueRule::as_wrap_with_trusted:
            return wanted.wrap_with_trusted;
    }
    return false;
}

bool states(const PolicyAttribute& attribute, const KeyTemplate& wanted, unsigned rung, const QuirkProfile* quirks) {
    const bool value = wanted_value(attribute, wanted);
    if (attribute.rule == ValueRule::as_wrap_with_trusted) return value;
    if (value || attribute.left_out_from == 0) return true;
    if (rung >= attribute.left_out_from) return false;
    const bool is_private = attribute.object == ObjectKind::private_key;
    return !omits(quirks, is_private ? &QuirkProfile::omit_private : &QuirkProfile::omit_public, attribute.name);
}

}  // namespace hsmreq::token
