#include "x509/request_file.hpp"

#include <fmt/format.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "x509/certification_request.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {
namespace {

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
constexpr std::string_view utf16_little_endian_mark = "\xFF\xFE";
constexpr std::string_view utf16_big_endian_mark = "\xFE\xFF";
constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";
constexpr std::string_view white_space = " \t\r";

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

/// Characters beyond ASCII have no place inside PEM and none that matters around it.
std::string narrow(std::string_view utf16, bool little_endian) {
    std::string text;
    text.reserve(utf16.size() / 2);
    for (std::size_t i = 0; i + 1 < utf16.size(); i += 2) {
        const char low = utf16[little_endian ? i : i + 1];
        const char high = utf16[little_endian ? i + 1 : i];
        text.push_back(high == 0 && static_cast<unsigned char>(low) < 0x80 ? low : '?');
    }
    return text;
}

std::string as_plain_text(std::string_view file) {
    if (file.starts_with(utf16_little_endian_mark)) return narrow(file.substr(2), true);
    if (file.starts_with(utf16_big_endian_mark)) return narrow(file.substr(2), false);
    if (file.starts_with(utf8_mark)) return std::string(file.substr(utf8_mark.size()));
    return std::string(file);
}

std::string_view trimmed(std::string_view line) {
    const auto first = line.find_first_not_of(white_space);
    if (first == std::string_view::npos) return {};
    return line.substr(first, line.find_last_not_of(white_space) - first + 1);
}

/// The label of an encapsulation boundary (RFC 7468, section 3); nothing when the line is none.
std::optional<std::string_view> boundary_label(std::string_view line, std::string_view mark) {
    if (!line.starts_with(mark) || !line.ends_with(dashes) || line.size() < mark.size() + dashes.size())
        return std::nullopt;
    return line.substr(mark.size(), line.size() - mark.size() - dashes.size());
}

struct PemBlock {
    std::string label;
    std::string base64;
    bool closed = false;
};

/// The blocks of a text. Only requests keep their base64: nothing else in the file is any of our business.
std::vector<PemBlock> find_blocks(std::string_view text) {
    std::vector<PemBlock> blocks;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = trimmed(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const bool inside = !blocks.empty() && !blocks.back().closed;
        if (const auto label = boundary_label(line, begin_mark)) {
            blocks.push_back({std::string(*label), "", false});
        } else if (const auto closing = boundary_label(line, end_mark); closing && inside) {
            blocks.back().closed = *closing == blocks.back().label;
        } else if (inside && is_request_label(blocks.back().label)) {
            std::copy_if(line.begin(), line.end(), std::back_inserter(blocks.back().base64),
                         [](char c) { return white_space.find(c) == std::string_view::npos; });
        }
    }
    return blocks;
}

std::optional<Bytes> decode_base64(const std::string& base64) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto data_end = base64.find_last_not_of('=') + 1;
    const std::size_t padding = base64.size() - data_end;
    if (base64.empty() || base64.size() % 4 != 0 || padding > 2 || base64.find_first_not_of(alphabet) < data_end)
        return std::nullopt;
    Bytes decoded(base64.size() / 4 * 3);
    const BytesView octets = as_bytes(base64);
    if (EVP_DecodeBlock(decoded.data(), octets.data(), static_cast<int>(octets.size())) < 0) return std::nullopt;
    decoded.resize(decoded.size() - padding);
    return decoded;
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
    auto der = decode_base64(block.base64);
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

bool is_one_der_sequence(BytesView file) {
    const ErrorQueue queue;
    const unsigned char* position = file.data();
    long length = 0;
    int tag = 0;
    int object_class = 0;
    const int flags = ASN1_get_object(&position, &length, &tag, &object_class, static_cast<long>(file.size()));
    return (flags & 0x80) == 0 && tag == V_ASN1_SEQUENCE && position + length == file.data() + file.size();
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
    if (const auto blocks = find_blocks(as_plain_text(as_text(file))); !blocks.empty()) return read_pem(blocks);
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
    const ErrorQueue queue;
    const OutputPtr output(BIO_new(BIO_s_mem()));
    char* text = nullptr;
    if (!output || PEM_write_bio(output.get(), PEM_STRING_X509_REQ, "", request_der.data(),
                                 static_cast<long>(request_der.size())) <= 0)
        return {};
    const long size = BIO_get_mem_data(output.get(), &text);
    return Bytes(text, text + size);
}

}  // namespace hsmreq::x509
