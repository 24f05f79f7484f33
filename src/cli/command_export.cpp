// hsmreq export: shows the security note, has it acknowledged, asks for the password, and says what was written.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/run.hpp"
#include "cli/signals.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "evidence/documents.hpp"
#include "hsmreq/export.hpp"

namespace hsmreq::cli {
namespace {

std::string item_text(const ExportSummary& summary, const ExportItemResult& item, const Style& style) {
    std::string text = style.heading(fmt::format("Key of {}, for {}: {}", printable(item_name(item)),
                                                 facts(summary.target).title, to_name(item.state))) +
                       "\n";
    text += labelled("file", printable(summary.output_file));
    if (!item.file_sha256.empty()) text += labelled("SHA-256", item.file_sha256);
    text += labelled("protection", std::string(facts(facts(summary.target).protection).words));
    if (item.certificate)
        text += labelled("certificate", fmt::format("{}, serial {}, until {}", printable(item.certificate->subject),
                                                    item.certificate->serial, item.certificate->not_after));
    for (const auto& subject : item.chain) text += labelled("chain", printable(subject));
    if (!item.key_uri.empty()) text += labelled("key", printable(item.key_uri));
    if (!item.mechanisms.empty()) text += labelled("left by", join(item.mechanisms, ", "));
    if (!item.recipients.empty()) text += labelled("for members", printable(join(item.recipients, ", ")));
    if (!item.evidence_file.empty())
        text += labelled("evidence", printable(summary.output_directory + "/" + item.evidence_file));
    if (!item.envelope_file.empty())
        text += labelled("signed evidence", printable(summary.output_directory + "/" + item.envelope_file));
    if (summary.dry_run) text += "Dry run: the key stayed in its token, nothing was written.\n";
    return text;
}

std::string summary_text(const ExportSummary& summary, const OutputFlags& flags) {
    if (flags.quiet) return "";
    const Style style(flags.color, STDOUT_FILENO);
    std::string text;
    for (const auto& item : summary.items)
        if (!item.error) text += item_text(summary, item, style);
    return text + findings_section(findings_of(summary), flags, style);
}

Ending ending_of(const ExportOutcome& outcome, const OutputFlags& flags) {
    return ending_with(outcome, flags, evidence::export_document, summary_text);
}

std::string note_text(const std::vector<std::string>& note) {
    std::string text = "Security note\n";
    for (const auto& sentence : note) text += "  " + sentence + "\n";
    return text;
}

/// The note is shown whatever else is not; with --json standard error is for the one error object.
Result<bool> acknowledge(const std::vector<std::string>& note, const Arguments& arguments) {
    if (!arguments.exporting.acknowledged) {
        TRY_ASSIGN(const std::string answer, ask_line(note_text(note) + "Type export to go on: "));
        return answer == "export";
    }
    if (!arguments.output.json) write_stderr(note_text(note));
    return true;
}

/// Twice, since what is typed does not show.
Result<Secret> ask_password() {
    TRY_ASSIGN(Secret password, ask_secret("Password for the file: "));
    TRY_ASSIGN(const Secret again, ask_secret("The same again: "));
    if (std::ranges::equal(password.reveal(), again.reveal())) return password;
    return Error{.code = ExitCode::login,
                 .what = "the two passwords differ",
                 .where = "terminal",
                 .hint = "run again; nothing was exported"};
}

}  // namespace

ExitCode run_export(const Arguments& arguments) {
    const ExportOptions& options = arguments.exporting;
    if (!options.acknowledged && !options.run.dry_run && !has_terminal())
        return finish({.output = {},
                       .errors = {{.code = ExitCode::usage,
                                   .what = "the security note is not acknowledged, and there is no terminal to ask on",
                                   .hint = "look with --dry-run, read docs/export.md, then confirm with "
                                           "--acknowledge-security-note"}},
                       .code = ExitCode::usage},
                      arguments.output);
    note_interruptions();
    return run_at_terminal<ExportOutcome>(
        arguments.output,
        [&](RequestObserver& observer, const auto& hung) {
            return export_key(options, {.observer = observer,
                                        .acknowledge = [&](const auto& note) { return acknowledge(note, arguments); },
                                        .ask_password = ask_password,
                                        .hung = hung});
        },
        ending_of);
}

}  // namespace hsmreq::cli
