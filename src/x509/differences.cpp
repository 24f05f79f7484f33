#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "x509/certification_request.hpp"
#include "x509/extensions.hpp"
#include "x509/names.hpp"
#include "x509/object_names.hpp"
#include "x509/signature.hpp"
#include "x509/subject.hpp"

namespace hsmreq::x509 {
namespace {

using Phrases = std::vector<std::string>;

void compare_subject(const RequestInspection& request, const RequestPlan& plan, Phrases& phrases) {
    const auto planned = planned_attributes(plan.subject);
    const std::size_t before = phrases.size();
    for (const auto& wanted : planned) {
        const auto same_type = [&](const NameAttribute& attribute) { return attribute.type == wanted.type; };
        const auto count = std::count_if(request.subject.begin(), request.subject.end(), same_type);
        const auto found = std::find_if(request.subject.begin(), request.subject.end(), same_type);
        if (count == 0) {
            phrases.push_back(fmt::format("subject {} missing: {}", wanted.type, wanted.value));
        } else if (count > 1) {
            phrases.push_back(fmt::format("subject {} appears {} times", wanted.type, count));
        } else if (found->value != wanted.value) {
            phrases.push_back(fmt::format("subject {} is {}, not {}", wanted.type, found->value, wanted.value));
        }
    }
    for (const auto& attribute : request.subject)
        if (std::none_of(planned.begin(), planned.end(),
                         [&](const NameAttribute& wanted) { return wanted.type == attribute.type; }))
            phrases.push_back(fmt::format("subject {} unexpected: {}", attribute.type, attribute.value));

    const auto same_type = [](const NameAttribute& a, const NameAttribute& b) { return a.type == b.type; };
    if (phrases.size() == before &&
        !std::equal(planned.begin(), planned.end(), request.subject.begin(), request.subject.end(), same_type))
        phrases.emplace_back("the subject's fields are in another order");
    if (phrases.size() > before) return;
    const auto built = build_subject(plan.subject);
    if (built && request.subject_text != rfc4514_text(built->get()))
        phrases.emplace_back("the subject's fields are grouped otherwise");
}

/// A name as both sides write it when they mean the same.
std::string comparable_name(const PlannedName& name) {
    if (name.type == NameType::dns) return "dns " + to_lower(name.value);
    const auto octets = address_octets(name.value);
    return "ip " + (octets ? address_text(*octets).value_or(name.value) : name.value);
}

std::string comparable_name(const AlternativeName& name) {
    return name.type + " " + (name.type == "dns" ? to_lower(name.value) : name.value);
}

void compare_names(const RequestInspection& request, const RequestPlan& plan, Phrases& phrases) {
    std::map<std::string, int> counts;
    for (const auto& name : request.subject_alternative_names) ++counts[comparable_name(name)];
    for (const auto& name : plan.subject_alternative_names) {
        const auto found = counts.find(comparable_name(name));
        if (found == counts.end()) {
            phrases.push_back(fmt::format("name missing: {}", printable(name.value)));
        } else if (found->second > 1) {
            phrases.push_back(fmt::format("name appears {} times: {}", found->second, printable(name.value)));
        }
    }
    for (const auto& name : plan.subject_alternative_names) counts.erase(comparable_name(name));
    for (const auto& name : request.subject_alternative_names) {
        if (counts.erase(comparable_name(name)) == 0) continue;
        const std::string type = name.type == "dns" ? "" : fmt::format(" ({})", name.type);
        phrases.push_back(fmt::format("name unexpected{}: {}", type, name.value));
    }
}

/// "serverAuth" for a purpose that has a name.
std::string purpose_name(const std::string& identifier) {
    const ObjectPtr object(OBJ_txt2obj(identifier.c_str(), 1));
    const int nid = object ? OBJ_obj2nid(object.get()) : NID_undef;
    return nid == NID_undef ? identifier : OBJ_nid2sn(nid);
}

using Usage = std::optional<std::pair<bool, std::vector<std::string>>>;

void compare_usage(const std::string& what, const Usage& found, std::vector<std::string> wanted, Phrases& phrases) {
    if (!found) {
        if (!wanted.empty()) phrases.push_back(fmt::format("{} missing: {}", what, join(wanted, ", ")));
        return;
    }
    auto values = found->second;
    std::sort(values.begin(), values.end());
    std::sort(wanted.begin(), wanted.end());
    if (wanted.empty()) {
        phrases.push_back(fmt::format("{} unexpected: {}", what, join(values, ", ")));
    } else if (values != wanted) {
        phrases.push_back(fmt::format("{} is {}, not {}", what, join(values, ", "), join(wanted, ", ")));
    }
}

void compare_usages(const RequestInspection& request, const RequestPlan& plan, Phrases& phrases) {
    std::vector<std::string> bits;
    for (const auto bit : plan.key_usage) bits.emplace_back(to_name(bit));
    compare_usage("key usage", request.key_usage, bits, phrases);

    Usage found = request.extended_key_usage;
    std::vector<std::string> purposes = plan.extended_key_usage;
    if (found)
        for (auto& purpose : found->second) purpose = purpose_name(purpose);
    for (auto& purpose : purposes) purpose = purpose_name(purpose);
    compare_usage("extended key usage", found, purposes, phrases);
}

/// Presence and criticality of every extension, and the values of those that no other comparison looks at.
void compare_extensions(const RequestInspection& request, const RequestPlan& plan, Phrases& phrases) {
    const auto planned = planned_extensions(plan, request.public_key_der);
    if (!planned) {
        phrases.push_back(planned.error().what);
        return;
    }
    const auto compared_by_value = [](std::string_view identifier) {
        return identifier == oid::subject_alternative_name || identifier == oid::key_usage ||
               identifier == oid::extended_key_usage;
    };
    for (const auto& wanted : *planned) {
        const auto found = std::find_if(request.extensions.begin(), request.extensions.end(),
                                        [&](const ExtensionInfo& extension) { return extension.oid == wanted.oid; });
        if (found == request.extensions.end()) {
            if (!compared_by_value(wanted.oid)) phrases.push_back(fmt::format("{} missing", wanted.name));
            continue;
        }
        if (found->critical != wanted.critical)
            phrases.push_back(fmt::format("{} is {}critical", wanted.name, found->critical ? "" : "not "));
        if (!compared_by_value(wanted.oid) && found->value != wanted.value)
            phrases.push_back(fmt::format("{} has another value", wanted.name));
    }
    for (const auto& extension : request.extensions)
        if (!compared_by_value(extension.oid) &&
            std::none_of(planned->begin(), planned->end(),
                         [&](const ExtensionInfo& wanted) { return wanted.oid == extension.oid; }))
            phrases.push_back(fmt::format("extension unexpected: {}", extension.name));
}

}  // namespace

std::vector<std::string> differences(const RequestInspection& request, const RequestPlan& plan) {
    const ErrorQueue queue;
    Phrases phrases;
    compare_subject(request, plan, phrases);
    compare_names(request, plan, phrases);
    compare_usages(request, plan, phrases);
    compare_extensions(request, plan, phrases);
    for (const auto& attribute : request.attributes)
        if (attribute.oid != oid::extension_request)
            phrases.push_back(fmt::format("attribute unexpected: {}", attribute.name));
    const auto& algorithm = signature_algorithm(facts(plan.key.algorithm).family, plan.key.hash);
    if (request.signature_algorithm != algorithm.name)
        phrases.push_back(
            fmt::format("the signature algorithm is {}, not {}", request.signature_algorithm, algorithm.name));
    phrases.insert(phrases.end(), request.problems.begin(), request.problems.end());
    return phrases;
}

}  // namespace hsmreq::x509
