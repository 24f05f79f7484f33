#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/text.hpp"
#include "plan/checks.hpp"

namespace hsmreq::plan::check {
namespace {

// NAME_MAX is 255 bytes; ".evidence.dsse.json", a generation and a temporary suffix come behind the stem.
constexpr std::size_t max_stem = 200;

KeyIdentity identity_of(const Plan& plan, const PlanItem& item) {
    return {plan.farm, plan.requests[item.request].name, item.member, 1};
}

const Member& token_of(const Draft& draft, const PlanItem& item) {
    return draft.farm.members[draft.member_index.at(item.token_member)];
}

/// What must not occur twice, with the first item that has it.
class Unique {
public:
    /// The item that had the text before, whatever its case; null when this is the first.
    const PlanItem* add(std::string_view text, const PlanItem& item) {
        const auto [place, is_first] = first_.try_emplace(to_lower(text), &item);
        return is_first ? nullptr : place->second;
    }

private:
    std::unordered_map<std::string, const PlanItem*> first_;
};

std::string item_text(const Plan& plan, const PlanItem& item) {
    const auto request = "request " + quoted(plan.requests[item.request].name);
    return item.member.empty() ? request : request + " of member " + quoted(item.member);
}

/// Requests with a name that another had before.
std::unordered_set<std::size_t> report_equal_names(const Draft& draft, Reporter& reporter) {
    std::unordered_map<std::string, std::size_t> first;
    std::unordered_set<std::size_t> repeated;
    for (std::size_t i = 0; i < draft.plan.requests.size(); ++i) {
        const auto& name = draft.plan.requests[i].name;
        const auto [place, is_first] = first.try_emplace(to_lower(name), i);
        if (is_first) continue;
        repeated.insert(i);
        const auto& section = draft.requests[i].section;
        reporter.report({section.empty() ? "pool" : section + ".name", ""},
                        {"name", quoted(name), "request " + quoted(draft.plan.requests[place->second].name),
                         "request " + quoted(name)});
    }
    return repeated;
}

std::string file_name_key(const Draft& draft, const DraftRequest& request) {
    auto own = request.section + ".file_name";
    return draft.farm.lines.contains(own) ? own : setting_key(draft, request, "certificate.file_name");
}

bool is_unsafe(std::string_view stem) {
    const auto bad = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/'; };
    return stem.empty() || stem.front() == '.' || stem.front() == '-' || stem.size() > max_stem ||
           std::any_of(stem.begin(), stem.end(), bad) || stem.find('\\') != std::string_view::npos;
}

}  // namespace

void duplicate_output(const Draft& draft, Reporter& reporter) {
    const auto repeated = report_equal_names(draft, reporter);
    Unique stems;
    Unique labels;
    for (const auto& item : draft.plan.items) {
        if (repeated.contains(item.request)) continue;
        const auto& planned = draft.plan.requests[item.request];
        const auto& request = draft.requests[item.request];
        const auto identity = identity_of(draft.plan, item);
        const auto stem = file_stem(planned, identity);
        if (const auto* other = stems.add(stem, item))
            reporter.report({file_name_key(draft, request), ""},
                            {"file name", quoted(stem), item_text(draft.plan, *other), item_text(draft.plan, item)});
        if (!planned.key.uri.empty()) continue;
        const auto label = key_label(planned, identity);
        if (const auto* other = labels.add(token_identity(token_of(draft, item)) + '\0' + label, item))
            reporter.report({setting_key(draft, request, "key.label"), ""},
                            {"key label", quoted(label), item_text(draft.plan, *other), item_text(draft.plan, item)});
    }
}

void file_name_unsafe(const Draft& draft, Reporter& reporter) {
    for (const auto& item : draft.plan.items) {
        const auto stem = file_stem(draft.plan.requests[item.request], identity_of(draft.plan, item));
        if (is_unsafe(stem))
            reporter.report({file_name_key(draft, draft.requests[item.request]), ""},
                            {quoted(stem), item_text(draft.plan, item)});
    }
}

void label_without_generation(const Draft& draft, Reporter& reporter) {
    for (std::size_t i = 0; i < draft.requests.size(); ++i) {
        const auto& key = draft.plan.requests[i].key;
        if (key.uri.empty() && key.label.find("{generation}") == std::string::npos)
            reporter.report({setting_key(draft, draft.requests[i], "key.label"), ""},
                            {quoted(draft.plan.requests[i].name), quoted(key.label)});
    }
}

}  // namespace hsmreq::plan::check
