// Findings: what a rule has to say about a farm, a plan, a request or a key.
#pragma once

#include <string>
#include <vector>

namespace hsmreq {

enum class Severity { info, warning, error };

constexpr const char* to_name(Severity severity) {
    switch (severity) {
        case Severity::info:
            return "info";
        case Severity::warning:
            return "warning";
        case Severity::error:
            return "error";
    }
    return "error";
}

struct Finding {
    std::string id;  ///< stable, dotted: "name.not-ldh"
    Severity severity = Severity::error;
    std::string message;
    std::string where;          ///< key path in the farm file, member, token or file; with the line where known
    std::string fix;            ///< one sentence
    std::string source;         ///< document and clause
    std::string accepted = {};  ///< reason of the `[[rules.accept]]` entry that waives it; "" when none does
    std::string name = {};      ///< the certificate name that it is about, "" when it is about none
};

/// True when any finding of severity error is not accepted.
inline bool refuses(const std::vector<Finding>& findings) {
    for (const auto& finding : findings)
        if (finding.severity == Severity::error && finding.accepted.empty()) return true;
    return false;
}

}  // namespace hsmreq
