#include "unit/x509/samples.hpp"

#include <map>

#include "base/text.hpp"

namespace hsmreq::x509 {
namespace {

KeyPtr make_key(KeyAlgorithm algorithm) {
    const auto& row = facts(algorithm);
    switch (row.family) {
        case KeyFamily::rsa:
            return KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(row.bits)));
        case KeyFamily::ec:
            return KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", row.curve.data()));
        case KeyFamily::ed25519:
            return KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    }
    return nullptr;
}

const EVP_MD* digest(KeyFamily family, Hash hash) {
    if (family == KeyFamily::ed25519) return nullptr;
    return hash == Hash::sha256 ? EVP_sha256() : hash == Hash::sha384 ? EVP_sha384() : EVP_sha512();
}

Bytes to_raw_ecdsa(const Bytes& der, std::size_t field_size) {
    const auto value = decode_der<EcdsaSignaturePtr>(d2i_ECDSA_SIG, der);
    Bytes raw(2 * field_size);
    BN_bn2binpad(ECDSA_SIG_get0_r(value.get()), raw.data(), static_cast<int>(field_size));
    BN_bn2binpad(ECDSA_SIG_get0_s(value.get()), raw.data() + field_size, static_cast<int>(field_size));
    return raw;
}

}  // namespace

const EVP_PKEY* software_key(KeyAlgorithm algorithm) {
    static std::map<KeyAlgorithm, KeyPtr> keys;
    auto& key = keys[algorithm];
    if (!key) key = make_key(algorithm);
    return key.get();
}

Bytes spki_of(const EVP_PKEY* key) {
    return encode_der(i2d_PUBKEY, key);
}

RawSignature raw_signature(const EVP_PKEY* key, KeyAlgorithm algorithm, Hash hash, BytesView message) {
    const auto& row = facts(algorithm);
    const SignatureContextPtr context(EVP_MD_CTX_new());
    EVP_DigestSignInit(context.get(), nullptr, digest(row.family, hash), nullptr, const_cast<EVP_PKEY*>(key));
    std::size_t size = 0;
    EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size());
    Bytes value(size);
    EVP_DigestSign(context.get(), value.data(), &size, message.data(), message.size());
    value.resize(size);
    if (row.family == KeyFamily::ec) value = to_raw_ecdsa(value, (row.bits + 7) / 8);
    return {row.family, hash, value};
}

RequestPlan sample_plan(KeyAlgorithm algorithm, Hash hash) {
    RequestPlan plan;
    plan.name = "reverse-proxy";
    plan.subject.common_name = "webext.contoso.com";
    plan.subject_alternative_names = {{NameType::dns, "webext.contoso.com", {"subject"}},
                                      {NameType::dns, "meet.contoso.com", {"meet"}}};
    plan.key_usage = {KeyUsageBit::digital_signature};
    plan.extended_key_usage = {"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"};
    plan.key.algorithm = algorithm;
    plan.key.hash = hash;
    return plan;
}

Bytes signed_request(const RequestPlan& plan) {
    const EVP_PKEY* key = software_key(plan.key.algorithm);
    const Bytes info = encode_request_info(plan, spki_of(key)).value();
    return assemble_request(info, raw_signature(key, plan.key.algorithm, plan.key.hash, info)).value();
}

Bytes element(int tag, const Bytes& content) {
    Bytes der{static_cast<std::uint8_t>(tag)};
    const std::size_t size = content.size();
    const auto push = [&der](std::size_t octet) { der.push_back(static_cast<std::uint8_t>(octet)); };
    if (size >= 0x10000) {
        push(0x83);
        push(size >> 16U);
    } else if (size >= 0x100) {
        push(0x82);
    } else if (size >= 0x80) {
        push(0x81);
    }
    if (size >= 0x100) push(size >> 8U & 0xffU);
    push(size & 0xffU);
    der.insert(der.end(), content.begin(), content.end());
    return der;
}

Bytes operator+(Bytes left, const Bytes& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

Bytes signed_info(const Bytes& info_content) {
    const Bytes info = element(0x30, info_content);
    const auto* key = software_key(KeyAlgorithm::ec_p256);
    const SignatureContextPtr context(EVP_MD_CTX_new());
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, const_cast<EVP_PKEY*>(key));
    Bytes signature(EVP_PKEY_get_size(key));
    std::size_t size = signature.size();
    EVP_DigestSign(context.get(), signature.data(), &size, info.data(), info.size());
    signature.resize(size);
    const Bytes algorithm = element(0x30, {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02});
    return element(0x30, info + algorithm + element(0x03, Bytes{0} + signature));
}

Bytes info_start() {
    const Bytes name = element(0x30, Bytes{0x06, 0x03, 0x55, 0x04, 0x03} + element(0x0c, text_bytes("a.example")));
    return Bytes{0x02, 0x01, 0x00} + element(0x30, element(0x31, name)) + spki_of(software_key(KeyAlgorithm::ec_p256));
}

Bytes extension_request(const Bytes& extensions) {
    const Bytes type{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e};
    return element(0xa0, element(0x30, type + element(0x31, element(0x30, extensions))));
}

Bytes extension(const Bytes& identifier, const Bytes& value) {
    return element(0x30, element(0x06, identifier) + element(0x04, value));
}

Bytes text_bytes(const std::string& text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

}  // namespace hsmreq::x509
