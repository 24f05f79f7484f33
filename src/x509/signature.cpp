#include "x509/signature.hpp"

#include <fmt/format.h>

#include <array>

#include "base/try.hpp"
#include "x509/public_key.hpp"

namespace hsmreq::x509 {
namespace {

constexpr std::array<SignatureAlgorithm, 7> signature_algorithms{{
    {KeyFamily::rsa, Hash::sha256, NID_sha256WithRSAEncryption, "sha256WithRSAEncryption", V_ASN1_NULL},
    {KeyFamily::rsa, Hash::sha384, NID_sha384WithRSAEncryption, "sha384WithRSAEncryption", V_ASN1_NULL},
    {KeyFamily::rsa, Hash::sha512, NID_sha512WithRSAEncryption, "sha512WithRSAEncryption", V_ASN1_NULL},
    {KeyFamily::ec, Hash::sha256, NID_ecdsa_with_SHA256, "ecdsa-with-SHA256", V_ASN1_UNDEF},
    {KeyFamily::ec, Hash::sha384, NID_ecdsa_with_SHA384, "ecdsa-with-SHA384", V_ASN1_UNDEF},
    {KeyFamily::ec, Hash::sha512, NID_ecdsa_with_SHA512, "ecdsa-with-SHA512", V_ASN1_UNDEF},
    {KeyFamily::ed25519, Hash::sha512, NID_ED25519, "ED25519", V_ASN1_UNDEF},
}};

struct FamilyFacts {
    KeyFamily family;
    int key_type;
    std::string_view name;
};

constexpr std::array<FamilyFacts, 3> families{{
    {KeyFamily::rsa, EVP_PKEY_RSA, "RSA"},
    {KeyFamily::ec, EVP_PKEY_EC, "ECDSA"},
    {KeyFamily::ed25519, EVP_PKEY_ED25519, "Ed25519"},
}};

const FamilyFacts& facts_of(KeyFamily family) {
    for (const auto& row : families)
        if (row.family == family) return row;
    return families.front();
}

/// Octets of a raw signature by this key: the modulus, twice the field (r and s), or RFC 8032's 64.
std::size_t raw_size(const EVP_PKEY& key, KeyFamily family) {
    const auto key_octets = (static_cast<std::size_t>(EVP_PKEY_get_bits(&key)) + 7) / 8;
    switch (family) {
        case KeyFamily::rsa:
            return key_octets;
        case KeyFamily::ec:
            return 2 * key_octets;
        case KeyFamily::ed25519:
            return 64;
    }
    return 0;
}

const EVP_MD* message_digest(const RawSignature& signature) {
    if (signature.family == KeyFamily::ed25519) return nullptr;
    switch (signature.hash) {
        case Hash::sha256:
            return EVP_sha256();
        case Hash::sha384:
            return EVP_sha384();
        case Hash::sha512:
            return EVP_sha512();
    }
    return nullptr;
}

Result<Bytes> ecdsa_signature_value(const Bytes& raw) {
    const auto half = static_cast<int>(raw.size() / 2);
    BignumPtr r(BN_bin2bn(raw.data(), half, nullptr));
    BignumPtr s(BN_bin2bn(raw.data() + half, half, nullptr));
    const EcdsaSignaturePtr value(ECDSA_SIG_new());
    if (!r || !s || !value) return openssl_error(ExitCode::internal, "the ECDSA signature could not be encoded");
    if (BN_is_zero(r.get()) || BN_is_zero(s.get()))
        return Error{ExitCode::verification, "the ECDSA signature holds a zero", "",
                     "the token does not sign properly"};
    if (ECDSA_SIG_set0(value.get(), r.get(), s.get()) != 1)
        return openssl_error(ExitCode::internal, "the ECDSA signature could not be encoded");
    static_cast<void>(r.release());
    static_cast<void>(s.release());
    Bytes der = encode_der(i2d_ECDSA_SIG, value.get());
    if (der.empty()) return openssl_error(ExitCode::internal, "the ECDSA signature could not be encoded");
    return der;
}

Result<Bytes> algorithm_identifier(const SignatureAlgorithm& algorithm) {
    const AlgorithmPtr identifier(X509_ALGOR_new());
    if (!identifier ||
        X509_ALGOR_set0(identifier.get(), OBJ_nid2obj(algorithm.nid), algorithm.parameters, nullptr) != 1)
        return openssl_error(ExitCode::internal, "the signature algorithm could not be encoded");
    Bytes der = encode_der(i2d_X509_ALGOR, identifier.get());
    if (der.empty()) return openssl_error(ExitCode::internal, "the signature algorithm could not be encoded");
    return der;
}

/// The key inside a CertificationRequestInfo: the third element (RFC 2986, section 4.1).
Result<KeyPtr> key_of_request_info(BytesView request_info) {
    const auto fields = decode_der<SequencePtr>(d2i_ASN1_SEQUENCE_ANY, request_info);
    if (!fields || sk_ASN1_TYPE_num(fields.get()) < 3)
        return openssl_error(ExitCode::verification, "the certification request info could not be decoded");
    const ASN1_TYPE* field = sk_ASN1_TYPE_value(fields.get(), 2);
    if (ASN1_TYPE_get(field) != V_ASN1_SEQUENCE)
        return Error{ExitCode::verification, "the certification request info holds no public key", "", ""};
    return load_public_key(bytes_of(field->value.sequence));
}

}  // namespace

const SignatureAlgorithm& signature_algorithm(KeyFamily family, Hash hash) {
    for (const auto& row : signature_algorithms)
        if (row.family == family && (row.hash == hash || family == KeyFamily::ed25519)) return row;
    return signature_algorithms.front();
}

Result<Bytes> encode_signature(const EVP_PKEY& key, const RawSignature& signature) {
    const FamilyFacts& family = facts_of(signature.family);
    if (EVP_PKEY_get_base_id(&key) != family.key_type)
        return Error{ExitCode::verification, fmt::format("the key does not make {} signatures", family.name), "", ""};
    const std::size_t expected = raw_size(key, signature.family);
    if (signature.value.size() != expected)
        return Error{
            ExitCode::verification,
            fmt::format("the {} signature has {} octets, not {}", family.name, signature.value.size(), expected), "",
            "the token does not sign properly"};
    if (signature.family == KeyFamily::ec) return ecdsa_signature_value(signature.value);
    return signature.value;
}

Result<Bytes> assemble_request(BytesView request_info, const RawSignature& signature) {
    const ErrorQueue queue;
    TRY_ASSIGN(const KeyPtr key, key_of_request_info(request_info));
    TRY_ASSIGN(const Bytes value, encode_signature(*key, signature));
    TRY_ASSIGN(const Bytes algorithm, algorithm_identifier(signature_algorithm(signature.family, signature.hash)));

    Bytes bits{0};  // no unused bits in the last octet
    bits.insert(bits.end(), value.begin(), value.end());
    const Bytes bit_string = der_element(V_ASN1_BIT_STRING, bits);

    // What was signed stays byte for byte as it was: it is never parsed and written again.
    Bytes content(request_info.begin(), request_info.end());
    content.insert(content.end(), algorithm.begin(), algorithm.end());
    content.insert(content.end(), bit_string.begin(), bit_string.end());
    return der_element(V_ASN1_SEQUENCE, content);
}

std::string signature_hash(const X509_ALGOR& algorithm) {
    const ErrorQueue queue;
    const ASN1_OBJECT* object = nullptr;
    const void* value = nullptr;
    int type = V_ASN1_UNDEF;
    X509_ALGOR_get0(&object, &type, &value, &algorithm);
    int hash = NID_undef;
    if (OBJ_obj2nid(object) == NID_rsassaPss) {
        // RFC 8017, A.2.3: the hash is in the parameters, and SHA-1 when they do not name one.
        if (type != V_ASN1_SEQUENCE) return "";
        const auto* sequence = static_cast<const ASN1_STRING*>(value);
        const auto parameters = decode_der<PssParametersPtr>(d2i_RSA_PSS_PARAMS, bytes_of(sequence));
        if (!parameters) return "";
        const ASN1_OBJECT* named = nullptr;
        if (parameters->hashAlgorithm) X509_ALGOR_get0(&named, nullptr, nullptr, parameters->hashAlgorithm);
        hash = named ? OBJ_obj2nid(named) : NID_sha1;
    } else if (OBJ_find_sigid_algs(OBJ_obj2nid(object), &hash, nullptr) != 1) {
        return "";
    }
    return hash == NID_undef ? "" : OBJ_nid2sn(hash);
}

Result<bool> verify_signature(BytesView public_key_der, BytesView message, const RawSignature& signature) {
    const ErrorQueue queue;
    TRY_ASSIGN(const KeyPtr key, load_public_key(public_key_der));
    const auto value = encode_signature(*key, signature);
    if (!value) return false;
    const SignatureContextPtr context(EVP_MD_CTX_new());
    if (!context || EVP_DigestVerifyInit(context.get(), nullptr, message_digest(signature), nullptr, key.get()) != 1)
        return openssl_error(ExitCode::verification, "the public key can't verify signatures");
    return EVP_DigestVerify(context.get(), value->data(), value->size(), message.data(), message.size()) == 1;
}

}  // namespace hsmreq::x509
