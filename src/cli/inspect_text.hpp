// What `inspect` found in a file, for people to read.
#pragma once

#include <string>

#include "cli/terminal.hpp"
#include "evidence/inspected_file.hpp"

namespace hsmreq::cli {

/// The content of one file, without its findings; "" when it could not be read.
std::string inspected_text(const evidence::InspectedFile& file, bool verbose, const Style& style);

}  // namespace hsmreq::cli
