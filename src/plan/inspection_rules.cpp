#include <array>

#include "plan/calendar.hpp"
#include "plan/rules.hpp"

namespace hsmreq::plan {
namespace {

constexpr auto error = Severity::error;
constexpr auto warning = Severity::warning;

constexpr std::string_view new_key = "Make a new key, and revoke certificates for this one.";
constexpr std::string_view refused_keys = "TLS Baseline Requirements 2.2.6, 6.1.1.3";

constexpr std::array rule_table{
    // Keys
    Rule{"key.rsa-too-small", error, "The RSA key has {} bits, and 2048 is the least",
         "Make a new key of 2048 bits or more.", "TLS Baseline Requirements 2.2.6, 6.1.5; NIST SP 800-131A Rev. 2, 3",
         ""},
    Rule{"key.rsa-exponent",
         error,
         "The RSA key's public exponent is {}, {}",
         "Make a new key with the exponent 65537.",
         "TLS Baseline Requirements 2.2.6, 6.1.6; RFC 8017, 3.1",
         "",
         nullptr,
         {},
         "a warning for an odd one of 3 or more outside the usual range"},
    Rule{"key.rsa-small-factor", error, "The RSA modulus is divisible by {}, so the key is no secret", new_key,
         "TLS Baseline Requirements 2.2.6, 6.1.6; NIST SP 800-89, 5.3.3", ""},
    Rule{"key.roca", error,
         "The RSA key was made by a library whose keys can be factored (ROCA): its modulus has the structure",
         "Update the device's firmware or use another device, make a new key, and revoke certificates for "
         "this one.",
         "TLS Baseline Requirements 2.2.6, 6.1.1.3; CVE-2017-15361; Nemec and others, The Return of "
         "Coppersmith's Attack, ACM CCS 2017, 2",
         ""},
    Rule{"key.close-primes", error,
         "The RSA key's two primes are so close that Fermat's method finds them within 100 rounds", new_key,
         refused_keys, ""},
    Rule{"key.debian-weak", error, "The RSA key is on the list of known weak keys", new_key,
         "TLS Baseline Requirements 2.2.6, 6.1.1.3; CVE-2008-0166; openssl-vulnkey(1)", ""},
    Rule{"key.algorithm-not-allowed",
         error,
         "The key is of the kind {}, which {} does not certify",
         "Choose P-256, or RSA with 2048 bits.",
         "TLS Baseline Requirements 2.2.6, 6.1.5 and 7.1.3.1",
         "",
         nullptr,
         {},
         "a warning in inspect while no CA is named"},
    Rule{"key.sha1", error, "The {} is signed over {}, a hash that is broken", "Have it made again with SHA-256.",
         "NIST SP 800-131A Rev. 2, 3; Let's Encrypt: requests with SHA-1 signatures are refused", ""},
    // Names and usages
    Rule{"name.subject-not-in-san", error, "The common name {} is not among the alternative names",
         "Have it made again with the common name as an alternative name too; clients look nowhere else.",
         "TLS Baseline Requirements 2.2.6, 7.1.4.3; RFC 9525, 2", ""},
    Rule{"name.none", error, "It names no host: there is neither a common name nor an alternative name",
         "Have it made again with the names that it is for.",
         "TLS Baseline Requirements 2.2.6, 7.1.2.7.12; RFC 9525, 2", ""},
    Rule{"name.other-type", warning, "Alternative names that are neither DNS names nor IP addresses: {}",
         "Have it made again without them; public CAs refuse or drop them.",
         "TLS Baseline Requirements 2.2.6, 7.1.2.7.12", ""},
    Rule{"name.missing", error, "{} is missing, which request {} wants ({})",
         "Have the certificate issued again if the request has the name; else make the request again from the farm "
         "file.",
         "hsmreq, inspect --farm", ""},
    Rule{"name.unexpected", warning, "{} is there, which request {} does not want",
         "Add the name to the farm file, or make the request again from it.", "hsmreq, inspect --farm", ""},
    Rule{"usage.key-usage-not-critical", error, "The key usage is not marked critical",
         "Have it made again with key usage critical.", "TLS Baseline Requirements 2.2.6, 7.1.2.7.6; RFC 5280, 4.2.1.3",
         ""},
    Rule{"usage.extended-key-usage-critical", error, "The extended key usage is marked critical",
         "Have it made again with extended key usage not critical.", "TLS Baseline Requirements 2.2.6, 7.1.2.7.6", ""},
    Rule{"usage.differs-from-plan", warning, "The {} is {}, where request {} plans {}",
         "Ask the CA why, if the request is as planned; else make the request again from the farm file.",
         "hsmreq, inspect --farm", ""},
    Rule{"key.differs-from-plan", error, "The key is {}, where request {} plans {}",
         "Make the request again from the farm file, or correct key.algorithm there.", "hsmreq, inspect --farm", ""},
    Rule{"subject.differs-from-plan", warning, "The subject's {} is {}, where request {} plans {}",
         "Ask the CA why, if the request is as planned; else make the request again, or correct certificate.subject.",
         "hsmreq, inspect --farm", ""},
    Rule{"key.pss-product", warning, "The signature is RSASSA-PSS, which the product does not support",
         "Have it made again with PKCS #1 v1.5: in certreq's INF, AlternateSignatureAlgorithm = false.",
         "Microsoft, Lync Server 2013: Certificate infrastructure requirements", ""},
    // Requests
    Rule{"csr.bad-signature", error, "The request's signature does not verify under the public key it carries",
         "Make the request again, and do not send this one to a CA.", "RFC 2986, 3", ""},
    Rule{"csr.malformed", error, "The request is malformed: {}",
         "Make the request again with a tool that encodes it correctly.", "RFC 2986, 4; RFC 5280, 4.2", ""},
    Rule{"csr.san-critical", error, "The subject alternative names are marked critical beside a subject",
         "Leave the extension uncritical unless the subject is empty.",
         "TLS Baseline Requirements 2.2.6, 7.1.2.7.12; RFC 5280, 4.2.1.6", ""},
    Rule{"csr.windows-identity-leak", warning, "The request tells who made it, and where: {}",
         "Make the request with a tool that leaves these attributes out, if the CA is not your own.",
         "Microsoft, MS-WCCE 2.2.2.7: certificate request attributes (1.3.6.1.4.1.311.21.20)", ""},
    // Certificates
    Rule{"cert.malformed", error, "The certificate is malformed: {}", "Have the CA issue it again.", "RFC 5280, 4", ""},
    Rule{"cert.bad-signature", error, "The signature on the certificate of {} is not by the key of {}",
         "Get the issuer's present certificate, or have the damaged one issued again.", "RFC 5280, 6.1.3", ""},
    Rule{"cert.untrusted-root",
         error,
         "The chain ends in {}, which is not among the trusted roots",
         "Name the root in trust.issuing_roots of the farm file, if it is the right one.",
         "RFC 5280, 6.1",
         "",
         nullptr,
         {},
         "a warning where nobody says which roots count"},
    Rule{"cert.chain-refused", error, "The chain does not hold at the certificate of {}: {}",
         "Ask the CA for its present chain.", "RFC 5280, 6.1", ""},
    Rule{"cert.precertificate", error,
         "This is the precertificate that a log of Certificate Transparency holds, which no client takes",
         "Get the certificate itself from the CA: it has the same serial number.", "RFC 6962, 3.1", ""},
    Rule{"cert.not-in-chain", warning, "The certificate of {} is in no chain of this file",
         "Remove it; servers send only what leads from their certificate to a root.", "RFC 8446, 4.4.2", ""},
    Rule{"cert.expired", error, "The certificate expired on {}", "Renew it.", "RFC 5280, 4.1.2.5", ""},
    Rule{"cert.not-yet-valid", error, "The certificate is valid only from {} on",
         "Wait until then, or set this machine's clock right.", "RFC 5280, 4.1.2.5", ""},
    Rule{"cert.chain-incomplete", error, "The chain lacks the certificate of {}, the issuer of {}",
         "Put the issuer's certificate into the file, after the one it has issued; a root of your own belongs under "
         "[trust].",
         "RFC 8446, 4.4.2; RFC 5280, 6.1", ""},
    Rule{"cert.validity-too-long", warning, "The certificate is valid for {} days, and {} are the most",
         "Ask the CA for a shorter one; clients turn down what a public CA has issued for longer.", validity_source,
         "2026-03-15"},
    Rule{"cert.expires-soon", warning, "The certificate expires on {}, in {} days", "Renew it now.",
         "hsmreq, status, --warn-days", ""},
    Rule{"cert.key-mismatch", error, "The certificate is for another key than {}",
         "Find the certificate that was issued for this request, or have it issued again.", "RFC 5280, 4.1.2.7", ""},
    // Evidence
    Rule{"evidence.subject-differs", error, "{} has the SHA-256 {} in the evidence, and {} in {}",
         "Find the evidence that was written with this file, or make the request again.",
         "in-toto Statement v1, subject", ""},
    Rule{"evidence.bad-signature", error, "No signature of the envelope verifies under the key {}",
         "Don't rely on what it says: find out who changed it, or which key signed it.",
         "DSSE 1.0, Protocol; hsmreq, inspect --evidence-key", ""},
    Rule{"evidence.unsigned", error, "There is no envelope {} beside the evidence, so no key vouches for it",
         "Have it signed: run request again with [evidence] key in the farm file.", "hsmreq, inspect --evidence-key",
         ""},
    Rule{"evidence.payload-differs", error, "The envelope was made over other bytes than those of {}",
         "Rely on the envelope's payload alone; what lies beside it was changed or written later.",
         "DSSE 1.0, Protocol", ""},
};

}  // namespace

std::span<const Rule> inspection_rules() {
    return rule_table;
}

}  // namespace hsmreq::plan
