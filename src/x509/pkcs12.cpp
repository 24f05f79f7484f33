#include "x509/pkcs12.hpp"

#include <openssl/pem.h>
#include <openssl/sha.h>

#include "base/text.hpp"
#include "base/try.hpp"
#include "x509/pkcs12_parts.hpp"

namespace hsmreq::x509 {
namespace {

constexpr int iterations = static_cast<int>(pfx_iterations);

Error not_built() {
    return openssl_error(ExitCode::internal, "the PKCS#12 file could not be built");
}

bool add_text(PKCS12_SAFEBAG* bag, int attribute, const std::string& text) {
    if (text.empty()) return true;
    const BytesView octets = as_bytes(text);
    return PKCS12_add1_attr_by_NID(bag, attribute, MBSTRING_UTF8, octets.data(), static_cast<int>(octets.size())) == 1;
}

bool add_local_key_id(PKCS12_SAFEBAG* bag, BytesView certificate) {
    Bytes id = local_key_id(certificate);
    return PKCS12_add_localkeyid(bag, id.data(), static_cast<int>(id.size())) == 1;
}

/// A safe with the bag alone.
SafeBagsPtr alone(SafeBagPtr bag) {
    SafeBagsPtr bags(sk_PKCS12_SAFEBAG_new_null());
    if (!bags || !bag || sk_PKCS12_SAFEBAG_push(bags.get(), bag.get()) <= 0) return nullptr;
    static_cast<void>(bag.release());
    return bags;
}

SafeBagsPtr key_bags(const PfxContent& content, const PrivateKey& key, const PfxScheme& scheme,
                     const Secret& password) {
    const Pkcs8Ptr info = key.to_pkcs8();
    if (!info || (content.key_type && PKCS8_add_keyusage(info.get(), key_spec(*content.key_type)) != 1)) return nullptr;
    SafeBagPtr bag(PKCS12_SAFEBAG_create_pkcs8_encrypt(scheme.cipher, characters(password), length(password), nullptr,
                                                       scheme.salt_size, iterations, info.get()));
    if (!bag || !add_local_key_id(bag.get(), content.certificate) ||
        !add_text(bag.get(), NID_friendlyName, content.friendly_name) ||
        !add_text(bag.get(), NID_ms_csp_name, content.windows_provider))
        return nullptr;
    return alone(std::move(bag));
}

SafeBagPtr certificate_bag(BytesView der) {
    const auto certificate = decode_der<CertificatePtr>(d2i_X509, der);
    return certificate ? SafeBagPtr(PKCS12_SAFEBAG_create_cert(certificate.get())) : nullptr;
}

SafeBagsPtr certificate_bags(const PfxContent& content) {
    SafeBagPtr leaf = certificate_bag(content.certificate);
    if (!leaf || !add_local_key_id(leaf.get(), content.certificate) ||
        !add_text(leaf.get(), NID_friendlyName, content.friendly_name))
        return nullptr;
    SafeBagsPtr bags = alone(std::move(leaf));
    for (const auto& der : content.chain) {
        SafeBagPtr bag = certificate_bag(der);
        if (!bags || !bag || sk_PKCS12_SAFEBAG_push(bags.get(), bag.get()) <= 0) return nullptr;
        static_cast<void>(bag.release());
    }
    return bags;
}

bool push(SafesPtr& safes, PKCS7* safe) {
    Pkcs7Ptr owner(safe);
    if (!safes || !owner || sk_PKCS7_push(safes.get(), owner.get()) <= 0) return false;
    static_cast<void>(owner.release());
    return true;
}

/// The output of one of OpenSSL's encoders as a Secret. `output` is a memory BIO that wipes itself.
Result<Secret> content_of(BIO* output) {
    const char* data = nullptr;
    const long size = BIO_get_mem_data(output, &data);
    if (size <= 0 || data == nullptr) return openssl_error(ExitCode::internal, "memory is out");
    Secret content(static_cast<std::size_t>(size));
    content.append(as_bytes({data, static_cast<std::size_t>(size)}));
    return content;
}

bool write_certificate(BIO* output, BytesView der) {
    const auto certificate = decode_der<CertificatePtr>(d2i_X509, der);
    return certificate && PEM_write_bio_X509(output, certificate.get()) == 1;
}

/// The code points of UTF-8 text that has been checked to be that.
template <class See>
void each_character(std::string_view text, See see) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        see(text.substr(i, size));
        i += size;
    }
}

bool is_control(std::string_view character) {
    const auto lead = static_cast<unsigned char>(character.front());
    return lead < 0x20 || lead == 0x7f || (lead == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0);
}

Error cannot_carry(const char* what) {
    return {.code = ExitCode::login,
            .what = what,
            .where = "password",
            .hint = "choose one of letters, digits and signs; programs encode others differently"};
}

}  // namespace

Bytes local_key_id(BytesView certificate) {
    Bytes id(SHA_DIGEST_LENGTH);
    EVP_Digest(certificate.data(), certificate.size(), id.data(), nullptr, EVP_sha1(), nullptr);
    return id;
}

Result<PasswordJudgement> judge_password(const Secret& password, bool allow_weak) {
    const std::string_view text = as_text(password.reveal());
    if (text.empty()) return cannot_carry("the password is empty");
    if (!is_utf8(text)) return cannot_carry("the password is not UTF-8");
    PasswordJudgement judgement;
    std::size_t count = 0;
    bool control = false;
    bool beyond_bmp = false;
    each_character(text, [&](std::string_view character) {
        ++count;
        control = control || is_control(character);
        beyond_bmp = beyond_bmp || character.size() > 3;
        judgement.non_ascii = judgement.non_ascii || character.size() > 1;
    });
    if (control) return cannot_carry("the password holds control characters");
    if (beyond_bmp) return cannot_carry("the password holds characters beyond U+FFFF, which PKCS#12 has no place for");
    judgement.short_one = count < shortest_password;
    if (judgement.short_one && !allow_weak)
        return Error{.code = ExitCode::rules,
                     .what = "the password has fewer than " + std::to_string(shortest_password) + " characters",
                     .where = "password",
                     .hint =
                         "whoever gets the file can try passwords at leisure: take a longer one, or "
                         "--allow-weak-password",
                     .finding = "policy.weak-password"};
    return judgement;
}

Result<Secret> write_pfx(const PfxContent& content, const PrivateKey& key, const Secret& password) {
    const ErrorQueue queue;
    const PfxScheme* scheme = find_scheme(content.protection);
    if (scheme == nullptr) return Error{.code = ExitCode::internal, .what = "PKCS#12 has no such protection"};
    const SafeBagsPtr certificates = certificate_bags(content);
    const SafeBagsPtr keys = key_bags(content, key, *scheme, password);
    SafesPtr safes(sk_PKCS7_new_null());
    if (!certificates || !keys ||
        !push(safes, PKCS12_pack_p7encdata(scheme->cipher, characters(password), length(password), nullptr,
                                           scheme->salt_size, iterations, certificates.get())) ||
        !push(safes, PKCS12_pack_p7data(keys.get())))
        return not_built();
    const Pkcs12Ptr pfx(PKCS12_init(NID_pkcs7_data));
    if (!pfx || PKCS12_pack_authsafes(pfx.get(), safes.get()) != 1 ||
        PKCS12_set_mac(pfx.get(), characters(password), length(password), nullptr, scheme->salt_size, iterations,
                       scheme->mac_digest()) != 1)
        return not_built();
    const OutputPtr output(BIO_new(BIO_s_secmem()));
    if (!output || i2d_PKCS12_bio(output.get(), pfx.get()) != 1) return not_built();
    return content_of(output.get());
}

Result<Secret> write_key_pem(const PfxContent& content, const PrivateKey& key) {
    const ErrorQueue queue;
    const OutputPtr output(BIO_new(BIO_s_secmem()));
    bool written = output && write_certificate(output.get(), content.certificate);
    for (const auto& der : content.chain) written = written && write_certificate(output.get(), der);
    const Pkcs8Ptr info = key.to_pkcs8();
    if (!written || !info || PEM_write_bio_PKCS8_PRIV_KEY_INFO(output.get(), info.get()) != 1)
        return openssl_error(ExitCode::internal, "the PEM file could not be built");
    return content_of(output.get());
}

}  // namespace hsmreq::x509
