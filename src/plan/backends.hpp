// The internal servers that the proxy connects to over TLS.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/farm.hpp"

namespace hsmreq::plan {

/// One address, and everything that is published from it.
struct Backend {
    std::string host;  ///< lower-case name or IP address (IPv6 without brackets): the name its certificate must carry
    std::string port;
    std::vector<std::string> uses;  ///< "pool webext.contoso.com", "meet and dialin", ...
    std::string key;                ///< key path of the first farm file key that leads there

    [[nodiscard]] std::string address() const;  ///< "host:port", an IPv6 address in brackets
};

/// Those that the farm file names, each once, in its order: pools, Directors, simple URLs, mobility, Office Web Apps,
/// Exchange. Without a port pools, Directors and what is published from them listen on 4443, the others on 443. Simple
/// URLs and mobility without a backend of their own go to the first Director, else to the first pool.
std::vector<Backend> backends(const Farm& farm);

}  // namespace hsmreq::plan
