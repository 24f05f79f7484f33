// hsmreq plan: the certificates of a farm, every name with its reasons, and what the rules say.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/report.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "evidence/documents.hpp"
#include "workflow/plan.hpp"

namespace hsmreq::cli {
namespace {

/// In the order of the encoding: C ST L O OU CN.
std::string subject_text(const Subject& subject) {
    const std::array<std::pair<std::string_view, const std::string*>, 6> parts{{
        {"C", &subject.fields.country},
        {"ST", &subject.fields.state},
        {"L", &subject.fields.locality},
        {"O", &subject.fields.organization},
        {"OU", &subject.fields.organizational_unit},
        {"CN", &subject.common_name},
    }};
    std::vector<std::string> shown;
    for (const auto& [type, value] : parts)
        if (!value->empty()) shown.push_back(fmt::format("{}={}", type, printable(*value)));
    return shown.empty() ? "(empty)" : join(shown, ", ");
}

std::string usages_text(const std::vector<std::string>& names, std::string_view criticality) {
    return names.empty() ? "(none)" : fmt::format("{} ({})", join(names, ", "), criticality);
}

std::string key_text(const KeyPlan& key) {
    if (!key.uri.empty()) return fmt::format("existing: {}", printable(key.uri));
    return fmt::format("{}, {}, {}, {}, {}", to_name(key.algorithm), to_name(key.hash), to_name(key.purpose),
                       to_name(key.private_key), to_name(key.sharing));
}

/// What the sharing of the key costs in certificates, and what the other choice would.
std::string cost_text(const RequestPlan& request, std::size_t certificates) {
    const std::size_t members = request.members.size();
    const bool shared = request.key.sharing == Sharing::shared;
    std::string text = fmt::format("{} × {} = {}", counted(members, "member"), to_name(request.key.sharing),
                                   counted(certificates, "certificate"));
    if (members > 1) text += shared ? fmt::format("; per-member makes {}", members) : "; shared makes 1";
    return text;
}

std::string request_block(const RequestPlan& request, std::size_t certificates, bool verbose, const Style& style) {
    std::vector<std::string> key_usage;
    for (const auto bit : request.key_usage) key_usage.emplace_back(to_name(bit));
    std::vector<std::string> extended;
    for (const auto& oid : request.extended_key_usage) extended.push_back(printable(extended_key_usage_name(oid)));

    std::string text = style.heading(fmt::format("Request {}", printable(request.name))) + "\n";
    text += labelled("subject", subject_text(request.subject));
    text += labelled("key", key_text(request.key));
    text += labelled("key usage", usages_text(key_usage, "critical"));
    text += labelled("extended key usage", usages_text(extended, "not critical"));
    text += labelled("members", printable(join(request.members, ", ")));
    text += labelled("cost", cost_text(request, certificates));
    if (!verbose) return text + "\n";

    text += labelled("key label", printable(request.key.label));
    if (!request.key.wrapping_key.empty()) text += labelled("wrapping key", printable(request.key.wrapping_key));
    text += labelled("file name", printable(request.file_name));
    text += labelled("file format", std::string(to_name(request.file_format)));
    text += labelled("key identifier", request.subject_key_identifier ? "in the request" : "left to the CA");
    if (!request.ad_cs_template.empty()) text += labelled("AD CS template", printable(request.ad_cs_template));
    if (!request.friendly_name.empty()) text += labelled("friendly name", printable(request.friendly_name));
    if (!request.description.empty()) text += labelled("description", printable(request.description));
    return text + "\n";
}

Table names_table(const Plan& plan) {
    Table table({"NAME", "WHY", "REQUEST"});
    for (const auto& request : plan.requests)
        for (const auto& name : request.subject_alternative_names) {
            const std::string kind = name.type == NameType::ip ? " (IP address)" : "";
            table.add({printable(name.value) + kind, printable(join(name.reasons, ", ")), printable(request.name)});
        }
    return table;
}

std::string plan_text(const Plan& plan, const OutputFlags& flags) {
    const Style style(flags.color, STDOUT_FILENO);
    if (flags.quiet) return findings_text(refusing(plan.findings), style);

    std::vector<std::size_t> certificates(plan.requests.size(), 0);
    for (const auto& item : plan.items) ++certificates[item.request];
    std::string text = fmt::format("Farm {} ({}), judged on {}\n\n", printable(plan.farm), printable(plan.farm_file),
                                   to_text(plan.date));
    std::size_t names = 0;
    for (std::size_t i = 0; i < plan.requests.size(); ++i) {
        text += request_block(plan.requests[i], certificates[i], flags.verbose, style);
        names += plan.requests[i].subject_alternative_names.size();
    }
    const Table table = names_table(plan);
    if (!table.empty()) text += style.heading(table.heading()) + "\n" + table.body() + "\n";
    text += fmt::format("{}, {}, {}.\n", counted(plan.requests.size(), "request"), counted(names, "name"),
                        counted(plan.items.size(), "certificate"));
    if (!plan.findings.empty()) text += "\n" + style.heading("Findings") + "\n" + findings_text(plan.findings, style);
    return text;
}

}  // namespace

ExitCode run_plan(const Arguments& arguments) {
    auto planned = workflow::plan_farm(arguments.farm_file, arguments.plan);
    Ending ending;
    if (!planned) {
        ending.code = planned.error().code;
        ending.errors.push_back(std::move(planned).error());
        return finish(ending, arguments.output);
    }
    const Plan& plan = planned->plan;
    ending.output = arguments.output.json ? evidence::plan_document(plan) : plan_text(plan, arguments.output);
    if (refuses(plan.findings)) {
        ending.code = ExitCode::rules;
        ending.errors.push_back(refusal(plan.findings, arguments.farm_file));
    }
    return finish(ending, arguments.output);
}

}  // namespace hsmreq::cli
