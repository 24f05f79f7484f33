// The farm file from disk, with what the token room knows about URIs and PIN sources checked in place.
#pragma once

#include <string>

#include "hsmreq/farm.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::workflow {

struct FarmFile {
    Farm farm;
    std::string sha256;  ///< of the file's bytes, hexadecimal
};

/// Reads the file once (at most 16 MiB), parses it and hashes the same bytes. Errors: ExitCode::input.
Result<FarmFile> read_farm_file(const std::string& path);

}  // namespace hsmreq::workflow
