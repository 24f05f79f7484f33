// Farms to plan in tests, and short ways to ask what came of them.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/plan.hpp"

namespace hsmreq::test {

inline Date day(int year, unsigned month, unsigned day_of_month) {
    return {std::chrono::year(year), std::chrono::month(month), std::chrono::day(day_of_month)};
}

inline const Date november_2026 = day(2026, 11, 23);

inline Member member(std::string name) {
    Member result;
    result.uri = "pkcs11:token=" + name;
    result.name = std::move(name);
    result.module = "softhsm2";
    result.pin_source = "prompt";
    return result;
}

inline Member pfx_member(std::string name) {
    Member result;
    result.name = std::move(name);
    result.receives = Receives::pfx;
    return result;
}

inline Member workstation(std::string name) {
    Member result = member(std::move(name));
    result.role = MemberRole::workstation;
    return result;
}

/// Microsoft's example with a second SIP domain and two members.
inline Farm contoso() {
    Farm farm;
    farm.file = "contoso.toml";
    farm.name = "contoso";
    farm.product = Product::lync_server_2013;
    farm.ca = CertificateAuthority::public_ca;
    farm.sip_domains = {"contoso.com", "fabrikam.com"};
    farm.pools = {{"webext.contoso.com", "pool01.corp.contoso.com", {}, ":443"}};
    farm.directors = {{"webdirext.contoso.com", ""}};
    farm.simple_urls.dialin = {"https://dialin.contoso.com"};
    farm.simple_urls.meet = {{"contoso.com", {"https://meet.contoso.com"}},
                             {"fabrikam.com", {"https://meet.fabrikam.com"}}};
    farm.mobility.autodiscover = true;
    farm.office_web_apps.external_fqdns = {"officewebapps01.contoso.com"};
    farm.certificate.friendly_name = "Reverse Proxy Listener for Lync Server";
    farm.members = {member("rp01"), member("rp02")};
    return farm;
}

inline Farm single_member() {
    Farm farm = contoso();
    farm.members.pop_back();
    return farm;
}

/// contoso() with its Edge Servers on the certificate.
inline Farm contoso_with_edge() {
    Farm farm = contoso();
    farm.edge = Edge{};
    farm.edge->access_fqdn = "access.contoso.com";
    farm.edge->web_conferencing_fqdn = "webconf.contoso.com";
    farm.key.sharing = Sharing::shared;
    farm.key.private_key = PrivateKeyPolicy::exportable;
    return farm;
}

inline RequestEntry entry(std::string name, std::vector<std::string> names) {
    RequestEntry result;
    result.name = std::move(name);
    result.names = std::move(names);
    return result;
}

/// One request with one name and one member, for a private CA.
inline Farm generic() {
    Farm farm;
    farm.file = "generic.toml";
    farm.name = "shop";
    farm.product = Product::generic;
    farm.ca = CertificateAuthority::private_ca;
    farm.requests = {entry("shop", {"shop.example.com"})};
    farm.members = {member("rp01")};
    return farm;
}

inline Plan plan_of(const Farm& farm, Date date = november_2026) {
    return make_plan(farm, {date, false});
}

inline std::vector<std::string> name_values(const RequestPlan& request) {
    std::vector<std::string> values;
    for (const auto& name : request.subject_alternative_names) values.push_back(name.value);
    return values;
}

/// "meet.contoso.com: meet, dialin" for every name.
inline std::vector<std::string> names_with_reasons(const RequestPlan& request) {
    std::vector<std::string> lines;
    for (const auto& name : request.subject_alternative_names) {
        std::string line = name.value + ":";
        for (const auto& reason : name.reasons) line += (&reason == &name.reasons.front() ? " " : ", ") + reason;
        lines.push_back(line);
    }
    return lines;
}

inline std::vector<Finding> findings(const Plan& plan, std::string_view id) {
    std::vector<Finding> found;
    for (const auto& finding : plan.findings)
        if (finding.id == id) found.push_back(finding);
    return found;
}

inline std::vector<std::string> finding_ids(const Plan& plan) {
    std::vector<std::string> ids;
    for (const auto& finding : plan.findings) ids.push_back(finding.id);
    return ids;
}

/// The ids of a plan's findings but for the warning that every plan for a public CA draws by asking for clientAuth.
inline std::vector<std::string> besides_client_auth(const Plan& plan) {
    std::vector<std::string> ids;
    for (const auto& finding : plan.findings)
        if (finding.id != "usage.client-auth-public-ca") ids.push_back(finding.id);
    return ids;
}

}  // namespace hsmreq::test
