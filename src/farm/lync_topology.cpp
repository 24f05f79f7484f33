#include "farm/lync_topology.hpp"

#include <map>
#include <set>
#include <utility>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "farm/json.hpp"
#include "farm/lync_objects.hpp"

namespace hsmreq::farm {
namespace {

constexpr std::size_t json_limit = std::size_t{1} << 20;

/// A list whose entries are found by name, whatever its case.
template <class T>
class Named {
public:
    Named(std::vector<T>& list, std::string T::*name) : list_(list), name_(name) {}

    T& entry(const std::string& wanted) {
        const auto [place, is_new] = index_.emplace(to_lower(wanted), list_.size());
        if (is_new) list_.emplace_back().*name_ = wanted;
        return list_[place->second];
    }

private:
    std::vector<T>& list_;
    std::string T::*name_;
    std::map<std::string, std::size_t> index_;
};

/// Sorts what was found into the topology.
class Placer {
public:
    Placer(LyncTopology& topology, const LyncObjects& found, const std::string& file)
        : topology_(topology), directors_(found.directors.begin(), found.directors.end()), file_(file) {}

    /// Directors have web services of their own: a WebServer whose pool is a Director's.
    void place(const WebServer& server) {
        constexpr std::string_view usual_port = "4443";
        auto backend = server.pool;
        if (!backend.empty() && !server.https_port.empty() && server.https_port != usual_port)
            backend += ':' + server.https_port;
        if (directors_.contains(to_lower(server.pool)))
            director_index_.entry(server.external_fqdn).backend = backend;
        else
            pool_index_.entry(server.external_fqdn).backend = backend;
    }

    void place(const SimpleUrl& url) {
        for (const auto& other : url.other_urls)
            leave_out(url, other, "It is not the active URL; add it where old meeting invitations still carry it.");
        if (!seen_.insert(url.component + ' ' + url.site + ' ' + to_lower(url.domain) + ' ' + url.active_url).second)
            return;
        if (url.component == "meet")
            place_meet(url);
        else if (url.component == "dialin")
            (url.site.empty() ? topology_.simple_urls.dialin : site_index_.entry(url.site).dialin)
                .push_back(url.active_url);
        else if (url.component == "cscp" || url.component == "admin")
            leave_out(url, url.active_url, "The administration URL is for the internal network and never published.");
        else
            leave_out(url, url.active_url, "It is neither a meeting nor a dial-in URL.");
    }

private:
    void place_meet(const SimpleUrl& url) {
        if (!url.site.empty())
            site_index_.entry(url.site).meet.push_back(url.active_url);
        else if (!url.domain.empty() && url.domain != "*")
            meet_index_.entry(url.domain).urls.push_back(url.active_url);
        else if (std::exchange(has_common_meet_, true))
            leave_out(url, url.active_url, "There is a meeting URL for all SIP domains already.");
        else
            for (const auto& domain : topology_.sip_domains) meet_index_.entry(domain).urls.push_back(url.active_url);
    }

    void leave_out(const SimpleUrl& url, const std::string& value, std::string reason) {
        topology_.unplaced.push_back({file_, "SimpleUrl " + url.component, value, std::move(reason)});
    }

    LyncTopology& topology_;
    std::set<std::string> directors_;  // their pools, in lower case
    const std::string& file_;
    std::set<std::string> seen_;
    bool has_common_meet_ = false;
    Named<Pool> pool_index_{topology_.pools, &Pool::external_web_fqdn};
    Named<Director> director_index_{topology_.directors, &Director::external_web_fqdn};
    Named<MeetUrls> meet_index_{topology_.simple_urls.meet, &MeetUrls::sip_domain};
    Named<SimpleUrlSite> site_index_{topology_.simple_urls.sites, &SimpleUrlSite::name};
};

}  // namespace

Result<LyncTopology> read_lync_topology(BytesView bytes, const std::string& file) {
    if (bytes.size() > json_limit)
        return Error{.code = ExitCode::input, .what = "larger than 1 MiB", .where = file, .hint = "Is it the export?"};
    auto decoded = decode_text(bytes);
    if (!decoded) {
        decoded.error().where = file;
        return std::move(decoded).error();
    }
    TRY_ASSIGN(const auto document, parse_json(decoded->text, file));
    TRY_ASSIGN(auto found, find_lync_objects(document, file));
    LyncTopology topology;
    topology.sip_domains = std::move(found.domains);
    topology.access_edge_fqdn = std::move(found.access_edge);
    topology.web_conferencing_edge_fqdn = std::move(found.conferencing_edge);
    topology.unplaced = std::move(found.unplaced);
    Placer placer(topology, found, file);
    for (const auto& server : found.web_servers) placer.place(server);
    for (const auto& url : found.urls) placer.place(url);
    if (topology.sip_domains.empty() && topology.pools.empty() && topology.simple_urls.meet.empty())
        return Error{.code = ExitCode::input,
                     .what = "there is nothing of a Lync topology in it",
                     .where = file,
                     .hint = "Export the topology with the commands of docs/init.md."};
    return topology;
}

}  // namespace hsmreq::farm
