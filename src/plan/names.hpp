// The names that a certificate must carry, each with its reason.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "plan/draft.hpp"

namespace hsmreq::plan {

/// In the order in which names appear in a request.
enum class Reason {
    subject,
    pool,
    director,
    meet,
    dialin,
    office_web_apps,
    exchange,
    autodiscover,
    edge_access,
    edge_web_conferencing,
    edge_sip,
    edge_xmpp,
    extra,
};

/// Indexed by Reason.
inline constexpr std::array<std::string_view, 13> reason_words{
    "subject",         "pool",      "director",     "meet",        "dialin",
    "office-web-apps", "exchange",  "autodiscover", "edge-access", "edge-web-conferencing",
    "edge-sip",        "edge-xmpp", "extra",
};

/// One name that something asks for.
struct Wish {
    Reason reason;
    std::string written;
    std::string key;
};

/// Which part of the topology a request covers.
struct Coverage {
    const Pool* pool = nullptr;  ///< null for every pool
    bool shared_names = true;    ///< Director, simple URLs, Office Web Apps, autodiscover, extra names
    bool edge = false;
};

/// Everything the topology asks of a certificate, in the order of Reason and then as written, without the subject.
std::vector<Wish> topology_wishes(const Draft& draft, const Coverage& coverage);

/// The wishes as names: each once with all its reasons, in the order of its first wish. The simple URL and autodiscover
/// hosts under a domain of `certificate.wildcard_for` give way to its wildcard unless another wish needs them.
std::vector<PlannedName> planned_names(Draft& draft, const std::vector<Wish>& wishes);

/// Fills Draft::wildcard_domains; "*.contoso.com" means the same there as "contoso.com".
void read_wildcard_domains(Draft& draft);

/// The simple URLs of the farm and of its sites, split.
std::vector<FarmUrl> read_simple_urls(const SimpleUrls& urls);

}  // namespace hsmreq::plan
