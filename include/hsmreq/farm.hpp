// The farm file as values: what an administrator wrote, validated and with defaults filled in.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/names.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq {

/// Host names are kept as written; the plan normalises them.
struct Pool {
    std::string external_web_fqdn;
    std::string backend;               ///< host[:port], "" when not given
    std::vector<std::string> members;  ///< member names; empty means all
    std::string listen = ":443";
};

struct Director {
    std::string external_web_fqdn;
    std::string backend;
};

/// A central site's own simple URLs.
struct SimpleUrlSite {
    std::string name;
    std::vector<std::string> meet;
    std::vector<std::string> dialin;
};

/// The meeting URLs of one SIP domain, as `[simple_urls.meet]` lists them.
struct MeetUrls {
    std::string sip_domain;
    std::vector<std::string> urls;
};

struct SimpleUrls {
    std::vector<std::string> dialin;
    std::vector<MeetUrls> meet;  ///< a `meet_pattern` appears here already expanded per SIP domain
    std::vector<std::string> admin;
    std::vector<SimpleUrlSite> sites;
    std::string backend;
};

struct Mobility {
    bool autodiscover = false;  ///< true by default for every product but generic
    AutodiscoverOver over = AutodiscoverOver::https;
    std::optional<std::vector<std::string>> domains;  ///< absent: all SIP domains
    std::string backend;
};

struct OfficeWebApps {
    std::vector<std::string> external_fqdns;
    std::string backend;
};

struct Exchange {
    std::vector<std::string> autodiscover_fqdns;
    std::vector<std::string> web_services_fqdns;
    std::string backend;
    bool on_this_certificate = false;
};

struct Edge {
    std::string access_fqdn;
    std::string web_conferencing_fqdn;
    std::vector<std::string> xmpp_domains;
    std::vector<std::string> online_sip_domains;
    bool pooled = false;
    ServerKeys server_keys = ServerKeys::pfx;
};

/// The subject's fields besides the common name; "" when not given.
struct SubjectFields {
    std::string country;
    std::string state;
    std::string locality;
    std::string organization;
    std::string organizational_unit;

    bool operator==(const SubjectFields&) const = default;
};

struct CertificateSettings {
    Layout layout = Layout::combined;
    std::string name = "reverse-proxy";
    SharedNames shared_names = SharedNames::first_pool;
    std::string friendly_name;
    std::string description;
    std::string common_name;  ///< "" for the default
    std::vector<std::string> extra_names;
    std::vector<std::string> wildcard_for;
    SubjectFields subject;
    std::optional<std::vector<KeyUsageBit>> key_usage;  ///< absent: by key family
    std::optional<std::vector<std::string>>
        extended_key_usage;  ///< words or dotted OIDs; absent: by product, CA and date
    DefaultExtensions default_extensions = DefaultExtensions::ca;
    FileFormat file_format = FileFormat::base64;
    std::string file_name = "{request}.{member}";
    std::string ad_cs_template;
};

struct KeySettings {
    KeyAlgorithm algorithm = KeyAlgorithm::rsa_2048;
    Hash hash = Hash::sha256;
    std::optional<KeyPurpose> purpose;  ///< absent: exchange for RSA, signature otherwise
    PrivateKeyPolicy private_key = PrivateKeyPolicy::non_exportable;
    Sharing sharing = Sharing::per_member;
    std::string generate_on;  ///< member name, "" for the first member with a token
    std::string label = "{farm}.{request}.{member}.g{generation}";
    std::string wrapping_key;  ///< RFC 7512 URI, "" when none
    std::string uri;           ///< `request.key.uri`: an existing key; "" when the tool makes the key
};

/// `[[member]]` with the defaults of `[token]` already applied.
struct Member {
    std::string name;
    std::string module;      ///< p11-kit name, or path when it has a slash; "" only with receives = pfx
    std::string uri;         ///< RFC 7512 token URI; "" only with receives = pfx
    std::string pin_source;  ///< syntax checked: prompt, env:NAME, file:PATH (absolute), fd:N, credential:NAME, none
    MemberRole role = MemberRole::reverse_proxy;
    Receives receives = Receives::token;
    std::optional<ServerKind> server;
};

/// `[[request]]` with `[certificate]` and `[key]` inherited and its own keys put over them.
struct RequestEntry {
    std::string name;
    std::string common_name;  ///< "" for the first name
    std::vector<std::string> names;
    std::vector<std::string> members;  ///< empty means all
    CertificateSettings
        certificate;  ///< friendly_name, description, subject, file_name are the request's own where it has them
    KeySettings key;
};

/// The key that signs evidence. What [token] says stands in for a module or PIN source that is not written here.
struct EvidenceSettings {
    std::string key;         ///< RFC 7512 URI of an object; "" when evidence is not signed
    std::string module;      ///< as written in [evidence], "" when it is not
    std::string pin_source;  ///< as written in [evidence], "" when it is not
    std::string default_module = {};
    std::string default_pin_source = {};  ///< "" when the URI says where the PIN comes from
};

struct TrustSettings {
    std::vector<std::string> internal_roots;  ///< absolute paths
    std::vector<std::string> issuing_roots;   ///< absolute paths; empty for the system store
};

/// `[[rules.accept]]`: a documented exception.
struct AcceptedFinding {
    std::string finding;
    std::string name;  ///< "" for every name
    std::string reason;
    std::string until;  ///< YYYY-MM-DD, "" for no end
};

struct Rules {
    std::string weak_key_list;  ///< absolute path, "" when none
    std::vector<AcceptedFinding> accept;
};

struct Farm {
    std::string file;  ///< path as given, for messages
    std::string name;
    Product product = Product::generic;
    CertificateAuthority ca = CertificateAuthority::public_ca;
    std::vector<std::string> sip_domains;
    std::vector<Pool> pools;
    std::vector<Director> directors;
    SimpleUrls simple_urls;
    Mobility mobility;
    OfficeWebApps office_web_apps;
    Exchange exchange;
    std::optional<Edge> edge;
    CertificateSettings certificate;
    KeySettings key;
    std::vector<Member> members;
    std::vector<RequestEntry> requests;
    EvidenceSettings evidence;
    TrustSettings trust;
    Rules rules;
    /// Key path ("pool[0].external_web_fqdn", "farm.sip_domains[1]") to line number, for findings.
    std::map<std::string, unsigned> lines;
};

/// Reads a farm file's text (UTF-8, LF or CRLF, BOM tolerated). `file` names it in messages; relative
/// paths inside the file are resolved against the folder of `file`.
/// Errors: ExitCode::input, the first with the others in Error::also, each with file:line:column in
/// `where` and the source line with a caret in `excerpt`.
Result<Farm> parse_farm(std::string_view text, const std::string& file);

/// Reads and parses the farm file at `path` (at most 1 MiB, a regular file).
Result<Farm> load_farm(const std::string& path);

}  // namespace hsmreq
