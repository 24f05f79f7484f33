// hsmreq distribute: copies of a shared key, and the ceremony for tokens apart.
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
#include "evidence/distribute_document.hpp"
#include "hsmreq/distribute.hpp"

namespace hsmreq::cli {
namespace {

constexpr std::size_t words_in_a_line = 8;
constexpr std::size_t digits_in_a_group = 8;

std::string grouped(const std::string& digits) {
    std::vector<std::string> groups;
    for (std::size_t i = 0; i < digits.size(); i += digits_in_a_group)
        groups.push_back(digits.substr(i, digits_in_a_group));
    return join(groups, " ");
}

std::vector<std::string> lines_of(const std::vector<std::string>& words) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < words.size(); i += words_in_a_line) {
        const auto begin = words.begin() + static_cast<std::ptrdiff_t>(i);
        const auto end = words.begin() + static_cast<std::ptrdiff_t>(std::min(i + words_in_a_line, words.size()));
        lines.push_back(join({begin, end}, " "));
    }
    return lines;
}

std::string offer_text(const DistributeSummary& summary, const Style& style) {
    if (!summary.offer) return "Dry run: no wrapping pair waits, and none was made.\n";
    const auto& offer = *summary.offer;
    std::string text = style.heading(fmt::format("The offer of member {}{}", printable(offer.member),
                                                 offer.created ? "" : ", as it was made before")) +
                       "\n";
    text += labelled("file", printable(summary.output_file));
    text += labelled("SHA-256", grouped(offer.fingerprint));
    text += labelled("in words", lines_of(offer.words));
    return text + "Read the fingerprint to whoever seals, over a way on which you know each other's voice.\n";
}

Table item_table(const DistributeSummary& summary) {
    Table table({"STATE", "REQUEST", "FROM", "TO", "PUBLIC KEY SHA-256"});
    for (const auto& item : summary.items)
        table.add({std::string(to_name(item.state)), printable(item.request),
                   item.source_member.empty() ? "(sealed file)" : printable(item.source_member),
                   item.member.empty() ? "(the offer)" : printable(item.member),
                   item.public_key_sha256.empty() ? "-" : item.public_key_sha256});
    return table;
}

std::string item_details(const DistributeSummary& summary, const Style& style) {
    std::string text;
    for (const auto& item : summary.items) {
        if (item.key_uri.empty()) continue;
        text += "\n" + style.heading(printable(item_name(item))) + "\n";
        text += labelled("key", printable(item.key_uri));
        text += labelled("generation", std::to_string(item.generation));
        if (!item.mechanisms.empty()) text += labelled("mechanisms", join(item.mechanisms, ", "));
        if (!item.evidence_file.empty()) text += labelled("evidence", printable(item.evidence_file));
        if (!item.envelope_file.empty()) text += labelled("signed evidence", printable(item.envelope_file));
    }
    return text;
}

std::string closing_words(const DistributeSummary& summary) {
    if (summary.dry_run) return "Dry run: nothing was wrapped, made or written.\n";
    const auto is_created = [](const auto& item) { return item.state == ItemState::created; };
    if (summary.step == DistributeStep::seal && std::ranges::any_of(summary.items, is_created))
        return fmt::format("The sealed key is in {}\n", printable(summary.output_file));
    const bool any = std::ranges::any_of(summary.items, [](const auto& item) { return !item.evidence_file.empty(); });
    return any ? fmt::format("The evidence is in {}\n", printable(summary.output_directory)) : "";
}

std::string summary_text(const DistributeSummary& summary, const OutputFlags& flags) {
    const Style style(flags.color, STDOUT_FILENO);
    return run_text({item_table(summary), closing_words(summary), item_details(summary, style), findings_of(summary)},
                    flags);
}

Ending ending_of(const DistributeOutcome& outcome, const OutputFlags& flags) {
    Ending ending = ending_with(outcome, flags, evidence::distribute_document, summary_text);
    if (outcome.summary && outcome.summary->step == DistributeStep::offer && !outcome.error && !flags.json)
        ending.output = offer_text(*outcome.summary, Style(flags.color, STDOUT_FILENO)) + ending.output;
    return ending;
}

}  // namespace

ExitCode run_distribute(const Arguments& arguments) {
    note_interruptions();
    return run_at_terminal<DistributeOutcome>(
        arguments.output,
        [&](RequestObserver& observer, const auto& hung) {
            return distribute_keys(arguments.distribute, {.observer = observer, .hung = hung});
        },
        ending_of);
}

}  // namespace hsmreq::cli
