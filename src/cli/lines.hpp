// Standard input, line by line.
#pragma once

#include <optional>
#include <string>

#include "hsmreq/result.hpp"

namespace hsmreq::cli {

class InputLines {
public:
    /// The next line without its end; nothing at the end of the input. Errors: ExitCode::input when it can't be read,
    /// ExitCode::usage for a line of more than 64 KiB.
    Result<std::optional<std::string>> next();
    /// Of the line that came last; counts from 1.
    [[nodiscard]] unsigned number() const { return number_; }

private:
    std::string pending_;
    unsigned number_ = 0;
    bool ended_ = false;
};

}  // namespace hsmreq::cli
