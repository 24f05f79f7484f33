// CKM_RSA_AES_KEY_WRAP (PKCS#11 3.0, section 2.1.21) for a module that lacks it, out of the two steps that it has.
#pragma once

#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <vector>

namespace hsmreq::fault {

inline constexpr CK_MECHANISM_TYPE key_wrap_pad = 0x210a;

struct OneStepParameters {
    CK_ULONG aes_key_bits;
    CK_RSA_PKCS_OAEP_PARAMS* oaep;
};

inline CK_MECHANISM oaep_of(const CK_MECHANISM& mechanism) {
    auto* parameters = static_cast<OneStepParameters*>(mechanism.pParameter);
    return {CKM_RSA_PKCS_OAEP, parameters->oaep, sizeof *parameters->oaep};
}

/// The AES key's template: it wraps, or it unwraps.
class SecretTemplate {
public:
    explicit SecretTemplate(bool wraps) : extractable_(wraps ? CK_TRUE : CK_FALSE) {
        attributes_ = {{CKA_CLASS, &class_, sizeof class_},
                       {CKA_KEY_TYPE, &type_, sizeof type_},
                       {CKA_TOKEN, &no_, 1},
                       {CKA_SENSITIVE, &yes_, 1},
                       {CKA_EXTRACTABLE, &extractable_, 1},
                       {wraps ? CKA_WRAP : CKA_UNWRAP, &yes_, 1}};
        if (wraps) attributes_.push_back({CKA_VALUE_LEN, &size_, sizeof size_});
    }
    SecretTemplate(const SecretTemplate&) = delete;
    SecretTemplate& operator=(const SecretTemplate&) = delete;

    CK_ATTRIBUTE* data() { return attributes_.data(); }
    CK_ULONG size() const { return attributes_.size(); }

private:
    CK_OBJECT_CLASS class_ = CKO_SECRET_KEY;
    CK_KEY_TYPE type_ = CKK_AES;
    CK_ULONG size_ = 32;
    CK_BBOOL yes_ = CK_TRUE;
    CK_BBOOL no_ = CK_FALSE;
    CK_BBOOL extractable_;
    std::vector<CK_ATTRIBUTE> attributes_;
};

struct WrapCall {
    CK_FUNCTION_LIST* real;
    CK_SESSION_HANDLE session;
    const CK_MECHANISM* mechanism;
};

inline CK_RV wrap_in_one_step(const WrapCall& call, CK_OBJECT_HANDLE rsa, CK_OBJECT_HANDLE key, CK_BYTE* wrapped,
                              CK_ULONG* size) {
    CK_MECHANISM generation{CKM_AES_KEY_GEN, nullptr, 0};
    CK_MECHANISM oaep = oaep_of(*call.mechanism);
    CK_MECHANISM pad{key_wrap_pad, nullptr, 0};
    SecretTemplate wanted(true);
    CK_OBJECT_HANDLE secret = 0;
    CK_RV value = call.real->C_GenerateKey(call.session, &generation, wanted.data(), wanted.size(), &secret);
    if (value != CKR_OK) return value;
    CK_ULONG first = *size;
    value = call.real->C_WrapKey(call.session, &oaep, rsa, secret, wrapped, &first);
    CK_ULONG second = value == CKR_OK ? *size - first : 0;
    if (value == CKR_OK) value = call.real->C_WrapKey(call.session, &pad, secret, key, wrapped + first, &second);
    call.real->C_DestroyObject(call.session, secret);
    *size = first + second;
    return value;
}

struct Arrival {
    CK_BYTE* wrapped;
    CK_ULONG size;
    CK_ATTRIBUTE* wanted;
    CK_ULONG count;
};

inline CK_RV unwrap_in_one_step(const WrapCall& call, CK_OBJECT_HANDLE rsa, const Arrival& arrival,
                                CK_OBJECT_HANDLE* key) {
    CK_ATTRIBUTE modulus{CKA_MODULUS, nullptr, 0};
    CK_RV value = call.real->C_GetAttributeValue(call.session, rsa, &modulus, 1);
    if (value != CKR_OK) return value;
    const CK_ULONG first = modulus.ulValueLen;
    if (arrival.size <= first) return CKR_WRAPPED_KEY_LEN_RANGE;
    CK_MECHANISM oaep = oaep_of(*call.mechanism);
    CK_MECHANISM pad{key_wrap_pad, nullptr, 0};
    SecretTemplate wanted(false);
    CK_OBJECT_HANDLE secret = 0;
    value =
        call.real->C_UnwrapKey(call.session, &oaep, rsa, arrival.wrapped, first, wanted.data(), wanted.size(), &secret);
    if (value != CKR_OK) return value;
    value = call.real->C_UnwrapKey(call.session, &pad, secret, arrival.wrapped + first, arrival.size - first,
                                   arrival.wanted, arrival.count, key);
    call.real->C_DestroyObject(call.session, secret);
    return value;
}

}  // namespace hsmreq::fault
