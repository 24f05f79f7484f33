#include "x509/request_file.hpp"

#include <fmt/format.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "x509/certification_request.hpp"
#include "x509/openssl.hpp"
#include "x509/pem.hpp"

namespace hsmreq::x509 {
namespace {

Error malformed(const std::string& what) {
    return Error{ExitCode::input, what, "", "a PKCS#10 request in PEM or DER is expected"};
}

/// A file that says it is a request and yet is none.
Error malformed_request(const std::string& what) {
    Error error = malformed(what);
    error.finding = "csr.malformed";
    return error;
}

struct OtherLabel {
    std::string_view label;
    std::string_view kind;
};

constexpr std::array<OtherLabel, 15> other_labels{{
    {"CERTIFICATE", "a certificate"},
    {"X509 CERTIFICATE", "a certificate"},
    {"TRUSTED CERTIFICATE", "a certificate"},
    {"PRIVATE KEY", "a private key"},
    {"ENCRYPTED PRIVATE KEY", "a private key"},
    {"RSA PRIVATE KEY", "a private key"},
    {"EC PRIVATE KEY", "a private key"},
    {"DSA PRIVATE KEY", "a private key"},
    {"OPENSSH PRIVATE KEY", "a private key"},
    {"PUBLIC KEY", "a public key"},
    {"RSA PUBLIC KEY", "a public key"},
    {"PKCS7", "a PKCS#7 message"},
    {"PKCS #7 SIGNED DATA", "a PKCS#7 message"},
    {"CMS", "a CMS message"},
    {"X509 CRL", "a certificate revocation list"},
}};

bool is_request_label(std::string_view label) {
    return label == PEM_STRING_X509_REQ || label == PEM_STRING_X509_REQ_OLD;
}

Result<RequestFile> read_pem(const std::vector<PemBlock>& blocks) {
    const auto requests = std::count_if(blocks.begin(), blocks.end(),
                                        [](const PemBlock& block) { return is_request_label(block.label); });
    if (requests > 1)
        return Error{ExitCode::input, fmt::format("the file holds {} certification requests", requests), "",
                     "put each request into a file of its own"};
    if (requests == 0) {
        for (const auto& [label, kind] : other_labels)
            if (blocks.front().label == label)
                return malformed(fmt::format("the file holds {}, not a certification request", kind));
        return malformed("the file holds PEM of another kind, not a certification request");
    }
    const PemBlock& block = *std::find_if(blocks.begin(), blocks.end(),
                                          [](const PemBlock& candidate) { return is_request_label(candidate.label); });
    if (!block.closed) return malformed_request(fmt::format("the PEM block \"{}\" has no end line", block.label));
    auto der = from_base64(block.base64);
    if (!der) return malformed_request(fmt::format("the base64 of the PEM block \"{}\" is malformed", block.label));
    return RequestFile{block.label, std::move(*der)};
}

/// Reads the header of a constructed SEQUENCE, whatever its length, and leaves what follows the header.
bool enter_sequence(BytesView& der) {
    constexpr std::uint8_t sequence = V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED;
    if (der.size() < 2 || der[0] != sequence) return false;
    const std::size_t more = der[1] < 0x80 ? 0 : der[1] & 0x7fU;
    if (der.size() < 2 + more) return false;
    der = der.subspan(2 + more);
    return true;
}

template <class Pointer, auto D2i>
bool decodes(BytesView der) {
    return decode_der<Pointer>(D2i, der) != nullptr;
}

struct OtherDer {
    bool (*matches)(BytesView der);
    std::string_view kind;
};

constexpr std::array<OtherDer, 8> other_der{{
    {decodes<CertificatePtr, d2i_X509>, "a certificate"},
    {decodes<KeyPtr, d2i_AutoPrivateKey>, "a private key"},
    {decodes<Pkcs8Ptr, d2i_PKCS8_PRIV_KEY_INFO>, "a private key"},
    {decodes<EncryptedKeyPtr, d2i_X509_SIG>, "a private key"},
    {decodes<Pkcs12Ptr, d2i_PKCS12>, "a PKCS#12 file"},
    {decodes<Pkcs7Ptr, d2i_PKCS7>, "a PKCS#7 message"},
    {decodes<CrlPtr, d2i_X509_CRL>, "a certificate revocation list"},
    {decodes<PublicKeyInfoPtr, d2i_X509_PUBKEY>, "a public key"},
}};

}  // namespace

Result<RequestFile> read_request_file(BytesView file) {
    if (file.empty()) return malformed("the file is empty");
    if (file.size() > request_file_limit)
        return malformed(fmt::format("the file is larger than {} bytes", request_file_limit));
    if (is_one_der_sequence(file)) return RequestFile{"", Bytes(file.begin(), file.end())};
    if (const auto blocks = find_pem_blocks(as_text(file), is_request_label); !blocks.empty()) return read_pem(blocks);
    constexpr auto cut = "the DER is malformed: the file ends before its first element does, or goes on after it";
    if (begins_as_request(file)) return malformed_request(cut);
    if (BytesView inside = file; enter_sequence(inside)) return malformed(cut);
    return malformed("the file is of no known type");
}

bool begins_as_request(BytesView der) {
    constexpr std::uint8_t integer_of_one_octet[] = {V_ASN1_INTEGER, 1};
    if (!enter_sequence(der) || !enter_sequence(der) || der.size() < 4) return false;
    constexpr std::uint8_t name = V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED;
    return std::equal(std::begin(integer_of_one_octet), std::end(integer_of_one_octet), der.begin()) && der[3] == name;
}

std::string other_kind_of_der(BytesView der) {
    const ErrorQueue queue;
    for (const auto& [matches, kind] : other_der)
        if (matches(der)) return std::string(kind);
    return "";
}

Bytes to_pem(BytesView request_der) {
    return write_pem_block(PEM_STRING_X509_REQ, request_der);
}

}  // namespace hsmreq::x509
