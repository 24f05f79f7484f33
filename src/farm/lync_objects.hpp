// The objects of a Lync topology, found in a JSON document by what they are.
#pragma once

#include <string>
#include <vector>

#include "farm/json.hpp"
#include "hsmreq/inf.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::farm {

struct WebServer {
    std::string pool;
    std::string external_fqdn;
    std::string https_port;
};

struct SimpleUrl {
    std::string component;  ///< lower case
    std::string domain;
    std::string active_url;
    std::string site;  ///< "" for the global configuration
    std::vector<std::string> other_urls;
};

struct LyncObjects {
    std::vector<std::string> domains;
    std::vector<WebServer> web_servers;
    std::vector<std::string> directors;  // their pools, in lower case
    std::vector<SimpleUrl> urls;
    std::string access_edge;
    std::string conferencing_edge;
    std::vector<UnplacedEntry> unplaced;
};

/// Wherever in the document they stand. Errors: ExitCode::input for objects that ConvertTo-Json cut off.
Result<LyncObjects> find_lync_objects(const JsonValue& document, const std::string& file);

}  // namespace hsmreq::farm
