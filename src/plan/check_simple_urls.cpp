#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/text.hpp"
#include "plan/checks.hpp"

namespace hsmreq::plan::check {
namespace {

Place place_of(const FarmUrl& url) {
    return {url.key, read_host_name(url.parts.host).value};
}

/// Host and path with a slash behind every part, so that one is a prefix of another only at a part's end.
std::string comparable(const FarmUrl& url) {
    std::string text = read_host_name(url.parts.host).value + to_lower(url.parts.path);
    if (text.back() != '/') text += '/';
    return text;
}

/// Both the dial-in page of the whole organisation: sites often repeat it.
bool same_dialin(const FarmUrl& a, const FarmUrl& b, bool equal) {
    return equal && a.kind == FarmUrl::Kind::dialin && b.kind == FarmUrl::Kind::dialin;
}

std::string_view host_of_backend(std::string_view backend) {
    return backend.substr(0, backend.find(':'));
}

bool is_simple(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/';
}

}  // namespace

void simple_url_not_https(const Draft& draft, Reporter& reporter) {
    for (const auto& url : draft.simple_urls)
        if (!url.parts.https) reporter.report(place_of(url), {quoted(url.written)});
}

void simple_url_port(const Draft& draft, Reporter& reporter) {
    for (const auto& url : draft.simple_urls)
        if (url.parts.port) reporter.report(place_of(url), {quoted(url.written)});
}

void simple_url_prefix(const Draft& draft, Reporter& reporter) {
    std::vector<std::pair<std::string, const FarmUrl*>> sorted;
    sorted.reserve(draft.simple_urls.size());
    for (const auto& url : draft.simple_urls) sorted.emplace_back(comparable(url), &url);
    // A URL is followed by all that it is a prefix of; the stable order keeps equal ones as written.
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::size_t shorter = 0;
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        const auto& [text, url] = sorted[i];
        const auto& [prefix, other] = sorted[shorter];
        if (!text.starts_with(prefix))
            shorter = i;
        else if (!same_dialin(*url, *other, text == prefix))
            reporter.report(place_of(*url), {quoted(other->written), quoted(url->written)});
    }
}

void simple_url_is_pool(const Draft& draft, Reporter& reporter) {
    std::unordered_map<std::string, std::string> pools;
    const auto add = [&](std::string_view name, std::string key) {
        if (!name.empty()) pools.try_emplace(read_host_name(name).value, std::move(key));
    };
    for (std::size_t i = 0; i < draft.farm.pools.size(); ++i) {
        add(draft.farm.pools[i].external_web_fqdn, fmt::format("pool[{}].external_web_fqdn", i));
        add(host_of_backend(draft.farm.pools[i].backend), fmt::format("pool[{}].backend", i));
    }
    for (std::size_t i = 0; i < draft.farm.directors.size(); ++i) {
        add(draft.farm.directors[i].external_web_fqdn, fmt::format("director[{}].external_web_fqdn", i));
        add(host_of_backend(draft.farm.directors[i].backend), fmt::format("director[{}].backend", i));
    }
    for (const auto& url : draft.simple_urls)
        if (const auto found = pools.find(read_host_name(url.parts.host).value); found != pools.end())
            reporter.report(place_of(url), {quoted(url.written), found->second});
}

void simple_url_charset(const Draft& draft, Reporter& reporter) {
    for (const auto& url : draft.simple_urls) {
        const auto text = url.parts.host + url.parts.path;
        if (!std::all_of(text.begin(), text.end(), is_simple)) reporter.report(place_of(url), {quoted(url.written)});
    }
}

}  // namespace hsmreq::plan::check
