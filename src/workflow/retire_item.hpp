// Which key `retire` is about, by request and member.
#pragma once

#include <string>

#include "hsmreq/farm.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/retire.hpp"

namespace hsmreq::workflow {

struct RetireItem {
    const RequestPlan& request;
    KeyIdentity identity;      ///< the generation is not set yet
    std::string token_member;  ///< whose token is meant
    bool copy = false;         ///< the key was made in another member's token
};

/// A shared key is meant where it was made; with --member, the copy in that member's token. Errors: ExitCode::usage
/// when the words name no key or several; ExitCode::rules for an existing key (key.existing).
Result<RetireItem> choose_retire_item(const Farm& farm, const Plan& plan, const RetireOptions& options);

}  // namespace hsmreq::workflow
