// The wrap probe: tokens have been seen to wrap keys that they report as not extractable.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/result.hpp"
#include "token/key_pair.hpp"

namespace hsmreq::token {

enum class ProbeVerdict { refused, wrapped, inconclusive };

/// One wrapping mechanism tried.
struct ProbeAttempt {
    std::string mechanism;  ///< "CKM_AES_KEY_WRAP"
    std::string answer;     ///< "CKR_KEY_UNEXTRACTABLE"
    ProbeVerdict verdict = ProbeVerdict::inconclusive;
};

struct ProbeOutcome {
    ProbeVerdict verdict = ProbeVerdict::inconclusive;  ///< wrapped when any did, refused when all refused
    std::vector<ProbeAttempt> attempts;
    std::vector<std::string> not_tried;  ///< wrapping mechanisms on offer that were not tried, each with the reason
    std::string reason;                  ///< why it is inconclusive, "" otherwise
};

/// Makes a session key in the token (sensitive, not extractable, wrap only) and tries to wrap `private_key` with each
/// wrapping mechanism on offer into a real buffer, which is wiped. The session key is destroyed before it returns. A
/// token that can't be probed is inconclusive, not an error. Errors: ExitCode::token when the session is
/// gone or the mechanism list can't be read.
Result<ProbeOutcome> probe_wrap(Session& session, ObjectHandle private_key);

}  // namespace hsmreq::token
