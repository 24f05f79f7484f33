// Looks for bytes in the memory of the process that it runs in.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace hsmreq::fault {

/// Kept inverted, so that the search does not find what it searches with.
using Inverted = std::vector<std::uint8_t>;

inline Inverted inverted(const std::string& hex) {
    Inverted bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(static_cast<std::uint8_t>(~std::stoul(hex.substr(i, 2), nullptr, 16)));
    return bytes;
}

/// Several, separated by commas.
inline std::vector<Inverted> all_inverted(const std::string& list) {
    std::vector<Inverted> all;
    std::istringstream parts(list);
    for (std::string hex; std::getline(parts, hex, ',');) all.push_back(inverted(hex));
    return all;
}

inline bool holds(const std::vector<std::uint8_t>& memory, std::size_t size, const Inverted& wanted) {
    const std::uint8_t* at = memory.data();
    const std::uint8_t* end = at + size;
    const auto first = static_cast<std::uint8_t>(~wanted.front());
    for (;; ++at) {
        at = static_cast<const std::uint8_t*>(std::memchr(at, first, static_cast<std::size_t>(end - at)));
        if (at == nullptr || static_cast<std::size_t>(end - at) < wanted.size()) return false;
        if (std::equal(wanted.begin(), wanted.end(), at, [](std::uint8_t turned, std::uint8_t byte) {
                return byte == static_cast<std::uint8_t>(~turned);
            }))
            return true;
    }
}

/// True when any writable mapping of this process holds one of these strings of bytes.
inline bool in_memory(const std::vector<Inverted>& wanted) {
    constexpr std::size_t chunk = std::size_t{1} << 20;
    constexpr std::size_t longest = 1024;
    constexpr std::size_t largest = std::size_t{1} << 32;  // the sanitizers' shadow memory is terabytes of nothing
    static std::vector<std::uint8_t> buffer(chunk);
    const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    if (memory < 0) return true;  // a search that can't be made proves nothing
    std::ifstream maps("/proc/self/maps");
    bool found = false;
    for (std::string line; !found && std::getline(maps, line);) {
        if (line.find(" rw") == std::string::npos || line.find("[v") != std::string::npos) continue;
        const auto begin = std::stoull(line, nullptr, 16);
        const auto end = std::stoull(line.substr(line.find('-') + 1), nullptr, 16);
        if (end - begin > largest) continue;
        for (auto at = begin; at < end && !found; at += chunk - longest) {
            const auto got =
                ::pread(memory, buffer.data(), std::min<std::size_t>(chunk, end - at), static_cast<off_t>(at));
            if (got <= 0) break;
            found = std::any_of(wanted.begin(), wanted.end(),
                                [&](const Inverted& one) { return holds(buffer, static_cast<std::size_t>(got), one); });
        }
    }
    std::fill(buffer.begin(), buffer.end(), std::uint8_t{0});
    ::close(memory);
    return found;
}

}  // namespace hsmreq::fault
