#include "workflow/init_questions.hpp"

#include <algorithm>
#include <array>

#include "hsmreq/names.hpp"
#include "workflow/init_checks.hpp"
#include "workflow/init_usual.hpp"

namespace hsmreq::workflow {
namespace {

template <class E>
constexpr auto words_of = [] {
    std::array<std::string_view, named<E>.size()> words{};
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = named<E>[i].name;
    return words;
}();

constexpr std::array<std::string_view, 3> autodiscover_words{"https", "http", "no"};

constexpr std::string_view names = ", \t";
constexpr std::string_view blanks = " \t";

template <const char* word>
Words always(const Answers&) {
    return {word};
}
constexpr char lync_2013[] = "lync-server-2013";
constexpr char https[] = "https";
constexpr char rsa_2048[] = "rsa-2048";
constexpr char non_exportable[] = "non-exportable";
constexpr char exchange[] = "exchange";
constexpr char base64[] = "base64";
constexpr char file_name[] = "{request}.{member}";
constexpr char public_ca[] = "public";
constexpr char rp01[] = "rp01";
constexpr char softhsm2[] = "softhsm2";
constexpr char prompt[] = "prompt";
constexpr char web[] = "web";

constexpr std::string_view general = "General";
constexpr std::string_view subject = "Subject";
constexpr std::string_view alternative = "Alternative names, from the topology";
constexpr std::string_view extensions = "Extensions";
constexpr std::string_view private_key = "Private key";
constexpr std::string_view file = "File";
constexpr std::string_view farm = "What the wizard never asks";

constexpr std::array<Question, 36> question_table{{
    {.group = general,
     .key = "friendly-name",
     .value = "TEXT",
     .title = "Friendly name",
     .explanation = "For people: it goes into the evidence, a PFX and IIS, never into the request.",
     .usual = usual::friendly_name,
     .check = answer::friendly_name},
    {.group = general, .key = "description", .value = "TEXT", .title = "Description", .check = answer::plain},
    {.group = subject,
     .key = "common-name",
     .value = "FQDN",
     .title = "Common name",
     .explanation = "The external web services FQDN of the first pool, such as webext.contoso.com.",
     .required = true,
     .check = answer::host},
    {.group = subject,
     .key = "country",
     .value = "CC",
     .title = "Country, two letters",
     .explanation = "This and the next four may be left empty: public CAs take them from your account, if at all.",
     .check = answer::country},
    {.group = subject, .key = "state", .value = "TEXT", .title = "State or province", .check = answer::text_128},
    {.group = subject, .key = "locality", .value = "TEXT", .title = "Locality", .check = answer::text_128},
    {.group = subject, .key = "organization", .value = "TEXT", .title = "Organization", .check = answer::text_64},
    {.group = subject,
     .key = "organizational-unit",
     .value = "TEXT",
     .title = "Organizational unit",
     .explanation = "Public CAs have issued none since 2022-09-01.",
     .check = answer::text_64},
    {.group = alternative,
     .key = "product",
     .value = "WORD",
     .title = "Product",
     .explanation = "What the proxies publish; generic for anything but Lync and Skype for Business.",
     .required = true,
     .usual = always<lync_2013>,
     .choices = words_of<Product>},
    {.group = alternative,
     .key = "sip-domain",
     .value = "DOMAIN",
     .title = "SIP domains",
     .explanation = "What stands behind the @ of the users' SIP addresses, the default domain first.",
     .separators = names,
     .required = true,
     .applies = usual::is_lync,
     .usual = usual::sip_domains,
     .check = answer::host},
    {.group = alternative,
     .key = "pool",
     .value = "FQDN[=BACKEND]",
     .title = "Pools",
     .explanation =
         "The external web services FQDN of every Front End pool or Standard Edition server with remote users;\n"
         "=pool01.corp.contoso.com behind it names the pool that the proxies pass requests to.",
     .separators = names,
     .required = true,
     .applies = usual::is_lync,
     .usual = usual::names,
     .check = answer::pool},
    {.group = alternative,
     .key = "director",
     .value = "FQDN[=BACKEND]",
     .title = "Directors",
     .explanation = "The external web services FQDN of every Director or Director pool, if there are any.",
     .separators = names,
     .applies = usual::is_lync,
     .check = answer::pool},
    {.group = alternative,
     .key = "meet",
     .value = "[DOMAIN=]URL",
     .title = "Meeting simple URLs",
     .explanation = "At least one for every SIP domain; all of them have to be in the certificate.",
     .separators = names,
     .required = true,
     .applies = usual::is_lync,
     .usual = usual::meet,
     .check = answer::meet},
    {.group = alternative,
     .key = "dialin",
     .value = "URL",
     .title = "Dial-in simple URL",
     .explanation = "One for the organisation, whatever the number of SIP domains; - for none.",
     .separators = names,
     .applies = usual::is_lync,
     .usual = usual::dialin,
     .check = answer::url},
    {.group = alternative,
     .key = "autodiscover",
     .value = "WORD",
     .title = "Autodiscover for mobile clients",
     .explanation =
         "https puts lyncdiscover.DOMAIN for every SIP domain into the certificate; http needs no name and port 80.",
     .applies = usual::is_lync,
     .usual = always<https>,
     .choices = autodiscover_words},
    {.group = alternative,
     .key = "office-web-apps",
     .value = "FQDN",
     .title = "Office Web Apps Servers",
     .explanation = "Their external FQDN, if they are published through the same proxies.",
     .separators = names,
     .applies = usual::is_lync,
     .check = answer::host},
    {.group = alternative,
     .key = "extra-name",
     .value = "FQDN",
     .title = "Further names",
     .separators = names,
     .applies = usual::is_lync,
     .check = answer::host_or_address},
    {.group = alternative,
     .key = "dns-name",
     .value = "FQDN",
     .title = "Names",
     .separators = names,
     .required = true,
     .applies = usual::is_generic,
     .usual = usual::names,
     .check = answer::host_or_address},
    {.group = extensions,
     .key = "key-usage",
     .value = "WORD",
     .title = "Key usage",
     .explanation = "Always critical. With an elliptic curve key the default is digitalSignature alone.",
     .separators = names,
     .usual = usual::key_usage,
     .choices = words_of<KeyUsageBit>},
    {.group = extensions,
     .key = "extended-key-usage",
     .value = "WORD",
     .title = "Extended key usage",
     .explanation = "Never critical. With the default, clientAuth goes in only while the CA still issues it.",
     .separators = names,
     .usual = usual::extended_key_usage,
     .check = answer::extended_key_usage},
    {.group = private_key,
     .key = "algorithm",
     .value = "WORD",
     .title = "Key size",
     .explanation = "rsa-2048 is what the wizard makes and every server of that time takes.",
     .usual = always<rsa_2048>,
     .choices = words_of<KeyAlgorithm>},
    {.group = private_key,
     .key = "private-key",
     .value = "WORD",
     .title = "Make private key exportable",
     .explanation =
         "non-exportable keys never leave their token, and each machine of the farm makes its own. wrap-only lets\n"
         "a key travel to a sibling token, encrypted. exportable allows a PFX file.",
     .usual = always<non_exportable>,
     .choices = words_of<PrivateKeyPolicy>},
    {.group = private_key,
     .key = "purpose",
     .value = "WORD",
     .title = "Key type",
     .explanation = "exchange keys may decrypt as well as sign. The type is no part of the request.",
     .harmless = true,
     .applies = usual::is_rsa,
     .usual = always<exchange>,
     .choices = words_of<KeyPurpose>},
    {.group = private_key, .key = "hash", .value = "WORD", .title = "Hash", .asked = false, .choices = words_of<Hash>},
    {.group = extensions,
     .key = "default-extensions",
     .value = "WORD",
     .title = "Default extensions",
     .asked = false,
     .choices = words_of<DefaultExtensions>},
    {.group = extensions,
     .key = "template",
     .value = "NAME",
     .title = "AD CS template",
     .asked = false,
     .check = answer::friendly_name},
    {.group = file,
     .key = "file-format",
     .value = "WORD",
     .title = "File format",
     .explanation = "base64 (PEM) unless the CA tells you otherwise.",
     .usual = always<base64>,
     .choices = words_of<FileFormat>},
    {.group = file,
     .key = "file-name",
     .value = "TEMPLATE",
     .title = "File name",
     .explanation = "Without folder and ending; {request}, {member}, {farm} and {friendly_name} are filled in.",
     .usual = always<file_name>,
     .check = answer::file_name},
    {.group = farm,
     .key = "name",
     .value = "NAME",
     .title = "Farm name",
     .explanation = "Part of every key's identity: changing it later means new keys.",
     .required = true,
     .usual = usual::farm_name,
     .check = answer::identifier},
    {.group = farm,
     .key = "request-name",
     .value = "NAME",
     .title = "Request name",
     .explanation = "Part of every key's identity and of the file names.",
     .required = true,
     .applies = usual::is_generic,
     .usual = always<web>,
     .check = answer::identifier},
    {.group = farm,
     .key = "ca",
     .value = "WORD",
     .title = "Certification authority",
     .explanation = "Whose rules to keep; public for any public CA that is not in the list, private for your own.",
     .required = true,
     .usual = always<public_ca>,
     .choices = words_of<CertificateAuthority>},
    {.group = farm,
     .key = "member",
     .value = "NAME",
     .title = "Members",
     .explanation = "A short name for every machine that serves the certificate.",
     .separators = names,
     .required = true,
     .usual = always<rp01>,
     .check = answer::member},
    {.group = farm,
     .key = "token-uri",
     .value = "[MEMBER=]URI",
     .title = "Tokens",
     .explanation = "Where each member's key is made; p11-kit list-tokens shows the URIs.",
     .separators = blanks,
     .required = true,
     .usual = usual::uris,
     .check = answer::token_uri},
    {.group = farm,
     .key = "sharing",
     .value = "WORD",
     .title = "Sharing",
     .explanation = "per-member: each member has its own key and certificate. shared: one for all of them.",
     .harmless = true,
     .applies = usual::has_several_members,
     .usual = usual::sharing,
     .choices = words_of<Sharing>},
    {.group = farm,
     .key = "module",
     .value = "NAME-OR-PATH",
     .title = "PKCS#11 module",
     .explanation = "A name that p11-kit list-modules shows, or the path of the HSM's library.",
     .required = true,
     .usual = always<softhsm2>,
     .check = answer::plain},
    {.group = farm,
     .key = "pin-source",
     .value = "SOURCE",
     .title = "Where the PIN comes from",
     .explanation = "prompt, env:NAME, file:PATH, fd:N, credential:NAME or none; never the PIN itself.",
     .usual = always<prompt>,
     .check = answer::pin_source},
}};

}  // namespace

std::span<const Question> init_questions() {
    return question_table;
}

}  // namespace hsmreq::workflow
