#include "x509/public_key.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/sha.h>

#include "base/text.hpp"
#include "base/try.hpp"
#include "x509/certification_request.hpp"

namespace hsmreq::x509 {
namespace {

constexpr int rsa_minimum_bits = 2048;
constexpr int rsa_maximum_bits = OPENSSL_RSA_MAX_MODULUS_BITS;
constexpr std::size_t ed25519_size = 32;

Error unusable(const std::string& what) {
    return Error{ExitCode::verification, what, "", "the token returned a damaged or unsupported key"};
}

BignumPtr number(const Bytes& big_endian) {
    return BignumPtr(BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), nullptr));
}

Bytes bytes_of_number(const BIGNUM* value) {
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(value)));
    BN_bn2bin(value, bytes.data());
    return bytes;
}

BignumPtr number_parameter(const EVP_PKEY* key, const char* name) {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key, name, &value);
    return BignumPtr(value);
}

const KeyAlgorithmFacts* curve_facts(const std::string& oid) {
    for (const auto& row : key_algorithms)
        if (row.family == KeyFamily::ec && row.curve_oid == oid) return &row;
    return nullptr;
}

Result<KeyPtr> key_from_parameters(const char* type, OSSL_PARAM_BLD* builder) {
    const ParametersPtr parameters(OSSL_PARAM_BLD_to_param(builder));
    const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return openssl_error(ExitCode::verification, fmt::format("the {} public key is not valid", type));
    return KeyPtr(key);
}

Result<KeyPtr> rsa_key(const PublicKey& key) {
    const BignumPtr modulus = number(key.modulus);
    const BignumPtr exponent = number(key.public_exponent);
    if (!modulus || !exponent) return openssl_error(ExitCode::internal, "the RSA public key could not be read");
    const int bits = BN_num_bits(modulus.get());
    if (bits < rsa_minimum_bits || bits > rsa_maximum_bits)
        return unusable(
            fmt::format("the RSA modulus has {} bits, not {} to {}", bits, rsa_minimum_bits, rsa_maximum_bits));
    if (!BN_is_odd(modulus.get())) return unusable("the RSA modulus is even");
    if (!BN_is_odd(exponent.get()) || BN_is_one(exponent.get()))
        return unusable("the RSA public exponent is not an odd number of at least 3");
    if (BN_cmp(exponent.get(), modulus.get()) >= 0)
        return unusable("the RSA public exponent is not smaller than the modulus");

    const ParameterBuilderPtr builder(OSSL_PARAM_BLD_new());
    if (!builder || !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) ||
        !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()))
        return openssl_error(ExitCode::internal, "the RSA public key could not be built");
    return key_from_parameters("RSA", builder.get());
}

Result<KeyPtr> ec_key(const PublicKey& key) {
    const auto* curve = curve_facts(key.curve_oid);
    if (!curve) return unusable("the EC public key is on a curve other than P-256, P-384 and P-521");
    const std::size_t field_size = (curve->bits + 7) / 8;
    if (key.point.size() != 1 + 2 * field_size || key.point.front() != POINT_CONVERSION_UNCOMPRESSED)
        return unusable(fmt::format("the EC public key is not an uncompressed point on {}", curve->curve));

    const ParameterBuilderPtr builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        !OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->curve.data(),
                                         curve->curve.size()) ||
        !OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, key.point.data(), key.point.size()))
        return openssl_error(ExitCode::internal, "the EC public key could not be built");
    return key_from_parameters("EC", builder.get());
}

Result<KeyPtr> ed25519_key(const PublicKey& key) {
    if (key.point.size() != ed25519_size)
        return unusable(fmt::format("the Ed25519 public key has {} octets, not {}", key.point.size(), ed25519_size));
    KeyPtr loaded(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.point.data(), key.point.size()));
    if (!loaded) return openssl_error(ExitCode::verification, "the Ed25519 public key is not valid");
    return loaded;
}

Result<KeyPtr> openssl_key(const PublicKey& key) {
    switch (key.family) {
        case KeyFamily::rsa:
            return rsa_key(key);
        case KeyFamily::ec:
            return ec_key(key);
        case KeyFamily::ed25519:
            return ed25519_key(key);
    }
    return Error{ExitCode::internal, "the key's family is unknown", "", ""};
}

/// The algorithm and its parameters as the SubjectPublicKeyInfo writes them.
struct EncodedAlgorithm {
    std::string name;
    std::string curve_oid;  ///< "" when the parameters are no OBJECT IDENTIFIER
};

EncodedAlgorithm encoded_algorithm(X509_PUBKEY* info) {
    X509_ALGOR* algorithm = nullptr;
    X509_PUBKEY_get0_param(nullptr, nullptr, nullptr, &algorithm, info);
    const ASN1_OBJECT* object = nullptr;
    const void* parameter = nullptr;
    int parameter_type = V_ASN1_UNDEF;
    X509_ALGOR_get0(&object, &parameter_type, &parameter, algorithm);
    EncodedAlgorithm encoded;
    const int nid = OBJ_obj2nid(object);
    encoded.name = nid == NID_undef ? shown_oid_of(object) : OBJ_nid2ln(nid);
    if (parameter_type == V_ASN1_OBJECT) encoded.curve_oid = oid_of(static_cast<const ASN1_OBJECT*>(parameter));
    return encoded;
}

void describe_rsa(const EVP_PKEY* key, KeyDescription& description) {
    description.algorithm = fmt::format("rsa-{}", EVP_PKEY_get_bits(key));
    const BignumPtr modulus = number_parameter(key, OSSL_PKEY_PARAM_RSA_N);
    const BignumPtr exponent = number_parameter(key, OSSL_PKEY_PARAM_RSA_E);
    if (!modulus || !exponent) return;
    description.key.modulus = bytes_of_number(modulus.get());
    description.key.public_exponent = bytes_of_number(exponent.get());
    description.supported = true;
}

void describe_ec(const EVP_PKEY* key, const std::string& curve_oid, KeyDescription& description) {
    description.key.family = KeyFamily::ec;
    description.key.curve_oid = curve_oid;
    if (curve_oid.empty()) {
        description.algorithm = fmt::format("ec-explicit-{}", EVP_PKEY_get_bits(key));
        return;
    }
    const auto* curve = curve_facts(curve_oid);
    if (!curve) {
        const ObjectPtr object(OBJ_txt2obj(curve_oid.c_str(), 1));
        const int nid = OBJ_obj2nid(object.get());
        description.algorithm = fmt::format("ec-{}", nid == NID_undef ? curve_oid : OBJ_nid2sn(nid));
        return;
    }
    description.algorithm = curve->name;
    const BignumPtr x = number_parameter(key, OSSL_PKEY_PARAM_EC_PUB_X);
    const BignumPtr y = number_parameter(key, OSSL_PKEY_PARAM_EC_PUB_Y);
    if (!x || !y) return;
    const std::size_t field_size = (curve->bits + 7) / 8;
    Bytes& point = description.key.point;
    point.assign(1 + 2 * field_size, POINT_CONVERSION_UNCOMPRESSED);
    BN_bn2binpad(x.get(), point.data() + 1, static_cast<int>(field_size));
    BN_bn2binpad(y.get(), point.data() + 1 + field_size, static_cast<int>(field_size));
    description.supported = true;
}

void describe_ed25519(const EVP_PKEY* key, KeyDescription& description) {
    description.algorithm = facts(KeyAlgorithm::ed25519).name;
    description.key.family = KeyFamily::ed25519;
    description.key.curve_oid = facts(KeyAlgorithm::ed25519).curve_oid;
    description.key.point.resize(ed25519_size);
    std::size_t size = ed25519_size;
    description.supported = EVP_PKEY_get_raw_public_key(key, description.key.point.data(), &size) == 1;
}

}  // namespace

Result<KeyPtr> load_public_key(BytesView public_key_der) {
    auto key = decode_der<KeyPtr>(d2i_PUBKEY, public_key_der);
    if (!key) return openssl_error(ExitCode::verification, "the public key could not be decoded");
    return key;
}

KeyDescription describe_key(X509_PUBKEY* info) {
    const EncodedAlgorithm encoded = encoded_algorithm(info);
    KeyDescription description;
    description.algorithm = encoded.name;
    const EVP_PKEY* key = X509_PUBKEY_get0(info);
    if (!key) return description;
    description.decoded = true;
    switch (EVP_PKEY_get_base_id(key)) {
        case EVP_PKEY_RSA:
            describe_rsa(key, description);
            break;
        case EVP_PKEY_EC:
            describe_ec(key, encoded.curve_oid, description);
            break;
        case EVP_PKEY_ED25519:
            describe_ed25519(key, description);
            break;
        default:
            if (const char* name = EVP_PKEY_get0_type_name(key))
                description.algorithm = fmt::format("{}-{}", to_lower(name), EVP_PKEY_get_bits(key));
    }
    return description;
}

Result<KeyInfoParts> split_key_info(BytesView public_key_der) {
    const Error malformed{ExitCode::verification, "the public key could not be decoded", "", ""};
    const auto fields = decode_der<SequencePtr>(d2i_ASN1_SEQUENCE_ANY, public_key_der);
    if (!fields || sk_ASN1_TYPE_num(fields.get()) != 2) return malformed;
    const ASN1_TYPE* algorithm = sk_ASN1_TYPE_value(fields.get(), 0);
    const ASN1_TYPE* key = sk_ASN1_TYPE_value(fields.get(), 1);
    if (ASN1_TYPE_get(algorithm) != V_ASN1_SEQUENCE || ASN1_TYPE_get(key) != V_ASN1_BIT_STRING) return malformed;
    KeyInfoParts parts;
    parts.algorithm = decode_der<AlgorithmPtr>(d2i_X509_ALGOR, bytes_of(algorithm->value.sequence));
    if (!parts.algorithm) return malformed;
    const BytesView bits = bytes_of(key->value.bit_string);
    parts.key.assign(bits.begin(), bits.end());
    return parts;
}

Result<Bytes> subject_key_identifier(BytesView public_key_der) {
    TRY_ASSIGN(const auto parts, split_key_info(public_key_der));
    Bytes identifier(SHA_DIGEST_LENGTH);
    if (!EVP_Digest(parts.key.data(), parts.key.size(), identifier.data(), nullptr, EVP_sha1(), nullptr))
        return openssl_error(ExitCode::internal, "the subject key identifier could not be computed");
    return identifier;
}

Result<Bytes> encode_public_key(const PublicKey& key) {
    const ErrorQueue queue;
    TRY_ASSIGN(const KeyPtr loaded, openssl_key(key));
    const KeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, loaded.get(), nullptr));
    if (!context || EVP_PKEY_public_check(context.get()) != 1)
        return openssl_error(ExitCode::verification, "the public key is not a valid key of its kind");
    Bytes der = encode_der(i2d_PUBKEY, loaded.get());
    if (der.empty()) return openssl_error(ExitCode::internal, "the public key could not be encoded");
    return der;
}

Result<PublicKey> decode_public_key(BytesView public_key_der) {
    const ErrorQueue queue;
    const auto info = decode_der<PublicKeyInfoPtr>(d2i_X509_PUBKEY, public_key_der);
    if (!info) return openssl_error(ExitCode::input, "the public key could not be decoded");
    KeyDescription description = describe_key(info.get());
    if (!description.decoded) return openssl_error(ExitCode::input, "the public key could not be decoded");
    if (!description.supported)
        return Error{ExitCode::input,
                     fmt::format("the public key is of a kind that is not supported: {}", description.algorithm), "",
                     "use an RSA, P-256, P-384, P-521 or Ed25519 key"};
    return std::move(description.key);
}

}  // namespace hsmreq::x509
