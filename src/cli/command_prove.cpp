// hsmreq prove: what serves TLS, what does not, and the interim certificates.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/run.hpp"
#include "cli/signals.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "evidence/proof.hpp"
#include "hsmreq/prove.hpp"

namespace hsmreq::cli {
namespace {

bool is_interim(const ProofResult& item) {
    return item.certificate && item.certificate->kind == CertificateKind::interim;
}

std::string certificate_text(const ProofResult& item) {
    if (!item.certificate) return "-";
    const std::string place = printable(item.certificate->place);
    return is_interim(item) ? place + " (INTERIM)" : place;
}

Table item_table(const ProveSummary& summary) {
    Table table({"STATE", "REQUEST", "TOKEN OF", "GENERATION", "CERTIFICATE", "VALID UNTIL", "NAMES"});
    for (const auto& item : summary.items)
        table.add({std::string(to_name(item.state)), printable(item.request),
                   printable(item.token_member) + (item.copy ? " (copy)" : ""),
                   item.generation == 0 ? "-" : std::to_string(item.generation), certificate_text(item),
                   item.certificate ? item.certificate->not_after.substr(0, 10) : "-",
                   std::to_string(item.names.size())});
    return table;
}

std::string handshake_text(const ProvedHandshake& handshake) {
    return fmt::format("{}, {}, {}, {}{}", handshake.protocol, handshake.cipher, handshake.group,
                       handshake.signature_algorithm,
                       handshake.server_name.empty() ? "" : ", asked for " + printable(handshake.server_name));
}

std::string item_details(const ProveSummary& summary, const Style& style) {
    std::string text;
    for (const auto& item : summary.items) {
        if (item.key_uri.empty()) continue;
        text += "\n" + style.heading(printable(item.request + " " + item.token_member)) + "\n";
        text += labelled("key", printable(item.key_uri));
        if (item.certificate)
            text += labelled("certificate", fmt::format("serial {}, by {}", item.certificate->serial,
                                                        printable(item.certificate->issuer)));
        std::vector<std::string> names;
        for (const auto& name : item.names) names.push_back(printable(name));
        if (!names.empty()) text += labelled("names", names);
        for (const auto& handshake : item.handshakes) text += labelled("handshake", handshake_text(handshake));
        if (!item.decryption.empty()) text += labelled("decryption", item.decryption);
        if (!item.evidence_file.empty()) text += labelled("evidence", printable(item.evidence_file));
        if (!item.envelope_file.empty()) text += labelled("signed evidence", printable(item.envelope_file));
    }
    return text;
}

std::string closing_words(const ProveSummary& summary) {
    std::string text;
    if (std::ranges::any_of(summary.items, is_interim))
        text += "INTERIM certificates are self-signed and short-lived: for tests, never for production.\n";
    if (summary.dry_run) return text + "Dry run: nothing was written.\n";
    if (std::ranges::any_of(summary.items, [](const auto& item) { return !item.evidence_file.empty(); }))
        text += fmt::format("The evidence is in {}\n", printable(summary.output_directory));
    return text;
}

std::string summary_text(const ProveSummary& summary, const OutputFlags& flags) {
    const Style style(flags.color, STDOUT_FILENO);
    return run_text({item_table(summary), closing_words(summary), item_details(summary, style), findings_of(summary)},
                    flags);
}

Ending ending_of(const ProveOutcome& outcome, const OutputFlags& flags) {
    return ending_with(outcome, flags, evidence::prove_document, summary_text);
}

}  // namespace

ExitCode run_prove(const Arguments& arguments) {
    note_interruptions();
    return run_at_terminal<ProveOutcome>(
        arguments.output,
        [&](RequestObserver& observer, const auto& hung) {
            return prove_keys({arguments.request, arguments.interim}, {.observer = observer, .hung = hung});
        },
        ending_of);
}

}  // namespace hsmreq::cli
