// `hsmreq inspect --list-rules`: everything that can be found, and what each CA accepts.
#pragma once

#include "evidence/rule_list.hpp"

namespace hsmreq::workflow {

/// Every finding once, in the order of the rule tables, and every CA in the order of the farm file's words.
evidence::RuleList list_rules();

}  // namespace hsmreq::workflow
