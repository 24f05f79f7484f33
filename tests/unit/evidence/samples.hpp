// Values with every field filled in, as the rooms before this one would hand them over.
#pragma once

#include <string>
#include <vector>

#include "evidence/documents.hpp"
#include "evidence/evidence.hpp"

namespace hsmreq::evidence::samples {

Finding finding();
Error token_error();
Plan plan();
RequestSummary summary();
std::vector<InspectedFile> inspected_files();
/// One item whose second generation has expired.
StatusSummary status();
TrustSummary trust();
/// The init document of a written farm file with one entry left out and one finding.
std::string init_text();

/// The record points at `request`, which must outlive it.
Record record(const RequestPlan& request);

}  // namespace hsmreq::evidence::samples
