#include "cli/report.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "evidence/documents.hpp"

namespace hsmreq::cli {
namespace {

constexpr std::size_t errors_shown = 20;
constexpr std::size_t ids_shown = 5;
constexpr std::size_t findings_shown = 10;  ///< of one id; more of the same say nothing new to a person

/// Text of several lines with each made printable; the first goes behind `lead`, the others below it.
std::string lines_behind(const std::string& lead, std::string_view text) {
    std::string shown = lead;
    for (;;) {
        const auto end = text.find('\n');
        shown += printable(text.substr(0, end)) + "\n";
        if (end == std::string_view::npos || end + 1 == text.size()) return shown;
        text.remove_prefix(end + 1);
        shown += "  ";
    }
}

std::string one_error(const Error& error, const Style& style) {
    const std::string id = error.finding.empty() ? "" : printable(error.finding) + ": ";
    const std::string where = error.where.empty() ? "" : fmt::format(" ({})", printable(error.where));
    std::string text =
        fmt::format("hsmreq: {} {}{}{}\n", style.severity(Severity::error, "error:"), id, printable(error.what), where);
    if (!error.excerpt.empty()) text += lines_behind("  ", error.excerpt);
    if (!error.hint.empty()) text += lines_behind("hsmreq: hint: ", error.hint);
    return text;
}

std::string finding_text(const Finding& finding, const Style& style) {
    const std::string severity = to_name(finding.severity);
    const std::string accepted =
        finding.accepted.empty() ? "" : fmt::format(" [accepted: {}]", printable(finding.accepted));
    std::string text =
        fmt::format("{}{} {}{}: {}\n", style.severity(finding.severity, severity),
                    std::string(8 - severity.size(), ' '), printable(finding.id), accepted, printable(finding.message));
    const std::array<std::pair<std::string_view, const std::string*>, 3> details{{
        {"where", &finding.where},
        {"fix", &finding.fix},
        {"source", &finding.source},
    }};
    for (const auto& [label, value] : details)
        if (!value->empty()) text += fmt::format("         {:<8}{}\n", fmt::format("{}:", label), printable(*value));
    return text;
}

/// The findings of a severity, cut short where one kind goes on and on; what is accepted never hides what is not.
std::string findings_of(Severity severity, const std::vector<Finding>& findings, const Style& style) {
    std::map<std::pair<std::string_view, bool>, std::size_t> counts;
    std::string text;
    for (const auto& finding : findings)
        if (finding.severity == severity && ++counts[{finding.id, finding.accepted.empty()}] <= findings_shown)
            text += finding_text(finding, style);
    const std::string word = to_name(severity);
    for (const auto& [kind, count] : counts)
        if (count > findings_shown)
            text += fmt::format("{}{} {}{}: {} more like these; --json lists them all\n",
                                style.severity(severity, word), std::string(8 - word.size(), ' '),
                                printable(kind.first), kind.second ? "" : " [accepted]", count - findings_shown);
    return text;
}

void print_errors(const std::vector<Error>& errors, const OutputFlags& flags) {
    if (errors.empty()) return;
    if (flags.json) return write_stderr(evidence::error_document(errors.front()));
    const Style style(flags.color, STDERR_FILENO);
    std::string text;
    for (std::size_t i = 0; i < errors.size() && i < errors_shown; ++i) text += error_text(errors[i], style);
    if (errors.size() > errors_shown)
        text += fmt::format("hsmreq: note: {} are not shown\n", counted(errors.size() - errors_shown, "further error"));
    write_stderr(text);
}

}  // namespace

ExitCode finish(const Ending& ending, const OutputFlags& flags) {
    std::vector<Error> errors = ending.errors;
    ExitCode code = ending.code;
    if (auto written = write_stdout(ending.output); !written) {
        if (code == ExitCode::ok) code = ExitCode::output;
        errors.push_back(std::move(written).error());
    }
    print_errors(errors, flags);
    return code;
}

std::string error_text(const Error& error, const Style& style) {
    std::string text = one_error(error, style);
    const std::size_t shown = std::min(error.also.size(), errors_shown);
    for (std::size_t i = 0; i < shown; ++i) text += one_error(error.also[i], style);
    if (shown < error.also.size())
        text += fmt::format("hsmreq: note: {} of the same input are not shown\n",
                            counted(error.also.size() - shown, "further error"));
    return text;
}

std::string findings_text(const std::vector<Finding>& findings, const Style& style) {
    std::string text;
    for (const Severity severity : {Severity::error, Severity::warning, Severity::info})
        text += findings_of(severity, findings, style);
    return text;
}

std::string findings_section(std::vector<Finding> findings, const OutputFlags& flags, const Style& style) {
    if (!flags.verbose)
        std::erase_if(findings, [](const Finding& finding) { return finding.severity == Severity::info; });
    return findings.empty() ? "" : "\n" + style.heading("Findings") + "\n" + findings_text(findings, style);
}

std::string run_text(const RunText& parts, const OutputFlags& flags) {
    if (flags.quiet) return "";
    const Style style(flags.color, STDOUT_FILENO);
    std::string text;
    if (!parts.table.empty())
        text = style.heading(parts.table.heading()) + "\n" + parts.table.body() + "\n" + parts.closing;
    if (flags.verbose) text += parts.details;
    const std::string findings = findings_section(parts.findings, flags, style);
    return text + (text.empty() && !findings.empty() ? findings.substr(1) : findings);
}

std::vector<Finding> refusing(const std::vector<Finding>& findings) {
    std::vector<Finding> found;
    std::copy_if(findings.begin(), findings.end(), std::back_inserter(found), [](const Finding& finding) {
        return finding.severity == Severity::error && finding.accepted.empty();
    });
    return found;
}

Error refusal(const std::vector<Finding>& findings, const std::string& subject) {
    const auto found = refusing(findings);
    if (found.size() == 1) {
        const auto& finding = found.front();
        return {.code = ExitCode::rules,
                .what = finding.message,
                .where = finding.where.empty() ? subject : finding.where,
                .hint = finding.fix,
                .finding = finding.id};
    }
    std::vector<std::string> ids;
    for (const auto& finding : found)
        if (std::find(ids.begin(), ids.end(), finding.id) == ids.end()) ids.push_back(finding.id);
    const bool all = ids.size() <= ids_shown;
    ids.resize(std::min(ids.size(), ids_shown));
    return {.code = ExitCode::rules,
            .what = fmt::format("{} refuse it: {}{}", counted(found.size(), "finding"), join(ids, ", "),
                                all ? "" : " and others"),
            .where = subject,
            .hint = "each finding above says where it is and what mends it"};
}

void print_note(const std::string& text, const OutputFlags& flags) {
    if (!flags.quiet && !flags.json) write_stderr(fmt::format("hsmreq: note: {}\n", printable(text)));
}

std::string counted(std::size_t count, const std::string& noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace hsmreq::cli
