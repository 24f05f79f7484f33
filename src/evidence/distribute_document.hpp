// "hsmreq.distribute/1".
#pragma once

#include <string>

#include "hsmreq/distribute.hpp"

namespace hsmreq::evidence {

/// What `distribute` and its steps print with --json.
std::string distribute_document(const DistributeSummary& summary);

}  // namespace hsmreq::evidence
