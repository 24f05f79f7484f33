// `hsmreq inspect`: what is in a file, and what is wrong with it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evidence/inspected_file.hpp"
#include "hsmreq/names.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::workflow {

/// What to look at, and what it is judged by.
struct InspectOptions {
    std::vector<std::string> files;                         ///< "-" is standard input
    std::string farm_file;                                  ///< to compare with, "" for none
    std::string request;                                    ///< the farm's request; "" for the one whose names fit best
    std::optional<CertificateAuthority> ca = std::nullopt;  ///< absent: the farm's, else any public one
    Date date{};                                            ///< for the rules with a date
    std::string evidence_key_file = {};                     ///< what evidence must be signed by, "" for no check
};

/// One entry per file, in order. A file that can't be read carries its error, one that can be read what is wrong with
/// it, and one that claims to be a request and can't be decoded both. Errors: ExitCode::input for a farm file that
/// can't be used or lacks the request; ExitCode::internal.
Result<std::vector<evidence::InspectedFile>> inspect(const InspectOptions& options);

/// The command's code: that of the first file with an error or a finding that refuses (4), else 0.
ExitCode exit_code(const std::vector<evidence::InspectedFile>& files);

}  // namespace hsmreq::workflow
