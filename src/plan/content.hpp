// A request or certificate by itself: judged by the rules of a farm file that hold for it too, and compared with a
// plan.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/finding.hpp"
#include "hsmreq/inspect.hpp"
#include "hsmreq/plan.hpp"

namespace hsmreq::plan {

/// What is judged, and by what.
struct Content {
    const SubjectInspection& subject;
    bool is_certificate = false;
    std::string name;   ///< for messages: what people call the file
    std::string where;  ///< Finding::where
    Product product = Product::generic;
    CertificateAuthority ca = CertificateAuthority::public_ca;
    Date date{};  ///< the day the dated rules are judged on
};

/// Names, usages and subject by the table of rules(), as if a farm file had asked for them.
std::vector<Finding> judge_content(const Content& content);

/// Where what is there differs from the request that a farm plans: names missing and unexpected, usages, key, subject.
/// A name that a wildcard covers is not missing. A certificate may lack what CAs change or leave out: a warning.
std::vector<Finding> compare_with_plan(const Content& content, const RequestPlan& request);

/// Index of the planned request whose names fit best: most in common, then fewest on either side alone; the first of
/// equals. `requests` has one at least.
std::size_t best_fit(const SubjectInspection& subject, const std::vector<RequestPlan>& requests);

}  // namespace hsmreq::plan
