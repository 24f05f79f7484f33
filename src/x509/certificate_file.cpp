#include "x509/certificate_file.hpp"

#include <fmt/format.h>
#include <openssl/cms.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"
#include "base/try.hpp"
#include "x509/openssl.hpp"
#include "x509/pem.hpp"

namespace hsmreq::x509 {
namespace {

void free_certificates(STACK_OF(X509) * stack) {
    sk_X509_pop_free(stack, X509_free);
}

using CertificatesPtr = Owner<STACK_OF(X509), free_certificates>;
using CmsPtr = Owner<CMS_ContentInfo, CMS_ContentInfo_free>;

constexpr std::string_view expected = "certificates in PEM, DER or PKCS#7 are expected";

constexpr std::array<std::string_view, 7> certificate_labels{
    PEM_STRING_X509,         PEM_STRING_X509_OLD, PEM_STRING_X509_TRUSTED, PEM_STRING_PKCS7,
    PEM_STRING_PKCS7_SIGNED, PEM_STRING_CMS,      "CERTIFICATE CHAIN",
};

bool is_certificate_label(std::string_view label) {
    return std::find(certificate_labels.begin(), certificate_labels.end(), label) != certificate_labels.end();
}

Error malformed(const std::string& what) {
    return Error{ExitCode::input, what, "", std::string(expected)};
}

/// One certificate, whose trust settings OpenSSL's own kind of block lets follow; null when it is none.
CertificatePtr read_certificate(BytesView der, bool settings_may_follow) {
    if (!settings_may_follow) return decode_der<CertificatePtr>(d2i_X509, der);
    return decode_der<CertificatePtr>(d2i_X509_AUX, der);
}

/// The certificates inside a SignedData; null when the bytes are none.
CertificatesPtr read_message(BytesView der) {
    // Two readers, because each takes forms that the other refuses: PKCS#7's own content types, and CMS' versions.
    if (const auto message = decode_der<Pkcs7Ptr>(d2i_PKCS7, der);
        message && PKCS7_type_is_signed(message.get()) && message->d.sign)
        return CertificatesPtr(X509_chain_up_ref(message->d.sign->cert));
    if (const auto message = decode_der<CmsPtr>(d2i_CMS_ContentInfo, der))
        return CertificatesPtr(CMS_get1_certs(message.get()));
    return nullptr;
}

bool is_message(BytesView der) {
    return decode_der<Pkcs7Ptr>(d2i_PKCS7, der) || decode_der<CmsPtr>(d2i_CMS_ContentInfo, der);
}

class Collector {
public:
    Status add(const std::string& label, BytesView der) {
        if (const auto certificate = read_certificate(der, label == PEM_STRING_X509_TRUSTED))
            return keep(label, encode_der(i2d_X509, certificate.get()));
        const Error failure = openssl_error(ExitCode::input, "the certificate is malformed");
        const auto inside = read_message(der);
        if (!inside && !is_message(der)) return at(label, failure.what);
        if (!inside || sk_X509_num(inside.get()) == 0) return at(label, "the PKCS#7 message holds no certificate");
        for (int i = 0; i < sk_X509_num(inside.get()); ++i)
            TRY(keep(label, encode_der(i2d_X509, sk_X509_value(inside.get(), i))));
        return {};
    }

    Status at(const std::string& label, const std::string& what) const {
        if (label.empty()) return malformed(what);
        return malformed(
            fmt::format("{} (PEM block \"{}\", after {} certificates)", what, printable(label), certificates_.size()));
    }

    std::vector<CertificateInFile> take() { return std::move(certificates_); }

private:
    Status keep(const std::string& label, Bytes der) {
        if (certificates_.size() == most_certificates)
            return malformed(fmt::format("the file holds more than {} certificates", most_certificates));
        certificates_.push_back({label, std::move(der)});
        return {};
    }

    std::vector<CertificateInFile> certificates_;
};

}  // namespace

bool holds_certificates(BytesView file) {
    const ErrorQueue queue;
    if (file.size() > certificate_file_limit) return false;
    if (is_one_der_sequence(file)) return decode_der<CertificatePtr>(d2i_X509, file) || is_message(file);
    const auto blocks = find_pem_blocks(as_text(file), [](std::string_view) { return false; });
    return std::any_of(blocks.begin(), blocks.end(),
                       [](const PemBlock& block) { return is_certificate_label(block.label); });
}

bool holds_request_in_pem(BytesView file) {
    const auto blocks = find_pem_blocks(as_text(file), [](std::string_view) { return false; });
    return std::any_of(blocks.begin(), blocks.end(), [](const PemBlock& block) {
        return block.label == PEM_STRING_X509_REQ || block.label == PEM_STRING_X509_REQ_OLD;
    });
}

Result<std::vector<CertificateInFile>> read_certificate_file(BytesView file) {
    const ErrorQueue queue;
    if (file.empty()) return malformed("the file is empty");
    if (file.size() > certificate_file_limit)
        return malformed(fmt::format("the file is larger than {} bytes", certificate_file_limit));
    Collector collector;
    if (is_one_der_sequence(file)) {
        TRY(collector.add("", file));
        return collector.take();
    }
    bool found = false;
    for (const auto& block : find_pem_blocks(as_text(file), is_certificate_label)) {
        if (!is_certificate_label(block.label)) continue;
        found = true;
        if (!block.closed) TRY(collector.at(block.label, "a block has no end line"));
        const auto der = decode_base64(block.base64);
        if (!der) TRY(collector.at(block.label, "the base64 is malformed"));
        TRY(collector.add(block.label, *der));
    }
    if (!found) return malformed("the file holds no certificate");
    return collector.take();
}

Bytes write_certificate_bundle(const std::vector<CertificateInspection>& certificates) {
    const ErrorQueue queue;
    const OutputPtr output(BIO_new(BIO_s_mem()));
    for (const auto& one : certificates) {
        const auto certificate = decode_der<CertificatePtr>(d2i_X509, one.der);
        if (!output || !certificate) return {};
        BIO_printf(output.get(), "# %s\n", printable(one.subject_text).c_str());
        if (PEM_write_bio_X509(output.get(), certificate.get()) != 1) return {};
    }
    BUF_MEM* memory = nullptr;
    BIO_get_mem_ptr(output.get(), &memory);
    return memory == nullptr ? Bytes{} : Bytes(memory->data, memory->data + memory->length);
}

}  // namespace hsmreq::x509
