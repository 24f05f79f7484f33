// hsmreq trust: what the servers behind the proxy present, and what came of the internal roots.
#include <fmt/format.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/prompt.hpp"
#include "cli/run.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "evidence/documents.hpp"
#include "hsmreq/trust.hpp"

namespace hsmreq::cli {
namespace {

std::string items_text(const TrustSummary& summary, const Style& style) {
    Table table({"STATE", "SERVER", "PROTOCOL", "UNTIL", "ROOT", "FOR"});
    for (const auto& item : summary.items)
        table.add({std::string(to_name(item.state)), printable(item.address), or_dash(item.protocol),
                   item.chain.empty() ? "-" : to_text(item.chain.front().not_after), or_dash(item.root),
                   or_dash(join(item.uses, ", "))});
    return table.empty() ? "" : style.heading(table.heading()) + "\n" + table.body();
}

/// What was presented, for comparing by eye: nothing here makes it trusted.
std::string chain_text(const BackendResult& item) {
    std::string text;
    for (const auto& certificate : item.chain)
        text += labelled(certificate.self_issued ? "root" : "certificate",
                         {printable(certificate.subject_text), "by " + printable(certificate.issuer_text),
                          "SHA-256 " + certificate.der_sha256});
    return text.empty() ? "" : "\n" + printable(item.address) + " presents\n" + text;
}

std::string authorities_text(const TrustSummary& summary) {
    std::string text;
    for (const auto& one : summary.authorities)
        text += labelled(one.root ? "root" : "intermediate",
                         {printable(one.certificate.subject_text) + ", until " + to_text(one.certificate.not_after),
                          "SHA-256 " + one.certificate.der_sha256, "from " + printable(one.source)});
    return text;
}

std::string written_text(const TrustSummary& summary) {
    std::string text;
    if (!summary.bundle_file.empty())
        text += labelled("bundle", printable(summary.output_directory + "/" + summary.bundle_file));
    if (!summary.windows_script.empty()) text += labelled("for Windows", printable(summary.windows_script));
    for (const auto& file : summary.anchors) text += labelled("anchor", printable(file));
    return text;
}

std::string summary_text(const TrustSummary& summary, const OutputFlags& flags) {
    const Style style(flags.color, STDOUT_FILENO);
    auto findings = findings_of(summary);
    if (flags.quiet) return findings_text(refusing(findings), style);
    std::string text = items_text(summary, style);
    for (const auto& item : summary.items)
        if (flags.verbose || item.state != BackendState::trusted) text += chain_text(item);
    if (!summary.authorities.empty())
        text += "\n" + style.heading("Internal authorities") + "\n" + authorities_text(summary);
    if (const auto written = written_text(summary); !written.empty())
        text += "\n" + style.heading("Written") + "\n" + written;
    return text + findings_section(std::move(findings), flags, style);
}

Ending ending_of(const TrustOutcome& outcome, const OutputFlags& flags) {
    Ending ending = ending_with(outcome, plain_errors(outcome), flags, evidence::trust_document, summary_text);
    if (outcome.summary) add_refusal(outcome, outcome.summary->farm_file, ending);
    return ending;
}

Result<bool> ask_to_anchor(const TrustSummary& summary) {
    std::string question = "This machine would trust whatever these certify, for every name:\n";
    for (const auto& one : summary.authorities)
        if (one.root)
            question += fmt::format("  {}\n  SHA-256 {}\n", printable(one.certificate.subject_text),
                                    one.certificate.der_sha256);
    TRY_ASSIGN(const std::string answer, ask_line(question + "Type yes to add them: "));
    return answer == "yes";
}

}  // namespace

ExitCode run_trust(const Arguments& arguments) {
    const OutputFlags& flags = arguments.output;
    const TrustOptions& options = arguments.trust;
    if (options.anchor && !options.confirmed && !has_terminal())
        return finish({.output = {},
                       .errors = {{.code = ExitCode::usage,
                                   .what = "there is no terminal to ask on whether this machine is to trust the roots",
                                   .hint = "look without --anchor, then confirm with --yes"}},
                       .code = ExitCode::usage},
                      flags);
    return finish(ending_of(check_trust(options, {.confirm = ask_to_anchor}), flags), flags);
}

}  // namespace hsmreq::cli
