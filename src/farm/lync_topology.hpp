// What the Lync or Skype for Business Server Management Shell exports of a topology.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/farm.hpp"
#include "hsmreq/inf.hpp"

namespace hsmreq::farm {

struct LyncTopology {
    std::vector<std::string> sip_domains;  ///< the default domain first
    std::vector<Pool> pools;
    std::vector<Director> directors;
    SimpleUrls simple_urls;
    std::string access_edge_fqdn;
    std::string web_conferencing_edge_fqdn;
    std::vector<UnplacedEntry> unplaced;
};

/// Reads the JSON that the commands in docs/init.md write, whatever PowerShell makes of its arrays and encodings.
/// Errors: ExitCode::input for what is no JSON, holds nothing of a topology, or was cut off by ConvertTo-Json's -Depth.
Result<LyncTopology> read_lync_topology(BytesView bytes, const std::string& file);

}  // namespace hsmreq::farm
