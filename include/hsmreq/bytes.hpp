// Bytes: owned binary data, and the view that functions take.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hsmreq {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

}  // namespace hsmreq
