// hsmreq install: where each certificate went, and what kept the others out.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/run.hpp"
#include "cli/signals.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "evidence/documents.hpp"
#include "hsmreq/install.hpp"

namespace hsmreq::cli {
namespace {

constexpr std::size_t day_size = 10;  // of an RFC 3339 time

std::string tokens_text(const InstallItemResult& item) {
    std::vector<std::string> members;
    for (const auto& token : item.tokens) members.push_back(printable(token.member) + (token.copy ? " (copy)" : ""));
    return members.empty() ? "-" : join(members, ", ");
}

Table item_table(const InstallSummary& summary) {
    Table table({"STATE", "REQUEST", "GENERATION", "TOKENS", "SERIAL", "VALID UNTIL", "FILE"});
    for (const auto& item : summary.items)
        table.add({std::string(to_name(item.state)), item.request.empty() ? "(none)" : printable(item_name(item)),
                   item.generation == 0 ? "-" : std::to_string(item.generation), tokens_text(item),
                   printable(item.certificate.serial), item.certificate.not_after.substr(0, day_size),
                   or_dash(item.certificate_file)});
    return table;
}

std::string token_details(const InstalledToken& token) {
    std::vector<std::string> lines{
        fmt::format("{}, {}: {}", printable(token.member), to_name(token.state), printable(token.key_uri))};
    if (token.replaced > 0) lines.push_back(counted(token.replaced, "older certificate") + " gave way");
    if (!token.left_out.empty()) lines.push_back("it did not take " + join(token.left_out, ", "));
    for (const auto& one : token.intermediates)
        lines.push_back(fmt::format("{}, {}: id {}", printable(one.subject), to_name(one.state), one.key_id));
    return labelled("token", lines);
}

std::string item_details(const InstallSummary& summary, const Style& style) {
    std::string text;
    for (const auto& item : summary.items) {
        if (item.tokens.empty()) continue;
        text += "\n" + style.heading(printable(item_name(item))) + "\n";
        text += labelled("certificate", fmt::format("{}, by {}", printable(item.certificate.subject),
                                                    printable(item.certificate.issuer)));
        text += labelled("public key SHA-256", item.certificate.public_key_sha256);
        for (const auto& one : item.chain) text += labelled("intermediate", printable(one.subject));
        text += labelled("root", printable(item.root));
        for (const auto& token : item.tokens) text += token_details(token);
        if (!item.former_file.empty()) text += labelled("former one", printable(item.former_file));
        text += labelled("evidence", printable(item.evidence_file));
        if (!item.envelope_file.empty()) text += labelled("signed evidence", printable(item.envelope_file));
        for (const auto& proof : item.proofs)
            text += labelled("proof",
                             fmt::format("{} on the token of {}", to_name(proof.state), printable(proof.token_member)));
    }
    return text;
}

std::string closing_words(const InstallSummary& summary) {
    if (summary.dry_run) return "Dry run: nothing was stored or written.\n";
    const bool any = std::ranges::any_of(summary.items, [](const auto& item) { return !item.evidence_file.empty(); });
    std::size_t proved = 0;
    for (const auto& item : summary.items)
        proved += static_cast<std::size_t>(
            std::ranges::count_if(item.proofs, [](const auto& proof) { return !proof.error.has_value(); }));
    std::string text = any ? fmt::format("The files are in {}\n", printable(summary.output_directory)) : "";
    if (proved > 0) text += counted(proved, "proof") + " by TLS handshakes with the token's key\n";
    return text;
}

/// Those of the proofs come last.
std::vector<Finding> all_findings(const InstallSummary& summary) {
    std::vector<Finding> found = findings_of(summary);
    for (const auto& item : summary.items)
        for (const auto& proof : item.proofs) std::ranges::copy(proof.findings, std::back_inserter(found));
    return found;
}

std::string summary_text(const InstallSummary& summary, const OutputFlags& flags) {
    const Style style(flags.color, STDOUT_FILENO);
    return run_text({item_table(summary), closing_words(summary), item_details(summary, style), all_findings(summary)},
                    flags);
}

Ending ending_of(const InstallOutcome& outcome, const OutputFlags& flags) {
    return ending_with(outcome, flags, evidence::install_document, summary_text);
}

}  // namespace

ExitCode run_install(const Arguments& arguments) {
    note_interruptions();
    return run_at_terminal<InstallOutcome>(
        arguments.output,
        [&](RequestObserver& observer, const auto& hung) {
            return install_certificates(arguments.install, {.observer = observer, .hung = hung});
        },
        ending_of);
}

}  // namespace hsmreq::cli
