// hsmreq audit: the keys as a table, and what is wrong with them.
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/run.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "evidence/documents.hpp"
#include "hsmreq/audit.hpp"

namespace hsmreq::cli {
namespace {

std::string keys_text(const AuditSummary& summary, const OutputFlags& flags, const Style& style) {
    Table table({"STATE", "REQUEST", "MEMBER", "GEN", "TOKEN", "ALGORITHM", "CERTIFICATES", "LABEL"});
    for (const auto& item : summary.items)
        table.add({std::string(to_name(item.state)), or_dash(item.request), or_dash(item.member),
                   item.generation == 0 ? "-" : std::to_string(item.generation),
                   or_dash(item.token.empty() ? item.token_member : item.token), or_dash(item.algorithm),
                   std::to_string(item.certificates.size()), or_dash(item.label)});
    if (table.empty()) return "";
    std::string text = style.heading(table.heading()) + "\n" + table.body();
    if (!flags.verbose) return text;
    for (const auto& item : summary.items)
        text += "\n" + labelled("CKA_ID", or_dash(item.key_id)) +
                labelled("public key SHA-256", or_dash(item.public_key_sha256));
    return text;
}

std::string summary_text(const AuditSummary& summary, const OutputFlags& flags) {
    const Style style(flags.color, STDOUT_FILENO);
    auto findings = findings_of(summary);
    if (flags.quiet) return findings_text(refusing(findings), style);
    return keys_text(summary, flags, style) + findings_section(std::move(findings), flags, style);
}

Ending ending_of(const AuditOutcome& outcome, const OutputFlags& flags) {
    Ending ending = ending_with(outcome, plain_errors(outcome), flags, evidence::audit_document, summary_text);
    if (!outcome.summary) return ending;
    const AuditSummary& summary = *outcome.summary;
    add_refusal(outcome, summary.farm_file.empty() ? summary.token_uri : summary.farm_file, ending);
    if (!flags.json && !flags.quiet && !outcome.error && summary.items.empty())
        ending.output = "There is no key.\n" + ending.output;
    return ending;
}

}  // namespace

ExitCode run_audit(const Arguments& arguments) {
    const AuditOptions options{.run = arguments.request, .token_uri = arguments.token_uri};
    return run_at_terminal<AuditOutcome>(
        arguments.output,
        [&](RequestObserver& observer, const auto& hung) {
            return audit_keys(options, {.observer = observer, .hung = hung});
        },
        ending_of);
}

}  // namespace hsmreq::cli
