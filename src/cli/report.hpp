// Errors, findings and the end of every command.
#pragma once

#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "hsmreq/finding.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::cli {

/// What a command leaves: its document or text, what went wrong, and the code.
struct Ending {
    std::string output;
    std::vector<Error> errors;  ///< the one that decides the code first
    ExitCode code = ExitCode::ok;
};

/// Writes the output to standard output and the errors to standard error, as text or as one JSON object, and returns
/// the process's code: the ending's, or 9 when the output could not be written after success.
ExitCode finish(const Ending& ending, const OutputFlags& flags);

/// "hsmreq: error: WHAT (WHERE)", the excerpt and "hsmreq: hint: ..."; the errors in Error::also follow.
std::string error_text(const Error& error, const Style& style);

/// The findings, errors first, each with place, fix and source; "" for none.
std::string findings_text(const std::vector<Finding>& findings, const Style& style);

/// The same under their heading, after an empty line; those that only inform with --verbose alone. "" for none.
std::string findings_section(std::vector<Finding> findings, const OutputFlags& flags, const Style& style);

/// What a run over items shows: the items as a table with the closing words under it (neither when there is no item),
/// with --verbose their details, and the findings.
struct RunText {
    Table table;
    std::string closing;
    std::string details;
    std::vector<Finding> findings;
};

/// "" with --quiet.
std::string run_text(const RunText& parts, const OutputFlags& flags);

/// Those that --quiet leaves: errors that nothing accepts.
std::vector<Finding> refusing(const std::vector<Finding>& findings);

/// The error that stands for findings that refuse `subject` (a file name); findings must hold one.
Error refusal(const std::vector<Finding>& findings, const std::string& subject);

/// "hsmreq: note: TEXT" on standard error, unless --quiet or --json.
void print_note(const std::string& text, const OutputFlags& flags);

/// "1 name", "2 names".
std::string counted(std::size_t count, const std::string& noun);

}  // namespace hsmreq::cli
