// What other tools' files suggest as answers.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/farm.hpp"
#include "hsmreq/inf.hpp"
#include "workflow/init_answers.hpp"

namespace hsmreq::farm {
struct LyncTopology;
}

namespace hsmreq::workflow {

/// Suggestions, and what can't be one.
struct Import {
    Answers answers;
    std::vector<SimpleUrlSite> sites;  ///< no question asks for these
    std::vector<UnplacedEntry> unplaced;
    std::vector<Finding> findings;
};

void import_lync(const farm::LyncTopology& topology, const std::string& file, Import& into);
/// After import_lync, whose names it then only adds to.
void import_inf(const InfInspection& inf, const std::string& file, Import& into);

}  // namespace hsmreq::workflow
