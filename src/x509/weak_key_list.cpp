#include "x509/weak_key_list.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/hex.hpp"
#include "base/text.hpp"

namespace hsmreq::x509 {
namespace {

constexpr std::size_t digits = 20;

constexpr int value_of(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

/// Lists have hundreds of thousands of lines, so no line costs an allocation.
template <class Fingerprint>
std::optional<Fingerprint> parse_fingerprint(std::string_view line) {
    if (line.size() != digits) return std::nullopt;
    Fingerprint fingerprint{};
    for (std::size_t i = 0; i < digits; ++i) {
        const int value = value_of(line[i]);
        if (value < 0) return std::nullopt;
        fingerprint[i / 2] = static_cast<std::uint8_t>((fingerprint[i / 2] << 4U) | value);
    }
    return fingerprint;
}

Error malformed(std::string_view line, const std::string& where) {
    constexpr std::size_t longest_shown = 60;
    const auto shown = printable(line.substr(0, longest_shown));
    return {.code = ExitCode::input,
            .what = fmt::format("this is no fingerprint of a weak key: \"{}{}\"", shown,
                                line.size() > longest_shown ? "..." : ""),
            .where = where,
            .hint =
                "a line holds the last 20 hexadecimal digits of the SHA-1 of what openssl rsa -noout -modulus "
                "prints; comments begin with #"};
}

/// What `openssl rsa -noout -modulus` prints. The modulus is printed as a number, so half a byte may be missing.
std::string modulus_line(BytesView modulus) {
    std::string hex = to_hex(modulus);
    std::ranges::transform(hex, hex.begin(),
                           [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
    hex.erase(0, hex.find_first_not_of('0'));
    return "Modulus=" + hex + "\n";
}

}  // namespace

Result<WeakKeyList> WeakKeyList::parse(BytesView text, const std::string& file) {
    WeakKeyList list;
    list.fingerprints_.reserve(text.size() / (digits + 1) + 1);
    std::string_view rest = as_text(text);
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const auto end = rest.find('\n');
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        const auto fingerprint = parse_fingerprint<Fingerprint>(line);
        if (!fingerprint) return malformed(line, fmt::format("{}:{}", file, number));
        list.fingerprints_.push_back(*fingerprint);
    }
    if (list.fingerprints_.empty())
        return Error{.code = ExitCode::input,
                     .what = "the list of weak keys holds no fingerprint",
                     .where = file,
                     .hint = "name a list in the format of openssl-blacklist, or leave rules.weak_key_list out"};
    if (!std::ranges::is_sorted(list.fingerprints_)) std::ranges::sort(list.fingerprints_);
    return list;
}

bool WeakKeyList::contains(BytesView modulus) const {
    const std::string line = modulus_line(modulus);
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    // SHA-1 serves as the lists' index, not as a protection.
    SHA1(as_bytes(line).data(), line.size(), digest.data());
    Fingerprint fingerprint{};
    std::copy(digest.end() - fingerprint.size(), digest.end(), fingerprint.begin());
    return std::ranges::binary_search(fingerprints_, fingerprint);
}

}  // namespace hsmreq::x509
