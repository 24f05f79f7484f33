// The questions of init, asked on a terminal or answered by the lines of a pipe.
#pragma once

#include <string>

#include "cli/arguments.hpp"
#include "cli/lines.hpp"
#include "cli/terminal.hpp"
#include "hsmreq/result.hpp"
#include "workflow/init.hpp"

namespace hsmreq::cli {

class Interview {
public:
    enum class Mode {
        terminal,  ///< questions on standard error, a bad answer is asked for again
        pipe,      ///< one line for each question, in their order; at the end of the input defaults go on
        none,      ///< nobody is asked
    };

    Interview(Mode mode, const OutputFlags& flags);

    /// Asks what neither flags nor earlier answers settle. Errors: ExitCode::usage for a bad answer where nobody can be
    /// asked again, and for an input that ends on a terminal.
    Status ask_all(workflow::Import& session);
    /// Asks once more what turned out not to go together with the rest; false where nobody can be asked.
    Result<bool> ask_again(const Error& error, workflow::Import& session);

private:
    Status ask(const workflow::Question& question, workflow::Import& session);
    void show(const workflow::Question& question);
    static void show_prompt(const workflow::Question& question, const workflow::Words& suggested);
    void show_refusal(const Error& error) const;
    [[nodiscard]] Error refused(Error error) const;

    Mode mode_;
    Style style_;
    InputLines lines_;
    std::string_view group_;
    bool ended_ = false;
};

}  // namespace hsmreq::cli
