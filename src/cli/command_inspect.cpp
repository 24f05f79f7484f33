// hsmreq inspect: everything that a request, certificates or evidence say.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/inspect_text.hpp"
#include "cli/report.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "evidence/documents.hpp"
#include "workflow/inspect.hpp"
#include "workflow/rule_list.hpp"

namespace hsmreq::cli {
namespace {

using evidence::InspectedFile;

std::string files_text(const std::vector<InspectedFile>& files, const OutputFlags& flags) {
    const Style style(flags.color, STDOUT_FILENO);
    std::string text;
    for (const auto& file : files) {
        if (file.error) continue;  // its error says all there is to say
        const auto findings = flags.quiet ? refusing(file.findings) : file.findings;
        if (flags.quiet) {
            text += findings_text(findings, style);
            continue;
        }
        if (!text.empty()) text += "\n";
        text += style.heading(file.file == "-" ? "standard input" : printable(file.file)) + "\n";
        text += inspected_text(file, flags.verbose, style);
        if (!findings.empty()) text += style.heading("Findings") + "\n" + findings_text(findings, style);
    }
    return text;
}

std::vector<Error> errors_of(const std::vector<InspectedFile>& files) {
    std::vector<Error> errors;
    for (const auto& file : files) {
        if (file.error) {
            errors.push_back(*file.error);
        } else if (refuses(file.findings)) {
            errors.push_back(refusal(file.findings, file.file));
        }
    }
    return errors;
}

std::string rules_text(const evidence::RuleList& list, const OutputFlags& flags) {
    const Style style(flags.color, STDOUT_FILENO);
    std::string text = style.heading("Rules") + "\n";
    for (const auto& rule : list.rules) {
        text += fmt::format("{} ({}{}{})\n", rule.id, to_name(rule.severity), rule.otherwise.empty() ? "" : "; ",
                            rule.otherwise);
        text += labelled("says", rule.message) + labelled("fix", rule.fix) + labelled("source", rule.source);
        if (!rule.date.empty()) text += labelled("holds from", rule.date);
    }
    text += "\n" + style.heading("Certificate authorities") + "\n";
    for (const auto& ca : list.authorities) {
        text += fmt::format("{} ({})\n", ca.word, ca.name);
        for (const auto& fact : ca.facts) text += labelled(fact.topic, fmt::format("{} [{}]", fact.value, fact.source));
    }
    return text;
}

}  // namespace

ExitCode run_inspect(const Arguments& arguments) {
    if (arguments.list_rules) {
        const auto list = workflow::list_rules();
        Ending listed;
        listed.output = arguments.output.json ? evidence::rules_document(list) : rules_text(list, arguments.output);
        return finish(listed, arguments.output);
    }
    auto options = arguments.inspect;
    options.date = arguments.plan.date;
    const auto files = workflow::inspect(options);
    Ending ending;
    if (!files) {
        ending.code = files.error().code;
        ending.errors.push_back(files.error());
        return finish(ending, arguments.output);
    }
    ending.code = workflow::exit_code(*files);
    ending.errors = errors_of(*files);
    ending.output = arguments.output.json ? evidence::inspect_document(*files) : files_text(*files, arguments.output);
    return finish(ending, arguments.output);
}

}  // namespace hsmreq::cli
