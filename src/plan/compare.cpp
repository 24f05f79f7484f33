#include <algorithm>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "plan/content.hpp"
#include "plan/host_name.hpp"
#include "plan/rules.hpp"

namespace hsmreq::plan {
namespace {

/// Type and value, as both sides write them when they mean the same.
using Name = std::pair<NameType, std::string>;
using NameSet = std::set<Name>;

NameSet names_of(const SubjectInspection& subject) {
    NameSet names;
    for (const auto& name : subject.subject_alternative_names) {
        if (name.type != "dns" && name.type != "ip") continue;
        auto host = read_host_name(name.value);
        names.emplace(host.type, std::move(host.value));
    }
    return names;
}

NameSet names_of(const RequestPlan& request) {
    NameSet names;
    for (const auto& name : request.subject_alternative_names) names.emplace(name.type, name.value);
    return names;
}

/// A wildcard stands for one label (RFC 6125, 6.4.3).
bool covered(const Name& name, const NameSet& by) {
    if (by.contains(name)) return true;
    const auto parent = parent_domain(name.second);
    return name.first == NameType::dns && !parent.empty() && by.contains({NameType::dns, "*." + std::string(parent)});
}

struct Comparison {
    const Content& content;
    const RequestPlan& request;
    std::vector<Finding> findings = {};

    void add(std::string_view id, std::initializer_list<std::string_view> words, const std::string& name = {}) {
        findings.push_back(make_finding(id, content.where, words));
        findings.back().name = name;
    }
};

void compare_names(Comparison& comparison) {
    const auto found = names_of(comparison.content.subject);
    const auto planned = names_of(comparison.request);
    const std::string request = quoted(comparison.request.name);
    for (const auto& name : comparison.request.subject_alternative_names)
        if (!covered({name.type, name.value}, found))
            comparison.add("name.missing", {quoted(name.value), request, join(name.reasons, ", ")}, name.value);
    for (const auto& name : found)
        if (!planned.contains(name)) comparison.add("name.unexpected", {quoted(name.second), request}, name.second);
}

std::string words_of(const std::vector<std::string>& words) {
    return words.empty() ? "none" : printable(join(words, ", "));
}

void compare_usage(std::string_view what, std::vector<std::string> found, std::vector<std::string> planned,
                   Comparison& comparison) {
    std::ranges::sort(found);
    std::ranges::sort(planned);
    if (found != planned)
        comparison.add("usage.differs-from-plan",
                       {what, words_of(found), quoted(comparison.request.name), words_of(planned)});
}

void compare_usages(Comparison& comparison) {
    const auto& subject = comparison.content.subject;
    std::vector<std::string> planned;
    for (const auto bit : comparison.request.key_usage) planned.emplace_back(to_name(bit));
    compare_usage("key usage", subject.key_usage ? subject.key_usage->second : std::vector<std::string>{}, planned,
                  comparison);
    std::vector<std::string> purposes;
    if (subject.extended_key_usage)
        for (const auto& oid : subject.extended_key_usage->second) purposes.push_back(extended_key_usage_name(oid));
    planned.clear();
    for (const auto& oid : comparison.request.extended_key_usage) planned.push_back(extended_key_usage_name(oid));
    compare_usage("extended key usage", purposes, planned, comparison);
}

void compare_key(Comparison& comparison) {
    const auto planned = to_name(comparison.request.key.algorithm);
    const auto& found = comparison.content.subject.public_key_algorithm;
    if (found != planned)
        comparison.add("key.differs-from-plan", {printable(found), quoted(comparison.request.name), planned});
}

/// Every value of that type, in order.
std::string subject_values(const SubjectInspection& subject, std::string_view type) {
    std::vector<std::string> values;
    for (const auto& attribute : subject.subject)
        if (attribute.type == type) values.push_back(attribute.value);
    return join(values, "; ");
}

void compare_subject(Comparison& comparison) {
    const auto& planned = comparison.request.subject;
    const std::pair<std::string_view, std::string_view> attributes[] = {
        {"C", planned.fields.country},
        {"ST", planned.fields.state},
        {"L", planned.fields.locality},
        {"O", planned.fields.organization},
        {"OU", planned.fields.organizational_unit},
        {"CN", planned.common_name},
    };
    for (const auto& [type, wanted] : attributes) {
        const auto found = subject_values(comparison.content.subject, type);
        const bool same = type == "CN" ? to_lower(found) == to_lower(wanted) : found == wanted;
        // CAs leave out what they did not validate, the common name too.
        if (same || (comparison.content.is_certificate && found.empty())) continue;
        comparison.add("subject.differs-from-plan",
                       {type, found.empty() ? "absent" : quoted(found), quoted(comparison.request.name),
                        wanted.empty() ? "none" : quoted(wanted)});
    }
}

}  // namespace

std::vector<Finding> compare_with_plan(const Content& content, const RequestPlan& request) {
    Comparison comparison{content, request};
    compare_names(comparison);
    compare_usages(comparison);
    compare_key(comparison);
    compare_subject(comparison);
    return comparison.findings;
}

std::size_t best_fit(const SubjectInspection& subject, const std::vector<RequestPlan>& requests) {
    const auto found = names_of(subject);
    const auto score = [&](const RequestPlan& request) {
        const auto planned = names_of(request);
        const auto common = std::ranges::count_if(planned, [&](const Name& name) { return covered(name, found); });
        const auto apart = static_cast<std::ptrdiff_t>(planned.size() + found.size()) - 2 * common;
        return std::pair(common, -apart);
    };
    std::size_t best = 0;
    for (std::size_t i = 1; i < requests.size(); ++i)
        if (score(requests[i]) > score(requests[best])) best = i;
    return best;
}

}  // namespace hsmreq::plan
