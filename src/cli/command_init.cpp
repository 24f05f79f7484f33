// hsmreq init: a farm file from answers, flags and other tools' files.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/interview.hpp"
#include "cli/report.hpp"
#include "cli/signals.hpp"
#include "cli/terminal.hpp"
#include "evidence/documents.hpp"

namespace hsmreq::cli {
namespace {

constexpr std::size_t entries_shown = 50;

Interview::Mode mode_of(const Arguments& arguments) {
    if (arguments.no_input) return Interview::Mode::none;
    if (::isatty(STDIN_FILENO) == 0) return Interview::Mode::pipe;
    // With --json standard error is for one error object, so there is no place for questions.
    return arguments.output.json ? Interview::Mode::none : Interview::Mode::terminal;
}

Ending failed(Error error) {
    Ending ending;
    ending.code = error.code;
    ending.errors.push_back(std::move(error));
    return ending;
}

/// Asks, and asks again what does not go together, until there is a farm.
Result<workflow::InitResult> interview(Interview& asked, workflow::Import& session, const Arguments& arguments) {
    if (auto status = asked.ask_all(session); !status) return std::move(status).error();
    for (;;) {
        auto result = workflow::finish_init(session, arguments.init);
        if (result) return result;
        const auto again = asked.ask_again(result.error(), session);
        if (!again) return again.error();
        if (!*again) return result;
    }
}

std::string left_out_text(const std::vector<UnplacedEntry>& entries, const Style& style) {
    if (entries.empty()) return {};
    std::string text = style.heading("Not taken along") + "\n";
    for (std::size_t i = 0; i < entries.size() && i < entries_shown; ++i)
        text += fmt::format("{}: {} = {}\n         {}\n", printable(entries[i].where), printable(entries[i].name),
                            printable(entries[i].value), printable(entries[i].reason));
    if (entries.size() > entries_shown)
        text += fmt::format("and {} more; --json lists them all\n", entries.size() - entries_shown);
    return text + "\n";
}

std::string findings_block(std::string_view about, const std::vector<Finding>& findings, const Style& style) {
    if (findings.empty()) return {};
    return style.heading(fmt::format("Findings about {}", about)) + "\n" + findings_text(findings, style) + "\n";
}

std::string closing_text(const workflow::InitResult& result, const workflow::InitOptions& options) {
    std::size_t names = 0;
    for (const auto& request : result.plan.requests) names += request.subject_alternative_names.size();
    const auto size =
        fmt::format("{} with {}", counted(result.plan.items.size(), "certificate"), counted(names, "name"));
    if (!options.writes_file()) return fmt::format("hsmreq: note: the farm file plans {}\n", size);
    const auto file = printable(options.output);
    const auto next = refuses(result.plan.findings)
                          ? fmt::format("mend what the findings about it say, then hsmreq plan {}", file)
                          : fmt::format("review it, then hsmreq plan {} and hsmreq request {}", file, file);
    return fmt::format("hsmreq: note: {} is written and plans {}; next: {}\n", file, size, next);
}

void print_outcome(const workflow::Import& session, const workflow::InitResult& result, const Arguments& arguments) {
    const Style style(arguments.output.color, STDERR_FILENO);
    if (arguments.output.quiet) return write_stderr(findings_text(refusing(result.plan.findings), style));
    write_stderr("\n" + left_out_text(session.unplaced, style) +
                 findings_block("what was read; the farm file does not have these faults", session.findings, style) +
                 findings_block("the farm file", result.plan.findings, style) + closing_text(result, arguments.init));
}

std::string document(const workflow::Import& session, const workflow::InitResult& result,
                     const workflow::InitOptions& options) {
    return evidence::init_document({options.writes_file() ? options.output : "", result.text}, session.unplaced,
                                   result.findings);
}

}  // namespace

ExitCode run_init(const Arguments& arguments) {
    const auto& options = arguments.init;
    auto session = workflow::begin_init(options);
    if (!session) return finish(failed(std::move(session).error()), arguments.output);
    Interview asked(mode_of(arguments), arguments.output);
    auto result = interview(asked, *session, arguments);
    if (!result) return finish(failed(std::move(result).error()), arguments.output);
    // From here a signal waits until the file is whole.
    note_interruptions();
    if (options.writes_file())
        if (auto status = workflow::write_init(*result, options); !status)
            return finish(failed(std::move(status).error()), arguments.output);
    Ending ending;
    if (arguments.output.json)
        ending.output = document(*session, *result, options);
    else if (!options.writes_file())
        ending.output = result->text;
    const auto code = finish(ending, arguments.output);
    if (!arguments.output.json && code == ExitCode::ok) print_outcome(*session, *result, arguments);
    return code;
}

}  // namespace hsmreq::cli
