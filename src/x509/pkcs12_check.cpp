// The other side of pkcs12.cpp: what a file really holds.
#include <fmt/format.h>
#include <openssl/pem.h>

#include <algorithm>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "x509/pkcs12_parts.hpp"

namespace hsmreq::x509 {
namespace {

using KeyDerivationPtr = Owner<PBKDF2PARAM, PBKDF2PARAM_free>;
using SchemePtr = Owner<PBE2PARAM, PBE2PARAM_free>;
using OldSchemePtr = Owner<PBEPARAM, PBEPARAM_free>;

constexpr std::size_t most_certificates = 250;
/// No other number: a file from elsewhere must not have us count for hours.
constexpr auto iterations = static_cast<long>(pfx_iterations);

Error differs(const std::string& what) {
    return {.code = ExitCode::verification, .what = what};
}

/// The parameters of an algorithm as the structure they are to be; null when they are none.
template <class Pointer, class D2i>
Pointer parameters(const X509_ALGOR& algorithm, D2i d2i) {
    const ASN1_OBJECT* object = nullptr;
    const void* value = nullptr;
    int type = V_ASN1_UNDEF;
    X509_ALGOR_get0(&object, &type, &value, &algorithm);
    if (type != V_ASN1_SEQUENCE) return nullptr;
    return decode_der<Pointer>(d2i, bytes_of(static_cast<const ASN1_STRING*>(value)));
}

int algorithm_of(const X509_ALGOR& algorithm) {
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, &algorithm);
    return OBJ_obj2nid(object);
}

bool is_pbes2(const X509_ALGOR& algorithm, int cipher) {
    if (algorithm_of(algorithm) != NID_pbes2) return false;
    const auto scheme = parameters<SchemePtr>(algorithm, d2i_PBE2PARAM);
    if (!scheme || algorithm_of(*scheme->encryption) != cipher || algorithm_of(*scheme->keyfunc) != NID_id_pbkdf2)
        return false;
    const auto derivation = parameters<KeyDerivationPtr>(*scheme->keyfunc, d2i_PBKDF2PARAM);
    return derivation && ASN1_INTEGER_get(derivation->iter) == iterations && derivation->prf != nullptr &&
           algorithm_of(*derivation->prf) == NID_hmacWithSHA256;
}

bool is_protected_by(const X509_ALGOR& algorithm, const PfxScheme& scheme) {
    if (scheme.id == KeyProtection::aes_256) return is_pbes2(algorithm, scheme.cipher);
    if (algorithm_of(algorithm) != scheme.cipher) return false;
    const auto values = parameters<OldSchemePtr>(algorithm, d2i_PBEPARAM);
    return values && ASN1_INTEGER_get(values->iter) == iterations;
}

Status check_mac(PKCS12* pfx, const PfxScheme& scheme, const Secret& password) {
    if (PKCS12_mac_present(pfx) != 1) return differs("it has no MAC");
    const X509_ALGOR* algorithm = nullptr;
    const ASN1_INTEGER* count = nullptr;
    PKCS12_get0_mac(nullptr, &algorithm, nullptr, &count, pfx);
    if (algorithm_of(*algorithm) != scheme.mac || count == nullptr || ASN1_INTEGER_get(count) != iterations)
        return differs("its MAC is not of the kind asked for");
    if (PKCS12_verify_mac(pfx, characters(password), length(password)) != 1)
        return differs("it does not open with the password");
    return {};
}

/// All bags of the file; only those of the encrypted safes when they are encrypted as they should be.
Result<SafeBagsPtr> open_safes(PKCS12* pfx, const PfxScheme& scheme, const Secret& password) {
    const SafesPtr safes(PKCS12_unpack_authsafes(pfx));
    SafeBagsPtr all(sk_PKCS12_SAFEBAG_new_null());
    if (!safes || !all) return differs("its content can't be read");
    for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) {
        PKCS7* safe = sk_PKCS7_value(safes.get(), i);
        const bool encrypted = PKCS7_type_is_encrypted(safe);
        if (encrypted && !is_protected_by(*safe->d.encrypted->enc_data->algorithm, scheme))
            return differs("its certificates are not encrypted as asked for");
        SafeBagsPtr bags(encrypted ? PKCS12_unpack_p7encdata(safe, characters(password), length(password))
                                   : PKCS12_unpack_p7data(safe));
        if (!bags) return differs("a part of it can't be decrypted");
        while (PKCS12_SAFEBAG* bag = sk_PKCS12_SAFEBAG_shift(bags.get()))
            if (sk_PKCS12_SAFEBAG_push(all.get(), bag) <= 0) PKCS12_SAFEBAG_free(bag);
    }
    return all;
}

std::string text_of(const ASN1_TYPE* attribute) {
    return attribute != nullptr && ASN1_TYPE_get(attribute) == V_ASN1_BMPSTRING ? utf8_of(*attribute).value_or("") : "";
}

Status check_attributes(const PKCS12_SAFEBAG* bag, const PfxContent& content, bool of_key) {
    if (text_of(PKCS12_SAFEBAG_get0_attr(bag, NID_friendlyName)) != content.friendly_name)
        return differs("its friendly name differs");
    const ASN1_TYPE* id = PKCS12_SAFEBAG_get0_attr(bag, NID_localKeyID);
    if (id == nullptr || ASN1_TYPE_get(id) != V_ASN1_OCTET_STRING ||
        !std::ranges::equal(bytes_of(id->value.octet_string), local_key_id(content.certificate)))
        return differs("the key and the certificate in it are not tied together");
    if (of_key && text_of(PKCS12_SAFEBAG_get0_attr(bag, NID_ms_csp_name)) != content.windows_provider)
        return differs("its provider name differs");
    return {};
}

/// The SubjectPublicKeyInfo of a certificate.
Bytes public_key_of_certificate(BytesView der) {
    const auto certificate = decode_der<CertificatePtr>(d2i_X509, der);
    return certificate ? encode_der(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(certificate.get())) : Bytes{};
}

Status check_key(const PKCS8_PRIV_KEY_INFO* key, const PfxContent& content) {
    const Bytes wanted = public_key_of_certificate(content.certificate);
    if (key == nullptr || wanted.empty() || public_key_of(*key) != wanted)
        return differs("the key in it is not the certificate's");
    return {};
}

Status check_key_type(const PKCS8_PRIV_KEY_INFO* key, const PfxContent& content) {
    const auto* attributes = PKCS8_pkey_get0_attrs(key);
    const int place = X509at_get_attr_by_NID(attributes, NID_key_usage, -1);
    if (!content.key_type) return place < 0 ? Status{} : differs("it has a key type");
    X509_ATTRIBUTE* attribute = place < 0 ? nullptr : X509at_get_attr(attributes, place);
    const ASN1_TYPE* value = attribute == nullptr ? nullptr : X509_ATTRIBUTE_get0_type(attribute, 0);
    if (value == nullptr || ASN1_TYPE_get(value) != V_ASN1_BIT_STRING) return differs("it has no key type");
    const BytesView bits = bytes_of(value->value.bit_string);
    if (bits.size() != 1 || bits.front() != key_spec(*content.key_type)) return differs("its key type differs");
    return {};
}

Status check_key_bag(const PKCS12_SAFEBAG* bag, const PfxContent& content, const PfxScheme& scheme,
                     const Secret& password) {
    const X509_ALGOR* algorithm = nullptr;
    X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, nullptr);
    if (!is_protected_by(*algorithm, scheme)) return differs("its key is not encrypted as asked for");
    const Pkcs8Ptr key(PKCS12_decrypt_skey(bag, characters(password), length(password)));
    TRY(check_key(key.get(), content));
    TRY(check_key_type(key.get(), content));
    return check_attributes(bag, content, true);
}

/// What is left to be found while the bags are gone through.
struct Found {
    std::size_t keys = 0;
    std::vector<Bytes> certificates = {};
};

Status check_bag(const PKCS12_SAFEBAG* bag, const PfxContent& content, const Secret& password, Found& found) {
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
        case NID_pkcs8ShroudedKeyBag:
            ++found.keys;
            return check_key_bag(bag, content, *find_scheme(content.protection), password);
        case NID_certBag: {
            const CertificatePtr certificate(PKCS12_SAFEBAG_get1_cert(bag));
            if (!certificate || found.certificates.size() >= most_certificates)
                return differs("a certificate in it can't be read");
            found.certificates.push_back(encode_der(i2d_X509, certificate.get()));
            return found.certificates.size() == 1 ? check_attributes(bag, content, false) : Status{};
        }
        default:
            return differs("there is something else in it");
    }
}

Status check_found(const Found& found, const PfxContent& content) {
    std::vector<Bytes> wanted{content.certificate};
    wanted.insert(wanted.end(), content.chain.begin(), content.chain.end());
    if (found.certificates != wanted) return differs("the certificates in it are others");
    if (found.keys != 1) return differs(fmt::format("it holds {} private keys", found.keys));
    return {};
}

}  // namespace

Status check_pfx(BytesView file, const PfxContent& content, const Secret& password) {
    const ErrorQueue queue;
    const PfxScheme* scheme = find_scheme(content.protection);
    const auto pfx = decode_der<Pkcs12Ptr>(d2i_PKCS12, file);
    if (!pfx || scheme == nullptr) return differs("it is no PKCS#12 file");
    TRY(check_mac(pfx.get(), *scheme, password));
    TRY_ASSIGN(const auto bags, open_safes(pfx.get(), *scheme, password));
    Found found;
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags.get()); ++i)
        TRY(check_bag(sk_PKCS12_SAFEBAG_value(bags.get(), i), content, password, found));
    return check_found(found, content);
}

Status check_key_pem(BytesView file, const PfxContent& content) {
    const ErrorQueue queue;
    if (file.empty()) return differs("it is empty");
    const OutputPtr input(BIO_new_mem_buf(file.data(), static_cast<int>(file.size())));
    Found found;
    while (found.certificates.size() < most_certificates) {
        const CertificatePtr certificate(PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr));
        if (!certificate) break;
        found.certificates.push_back(encode_der(i2d_X509, certificate.get()));
    }
    const OutputPtr again(BIO_new_mem_buf(file.data(), static_cast<int>(file.size())));
    const Pkcs8Ptr key(PEM_read_bio_PKCS8_PRIV_KEY_INFO(again.get(), nullptr, nullptr, nullptr));
    if (key) ++found.keys;
    TRY(check_key(key.get(), content));
    return check_found(found, content);
}

}  // namespace hsmreq::x509
