#include "base/host.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <vector>

namespace hsmreq {

std::string operator_name() {
    const auto user = ::geteuid();
    std::vector<char> buffer(16 * 1024);
    ::passwd entry{};
    ::passwd* found = nullptr;
    if (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return entry.pw_name;
    return "uid " + std::to_string(user);
}

std::string host_name() {
    std::array<char, 256> name{};
    // The last byte stays zero: a name that was cut off need not be terminated.
    if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
    return name.data();
}

}  // namespace hsmreq
