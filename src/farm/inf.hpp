// A certreq file, read.
#pragma once

#include <string>

#include "hsmreq/bytes.hpp"
#include "hsmreq/inf.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::farm {

/// As inspect_inf, but for the findings' severity and source, which are the rules' and not known here.
Result<InfInspection> read_inf(BytesView bytes, const std::string& file);

}  // namespace hsmreq::farm
