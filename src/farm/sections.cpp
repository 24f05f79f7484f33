#include "farm/sections.hpp"

#include "farm/certificate_keys.hpp"
#include "farm/member_keys.hpp"
#include "farm/topology_keys.hpp"

namespace hsmreq::farm {
namespace {

/// A section that is read by a function into the farm.
template <void (*read)(const Field&, Farm&), const auto& keys>
constexpr Key<Draft> custom(std::string_view name) {
    return {name, [](const Field& field, Draft& draft) { read(field, draft.farm); }, {}, names_of<keys>};
}

constexpr std::array file_keys = {
    table<farm_keys, &Draft::farm>("farm", "[farm], with name, product and ca"),
    tables<pool_keys, &Draft::farm, &Farm::pools>("pool"),
    tables<director_keys, &Draft::farm, &Farm::directors>("director"),
    table<simple_urls_keys, &Draft::farm, &Farm::simple_urls>("simple_urls"),
    table<mobility_keys, &Draft::farm, &Farm::mobility>("mobility"),
    table<office_web_apps_keys, &Draft::farm, &Farm::office_web_apps>("office_web_apps"),
    table<exchange_keys, &Draft::farm, &Farm::exchange>("exchange"),
    custom<read_edge, edge_keys>("edge"),
    table<certificate_keys, &Draft::farm, &Farm::certificate>("certificate"),
    table<key_keys, &Draft::farm, &Farm::key>("key"),
    table<token_keys, &Draft::token>("token"),
    tables<member_keys, &Draft::farm, &Farm::members>("member"),
    custom<read_requests, request_keys>("request"),
    table<evidence_keys, &Draft::farm, &Farm::evidence>("evidence"),
    table<trust_keys, &Draft::farm, &Farm::trust>("trust"),
    table<rules_keys, &Draft::farm, &Farm::rules>("rules"),
};

}  // namespace

void read_until(const Field& field, AcceptedFinding& target) {
    if (field.value.kind == Kind::date)
        target.until = field.value.text;
    else
        read_text(field, target.until, calendar_day);
}

void read_sections(Reader& reader, const Value& document, Draft& draft) {
    read_table<file_keys>(Field{reader, "", {}, document}, draft);
}

KeyNames file_key_names() {
    return names_of<file_keys>();
}

}  // namespace hsmreq::farm
