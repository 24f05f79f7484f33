// From what was written to what it means: defaults, inheritance, expanded patterns, absolute paths.
#pragma once

#include "farm/reader.hpp"
#include "farm/sections.hpp"

namespace hsmreq::farm {

/// Fills in what the file leaves out. Needs all sections read; complains about nothing.
void settle(const Reader& reader, Draft& draft);

/// Whether a token URI says itself where its PIN is (RFC 7512, section 2.4).
bool has_pin_source(std::string_view uri);

}  // namespace hsmreq::farm
