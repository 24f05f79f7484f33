// Templates for key pairs, and the ladder of ever fewer attributes that is climbed when a token refuses them.
#pragma once

#include <functional>

#include "token/attributes.hpp"
#include "token/policy_attributes.hpp"
#include "token/state.hpp"

namespace hsmreq::token {

/// One step of the ladder: how much of the template is stated, and in which form the curve is named.
struct LadderStep {
    unsigned rung = 0;
    unsigned curve_form = 0;
};

/// One object's attributes under the policy, without the key's own values.
Template policy_template(const TokenState& token, const KeyTemplate& wanted, ObjectKind object, unsigned rung);

/// CKA_EC_PARAMS of an algorithm in one of its forms (PKCS#11 3.0, section 2.3.3: an OID, or a curve's name).
Bytes curve_parameters(KeyAlgorithm algorithm, unsigned form);

/// What is climbed for: the function in question, its own memory, and what its failure must not have left behind.
struct Ascent {
    const char* function;
    unsigned LadderMemory::*memory;
    std::function<bool(const FoundObjects&)> clean;
    const char* way_out = "";  ///< for the hint when no step works
};
extern const Ascent generation_ascent;
extern const Ascent creation_ascent;

/// Tries `attempt` from the step that worked last upwards, going on only after an answer that is about the template.
/// Stops with the error when the attempt left objects behind. The step that worked is kept for the token and answered.
Result<LadderStep> climb(Session& session, const KeyTemplate& wanted, const Ascent& ascent,
                         const std::function<CK_RV(LadderStep)>& attempt);

}  // namespace hsmreq::token
