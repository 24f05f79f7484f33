// Where a PIN, or another secret of the user's, comes from.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::token {

struct PinSource {
    enum class Kind { prompt, environment, file, descriptor, credential, protected_path };
    Kind kind = Kind::prompt;
    std::string argument;           ///< variable, path, descriptor number or credential name
    std::string_view noun = "PIN";  ///< what messages call that which comes from it

    bool operator==(const PinSource&) const = default;
};

/// Syntax: prompt | env:NAME | file:PATH | fd:N | credential:NAME | none. Errors: ExitCode::input.
Result<PinSource> parse_pin_source(std::string_view text);

/// The words of parse_pin_source again.
std::string to_text(const PinSource& source);

/// Asks on the terminal without echo. Errors: ExitCode::login when there is no terminal, interrupted on a signal.
using PinPrompt = std::function<Result<Secret>(const std::string& token_label)>;

struct PinReading {
    std::optional<Secret> pin;  ///< absent for the protected authentication path
    std::string warning;        ///< pin.trailing-newline and the like, "" when there is none
};

/// Reads the PIN once. Files: a link may lead to it, but what it opens must be a regular file of root or the caller
/// without bits for group or others. One trailing newline is stripped. An environment variable is wiped after reading.
/// Errors: ExitCode::login.
Result<PinReading> read_pin(const PinSource& source, const PinPrompt& prompt, const std::string& token_label);

}  // namespace hsmreq::token
