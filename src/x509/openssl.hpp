// OpenSSL's objects with owners, DER in and out, and its error queue as an Error.
#pragma once

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <optional>
#include <string>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::x509 {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};

template <class T, auto Free>
using Owner = std::unique_ptr<T, Deleter<Free>>;

// The stacks' own functions are macros, so they need a function to point at.
inline void free_extensions(X509_EXTENSIONS* stack) {
    sk_X509_EXTENSION_pop_free(stack, X509_EXTENSION_free);
}
inline void free_asn1_sequence(ASN1_SEQUENCE_ANY* stack) {
    sk_ASN1_TYPE_pop_free(stack, ASN1_TYPE_free);
}
inline void free_memory(void* memory) {
    OPENSSL_free(memory);
}

using AlgorithmPtr = Owner<X509_ALGOR, X509_ALGOR_free>;
using BignumPtr = Owner<BIGNUM, BN_free>;
using BitStringPtr = Owner<ASN1_BIT_STRING, ASN1_BIT_STRING_free>;
using CertificatePtr = Owner<X509, X509_free>;
using CrlPtr = Owner<X509_CRL, X509_CRL_free>;
using EcdsaSignaturePtr = Owner<ECDSA_SIG, ECDSA_SIG_free>;
using EncryptedKeyPtr = Owner<X509_SIG, X509_SIG_free>;
using ExtendedKeyUsagePtr = Owner<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;
using ExtensionPtr = Owner<X509_EXTENSION, X509_EXTENSION_free>;
using ExtensionsPtr = Owner<X509_EXTENSIONS, free_extensions>;
using GeneralNamePtr = Owner<GENERAL_NAME, GENERAL_NAME_free>;
using GeneralNamesPtr = Owner<GENERAL_NAMES, GENERAL_NAMES_free>;
using IntegerPtr = Owner<ASN1_INTEGER, ASN1_INTEGER_free>;
using KeyContextPtr = Owner<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using KeyPtr = Owner<EVP_PKEY, EVP_PKEY_free>;
using NamePtr = Owner<X509_NAME, X509_NAME_free>;
using ObjectPtr = Owner<ASN1_OBJECT, ASN1_OBJECT_free>;
using OctetStringPtr = Owner<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;
using OutputPtr = Owner<BIO, BIO_free_all>;
using ParameterBuilderPtr = Owner<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using ParametersPtr = Owner<OSSL_PARAM, OSSL_PARAM_free>;
using Pkcs12Ptr = Owner<PKCS12, PKCS12_free>;
using Pkcs7Ptr = Owner<PKCS7, PKCS7_free>;
using Pkcs8Ptr = Owner<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using PssParametersPtr = Owner<RSA_PSS_PARAMS, RSA_PSS_PARAMS_free>;
using PublicKeyInfoPtr = Owner<X509_PUBKEY, X509_PUBKEY_free>;
using RequestPtr = Owner<X509_REQ, X509_REQ_free>;
using SequencePtr = Owner<ASN1_SEQUENCE_ANY, free_asn1_sequence>;
using SignatureContextPtr = Owner<EVP_MD_CTX, EVP_MD_CTX_free>;
using StringPtr = Owner<ASN1_STRING, ASN1_STRING_free>;
using TypePtr = Owner<ASN1_TYPE, ASN1_TYPE_free>;

/// Keeps foreign errors out of our messages and ours out of everybody else's: the thread's queue is empty when one of
/// these begins and when it ends.
class ErrorQueue {
public:
    ErrorQueue() { ERR_clear_error(); }
    ~ErrorQueue() { ERR_clear_error(); }
    ErrorQueue(const ErrorQueue&) = delete;
    ErrorQueue& operator=(const ErrorQueue&) = delete;
};

/// An Error that says `what` and, in OpenSSL's words, why. Empties the queue.
Error openssl_error(ExitCode code, const std::string& what);

/// The DER of `object` by one of OpenSSL's i2d functions; empty on failure.
template <class I2d, class T>
Bytes encode_der(I2d i2d, T* object) {
    unsigned char* out = nullptr;
    const int size = i2d(object, &out);
    const Owner<unsigned char, free_memory> owner(out);
    return size > 0 ? Bytes(out, out + size) : Bytes{};
}

/// The object that the DER holds, by one of OpenSSL's d2i functions. Null when it is malformed or bytes follow it.
template <class Pointer, class D2i>
Pointer decode_der(D2i d2i, BytesView der) {
    if (der.empty()) return nullptr;
    const unsigned char* position = der.data();
    Pointer object(d2i(nullptr, &position, static_cast<long>(der.size())));
    if (object && position != der.data() + der.size()) object.reset();
    return object;
}

/// One DER element: tag (of the universal class), length and content.
Bytes der_element(int tag, BytesView content);

/// The bytes that an ASN.1 string type holds.
BytesView bytes_of(const ASN1_STRING* string);

/// The text of a character string type as UTF-8; nothing when the type is no such string or its bytes are not
/// characters. What is returned may hold control characters.
std::optional<std::string> utf8_of(const ASN1_STRING* string);
std::optional<std::string> utf8_of(const ASN1_TYPE& value);

/// Dotted decimal; "" for an identifier that no writer of sound mind made (OpenSSL shows none beyond 586 octets).
std::string oid_of(const ASN1_OBJECT* object);
/// The same for a reader: says so when there is nothing to show.
std::string shown_oid_of(const ASN1_OBJECT* object);

}  // namespace hsmreq::x509
