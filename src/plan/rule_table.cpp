#include <array>

#include "plan/checks.hpp"

namespace hsmreq::plan {
namespace {

constexpr auto error = Severity::error;
constexpr auto warning = Severity::warning;
constexpr auto info = Severity::info;

constexpr std::string_view simple_urls = "Microsoft, Lync Server 2013: Planning for simple URLs";
constexpr std::string_view reverse_proxy = "Microsoft, Lync Server 2013: Certificate summary - Reverse proxy";
constexpr std::string_view external_access =
    "Microsoft, Lync Server 2013: Certificate requirements for external user access";
constexpr std::string_view wildcards = "Microsoft, Lync Server 2013: Wildcard certificate support";
constexpr std::string_view edge_plan = "Microsoft, Lync Server 2013: Plan for Edge Server certificates";
constexpr std::string_view infrastructure = "Microsoft, Lync Server 2013: Certificate infrastructure requirements";
constexpr std::string_view farm_policy = "hsmreq, docs/farm-file.md, [key]";

constexpr std::array rule_table{
    // Names, one by one
    Rule{"name.not-ldh", error, "{} is not a host name: {}", "Write a host name of letters, digits, hyphens and dots.",
         "TLS Baseline Requirements 2.2.6, 7.1.2.7.12; RFC 1034, 3.5; RFC 5890, 2.3.1", "", check::not_ldh,
         "Make the request again with a host name of letters, digits, hyphens and dots."},
    Rule{"name.underscore", error, "{} has an underscore in the label {}", "Use a name without underscores.",
         "TLS Baseline Requirements 2.2.6, 7.1.2.7.12; RFC 1034, 3.5", "", check::underscore,
         "Make the request again without the name, or with one without underscores."},
    Rule{"name.label-too-long", error, "{} has a label of {} characters", "Keep every label at 63 characters or fewer.",
         "RFC 1034, 3.1", "", check::label_too_long, "Make the request again with labels of at most 63 characters."},
    Rule{"name.too-long", error, "{} has {} characters", "Use a name of at most 253 characters.", "RFC 1034, 3.1", "",
         check::too_long, "Make the request again with names of at most 253 characters."},
    Rule{"name.trailing-dot", error, "{} ends in a dot", "Write the name without the final dot.",
         "TLS Baseline Requirements 2.2.6, 7.1.2.7.12; RFC 5280, 4.2.1.6", "", check::trailing_dot,
         "Make the request again with the name without the final dot."},
    Rule{"name.idn", error, "{} is an internationalised name; in a certificate it reads {}",
         "Use a name in plain letters where the product has to serve it.",
         "Microsoft, Skype for Business Server: Environmental requirements (no IDN); RFC 5891, 4", "", check::idn,
         "Use a name in plain letters where the product has to serve it.",
         "a warning for Lync Server 2013 and generic farms"},
    Rule{"name.ip-address", error, "{} is an IP address{}",
         "Name the host; addresses go only with product = \"generic\" and ca = \"private\".",
         "TLS Baseline Requirements 2.2.6, 3.2.2.5, 7.1.2.7.12 and 7.1.4.3; RFC 6890", "", check::ip_address,
         "Name the host; only a private CA certifies addresses for a farm that is generic."},
    Rule{"name.internal", error, "{} is an internal name, which no public CA may certify",
         "Use a name under a registered domain, or a private CA.", "TLS Baseline Requirements 2.2.6, 7.1.2.7.12", "",
         check::internal_name, "Use a name under a registered domain, or a private CA (--ca private)."},
    Rule{"name.wildcard-public-suffix", error, "{} is a wildcard directly below a public suffix",
         "Put the wildcard under a domain that you have registered.", "TLS Baseline Requirements 2.2.6, 3.2.2.6", "",
         check::wildcard_public_suffix, "Put the wildcard under a domain that you have registered."},
    // Names of a request
    Rule{"name.common-name-too-long", error, "The common name {} has {} characters, and 64 is the most",
         "Set certificate.common_name to one of the shorter names.",
         "RFC 5280, A.1 (ub-common-name); TLS Baseline Requirements 2.2.6, 7.1.4.3", "", check::common_name_too_long,
         "Make the request again with a shorter name for the common name."},
    Rule{"name.wildcard-subject", error, "The common name {} is a wildcard, which no server role supports",
         "Write the external web FQDN out and keep the wildcard to the alternative names.", wildcards, "",
         check::wildcard_subject,
         "Make the request again with the external web FQDN as common name, and the wildcard as an alternative name."},
    Rule{"name.too-many-for-ca", error, "{} has {} names, and {} takes at most {}",
         "Split it with layout = \"per-pool\" or further [[request]] entries, or use wildcard_for.",
         "Let's Encrypt: Rate limits, names per certificate", "", check::too_many_names,
         "Spread the names over several requests, or use a wildcard."},
    Rule{"name.duplicate", warning, "{} is there twice", "Take one of them out.", "RFC 5280, 4.2.1.6", "",
         check::duplicate_name, "Make the request again with every name once."},
    Rule{"ca.duplicate-limit", warning, "{} makes {} certificates for the same names, and {} issues {} in seven days",
         "Set sharing = \"shared\" or spread the requests over several weeks.",
         "Let's Encrypt: Rate limits, certificates per exact set of identifiers", "", check::duplicate_limit},
    Rule{"subject.organizational-unit", warning, "The organizational unit {} is not allowed in public certificates",
         "Leave organizational_unit out.", "TLS Baseline Requirements 2.2.6, 7.1.2.7; ballot SC47v2 (2022-09-01)",
         "2022-09-01", check::organizational_unit, "Make the request again without an organizational unit."},
    // Topology
    Rule{"name.sip-domain-without-meet", error, "The SIP domain {} has no meeting URL",
         "Add it to [simple_urls.meet], in quotes, or set meet_pattern.", reverse_proxy, "",
         check::sip_domain_without_meet},
    Rule{"name.meet-for-unknown-sip-domain", error, "[simple_urls.meet] names {}, which is no SIP domain of this farm",
         "Add it to farm.sip_domains or correct its spelling.", simple_urls, "", check::meet_for_unknown_sip_domain},
    Rule{"name.simple-url-not-https", error, "The simple URL {} is not https", "Begin it with https://.", simple_urls,
         "", check::simple_url_not_https},
    Rule{"name.simple-url-port", error, "The simple URL {} has a port", "Write it without a port; clients use 443.",
         simple_urls, "", check::simple_url_port},
    Rule{"name.simple-url-prefix", error, "The simple URL {} is the same as {} or a prefix of it",
         "Give every simple URL a host or path of its own.", simple_urls, "", check::simple_url_prefix},
    Rule{"name.simple-url-is-pool", error, "The simple URL {} is on the name of a pool or Director ({})",
         "Give simple URLs a host of their own.", simple_urls, "", check::simple_url_is_pool},
    Rule{"name.simple-url-charset", warning, "The simple URL {} has characters other than a-z, 0-9 and dots",
         "Prefer letters and digits only, without a hyphen.", simple_urls, "", check::simple_url_charset},
    Rule{"name.admin-url-published", warning,
         "The Admin URL {} is for the internal network; it is not a name of this certificate",
         "Remove simple_urls.admin, and don't publish the URL on the reverse proxy.", simple_urls, "",
         check::admin_url_published},
    Rule{"name.director-equals-pool", error, "A Director has the external web FQDN of a pool, {}",
         "Give the Director an external web FQDN of its own.",
         "Microsoft, Lync Server 2013: Setting up reverse proxy servers", "", check::director_equals_pool},
    Rule{"name.exchange-not-covered", info, "Exchange's names are not on this certificate: {}",
         "Set exchange.on_this_certificate = true, or see that another certificate has them.",
         "Microsoft, Lync Server 2013: Request and configure a certificate for your reverse HTTP proxy, note on "
         "Exchange",
         "", check::exchange_not_covered},
    Rule{"name.wildcard-web-fqdn", warning,
         "The external web FQDN {} is a wildcard, on which Microsoft's pages disagree",
         "Write external web FQDNs out; keep wildcards to simple URLs and lyncdiscover.",
         "Microsoft, Lync Server 2013: Wildcard certificate support, against Plan for Edge Server certificates "
         "(wildcards "
         "for simple URLs only) and Certificate requirements for external user access",
         "", check::wildcard_web_fqdn},
    Rule{"name.wildcard-phone-edition", warning, "Lync Phone Edition does not accept the wildcard {}",
         "Name the hosts one by one while such phones are in use.", wildcards, "", check::wildcard_phone_edition},
    Rule{"name.wildcard-unused", warning,
         "No simple URL or lyncdiscover host is one label below {}, so no wildcard goes in",
         "Correct the domain in certificate.wildcard_for, or take it out.",
         "hsmreq, docs/farm-file.md, certificate.wildcard_for", "", check::wildcard_unused},
    Rule{"edge.xmpp-form", warning,
         "Microsoft's pages disagree on the names for XMPP; {} goes in as the bare domain, as the later page has it",
         "Check the federation partner's needs; a host such as xmpp.DOMAIN can go into extra_names.",
         "Microsoft, Lync Server 2013: Plan for Edge Server certificates, against Certificate summary - Scaled "
         "consolidated edge (XMPP was removed in Skype for Business Server 2019)",
         "", check::edge_xmpp_form},
    Rule{
        "edge.av-name", info,
        "Microsoft's pages disagree on whether the A/V Edge service needs a name of its own; none goes in",
        "Add the A/V Edge FQDN to extra_names if the Edge Servers are set up by the page that asks for it.",
        "Microsoft, Lync Server 2013: Plan for Edge Server certificates (a name for it), against Certificate summary - "
        "Scaled consolidated edge (none)",
        "", check::edge_av_name},
    Rule{"edge.all-sip-domain", info,
         "Microsoft's pages disagree on whether -AllSipDomain covers several SIP domains; the names for all {} are "
         "written out here",
         "Nothing needs doing; with Request-CsCertificate name them in -DomainName.",
         "Microsoft, Lync Server 2013: Request-CsCertificate (adds every SIP domain), against Modifying certificates "
         "for "
         "mobility (not with many SIP domains)",
         "", check::all_sip_domain},
    Rule{"edge.av-roll", info,
         "The certificate's key also authenticates A/V sessions, so a new one has to be rolled in on the Edge Servers",
         "Stage it with Set-CsCertificate -Roll ahead of the change.",
         "Microsoft, Lync Server 2013: Staging AV and OAuth certificates using -Roll in Set-CsCertificate", "",
         check::edge_av_roll},
    // Usages
    Rule{"usage.key-encipherment-with-ec", error, "{} asks for keyEncipherment with an {} key, which can't do it",
         "Leave key_usage out, or write [\"digitalSignature\"].",
         "TLS Baseline Requirements 2.2.6, 7.1.2.7.11; RFC 8813, 3", "", check::key_encipherment_with_ec,
         "Have it made again with digitalSignature alone."},
    Rule{"usage.server-auth-missing", error, "{} leaves out serverAuth", "Add \"serverAuth\" to extended_key_usage.",
         "TLS Baseline Requirements 2.2.6, 7.1.2.7.10; Microsoft, Lync Server 2013: Certificate infrastructure "
         "requirements",
         "", check::server_auth_missing, "Have it made again with serverAuth among the extended key usages."},
    Rule{"usage.not-for-tls-server", error, "{} is not for a TLS server: {}",
         "Write key_usage = [\"digitalSignature\", \"keyEncipherment\"] (with an EC key the first alone) and "
         "extended_key_usage = [\"serverAuth\"].",
         "TLS Baseline Requirements 2.2.6, 7.1.2.7.10 and 7.1.2.7.11; RFC 5280, 4.2.1.3", "", check::not_for_tls_server,
         "Have it made again with digitalSignature (and keyEncipherment with an RSA key) and serverAuth.",
         "a warning for a usage too many at a private CA"},
    Rule{"usage.client-auth-public-ca", error, "{} asks {} for clientAuth, which {}",
         "Write extended_key_usage = [\"serverAuth\"] under [certificate].",
         "Chrome Root Program Policy 1.8, 2026-02-05", "2027-03-15", check::client_auth_public_ca,
         "Have it made again with serverAuth alone.",
         "a warning at a CA that is not known to refuse it, and before the day"},
    Rule{"usage.client-auth-dropped", info, "Request {} goes without clientAuth: {} has issued none since {}",
         "Nothing needs doing; write extended_key_usage = [\"serverAuth\"] to make it explicit.",
         "Chrome Root Program Policy 1.8, 2026-02-05", "2027-03-15", check::client_auth_dropped},
    // Keys
    Rule{"key.curve-not-allowed",
         error,
         "{} is on the curve {}, {}",
         "Choose P-256 or P-384 (ec-p256, ec-p384).",
         "TLS Baseline Requirements 2.2.6, 6.1.5; RFC 5480, 2.1.1; Let's Encrypt: Integration guide, supported key "
         "algorithms",
         "",
         check::curve_not_allowed,
         {},
         "a warning in inspect while no CA is named"},
    Rule{"key.ed25519-public-ca",
         error,
         "{} is an {} key, which {} may not certify",
         "Choose P-256, or RSA with 2048 bits.",
         "TLS Baseline Requirements 2.2.6, 6.1.1.3 and 7.1.3.1",
         "",
         check::ed25519_public_ca,
         {},
         "a warning in inspect while no CA is named"},
    Rule{"key.algorithm-product", warning, "{} is an {} key, which the product's requirements do not list",
         "Choose rsa-2048, or ec-p256.", infrastructure, "", check::algorithm_product},
    Rule{"key.ed25519-libp11",
         error,
         "{} is an {} key in a token; with it there libp11 before 0.4.17, and so nginx and Apache on "
         "Debian 12, can use no key of that token",
         "Choose ec-p256, or give --allow-ed25519 where nothing reads the token through libp11.",
         "hsmreq, docs/farm-file.md, key.algorithm",
         "",
         check::ed25519_libp11,
         {},
         "a warning with --allow-ed25519"},
    Rule{"key.rsa-size", warning, "{} is {}, {}",
         "Choose RSA with 2048 or 4096 bits, or with 3072 where neither Lync nor Skype for Business uses it.",
         "TLS Baseline Requirements 2.2.6, 6.1.5; Microsoft, Lync Server 2013: Certificate infrastructure requirements",
         "", check::rsa_size},
    // Keeping and moving keys
    Rule{"policy.no-token", error, "Request {} has no member with a token in which its key could be made",
         "Give a member a module and a uri, or add one with role = \"workstation\".", farm_policy, "", check::no_token},
    Rule{"policy.shared-key-cannot-travel", error,
         "Request {} has one key for {} tokens, and a non-exportable key never leaves the token it is made in",
         "Set sharing = \"per-member\" for a key in each token, or private_key = \"wrap-only\" to let it travel "
         "encrypted, or give all members the same network token.",
         farm_policy, "", check::shared_key_cannot_travel},
    Rule{"edge.combined-key-must-travel", error,
         "Request {} serves the Edge Servers too, which all use one key, so the key must be {}",
         "Set sharing = \"shared\" and private_key = \"exportable\", or edge.server_keys = \"hsm\" where the Edge "
         "Servers reach the token.",
         edge_plan, "", check::combined_key_must_travel},
    Rule{"policy.pfx-needs-exportable", error,
         "Member {} receives request {} as a PFX, which only an exportable shared key allows",
         "Set sharing = \"shared\" and private_key = \"exportable\", or give the member a token.", farm_policy, "",
         check::pfx_needs_exportable},
    Rule{"policy.security-note", warning,
         "The key of request {} is exportable: treat it with extra care, for it is copied to every member, and "
         "whoever obtains one copy can pose as all of them",
         "Keep it non-exportable unless a server has to import it; if a copy gets out, revoke and make a new key.",
         external_access, "", check::security_note},
    Rule{"policy.exportable-single-member", warning,
         "The key of request {} is exportable, yet only {} uses it, and makes it in its own token",
         "Set private_key = \"non-exportable\".", farm_policy, "", check::exportable_single_member},
    Rule{"policy.wrap-only-by-convention", warning,
         "Nothing in the token keeps the key of request {} from leaving it under another wrapping key; only this "
         "program refuses",
         "Name a trusted key in key.wrapping_key, so that the token itself enforces it.",
         "PKCS #11 2.40, 4.9 (CKA_WRAP_WITH_TRUSTED)", "", check::wrap_only_by_convention},
    Rule{"policy.members-share-token", warning,
         "Members {} and {} use the same token, so each can use the other's key of request {}",
         "Give each member its own token, or set sharing = \"shared\".", farm_policy, "", check::members_share_token},
    Rule{"policy.server-cannot-use-token", warning, "A server of the kind {} can't use the key in member {}'s token",
         "Set receives = \"pfx\" with a shared, exportable key, or see that the token's maker has a provider for it.",
         farm_policy, "", check::server_cannot_use_token},
    // Outputs
    Rule{"policy.label-without-generation", warning,
         "The key label of request {}, {}, says no generation: after a renewal the old key and the new one on a token "
         "can't be told apart by their labels",
         "End key.label with .g{generation}.", "hsmreq, docs/farm-file.md, key.label", "",
         check::label_without_generation},
    Rule{"policy.duplicate-output", error, "The {} {} belongs to {} and again to {}",
         "Give each its own, different in more than upper and lower case.",
         "hsmreq, docs/farm-file.md, names of requests and files", "", check::duplicate_output},
    Rule{"policy.file-name-unsafe", error, "{} can't be the file name of {}",
         "Set certificate.file_name to something of letters, digits, dots and hyphens that fits 200 characters.",
         "hsmreq, docs/farm-file.md, certificate.file_name", "", check::file_name_unsafe},
};

}  // namespace

std::span<const Rule> rules() {
    return rule_table;
}

}  // namespace hsmreq::plan
