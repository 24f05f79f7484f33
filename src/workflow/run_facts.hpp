// What stays the same for a whole run over a farm.
#pragma once

#include <string>

#include "base/file.hpp"
#include "hsmreq/farm.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/request.hpp"
#include "x509/weak_key_list.hpp"

namespace hsmreq::workflow {

struct RunFacts {
    const Farm& farm;
    const Plan& plan;
    const RequestOptions& options;
    const x509::WeakKeyList* weak_keys;  ///< null when the farm names none
    OutputDirectory& directory;
    RequestObserver& observer;
    std::string farm_file_sha256;
    std::string time;  ///< RFC 3339
    std::string operator_name;
    std::string host;
};

}  // namespace hsmreq::workflow
