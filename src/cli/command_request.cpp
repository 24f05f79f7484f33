// hsmreq request and renew: how the main job talks to the terminal, and what it says at the end.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/run.hpp"
#include "cli/signals.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "evidence/documents.hpp"
#include "hsmreq/request.hpp"

namespace hsmreq::cli {
namespace {

std::string key_word(const RequestItemResult& item) {
    if (item.generated) return "generated";
    if (!item.key_uri.empty()) return "adopted";
    return item.state == ItemState::planned ? "to be made" : "-";
}

Table item_table(const RequestSummary& summary) {
    Table table({"STATE", "REQUEST", "MEMBER", "KEY", "FILE"});
    for (const auto& item : summary.items) {
        const std::string member =
            item.member.empty() ? fmt::format("(shared, made on {})", item.token_member) : item.member;
        table.add({std::string(to_name(item.state)), printable(item.request), printable(member), key_word(item),
                   or_dash(item.csr_file)});
    }
    return table;
}

std::string item_details(const RequestSummary& summary, const Style& style) {
    std::string text;
    for (const auto& item : summary.items) {
        if (item.key_uri.empty()) continue;
        text += "\n" + style.heading(printable(item_name(item))) + "\n";
        text += labelled("key", printable(item.key_uri));
        text += labelled("generation", std::to_string(item.generation));
        text += labelled("public key SHA-256", printable(item.public_key_sha256));
        if (!item.evidence_file.empty()) text += labelled("evidence", printable(item.evidence_file));
        if (!item.envelope_file.empty()) text += labelled("signed evidence", printable(item.envelope_file));
    }
    return text;
}

/// The findings of the run and of its items, each once, those of items with the item's name where they have no place.
std::vector<Finding> all_findings(const RequestSummary& summary) {
    std::vector<Finding> found;
    std::set<std::tuple<std::string, std::string, std::string>> seen;
    const auto add = [&](const Finding& finding, const std::string& place) {
        Finding placed = finding;
        if (placed.where.empty()) placed.where = place;
        if (seen.emplace(placed.id, placed.message, placed.where).second) found.push_back(std::move(placed));
    };
    for (const auto& finding : summary.findings) add(finding, "");
    for (const auto& item : summary.items)
        for (const auto& finding : item.findings) add(finding, item_name(item));
    return found;
}

/// "2 created, 1 failed."
std::string counts_text(const RequestSummary& summary) {
    std::vector<std::string> parts;
    for (const auto& [state, name] : named<ItemState>) {
        const auto count = std::count_if(summary.items.begin(), summary.items.end(),
                                         [wanted = state](const auto& item) { return item.state == wanted; });
        if (count > 0) parts.push_back(fmt::format("{} {}", count, name));
    }
    return join(parts, ", ") + ".";
}

std::string where_the_files_are(const RequestSummary& summary) {
    if (summary.dry_run) return " Dry run: nothing was made, signed or written.";
    const bool any = std::ranges::any_of(summary.items, [](const auto& item) { return !item.csr_file.empty(); });
    return any ? fmt::format(" The files are in {}", printable(summary.output_directory)) : "";
}

std::string summary_text(const RequestSummary& summary, const OutputFlags& flags) {
    const Style style(flags.color, STDOUT_FILENO);
    return run_text({item_table(summary), counts_text(summary) + where_the_files_are(summary) + "\n",
                     item_details(summary, style), all_findings(summary)},
                    flags);
}

std::string document(const RequestSummary& summary) {
    return summary.renewal == Renewal::none ? evidence::request_document(summary) : evidence::renew_document(summary);
}

Ending ending_of(const RequestOutcome& outcome, const OutputFlags& flags) {
    return ending_with(outcome, flags, document, summary_text);
}

}  // namespace

ExitCode run_request(const Arguments& arguments) {
    note_interruptions();
    return run_at_terminal<RequestOutcome>(
        arguments.output,
        [&](RequestObserver& observer, const auto& hung) {
            return make_requests(arguments.request, {.observer = observer, .hung = hung});
        },
        ending_of);
}

}  // namespace hsmreq::cli
