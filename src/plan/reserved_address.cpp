#include "plan/reserved_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hsmreq::plan {
namespace {

struct Range {
    std::string_view prefix;
    std::string_view use;
    std::string_view source;
};

/// RFC 6890, 2.2.2 and 2.2.3, with what its registries have taken up since. A narrower block stands before a wider one.
constexpr std::array ranges{
    Range{"0.0.0.0/8", "this network", "RFC 791"},
    Range{"10.0.0.0/8", "private use", "RFC 1918"},
    Range{"100.64.0.0/10", "shared address space", "RFC 6598"},
    Range{"127.0.0.0/8", "loopback", "RFC 1122"},
    Range{"169.254.0.0/16", "link local", "RFC 3927"},
    Range{"172.16.0.0/12", "private use", "RFC 1918"},
    Range{"192.0.0.0/24", "protocol assignments", "RFC 6890"},
    Range{"192.0.2.0/24", "documentation", "RFC 5737"},
    Range{"192.88.99.0/24", "6to4 relays", "RFC 7526"},
    Range{"192.168.0.0/16", "private use", "RFC 1918"},
    Range{"198.18.0.0/15", "benchmarking", "RFC 2544"},
    Range{"198.51.100.0/24", "documentation", "RFC 5737"},
    Range{"203.0.113.0/24", "documentation", "RFC 5737"},
    Range{"224.0.0.0/4", "multicast", "RFC 5771"},
    Range{"255.255.255.255/32", "limited broadcast", "RFC 8190"},
    Range{"240.0.0.0/4", "reserved", "RFC 1112"},
    Range{"::/128", "unspecified address", "RFC 4291"},
    Range{"::1/128", "loopback", "RFC 4291"},
    Range{"::ffff:0:0/96", "IPv4-mapped address", "RFC 4291"},
    Range{"64:ff9b:1::/48", "translation between IPv4 and IPv6", "RFC 8215"},
    Range{"64:ff9b::/96", "translation between IPv4 and IPv6", "RFC 6052"},
    Range{"100::/64", "discard only", "RFC 6666"},
    Range{"2001:db8::/32", "documentation", "RFC 3849"},
    Range{"2001::/32", "Teredo", "RFC 4380"},
    Range{"2001:2::/48", "benchmarking", "RFC 5180"},
    Range{"2001::/23", "protocol assignments", "RFC 2928"},
    Range{"2002::/16", "6to4", "RFC 3056"},
    Range{"3fff::/20", "documentation", "RFC 9637"},
    Range{"fc00::/7", "unique local", "RFC 4193"},
    Range{"fe80::/10", "link local", "RFC 4291"},
    Range{"ff00::/8", "multicast", "RFC 4291"},
};

/// The octets of an address, 4 or 16; none when the text is no address.
struct Octets {
    std::array<unsigned char, 16> value{};
    std::size_t size = 0;
};

Octets octets_of(const std::string& text) {
    Octets octets;
    if (inet_pton(AF_INET, text.c_str(), octets.value.data()) == 1)
        octets.size = 4;
    else if (inet_pton(AF_INET6, text.c_str(), octets.value.data()) == 1)
        octets.size = 16;
    return octets;
}

bool lies_in(const Octets& address, std::string_view prefix) {
    const auto slash = prefix.find('/');
    const auto network = octets_of(std::string(prefix.substr(0, slash)));
    if (network.size != address.size) return false;
    unsigned bits = 0;
    for (const char digit : prefix.substr(slash + 1)) bits = bits * 10 + static_cast<unsigned>(digit - '0');
    const auto whole = bits / 8;
    if (!std::equal(network.value.begin(), network.value.begin() + whole, address.value.begin())) return false;
    if (bits % 8 == 0) return true;
    const auto mask = 0xffU << (8 - bits % 8);
    return ((network.value[whole] ^ address.value[whole]) & mask & 0xffU) == 0;
}

}  // namespace

std::string reserved_range(const std::string& address) {
    const auto octets = octets_of(address);
    if (octets.size == 0) return {};
    const auto found = std::ranges::find_if(ranges, [&](const Range& range) { return lies_in(octets, range.prefix); });
    if (found == ranges.end()) return {};
    return fmt::format("{}, {} ({})", found->use, found->prefix, found->source);
}

}  // namespace hsmreq::plan
