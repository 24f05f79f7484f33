#include "plan/backends.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "plan/host_name.hpp"

namespace hsmreq::plan {
namespace {

constexpr std::string_view web_services_port = "4443";  // external web site of a Front End or Director
constexpr std::string_view https_port = "443";

/// host[:port] as the farm file's reader has let it through.
Backend split(std::string_view written, std::string_view usual_port) {
    const auto bracket = written.rfind(']');
    const auto colon = written.rfind(':');
    const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    return {.host = read_host_name(written.substr(0, has_port ? colon : written.size())).value,
            .port = std::string(has_port ? written.substr(colon + 1) : usual_port),
            .uses = {},
            .key = {}};
}

class List {
public:
    void add(std::string_view written, std::string_view usual_port, std::string use, std::string key) {
        if (written.empty()) return;
        Backend one = split(written, usual_port);
        const auto known = std::ranges::find_if(
            all_, [&](const Backend& other) { return other.host == one.host && other.port == one.port; });
        if (known != all_.end()) return known->uses.push_back(std::move(use));
        one.uses.push_back(std::move(use));
        one.key = std::move(key);
        all_.push_back(std::move(one));
    }
    std::vector<Backend> take() { return std::move(all_); }

private:
    std::vector<Backend> all_;
};

/// The first Director, else the first pool, that has a backend.
std::string first_server(const Farm& farm) {
    for (const auto& director : farm.directors)
        if (!director.backend.empty()) return director.backend;
    for (const auto& pool : farm.pools)
        if (!pool.backend.empty()) return pool.backend;
    return {};
}

bool publishes_simple_urls(const SimpleUrls& urls) {
    return !urls.dialin.empty() || !urls.meet.empty() || !urls.sites.empty();
}

}  // namespace

std::string Backend::address() const {
    return host.find(':') == std::string::npos ? host + ":" + port : fmt::format("[{}]:{}", host, port);
}

std::vector<Backend> backends(const Farm& farm) {
    List list;
    for (std::size_t i = 0; i < farm.pools.size(); ++i)
        list.add(farm.pools[i].backend, web_services_port, "pool " + farm.pools[i].external_web_fqdn,
                 fmt::format("pool[{}].backend", i));
    for (std::size_t i = 0; i < farm.directors.size(); ++i)
        list.add(farm.directors[i].backend, web_services_port, "director " + farm.directors[i].external_web_fqdn,
                 fmt::format("director[{}].backend", i));
    const std::string usual = first_server(farm);
    if (publishes_simple_urls(farm.simple_urls) || !farm.simple_urls.backend.empty())
        list.add(farm.simple_urls.backend.empty() ? usual : farm.simple_urls.backend, web_services_port, "simple URLs",
                 "simple_urls.backend");
    if (farm.mobility.autodiscover || !farm.mobility.backend.empty())
        list.add(farm.mobility.backend.empty() ? usual : farm.mobility.backend, web_services_port, "autodiscover",
                 "mobility.backend");
    list.add(farm.office_web_apps.backend, https_port, "Office Web Apps", "office_web_apps.backend");
    list.add(farm.exchange.backend, https_port, "Exchange", "exchange.backend");
    return list.take();
}

}  // namespace hsmreq::plan
