// A guard before the TOML library, which descends without limit into dotted keys.
#pragma once

#include <optional>
#include <string_view>

#include "farm/source.hpp"

namespace hsmreq::farm {

/// Where the text nests brackets, or dots between keys, more deeply than a farm file can need; nothing when it does
/// not. toml++ 3.3 limits nested values but neither dotted keys nor headers, and ends by a stack overflow.
std::optional<Position> find_deep_nesting(const Source& source);

}  // namespace hsmreq::farm
