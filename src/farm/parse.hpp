// The farm file's parser, with the checks of other rooms handed in.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "hsmreq/farm.hpp"

namespace hsmreq::farm {

/// Syntax checks that belong to other rooms. An error's `what` and `hint` are shown at the value's place in the file.
struct Validators {
    std::function<Status(std::string_view)> token_uri;
    std::function<Status(std::string_view)> object_uri;
    std::function<Status(std::string_view)> wrapping_key_uri;
    std::function<Status(std::string_view)> pin_source;
};

/// See hsmreq::parse_farm, which calls this with the token room's validators.
Result<Farm> parse(std::string_view text, const std::string& file, const Validators& validators);

}  // namespace hsmreq::farm
