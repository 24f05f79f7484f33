// What the environment asks of the fault module: its rules, and the count of calls that they go by.
#pragma once

#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace hsmreq::fault {

struct Rule {
    std::string function;
    unsigned long call = 0;  // 0: every call
    std::string action;
    std::string argument;
};

struct State {
    std::mutex mutex;
    CK_FUNCTION_LIST* real = nullptr;
    CK_FUNCTION_LIST list{};
    std::string text;  ///< HSMREQ_FAULT as last read
    std::vector<Rule> rules;
    std::map<std::string, unsigned long> calls;
    unsigned long all_calls = 0;
    std::string trace;
};

inline State& state() {
    static State instance;
    return instance;
}

inline const char* variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

inline Rule parse_rule(const std::string& text) {
    Rule rule;
    const auto equals = text.find('=');
    std::string function = text.substr(0, equals);
    std::string action = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (const auto hash = function.find('#'); hash != std::string::npos) {
        rule.call = std::stoul(function.substr(hash + 1));
        function.resize(hash);
    }
    if (const auto colon = action.find(':'); colon != std::string::npos) {
        rule.argument = action.substr(colon + 1);
        action.resize(colon);
    }
    rule.function = function;
    rule.action = action;
    return rule;
}

/// Counts the call and answers the rules that apply to it.
inline std::vector<Rule> enter(const char* function) {
    State& s = state();
    const std::scoped_lock lock(s.mutex);
    const unsigned long number = ++s.calls[function];
    const unsigned long overall = ++s.all_calls;
    if (!s.trace.empty()) std::ofstream(s.trace, std::ios::app) << function << '\n';
    std::vector<Rule> matching;
    for (const auto& rule : s.rules) {
        const bool any = rule.function == "any";
        if (!any && rule.function != function) continue;
        if (rule.call == 0 || rule.call == (any ? overall : number)) matching.push_back(rule);
    }
    return matching;
}

inline const Rule* find(const std::vector<Rule>& rules, std::string_view action) {
    const auto rule = std::ranges::find(rules, action, &Rule::action);
    return rule == rules.end() ? nullptr : &*rule;
}

inline CK_RV number(const Rule& rule) {
    return std::stoul(rule.argument, nullptr, 16);
}

/// A rule's argument of the form TYPE[,HEX].
struct AttributeArgument {
    CK_ATTRIBUTE_TYPE type = 0;
    std::vector<CK_BYTE> value;
};

inline AttributeArgument attribute(const Rule& rule) {
    AttributeArgument result;
    const auto comma = rule.argument.find(',');
    result.type = std::stoul(rule.argument.substr(0, comma), nullptr, 16);
    if (comma == std::string::npos) return result;
    const std::string hex = rule.argument.substr(comma + 1);
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        result.value.push_back(static_cast<CK_BYTE>(std::stoul(hex.substr(i, 2), nullptr, 16)));
    return result;
}

/// The rules of HSMREQ_FAULT. A process that loads the module again with other rules or another trace begins anew.
inline void read_rules(State& s) {
    const std::string rules = variable("HSMREQ_FAULT");
    const std::string trace = variable("HSMREQ_FAULT_TRACE");
    if (s.text == rules && s.trace == trace) return;
    s.text = rules;
    s.trace = trace;
    s.rules.clear();
    s.calls.clear();
    s.all_calls = 0;
    std::istringstream lines(rules);
    for (std::string rule; std::getline(lines, rule, ';');)
        if (!rule.empty()) s.rules.push_back(parse_rule(rule));
}

}  // namespace hsmreq::fault
