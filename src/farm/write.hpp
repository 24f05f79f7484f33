// A farm as the text of a farm file, with comments for whoever reviews it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/farm.hpp"

namespace hsmreq::farm {

/// What is written, and what is said at the top of it.
struct FarmText {
    const Farm& farm;
    std::vector<std::string> preamble;  ///< comment lines without "# "; may be empty
};

/// The farm file that parses to these values: keys at their defaults are left out except where a reader looks for them.
/// What all members share stands in [token]. `Farm::file` and `Farm::lines` are not written. Texts must be UTF-8;
/// whether they will do where they stand is the parser's to say.
std::string write_farm(const FarmText& text);

}  // namespace hsmreq::farm
