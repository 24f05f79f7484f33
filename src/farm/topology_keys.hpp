// The keys that describe what the farm publishes.
#pragma once

#include "farm/schema.hpp"
#include "hsmreq/farm.hpp"

namespace hsmreq::farm {

void read_meet(const Field& field, SimpleUrls& target);
void read_meet_pattern(const Field& field, SimpleUrls& target);
void read_edge(const Field& field, Farm& target);

inline constexpr std::array farm_keys = {
    text<identifier, &Farm::name>("name", "name = \"contoso\""),
    word<Product, &Farm::product>("product", "product = \"lync-server-2013\""),
    list<not_empty, Repeats::refused, &Farm::sip_domains>("sip_domains"),
    word<CertificateAuthority, &Farm::ca>("ca", "ca = \"public\""),
};

inline constexpr std::array pool_keys = {
    text<not_empty, &Pool::external_web_fqdn>("external_web_fqdn", "external_web_fqdn = \"webext.contoso.com\""),
    text<host_and_port, &Pool::backend>("backend"),
    list<member_name, Repeats::refused, &Pool::members>("members"),
    text<listen_address, &Pool::listen>("listen"),
};

inline constexpr std::array director_keys = {
    text<not_empty, &Director::external_web_fqdn>("external_web_fqdn", "external_web_fqdn = \"webdirext.contoso.com\""),
    text<host_and_port, &Director::backend>("backend"),
};

inline constexpr std::array site_keys = {
    text<not_empty, &SimpleUrlSite::name>("name", "name = \"emea\""),
    list<not_empty, Repeats::refused, &SimpleUrlSite::meet>("meet"),
    list<not_empty, Repeats::refused, &SimpleUrlSite::dialin>("dialin"),
};

inline constexpr std::array simple_urls_keys = {
    list<not_empty, Repeats::refused, &SimpleUrls::dialin>("dialin"),
    Key<SimpleUrls>{"meet", read_meet},
    Key<SimpleUrls>{"meet_pattern", read_meet_pattern},
    list<not_empty, Repeats::refused, &SimpleUrls::admin>("admin"),
    tables<site_keys, &SimpleUrls::sites>("site"),
    text<host_and_port, &SimpleUrls::backend>("backend"),
};

inline constexpr std::array mobility_keys = {
    flag<&Mobility::autodiscover>("autodiscover"),
    word<AutodiscoverOver, &Mobility::over>("autodiscover_over"),
    list<not_empty, Repeats::refused, &Mobility::domains>("autodiscover_domains"),
    text<host_and_port, &Mobility::backend>("backend"),
};

inline constexpr std::array office_web_apps_keys = {
    list<not_empty, Repeats::refused, &OfficeWebApps::external_fqdns>("external_fqdns"),
    text<host_and_port, &OfficeWebApps::backend>("backend"),
};

inline constexpr std::array exchange_keys = {
    list<not_empty, Repeats::refused, &Exchange::autodiscover_fqdns>("autodiscover_fqdns"),
    list<not_empty, Repeats::refused, &Exchange::web_services_fqdns>("web_services_fqdns"),
    text<host_and_port, &Exchange::backend>("backend"),
    flag<&Exchange::on_this_certificate>("on_this_certificate"),
};

inline constexpr std::array edge_keys = {
    text<not_empty, &Edge::access_fqdn>("access_fqdn", "access_fqdn = \"access.contoso.com\""),
    text<any_text, &Edge::web_conferencing_fqdn>("web_conferencing_fqdn"),
    list<not_empty, Repeats::refused, &Edge::xmpp_domains>("xmpp_domains"),
    list<not_empty, Repeats::refused, &Edge::online_sip_domains>("online_sip_domains"),
    flag<&Edge::pooled>("pooled"),
    word<ServerKeys, &Edge::server_keys>("server_keys"),
};

}  // namespace hsmreq::farm
