#include "farm/words.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"

namespace hsmreq::farm {
namespace {

constexpr std::string_view size = "The key's size is part of its algorithm: [key] algorithm = \"rsa-2048\".";
constexpr std::string_view alternative_names =
    "Subject alternative names follow from pools, simple URLs and the other sections; further ones go to [certificate] "
    "extra_names, those of a [[request]] to its names.";
constexpr std::string_view common_name =
    "The common name is the first pool's external web FQDN; [certificate] common_name replaces it, a [[request]] has a "
    "common_name of its own.";
constexpr std::string_view exportable =
    "Write [key] private_key = \"non-exportable\", \"wrap-only\" or \"exportable\".";
constexpr std::string_view certificate_template =
    "For an AD CS template's name write [certificate] ad_cs_template; a public CA takes none.";
constexpr std::string_view hash = "Write [key] hash = \"sha256\", \"sha384\" or \"sha512\".";
constexpr std::string_view key_spec = "Write [key] purpose = \"exchange\" or \"signature\".";
constexpr std::string_view algorithm = "Write [key] algorithm, such as \"rsa-2048\" or \"ec-p256\".";
constexpr std::string_view provider =
    "The key is made in a PKCS#11 token, not by a Windows provider: [token] module names the token's module.";
constexpr std::string_view friendly_name = "Write [certificate] friendly_name.";
constexpr std::string_view extended_key_usage =
    "Write [certificate] extended_key_usage = [\"serverAuth\", \"clientAuth\"].";
constexpr std::string_view key_usage =
    "Write [certificate] key_usage = [\"digitalSignature\", \"keyEncipherment\"]; it is always critical.";
constexpr std::string_view pin =
    "A farm file holds no PIN; pin_source says where it comes from: \"prompt\", \"env:NAME\", \"file:PATH\", \"fd:N\", "
    "\"credential:NAME\" or \"none\".";
constexpr std::string_view module =
    "Write module: a p11-kit name such as \"softhsm2\", or the path of a PKCS#11 library.";
constexpr std::string_view slot =
    "Slot numbers change; name the token in uri = \"pkcs11:token=LABEL\", with serial= where labels repeat.";
constexpr std::string_view validity = "The CA decides how long a certificate is valid; a request can't ask for it.";
constexpr std::string_view subject =
    "Write [certificate] subject = { country = \"DE\", state = \"…\", locality = \"…\", organization = \"…\", "
    "organizational_unit = \"…\" }.";
constexpr std::string_view file_format = "Write [certificate] file_format = \"base64\" or \"binary\".";
constexpr std::string_view output = "Files go where the --out flag says; [certificate] file_name gives their names.";
constexpr std::string_view default_extensions =
    "Write [certificate] default_extensions = \"ca\", \"add\" or \"suppress\".";
constexpr std::string_view sip_domain = "Write [farm] sip_domains = [\"contoso.com\"].";
constexpr std::string_view pool_fqdn = "Write external_web_fqdn: the name that the pool has on the Internet.";
constexpr std::string_view uri = "Write uri = \"pkcs11:token=LABEL\".";
constexpr std::string_view label = "A key's label is [key] label; a token's is in uri = \"pkcs11:token=LABEL\".";
constexpr std::string_view always = "It is always so here; leave the line out.";
constexpr std::string_view ca_flag = "These are server certificates: no basic constraints are asked for.";
constexpr std::string_view authority = "Write [farm] ca = \"public\", or the CA's name; \"private\" for your own.";
constexpr std::string_view no_email = "A server certificate carries no e-mail address.";
constexpr std::string_view certreq_file =
    "That is of a certreq policy file; `hsmreq init --from-inf FILE` makes a farm file of it.";
constexpr std::string_view openssl_file =
    "That is of openssl.cnf. Here the names follow from the topology, the subject is [certificate.subject], and the "
    "key's "
    "size is [key] algorithm; `hsmreq init` asks for all of them.";
constexpr std::string_view no_attributes = "A request carries no attributes but its extensions; leave the line out.";
constexpr std::string_view key_identifier =
    "The subject key identifier follows [certificate] default_extensions; the CA adds the authority's.";
constexpr std::string_view text_encoding = "Names are written as UTF-8, as RFC 5280 asks; leave the line out.";
constexpr std::string_view windows_store =
    "The key is kept in a PKCS#11 token, not in a Windows store; leave the line out.";
constexpr std::string_view edge = "Edge names go to [edge]: access_fqdn, web_conferencing_fqdn.";

constexpr ForeignWord words[] = {
    {"keysize", size},
    {"keylength", size},
    {"defaultbits", size},
    {"bits", size},
    {"modulus", size},
    {"san", alternative_names},
    {"sans", alternative_names},
    {"subjectaltname", alternative_names},
    {"subjectaltnames", alternative_names},
    {"subjectalternativename", alternative_names},
    {"subjectalternativenames", alternative_names},
    {"altname", alternative_names},
    {"altnames", alternative_names},
    {"dns", alternative_names},
    {"dnsname", alternative_names},
    {"dnsnames", alternative_names},
    {"domain", alternative_names},
    {"domains", alternative_names},
    {"domainname", alternative_names},
    {"cn", common_name},
    {"subjectname", subject},
    {"distinguishedname", subject},
    {"dn", subject},
    {"exportable", exportable},
    {"exportableencrypted", exportable},
    {"privatekeyexportable", exportable},
    {"makeprivatekeyexportable", exportable},
    {"extractable", exportable},
    {"template", certificate_template},
    {"certificatetemplate", certificate_template},
    {"hashalgorithm", hash},
    {"digest", hash},
    {"defaultmd", hash},
    {"signaturealgorithm", hash},
    {"keyspec", key_spec},
    {"keytype", key_spec},
    {"keyalgorithm", algorithm},
    {"keyalg", algorithm},
    {"curve", algorithm},
    {"provider", provider},
    {"providername", provider},
    {"providertype", provider},
    {"csp", provider},
    {"ksp", provider},
    {"keycontainer", label},
    {"friendlyname", friendly_name},
    {"displayname", friendly_name},
    {"eku", extended_key_usage},
    {"ekus", extended_key_usage},
    {"extendedkeyusage", extended_key_usage},
    {"extendedkeyusages", extended_key_usage},
    {"enhancedkeyusage", extended_key_usage},
    {"enhancedkeyusages", extended_key_usage},
    {"enhancedkeyusageextension", extended_key_usage},
    {"applicationpolicies", extended_key_usage},
    {"clienteku", extended_key_usage},
    {"oid", extended_key_usage},
    {"ku", key_usage},
    {"keyusage", key_usage},
    {"keyusages", key_usage},
    {"keyusageproperty", key_spec},
    {"critical", key_usage},
    {"pin", pin},
    {"userpin", pin},
    {"sopin", pin},
    {"pinvalue", pin},
    {"pinfile", pin},
    {"password", pin},
    {"passphrase", pin},
    {"passwd", pin},
    {"secret", pin},
    {"encryptkey", pin},
    {"path", module},
    {"library", module},
    {"modulepath", module},
    {"pkcs11module", module},
    {"engine", module},
    {"slot", slot},
    {"slotid", slot},
    {"slots", slot},
    {"serial", slot},
    {"tokenlabel", uri},
    {"url", uri},
    {"label", label},
    {"days", validity},
    {"validity", validity},
    {"validityperiod", validity},
    {"validityperiodunits", validity},
    {"notbefore", validity},
    {"notafter", validity},
    {"expires", validity},
    {"c", subject},
    {"st", subject},
    {"l", subject},
    {"o", subject},
    {"ou", subject},
    {"city", subject},
    {"countryname", subject},
    {"stateorprovincename", subject},
    {"localityname", subject},
    {"organizationname", subject},
    {"organizationalunitname", subject},
    {"format", file_format},
    {"encoding", file_format},
    {"output", output},
    {"out", output},
    {"outdir", output},
    {"suppressdefaults", default_extensions},
    {"sipdomain", sip_domain},
    {"allsipdomain", sip_domain},
    {"fqdn", pool_fqdn},
    {"externalfqdn", pool_fqdn},
    {"webfqdn", pool_fqdn},
    {"machinekeyset", always},
    {"requesttype", always},
    {"smime", always},
    {"useexistingkeyset", "For an existing key write its URI into a [[request]]: [request.key] uri = \"pkcs11:…\"."},
    {"alternatesignaturealgorithm", "RSA requests are signed by PKCS #1 version 1.5, which the products need."},
    {"privatekeyarchive", "Keys stay in their tokens and are never archived at a CA."},
    {"basicconstraints", ca_flag},
    {"isca", ca_flag},
    {"certificateauthority", authority},
    {"issuer", authority},
    {"email", no_email},
    {"emailaddress", no_email},
    {"accessedge", edge},
    {"newrequest", certreq_file},
    {"strings", certreq_file},
    {"extensions", certreq_file},
    {"requestattributes", certreq_file},
    {"continue", certreq_file},
    {"x500nameflags", certreq_file},
    {"requestername", certreq_file},
    {"renewalcert", "A renewal is `hsmreq renew`; the farm file stays as it is."},
    {"silent", windows_store},
    {"userprotected", windows_store},
    {"securitydescriptor", windows_store},
    {"strongprivatekeyprotection", windows_store},
    {"cryptographicserviceprovider", provider},
    {"encryptionalgorithm", "That is for archiving keys; keys stay in their tokens."},
    {"encryptionlength", "That is for archiving keys; keys stay in their tokens."},
    {"requestformat", always},
    {"suppressdefaultextensions", default_extensions},
    {"applicationpolicystatementextension", extended_key_usage},
    {"2.5.29.17", alternative_names},
    {"2.5.29.15", key_usage},
    {"2.5.29.37", extended_key_usage},
    {"alternativename", alternative_names},
    {"alternativenames", alternative_names},
    {"ip", alternative_names},
    {"ipaddress", alternative_names},
    {"commonname", common_name},
    {"commonnamedefault", common_name},
    {"commonnamemax", common_name},
    {"req", openssl_file},
    {"reqextensions", openssl_file},
    {"x509extensions", openssl_file},
    {"reqdistinguishedname", openssl_file},
    {"v3req", openssl_file},
    {"v3ca", openssl_file},
    {"defaultkeyfile", "The private key is never a file: it is made in the token that [[member]] uri names."},
    {"keyout", "The private key is never a file: it is made in the token that [[member]] uri names."},
    {"newkey", algorithm},
    {"prompt", "A farm file is never asked for; `hsmreq init` asks for all it needs and writes one."},
    {"stringmask", text_encoding},
    {"utf8", text_encoding},
    {"attributes", no_attributes},
    {"challengepassword", no_attributes},
    {"unstructuredname", no_attributes},
    {"inputpassword", pin},
    {"outputpassword", pin},
    {"subjectkeyidentifier", key_identifier},
    {"authoritykeyidentifier", key_identifier},
    {"nscerttype", extended_key_usage},
    {"tlsfeature", "OCSP must-staple can't be asked for here."},
    {"defaultdays", validity},
    {"countrynamedefault", subject},
    {"stateorprovincenamedefault", subject},
    {"localitynamedefault", subject},
    {"organizationnamedefault", subject},
    {"organizationalunitnamedefault", subject},
    {"0.organizationname", subject},
    {"0.organizationalunitname", subject},
    {"s", subject},
    {"version", "A farm file has no version of its own; leave it out."},
    {"frontend", "A Front End pool is written [[pool]]."},
    {"frontendpool", "A Front End pool is written [[pool]]."},
    {"server", "A machine that serves the certificate is a [[member]]."},
    {"servers", "A machine that serves the certificate is a [[member]]."},
    {"node", "A machine that serves the certificate is a [[member]]."},
    {"nodes", "A machine that serves the certificate is a [[member]]."},
    {"host", "A machine that serves the certificate is a [[member]]."},
    {"hsm", "The HSM is described in [token], or in each [[member]]."},
    {"pkcs11", "The HSM is described in [token], or in each [[member]]."},
    {"meeturl", "Write [simple_urls.meet], with one list for each SIP domain."},
    {"dialinurl", "Write [simple_urls] dialin = [\"https://dialin.contoso.com\"]."},
    {"adminurl", "Write [simple_urls] admin; it is internal and never a name of the certificate."},
    {"lyncdiscover", "Write [mobility] autodiscover = true; the names follow from farm.sip_domains."},
    {"owa", "Write [office_web_apps] external_fqdns."},
};

}  // namespace

std::span<const ForeignWord> foreign_words() {
    return words;
}

std::string_view hint_for_foreign_word(std::string_view key) {
    std::string word = to_lower(key);
    std::erase_if(word, [](char c) { return c == '_' || c == '-' || c == ' '; });
    const auto row = std::ranges::find(words, word, &ForeignWord::word);
    return row == std::end(words) ? std::string_view{} : row->hint;
}

}  // namespace hsmreq::farm
