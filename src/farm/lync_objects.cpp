#include "farm/lync_objects.hpp"

#include <set>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"

namespace hsmreq::farm {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    return begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// The text of a member, "" for none. An Fqdn or XdsIdentity that ConvertTo-Json opened up holds its text in one of its
/// own members.
std::string text_of(const JsonValue& object, std::string_view name) {
    const auto* value = object.find(name);
    if (value == nullptr) return {};
    if (value->kind == JsonValue::Kind::object)
        for (const std::string_view inner : {"Value", "Fqdn", "Name", "AbsoluteUri", "OriginalString", "Identity"})
            if (const auto* found = value->find(inner); found != nullptr && found->kind == JsonValue::Kind::text)
                return std::string(trimmed(found->text));
    return value->kind == JsonValue::Kind::array || value->kind == JsonValue::Kind::object
               ? std::string{}
               : std::string(trimmed(value->text));
}

bool is_identity(const JsonValue& object, std::string_view role) {
    const auto identity = to_lower(text_of(object, "Identity"));
    return identity.starts_with(to_lower(role) + ':') || to_lower(text_of(object, "Role")) == to_lower(role);
}

/// "WebServer:pool01.corp.contoso.com" names the pool, too.
std::string pool_of(const JsonValue& object) {
    if (auto pool = text_of(object, "PoolFqdn"); !pool.empty()) return pool;
    const auto identity = text_of(object, "Identity");
    const auto colon = identity.find(':');
    return colon == std::string::npos ? std::string{} : identity.substr(colon + 1);
}

/// "Component=Meet;Domain=contoso.com;ActiveUrl=https://…", which is how the object prints, and "@{Component=Meet; …}",
/// which is how ConvertTo-Json writes one that is nested too deep.
std::string part_of(std::string_view text, std::string_view name) {
    if (text.starts_with("@{")) text = text.substr(2, text.size() - 2 - (text.ends_with('}') ? 1 : 0));
    while (!text.empty()) {
        const auto end = text.find(';');
        const auto part = trimmed(text.substr(0, end));
        const auto equals = part.find('=');
        if (equals != part.npos && to_lower(trimmed(part.substr(0, equals))) == to_lower(name))
            return std::string(trimmed(part.substr(equals + 1)));
        if (end == text.npos) break;
        text.remove_prefix(end + 1);
    }
    return {};
}

/// Finds the objects by what they are, wherever in the document they stand.
class Collector {
public:
    explicit Collector(const std::string& file) : file_(file) {}

    Status visit(const JsonValue& value) {
        if (value.kind == JsonValue::Kind::array)
            for (const auto& item : value.items) TRY(visit(item));
        if (value.kind != JsonValue::Kind::object) return {};
        if (const auto* list = value.find("SimpleUrl")) return take_configuration(value, *list);
        if (is_identity(value, "WebServer") || (value.find("ExternalFqdn") != nullptr && edge_fqdn(value).empty()))
            return take_web_server(value);
        if (is_identity(value, "Director")) {
            found.directors.push_back(to_lower(pool_of(value)));
            return {};
        }
        if (is_identity(value, "EdgeServer") || !edge_fqdn(value).empty()) {
            take_edge(value);
            return {};
        }
        if (value.find("IsDefault") != nullptr) return take_domain(value);
        for (const auto& member : value.items) TRY(visit_member(member));
        return {};
    }

    LyncObjects found;

private:
    [[nodiscard]] Error error(std::string what, std::string hint) const {
        return {.code = ExitCode::input, .what = std::move(what), .where = file_, .hint = std::move(hint)};
    }

    static std::string edge_fqdn(const JsonValue& value) { return text_of(value, "AccessEdgeExternalFqdn"); }

    /// A list of SIP domains may be one of plain names, as `(Get-CsSipDomain).Name` gives them.
    Status visit_member(const JsonValue& value) {
        if (to_lower(value.name).find("sipdomain") == std::string::npos) return visit(value);
        if (value.kind == JsonValue::Kind::text) return add_domain(value.text, false);
        if (value.kind == JsonValue::Kind::array)
            for (const auto& item : value.items)
                if (item.kind == JsonValue::Kind::text) TRY(add_domain(item.text, false));
        return visit(value);
    }

    Status add_domain(std::string_view name, bool is_default) {
        const std::string domain(trimmed(name));
        if (domain.starts_with("@{")) return cut_off("SIP domains");
        if (domain.empty() || !seen_domains_.insert(to_lower(domain)).second) return {};
        const bool first = is_default && !std::exchange(has_default_, true);
        found.domains.insert(first ? found.domains.begin() : found.domains.end(), domain);
        return {};
    }

    Status take_domain(const JsonValue& value) {
        auto name = text_of(value, "Name");
        if (name.empty()) name = text_of(value, "Identity");
        const auto is_default = to_lower(text_of(value, "IsDefault"));
        return add_domain(name, is_default == "true" || is_default == "1");
    }

    Status take_web_server(const JsonValue& value) {
        WebServer server{pool_of(value), text_of(value, "ExternalFqdn"), text_of(value, "ExternalHttpsPort")};
        if (server.external_fqdn.empty())
            leave_out("WebServer", server.pool, "It has no external web services, so nothing of it is published.");
        else
            found.web_servers.push_back(std::move(server));
        return {};
    }

    void take_edge(const JsonValue& value) {
        const auto access = edge_fqdn(value);
        if (found.access_edge.empty()) {
            found.access_edge = access;
            found.conferencing_edge = text_of(value, "DataEdgeExternalFqdn");
            if (found.conferencing_edge.empty()) found.conferencing_edge = text_of(value, "WebConfEdgeExternalFqdn");
        } else if (to_lower(access) != to_lower(found.access_edge)) {
            leave_out("EdgeServer", access, "A farm file describes one Edge pool.");
        }
        if (const auto av = text_of(value, "AVEdgeExternalFqdn"); !av.empty())
            leave_out("EdgeServer AVEdgeExternalFqdn", av, "The A/V Edge name goes into no certificate.");
    }

    Status take_configuration(const JsonValue& configuration, const JsonValue& list) {
        const auto identity = text_of(configuration, "Identity");
        const bool is_site = to_lower(identity).starts_with("site:");
        const auto site = is_site ? identity.substr(5) : std::string{};
        if (list.kind == JsonValue::Kind::array) {
            for (const auto& item : list.items) TRY(take_url(item, site));
            return {};
        }
        // Windows PowerShell writes {"value": [...], "Count": 3} for some arrays.
        if (const auto* inner = list.find("value"); inner != nullptr && inner->kind == JsonValue::Kind::array) {
            for (const auto& item : inner->items) TRY(take_url(item, site));
            return {};
        }
        return list.kind == JsonValue::Kind::nothing ? Status{} : take_url(list, site);
    }

    Status take_url(const JsonValue& value, const std::string& site) {
        SimpleUrl url;
        url.site = site;
        if (value.kind == JsonValue::Kind::object) {
            url.component = to_lower(text_of(value, "Component"));
            url.domain = text_of(value, "Domain");
            url.active_url = text_of(value, "ActiveUrl");
            take_other_urls(value, url);
        } else {
            url.component = to_lower(part_of(value.text, "Component"));
            url.domain = part_of(value.text, "Domain");
            url.active_url = part_of(value.text, "ActiveUrl");
        }
        if (url.component.empty()) return cut_off("simple URLs");
        if (url.active_url.empty())
            leave_out("SimpleUrl " + url.component, url.domain, "It has no active URL.");
        else
            found.urls.push_back(std::move(url));
        return {};
    }

    /// SimpleUrlEntry lists every URL that was ever agreed on; one of them is active.
    static void take_other_urls(const JsonValue& value, SimpleUrl& url) {
        const auto* entries = value.find("SimpleUrlEntry");
        if (entries == nullptr) return;
        const std::vector<JsonValue> single{*entries};
        for (const auto& entry : entries->kind == JsonValue::Kind::array ? entries->items : single) {
            auto other = entry.kind == JsonValue::Kind::object ? text_of(entry, "Url") : part_of(entry.text, "Url");
            if (!other.empty() && to_lower(other) != to_lower(url.active_url))
                url.other_urls.push_back(std::move(other));
        }
    }

    [[nodiscard]] Error cut_off(const std::string& what) const {
        return error("the " + what + " were cut off when the file was written",
                     "Give ConvertTo-Json a -Depth of 6, as docs/init.md has it.");
    }

    void leave_out(std::string name, std::string value, std::string reason) {
        found.unplaced.push_back({file_, std::move(name), std::move(value), std::move(reason)});
    }

    const std::string& file_;
    std::set<std::string> seen_domains_;  // in lower case
    bool has_default_ = false;
};

}  // namespace

Result<LyncObjects> find_lync_objects(const JsonValue& document, const std::string& file) {
    Collector collector(file);
    TRY(collector.visit(document));
    return std::move(collector.found);
}

}  // namespace hsmreq::farm
