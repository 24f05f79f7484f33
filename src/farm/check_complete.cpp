#include "farm/checks.hpp"

namespace hsmreq::farm {
namespace {

bool is_lync(const Farm& farm) {
    return farm.product != Product::generic;
}
bool is_generic(const Farm& farm) {
    return !is_lync(farm);
}
bool always(const Farm&) {
    return true;
}

/// A list that must not be empty.
struct Needed {
    const char* path;
    bool (*when)(const Farm&);
    const char* where;  ///< the key that asks for it
    const char* what;
    const char* hint;
};

constexpr Needed needed[] = {
    {"farm.sip_domains", is_lync, "farm.product", "this product needs `sip_domains`",
     "Write the organisation's SIP domains into [farm]: sip_domains = [\"contoso.com\"]."},
    {"pool", is_lync, "farm.product", "this product needs at least one [[pool]]",
     "Write a [[pool]] with external_web_fqdn for each pool with remote users."},
    {"request", is_generic, "farm.product", "a generic farm needs at least one [[request]]",
     "Write a [[request]] with name and names for each certificate."},
    {"member", always, "farm", "at least one [[member]] is needed",
     "Write a [[member]] with a name for each machine that serves the certificate."},
};

void check_request_names(Reader& reader, const Farm& farm) {
    for (std::size_t i = 0; i < farm.requests.size(); ++i) {
        const auto path = "request[" + std::to_string(i) + ']';
        const auto& request = farm.requests[i];
        if (!request.names.empty() || !request.common_name.empty() || reader.failed(path + ".names") ||
            reader.failed(path + ".common_name") || reader.meant(path + ".names"))
            continue;
        reader.complain(reader.position(path), path,
                        {"a [[request]] without names", "Write: names = [\"www.contoso.com\"]."});
    }
}

}  // namespace

void check_complete(Reader& reader, const Farm& farm) {
    if (!reader.has("farm")) return;
    for (const auto& row : needed) {
        const bool product_matters = row.when != always;
        if (product_matters && (!reader.has("farm.product") || reader.failed("farm.product"))) continue;
        const auto* place = reader.find(row.path);
        const bool empty = place == nullptr || (place->value->kind == Kind::list && place->value->items.empty());
        if (!empty || !row.when(farm) || reader.meant(row.path)) continue;
        reader.complain(place == nullptr ? reader.position(row.where) : place->value->at, row.path,
                        {row.what, row.hint});
    }
    check_request_names(reader, farm);
}

}  // namespace hsmreq::farm
