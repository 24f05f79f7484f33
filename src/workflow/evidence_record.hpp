// Evidence from facts already in hand.
#pragma once

#include <string>
#include <vector>

#include "evidence/evidence.hpp"
#include "hsmreq/plan.hpp"
#include "token/key_pair.hpp"
#include "token/probe.hpp"
#include "token/quirks.hpp"
#include "workflow/run_facts.hpp"

namespace hsmreq::workflow {

struct ItemFacts {
    const PlanItem& item;
    const RequestPlan& request;
    const KeyIdentity& identity;
    const token::Token& token;
    const token::KeyPair& key;
    const token::ProbeOutcome* probe;   ///< null when the key was not to be probed
    const token::QuirkProfile* quirks;  ///< null when no profile matched
    std::string signature_mechanism;    ///< "" when nothing was signed in this run
    bool hash_in_software = true;
    std::vector<Finding> findings;
    bool copy = false;  ///< the key came here from another token
};

/// A record with what it says of run, farm and item. Points to the plan's request.
evidence::Record begin_record(const RunFacts& run, const PlanItem& item, unsigned generation);

void add_token(evidence::Record& record, const token::ModuleInfo& module, const token::TokenInfo& token);

/// All of a record but the request's bytes. Points to ItemFacts::request.
evidence::Record make_record(const RunFacts& run, const ItemFacts& facts);

}  // namespace hsmreq::workflow
