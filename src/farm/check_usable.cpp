#include "farm/checks.hpp"

namespace hsmreq::farm {
namespace {

bool is_generic(const Farm& farm) {
    return farm.product == Product::generic;
}
bool is_2019(const Farm& farm) {
    return farm.product == Product::skype_for_business_2019;
}
bool is_combined(const Farm& farm) {
    return farm.certificate.layout == Layout::combined;
}
bool is_per_pool(const Farm& farm) {
    return farm.certificate.layout == Layout::per_pool;
}
bool always(const Farm&) {
    return true;
}

/// A key that is refused where the condition holds and, with `other`, that key is written as well.
struct Unusable {
    const char* path;
    bool (*when)(const Farm&);
    const char* other;
    const char* what;
    const char* hint;
};

constexpr const char* not_generic = "not for a generic farm";
constexpr const char* requests_instead = "Write the names into [[request]], or choose another farm.product.";

constexpr Unusable unusable[] = {
    {"farm.sip_domains", is_generic, nullptr, not_generic, requests_instead},
    {"pool", is_generic, nullptr, not_generic, requests_instead},
    {"director", is_generic, nullptr, not_generic, requests_instead},
    {"simple_urls", is_generic, nullptr, not_generic, requests_instead},
    {"mobility", is_generic, nullptr, not_generic, requests_instead},
    {"office_web_apps", is_generic, nullptr, not_generic, requests_instead},
    {"exchange", is_generic, nullptr, not_generic, requests_instead},
    {"edge", is_generic, nullptr, not_generic, requests_instead},
    {"certificate.layout", is_generic, nullptr, not_generic, "Each [[request]] is a certificate of its own."},
    {"certificate.name", is_generic, nullptr, not_generic, "Each [[request]] has a name."},
    {"certificate.shared_names", is_generic, nullptr, not_generic, "A generic farm has no names to share."},
    {"certificate.common_name", is_generic, nullptr, not_generic, "Write common_name into [[request]]."},
    {"certificate.extra_names", is_generic, nullptr, not_generic, "Write them into names of [[request]]."},
    {"certificate.wildcard_for", is_generic, nullptr, not_generic, "Write the wildcard into names of [[request]]."},
    {"certificate.shared_names", is_combined, nullptr, "only for layout = \"per-pool\"",
     "One combined certificate has all names; leave it out, or write layout = \"per-pool\"."},
    {"certificate.common_name", is_per_pool, nullptr, "only for layout = \"combined\"",
     "Each pool's certificate has the pool's external web FQDN as common name; leave it out."},
    {"certificate.name", is_per_pool, nullptr, "only for layout = \"combined\"",
     "Each pool's request is named after the pool's external web FQDN; leave it out."},
    {"edge", is_per_pool, nullptr, "only for layout = \"combined\"",
     "Edge and proxy share one certificate then; leave out [edge], or write layout = \"combined\"."},
    {"edge.xmpp_domains", is_2019, nullptr, "Skype for Business Server 2019 has no XMPP gateway",
     "Leave xmpp_domains out."},
    {"simple_urls.meet_pattern", always, "simple_urls.meet", "not together with [simple_urls.meet]",
     "The pattern stands for the whole table: keep one of them."},
};

/// A product or layout that was not understood says nothing about what it can use.
bool settled(const Reader& reader, const Unusable& row) {
    if (row.when == is_combined || row.when == is_per_pool) return !reader.failed("certificate.layout");
    if (row.when == is_generic || row.when == is_2019)
        return reader.has("farm.product") && !reader.failed("farm.product");
    return true;
}

}  // namespace

void check_usable(Reader& reader, const Farm& farm) {
    for (const auto& row : unusable) {
        const auto* place = reader.find(row.path);
        if (place == nullptr || !settled(reader, row) || !row.when(farm)) continue;
        if (row.other != nullptr && !reader.has(row.other)) continue;
        // One complaint per key is enough when both its product and its layout are wrong.
        if (!reader.complained_at(place->key))
            reader.complain(place->key, row.path, {std::string(row.path) + ": " + row.what, row.hint});
    }
    if (!reader.has("evidence") || reader.has("evidence.key")) return;
    reader.complain(
        reader.position("evidence"), "evidence",
        {"[evidence] without key", "Write key = \"pkcs11:…\", the key that signs evidence, or leave the section out."});
}

}  // namespace hsmreq::farm
