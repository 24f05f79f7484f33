// The rules and the certificate authorities' profiles as plain values, and the document that lists them.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/finding.hpp"

namespace hsmreq::evidence {

struct ListedRule {
    std::string id;
    Severity severity = Severity::error;
    std::string otherwise;  ///< when the severity is another, "" when it never is
    std::string message;    ///< "{}" where a finding's own words go
    std::string fix;
    std::string source;
    std::string date;  ///< the day from which it holds, "" when it always does
};

struct ListedFact {
    std::string topic;
    std::string value;
    std::string source;
};

struct ListedAuthority {
    std::string word;  ///< of farm.ca
    std::string name;
    std::vector<ListedFact> facts;
};

struct RuleList {
    std::vector<ListedRule> rules;
    std::vector<ListedAuthority> authorities;
};

/// JSON, in UTF-8, with one line end. Never fails.
std::string rules_document(const RuleList& list);

}  // namespace hsmreq::evidence
