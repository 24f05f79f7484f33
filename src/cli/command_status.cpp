// hsmreq status: where the certificates stand as a table, as JSON or as metrics, and the calendar of what is to come.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/run.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "evidence/documents.hpp"
#include "hsmreq/status.hpp"

namespace hsmreq::cli {
namespace {

/// Where what is known of the item comes from.
std::string sources_of(const StatusItem& item) {
    std::vector<std::string> sources;
    const auto add = [&](const std::vector<std::string>& more) {
        for (const auto& source : more)
            if (std::ranges::find(sources, source) == sources.end()) sources.push_back(source);
    };
    for (const auto& generation : item.generations) {
        if (generation.generation < item.generation) continue;
        add(generation.sources);
        for (const auto& certificate : generation.certificates) add(certificate.sources);
    }
    return or_dash(join(sources, ", "));
}

/// Whether the CA's chain is there for the certificate in service.
bool has_chain(const StatusItem& item) {
    const auto found = std::ranges::find(item.generations, item.generation, &StatusGeneration::generation);
    return found != item.generations.end() && !found->chain_file.empty();
}

std::vector<std::string> row_of(const StatusItem& item) {
    const StatusCertificate* certificate = item.certificate();
    return {std::string(to_name(item.state)),
            printable(item.request),
            printable(item.token_member),
            item.generation == 0 ? "-" : std::to_string(item.generation),
            certificate ? std::to_string(certificate->days_left) : "-",
            certificate ? to_text(certificate->not_after) : "-",
            certificate ? (has_chain(item) ? "yes" : "no") : "-",
            item.next.empty() ? "-" : item.next,
            sources_of(item)};
}

std::string items_text(const StatusSummary& summary, const Style& style) {
    Table table({"STATE", "REQUEST", "MEMBER", "GEN", "DAYS", "UNTIL", "CHAIN", "NEXT", "FROM"});
    for (const auto& item : summary.items) table.add(row_of(item));
    return table.empty() ? "There is no item.\n" : style.heading(table.heading()) + "\n" + table.body();
}

std::string generations_text(const StatusItem& item) {
    std::string text;
    for (const auto& generation : item.generations) {
        text += fmt::format("\n{} {}, generation {}\n", printable(item.request), printable(item.token_member),
                            generation.generation);
        text += labelled("private key", std::string(to_name(generation.private_key)));
        text += labelled("request", or_dash(generation.request_file));
        text += labelled("chain", or_dash(generation.chain_file));
        for (const auto& certificate : generation.certificates)
            text += labelled("certificate",
                             {fmt::format("{}, serial {}", printable(certificate.subject), certificate.serial),
                              fmt::format("by {}", printable(certificate.issuer)),
                              fmt::format("{} to {}, in {}", to_text(certificate.not_before),
                                          to_text(certificate.not_after), printable(join(certificate.sources, ", ")))});
    }
    return text;
}

std::string older_text(const StatusSummary& summary) {
    std::string text;
    for (const auto& item : summary.items)
        for (const auto generation : item.older)
            text += fmt::format(
                "{} {}: generation {} is still there; once generation {} is in service: hsmreq retire {} "
                "--request {} --generation {}{}\n",
                printable(item.request), printable(item.token_member), generation, item.generation,
                printable(summary.farm_file), printable(item.request), generation,
                item.member.empty() && !item.copy ? "" : " --member " + printable(item.token_member));
    return text;
}

std::string calendar_text(const StatusSummary& summary) {
    std::string text;
    for (const auto& entry : summary.calendar) {
        text += fmt::format("{} {}  {}", entry.past ? "since" : "from ", to_text(entry.from), printable(entry.text));
        if (entry.days > 0)
            text += fmt::format(
                ": {} renewals a year for each certificate, {} for this farm's {}; {} for each that "
                "serves to its last day",
                entry.usual_renewals, entry.usual_renewals * summary.certificates, summary.certificates,
                entry.least_renewals);
        text += "\n";
    }
    return text.empty() ? fmt::format("A {} CA sets its own limits.\n", summary.authority) : text;
}

std::string summary_text(const StatusSummary& summary, const OutputFlags& flags) {
    const Style style(flags.color, STDOUT_FILENO);
    auto findings = findings_of(summary);
    if (flags.quiet) return findings_text(refusing(findings), style);
    std::string text = items_text(summary, style);
    if (flags.verbose)
        for (const auto& item : summary.items) text += generations_text(item);
    if (const auto older = older_text(summary); !older.empty())
        text += "\n" + style.heading("To retire") + "\n" + older;
    return text + findings_section(std::move(findings), flags, style) + "\n" +
           style.heading("Calendar for this farm's CA") + "\n" + calendar_text(summary);
}

std::string table_or_metrics(const StatusSummary& summary, const OutputFlags& flags) {
    if (!flags.metrics) return summary_text(summary, flags);
    return evidence::status_metrics(summary,
                                    std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

Ending ending_of(const StatusOutcome& outcome, const OutputFlags& flags) {
    Ending ending = ending_with(outcome, flags, evidence::status_document, table_or_metrics);
    if (outcome.summary) add_refusal(outcome, outcome.summary->farm_file, ending);
    return ending;
}

}  // namespace

ExitCode run_status(const Arguments& arguments) {
    return run_at_terminal<StatusOutcome>(
        arguments.output,
        [&](RequestObserver& observer, const auto& hung) {
            return farm_status(arguments.status, {.observer = observer, .hung = hung});
        },
        ending_of);
}

}  // namespace hsmreq::cli
