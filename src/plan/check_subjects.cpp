#include <algorithm>
#include <array>
#include <string>

#include "plan/checks.hpp"

namespace hsmreq::plan::check {
namespace {

constexpr std::size_t max_common_name = 64;  // ub-common-name, RFC 5280, A.1

/// Upper bounds in characters: RFC 5280, A.1.
struct SubjectFieldFacts {
    std::string_view word;
    std::string SubjectFields::*value;
    std::size_t max;
};

constexpr std::array<SubjectFieldFacts, 5> subject_fields{{
    {"country", &SubjectFields::country, 2},
    {"state", &SubjectFields::state, 128},
    {"locality", &SubjectFields::locality, 128},
    {"organization", &SubjectFields::organization, 64},
    {"organizational_unit", &SubjectFields::organizational_unit, 64},
}};

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// What is wrong with a field, "" when nothing is.
std::string_view fault(const SubjectFieldFacts& field, std::string_view value) {
    if (value.empty()) return "";
    if (field.value == &SubjectFields::country)
        return value.size() == 2 && is_letter(value[0]) && is_letter(value[1]) ? "" : "it is not a two-letter code";
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(value.begin(), value.end(), is_control)) return "it has a control character";
    const auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; };
    const auto length = std::count_if(value.begin(), value.end(), begins_character);
    return static_cast<std::size_t>(length) > field.max ? "it is too long" : "";
}

std::string subject_key(const Draft& draft, const DraftRequest& request, std::string_view field) {
    const std::string key = request.section.empty() ? "certificate.subject." : request.section + ".subject.";
    const bool own = request.section.empty() || draft.farm.lines.contains(key + std::string(field));
    return (own ? key : "certificate.subject.") + std::string(field);
}

}  // namespace

void names_missing(const Draft& draft, Reporter& reporter) {
    if (draft.requests.empty()) reporter.report({"request", ""}, {"the farm"});
    for (std::size_t i = 0; i < draft.requests.size(); ++i) {
        const auto& section = draft.requests[i].section;
        if (draft.plan.requests[i].subject_alternative_names.empty())
            reporter.report({section.empty() ? "pool" : section, ""},
                            {"request " + quoted(draft.plan.requests[i].name)});
    }
}

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
    if (draft.ca.max_names == 0) return;
    for (std::size_t i = 0; i < draft.requests.size(); ++i) {
        const auto& planned = draft.plan.requests[i];
        const auto count = planned.subject_alternative_names.size();
        if (count <= draft.ca.max_names) continue;
        const auto& section = draft.requests[i].section;
        reporter.report(
            {section.empty() ? "certificate" : section + ".names", ""},
            {quoted(planned.name), std::to_string(count), draft.ca.name, std::to_string(draft.ca.max_names)});
    }
}

void subject_field(const Draft& draft, Reporter& reporter) {
    for (const auto& request : draft.requests)
        for (const auto& field : subject_fields) {
            const auto& value = request.certificate->subject.*field.value;
            if (const auto wrong = fault(field, value); !wrong.empty())
                reporter.report({subject_key(draft, request, field.word), ""}, {field.word, quoted(value), wrong});
        }
}

void organizational_unit(const Draft& draft, Reporter& reporter) {
    if (!draft.ca.publicly_trusted) return;
    for (const auto& request : draft.requests)
        if (const auto& unit = request.certificate->subject.organizational_unit; !unit.empty())
            reporter.report({subject_key(draft, request, "organizational_unit"), ""}, {quoted(unit)});
}

}  // namespace hsmreq::plan::check
