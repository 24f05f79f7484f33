// hsmreq retire: shows what would go, asks, and says what went.
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"
#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/run.hpp"
#include "cli/signals.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "evidence/documents.hpp"
#include "hsmreq/retire.hpp"

namespace hsmreq::cli {
namespace {

std::string what_goes(const RetiredGeneration& item) {
    std::vector<std::string> parts;
    if (item.private_keys > 0) parts.push_back(counted(item.private_keys, "private key"));
    if (item.certificates > 0) parts.push_back(counted(item.certificates, "certificate"));
    if (item.public_keys > 0) parts.push_back(counted(item.public_keys, "public key"));
    return parts.empty() ? "nothing" : join(parts, ", ");
}

std::string items_text(const RetireSummary& summary, const Style& style) {
    Table table({"STATE", "GENERATION", "GOES", "STAYS", "PUBLIC KEY SHA-256"});
    for (const auto& item : summary.items)
        table.add({std::string(to_name(item.state)), std::to_string(item.generation), what_goes(item),
                   item.marker_left ? "public key" : "-",
                   item.public_key_sha256.empty() ? "-" : item.public_key_sha256});
    if (table.empty()) return "";
    return fmt::format("Key of {} in the token of {}\n", printable(item_name(summary)),
                       printable(summary.token_member)) +
           style.heading(table.heading()) + "\n" + table.body();
}

std::string uses_text(const RetireSummary& summary, const Style& style) {
    std::string text;
    for (const auto& use : summary.certificates)
        text += labelled("certificate",
                         fmt::format("{} in {}, serial {}, by {}, until {}{}", use.unexpired ? "valid" : "expired",
                                     printable(use.place), use.serial, printable(use.issuer), use.not_after,
                                     use.only_unexpired ? "; no other is unexpired" : ""));
    for (const auto& use : summary.listeners)
        text += labelled("listener", fmt::format("{} answers with {} key", printable(use.address),
                                                 use.answers_with ? "this" : "another"));
    if (!text.empty()) text = "\n" + style.heading("What uses it") + "\n" + text;
    if (summary.revocation.empty()) return text;
    text += "\n" + style.heading("Before the key is destroyed") + "\n";
    for (std::size_t i = 0; i < summary.revocation.size(); ++i)
        text += fmt::format("  {}. {}\n", i + 1, printable(summary.revocation[i]));
    return text;
}

std::string records_text(const RetireSummary& summary) {
    std::string text;
    for (const auto& item : summary.items)
        if (item.state == RetireState::retired)
            text += labelled("record", printable(summary.output_directory + "/" + item.record_file));
    if (summary.dry_run) text += "Dry run: nothing was destroyed.\n";
    return text.empty() ? "" : "\n" + text;
}

std::string summary_text(const RetireSummary& summary, const OutputFlags& flags) {
    if (flags.quiet) return "";
    const Style style(flags.color, STDOUT_FILENO);
    return items_text(summary, style) + uses_text(summary, style) + records_text(summary) +
           findings_section(summary.findings, flags, style);
}

Ending ending_of(const RetireOutcome& outcome, const OutputFlags& flags) {
    return ending_with(outcome, plain_errors(outcome), flags, evidence::retire_document, summary_text);
}

Result<bool> ask_to_destroy(const RetireSummary& summary) {
    const std::string question = items_text(summary, Style()) + uses_text(summary, Style()) +
                                 "\nThe private key can't be brought back. Type yes to destroy it: ";
    TRY_ASSIGN(const std::string answer, ask_line(question));
    return answer == "yes";
}

}  // namespace

ExitCode run_retire(const Arguments& arguments) {
    const OutputFlags& flags = arguments.output;
    const RetireOptions& options = arguments.retire;
    if (!options.confirmed && !options.run.dry_run && !has_terminal())
        return finish({.output = {},
                       .errors = {{.code = ExitCode::usage,
                                   .what = "there is no terminal to ask on whether the key is to be destroyed",
                                   .hint = "look with --dry-run, then confirm with --yes"}},
                       .code = ExitCode::usage},
                      flags);
    note_interruptions();
    return run_at_terminal<RetireOutcome>(
        flags,
        [&](RequestObserver& observer, const auto& hung) {
            return retire_key(options, {.observer = observer, .confirm = ask_to_destroy, .hung = hung});
        },
        ending_of);
}

}  // namespace hsmreq::cli
