// `hsmreq init`: answers and imported files to a farm file. Who asks, and where, is the command line's business.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hsmreq/inf.hpp"
#include "hsmreq/plan.hpp"
#include "workflow/init_import.hpp"
#include "workflow/init_questions.hpp"

namespace hsmreq::workflow {

struct InitOptions {
    std::string output;     ///< "" or "-" for none: the text is the result
    std::string inf_file;   ///< "" for none
    std::string lync_file;  ///< "" for none
    bool replace = false;
    Date date{};
    std::vector<std::pair<std::string_view, Words>> given;  ///< what the flags answer, by key

    [[nodiscard]] bool writes_file() const { return !output.empty() && output != "-"; }
};

/// Reads the files, and checks what is given. Errors: ExitCode::output when the output exists (before anybody is asked
/// anything), ExitCode::input for the files, ExitCode::usage for answers.
Result<Import> begin_init(const InitOptions& options);

struct InitResult {
    std::string text;               ///< the farm file
    Plan plan;                      ///< what `hsmreq plan` makes of it
    std::vector<Finding> findings;  ///< about imported files, then the plan's
};

/// The farm file that the answers make, read back as `plan` will read it. A question without an answer takes its
/// suggestion. Errors: ExitCode::usage for answers that are missing, don't apply or don't go together.
Result<InitResult> finish_init(Import& session, const InitOptions& options);

/// Puts the text into the output file, whole or not at all. Errors: ExitCode::output.
Status write_init(const InitResult& result, const InitOptions& options);

}  // namespace hsmreq::workflow
