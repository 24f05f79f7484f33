// Which parts of a farm file's lines may hold a PIN.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace hsmreq::farm {

/// For each line the byte from which on it must not be shown, npos when all of it may be. Works on raw lines, because a
/// file that is no TOML must not show a PIN either: hides what follows `pin-value=`, and the value of a key whose name
/// says PIN, password or secret, unless it is written as a PIN source.
std::vector<std::size_t> find_secrets(const std::vector<std::string_view>& lines);

}  // namespace hsmreq::farm
