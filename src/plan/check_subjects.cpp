#include <set>
#include <string>
#include <vector>

#include "plan/checks.hpp"

namespace hsmreq::plan::check {
namespace {

constexpr std::size_t max_common_name = 64;  // ub-common-name, RFC 5280, A.1

/// A further request has its unit in its own `subject`, or inherits it.
std::string unit_key(const Draft& draft, const DraftRequest& request) {
    constexpr std::string_view inherited = "certificate.subject.organizational_unit";
    auto own = request.section + ".subject.organizational_unit";
    return draft.farm.lines.contains(own) ? own : setting_key(draft, request, inherited);
}

}  // namespace

void common_name_too_long(const Draft& draft, Reporter& reporter) {
    for (const auto& request : draft.requests)
        if (request.common_name && request.common_name->host.value.size() > max_common_name)
            reporter.report(
                {request.common_name->key, request.common_name->host.value},
                {quoted(request.common_name->host.value), std::to_string(request.common_name->host.value.size())});
}

void wildcard_subject(const Draft& draft, Reporter& reporter) {
    if (!is_lync(draft.farm)) return;
    for (const auto& request : draft.requests)
        if (request.common_name && request.common_name->host.wildcard)
            reporter.report({request.common_name->key, request.common_name->host.value},
                            {quoted(request.common_name->host.value)});
}

void too_many_names(const Draft& draft, Reporter& reporter) {
    if (draft.ca.max_names.value == 0) return;
    for (std::size_t i = 0; i < draft.requests.size(); ++i) {
        const auto& planned = draft.plan.requests[i];
        const auto count = planned.subject_alternative_names.size();
        if (count <= draft.ca.max_names.value) continue;
        const auto& section = draft.requests[i].section;
        reporter.report(
            {section.empty() ? "certificate" : section + ".names", ""},
            {title(draft, planned), std::to_string(count), draft.ca.name, std::to_string(draft.ca.max_names.value)});
    }
}

void duplicate_name(const Draft& draft, Reporter& reporter) {
    const auto report_repeated = [&](const std::vector<std::string>& written, const std::string& key) {
        std::set<std::string> seen;
        for (const auto& name : written)
            if (auto value = read_host_name(name).value; !seen.insert(value).second)
                reporter.report({key, value}, {quoted(name)});
    };
    report_repeated(draft.farm.certificate.extra_names, "certificate.extra_names");
    for (std::size_t i = 0; i < draft.farm.requests.size(); ++i)
        report_repeated(draft.farm.requests[i].names, "request[" + std::to_string(i) + "].names");
    if (draft.content_file.empty()) return;
    std::vector<std::string> found;
    for (const auto& name : draft.plan.requests.front().subject_alternative_names) found.push_back(name.value);
    report_repeated(found, "");
}

void duplicate_limit(const Draft& draft, Reporter& reporter) {
    const auto limit = draft.ca.duplicate_limit.value;
    if (limit == 0) return;
    std::vector<std::size_t> certificates(draft.requests.size(), 0);
    for (const auto& item : draft.plan.items) ++certificates[item.request];
    for (std::size_t i = 0; i < certificates.size(); ++i)
        if (certificates[i] > limit)
            reporter.report({setting_key(draft, draft.requests[i], "key.sharing"), ""},
                            {title(draft, draft.plan.requests[i]), std::to_string(certificates[i]), draft.ca.name,
                             std::to_string(limit)});
}

void organizational_unit(const Draft& draft, Reporter& reporter) {
    if (!draft.ca.publicly_trusted) return;
    for (const auto& request : draft.requests)
        if (const auto& unit = request.certificate->subject.organizational_unit; !unit.empty())
            reporter.report({unit_key(draft, request), ""}, {quoted(unit)});
}

}  // namespace hsmreq::plan::check
