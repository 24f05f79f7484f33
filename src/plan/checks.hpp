// The checks behind the rule table, by what they look at. Each reports every place where its rule is broken.
#pragma once

#include "plan/rules.hpp"

namespace hsmreq::plan::check {

// Single names: RFC 1034, RFC 5890 and the Baseline Requirements.
void not_ldh(const Draft& draft, Reporter& reporter);
void underscore(const Draft& draft, Reporter& reporter);
void label_too_long(const Draft& draft, Reporter& reporter);
void too_long(const Draft& draft, Reporter& reporter);
void trailing_dot(const Draft& draft, Reporter& reporter);
void idn(const Draft& draft, Reporter& reporter);
void ip_address(const Draft& draft, Reporter& reporter);
void internal_name(const Draft& draft, Reporter& reporter);
void wildcard_public_suffix(const Draft& draft, Reporter& reporter);
void wildcard_phone_edition(const Draft& draft, Reporter& reporter);
void wildcard_web_fqdn(const Draft& draft, Reporter& reporter);

// The names of one request together.
void common_name_too_long(const Draft& draft, Reporter& reporter);
void wildcard_subject(const Draft& draft, Reporter& reporter);
void too_many_names(const Draft& draft, Reporter& reporter);
void duplicate_name(const Draft& draft, Reporter& reporter);
void duplicate_limit(const Draft& draft, Reporter& reporter);
void organizational_unit(const Draft& draft, Reporter& reporter);

// The topology.
void sip_domain_without_meet(const Draft& draft, Reporter& reporter);
void meet_for_unknown_sip_domain(const Draft& draft, Reporter& reporter);
void simple_url_not_https(const Draft& draft, Reporter& reporter);
void simple_url_port(const Draft& draft, Reporter& reporter);
void simple_url_prefix(const Draft& draft, Reporter& reporter);
void simple_url_is_pool(const Draft& draft, Reporter& reporter);
void simple_url_charset(const Draft& draft, Reporter& reporter);
void admin_url_published(const Draft& draft, Reporter& reporter);
void director_equals_pool(const Draft& draft, Reporter& reporter);
void exchange_not_covered(const Draft& draft, Reporter& reporter);
void wildcard_unused(const Draft& draft, Reporter& reporter);
void edge_xmpp_form(const Draft& draft, Reporter& reporter);
void edge_av_name(const Draft& draft, Reporter& reporter);
void all_sip_domain(const Draft& draft, Reporter& reporter);
void edge_av_roll(const Draft& draft, Reporter& reporter);

// Usages.
void key_encipherment_with_ec(const Draft& draft, Reporter& reporter);
void server_auth_missing(const Draft& draft, Reporter& reporter);
void not_for_tls_server(const Draft& draft, Reporter& reporter);
void client_auth_public_ca(const Draft& draft, Reporter& reporter);
void client_auth_dropped(const Draft& draft, Reporter& reporter);

// Keys.
void curve_not_allowed(const Draft& draft, Reporter& reporter);
void ed25519_public_ca(const Draft& draft, Reporter& reporter);
void ed25519_libp11(const Draft& draft, Reporter& reporter);
void algorithm_product(const Draft& draft, Reporter& reporter);
void rsa_size(const Draft& draft, Reporter& reporter);

// Where keys are made and how they travel.
void no_token(const Draft& draft, Reporter& reporter);
void shared_key_cannot_travel(const Draft& draft, Reporter& reporter);
void combined_key_must_travel(const Draft& draft, Reporter& reporter);
void pfx_needs_exportable(const Draft& draft, Reporter& reporter);
void security_note(const Draft& draft, Reporter& reporter);
void exportable_single_member(const Draft& draft, Reporter& reporter);
void wrap_only_by_convention(const Draft& draft, Reporter& reporter);
void server_cannot_use_token(const Draft& draft, Reporter& reporter);
void members_share_token(const Draft& draft, Reporter& reporter);

// Outputs.
void duplicate_output(const Draft& draft, Reporter& reporter);
void file_name_unsafe(const Draft& draft, Reporter& reporter);
void label_without_generation(const Draft& draft, Reporter& reporter);

}  // namespace hsmreq::plan::check
