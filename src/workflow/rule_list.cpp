#include "workflow/rule_list.hpp"

#include "plan/ca_profiles.hpp"
#include "plan/rules.hpp"

namespace hsmreq::workflow {

evidence::RuleList list_rules() {
    evidence::RuleList all;
    for (const auto& rule : plan::all_rules())
        all.rules.push_back({std::string(rule.id), rule.severity, std::string(rule.otherwise),
                             std::string(rule.message), std::string(rule.fix), std::string(rule.source),
                             std::string(rule.date)});
    for (const auto& ca : plan::ca_profiles) {
        evidence::ListedAuthority authority{std::string(to_name(ca.id)), std::string(ca.name), {}};
        for (const auto& fact : plan::describe(ca)) authority.facts.push_back({fact.topic, fact.value, fact.source});
        all.authorities.push_back(std::move(authority));
    }
    return all;
}

}  // namespace hsmreq::workflow
