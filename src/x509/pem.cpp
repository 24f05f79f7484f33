#include "x509/pem.hpp"

#include <openssl/pem.h>

#include <algorithm>
#include <iterator>
#include <optional>

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

}  // namespace

std::vector<PemBlock> find_pem_blocks(std::string_view file, bool (*wanted)(std::string_view label)) {
    const std::string plain = as_plain_text(file);
    std::string_view text = plain;
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
        } else if (inside && wanted(blocks.back().label)) {
            std::copy_if(line.begin(), line.end(), std::back_inserter(blocks.back().base64),
                         [](char c) { return white_space.find(c) == std::string_view::npos; });
        }
    }
    return blocks;
}

Bytes write_pem_block(const char* label, BytesView der) {
    const ErrorQueue queue;
    const OutputPtr output(BIO_new(BIO_s_mem()));
    char* text = nullptr;
    if (!output || PEM_write_bio(output.get(), label, "", der.data(), static_cast<long>(der.size())) <= 0) return {};
    const long size = BIO_get_mem_data(output.get(), &text);
    return Bytes(text, text + size);
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

}  // namespace hsmreq::x509
