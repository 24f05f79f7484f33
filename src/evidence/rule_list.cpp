#include "evidence/rule_list.hpp"

#include <nlohmann/json.hpp>

#include "evidence/json_parts.hpp"

namespace hsmreq::evidence {
namespace {

Json rule(const ListedRule& one) {
    return Json::object({{"id", text(one.id)},
                         {"severity", to_name(one.severity)},
                         {"otherwise", text(one.otherwise)},
                         {"message", text(one.message)},
                         {"fix", text(one.fix)},
                         {"source", text(one.source)},
                         {"date", text(one.date)}});
}

Json fact(const ListedFact& one) {
    return Json::object({{"topic", text(one.topic)}, {"value", text(one.value)}, {"source", text(one.source)}});
}

Json authority(const ListedAuthority& one) {
    return Json::object({{"ca", text(one.word)}, {"name", text(one.name)}, {"facts", list(one.facts, fact)}});
}

}  // namespace

std::string rules_document(const RuleList& all) {
    return serialize(Json::object({{"schema", "hsmreq.inspect/1"},
                                   {"files", Json::array()},
                                   {"rules", list(all.rules, rule)},
                                   {"authorities", list(all.authorities, authority)}}));
}

}  // namespace hsmreq::evidence
