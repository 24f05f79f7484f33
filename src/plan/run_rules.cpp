#include <array>

#include "plan/rules.hpp"

namespace hsmreq::plan {
namespace {

constexpr auto error = Severity::error;
constexpr auto warning = Severity::warning;
constexpr auto info = Severity::info;

constexpr std::string_view found_keys = "hsmreq, docs/request.md, what a run finds in the token";
constexpr std::string_view signed_evidence = "hsmreq, docs/evidence.md";
constexpr std::string_view key_policy = "hsmreq, docs/key-policy.md";

constexpr std::array rule_table{
    Rule{"key.incomplete", error, "Only a part of the key pair is there: {}",
         "Run request with --repair, which removes the rest of a pair that was never finished.", found_keys, ""},
    Rule{"key.ambiguous", error, "Several keys have the same CKA_ID: {}",
         "Destroy the pair that is not this farm's: hsmreq retire --public-key SHA256; then run again.", found_keys,
         ""},
    Rule{"key.missing", error, "{} exists, but the token has no key for it",
         "Use the right token, or start over with a new key by --replace.", found_keys, ""},
    Rule{"key.changed", error, "The published request carries another key than the token's: {}",
         "Find out which is right before anything else; to keep the token's key, move the old files away.", found_keys,
         ""},
    Rule{"key.renamed-or-dropped", error, "What an earlier run made is not in the plan: {}",
         "Put the old name back, since a changed name means a new key; or use another --out, or confirm with "
         "--accept-new-keys.",
         found_keys, ""},
    Rule{"key.current", error, "Generation {} is the current one",
         "Make the next one with hsmreq renew, or destroy this one with every trace of the others by --all.",
         "hsmreq, docs/renew-and-retire.md", ""},
    Rule{"key.existing", error, "Request {} is on an existing key, which is used and never {}",
         "Use the tool that made the key; then put the new one's URI into request.key.uri.",
         "hsmreq, docs/renew-and-retire.md", ""},
    Rule{"policy.sealed-key-unconfirmed", warning,
         "Nothing here says which key request {} has; the sealed one's public key has the SHA-256 {}",
         "Compare it with what the other side sees, or name the directory of the published request with --out.",
         "hsmreq, docs/distribute.md, tokens apart", ""},
    Rule{"policy.attribute-differs", error, "Attributes differ from the policy: {}",
         "Set the farm's policy to what the key is, or make a new key.",
         "PKCS #11 2.40, 4.9; hsmreq, docs/key-policy.md", ""},
    Rule{.id = "policy.not-generated-in-token",
         .severity = error,
         .message = "{}",
         .fix = "Make a new key in the token; one that came from outside may exist elsewhere.",
         .source = "PKCS #11 2.40, 4.9 (CKA_LOCAL, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE)",
         .date = "",
         .otherwise = "a warning for CKA_LOCAL on a key that this run made, and on a copy"},
    Rule{"policy.probe-failed", error, "The token wrapped a key that it reports as not extractable ({})",
         "Don't trust this token with a key that must not leave it; update its firmware or ask the vendor.",
         "PKCS #11 2.40, 5.13 (C_WrapKey, CKR_KEY_UNEXTRACTABLE); hsmreq, docs/key-policy.md", ""},
    Rule{"policy.probe-inconclusive", warning, "That the key can't be wrapped out rests on the token's word: {}",
         "Read the evidence; ask the vendor for an attestation if the claim must be proved.", key_policy, ""},
    Rule{"pin.trailing-newline", warning, "{}", "Store the PIN with one newline at the end or none.",
         "hsmreq, docs/farm-file.md, PIN sources", ""},
    Rule{"install.copy-not-reached", warning, "The copy of the key in the token of {} did not get the certificate: {}",
         "Run install with --member where that token is in reach.", "hsmreq, docs/install.md", ""},
    // The key that signs evidence
    Rule{"evidence.key-missing", error, "No private key matches evidence.key: {}",
         "Make the key with the token's own tool, or correct evidence.key.", signed_evidence, ""},
    Rule{"evidence.key-ambiguous", error, "{} private keys match evidence.key: {}",
         "Name the key by its id, which `p11tool --list-keys --login` shows.", signed_evidence, ""},
    Rule{"evidence.key-unusable", error, "The evidence key can't sign evidence: {}",
         "Make one of a kind that this program makes, with CKA_SIGN and a public object beside it.", signed_evidence,
         ""},
    Rule{"evidence.key-of-certificate", error, "The evidence key is the key of request {}",
         "Make a key for evidence alone: one that vouches for itself proves nothing.", signed_evidence, ""},
    // What audit finds
    Rule{"audit.looser-than-policy", warning, "The key is kept more loosely than the policy: {}",
         "Find out who made or changed it; renew it, and retire this generation.", "hsmreq, audit", ""},
    Rule{"audit.orphan-key", warning, "The key \"{}\" belongs to no item of the plan",
         "Find out whose it is: a renamed or dropped request, another token's member, an older attempt.",
         "hsmreq, audit", ""},
    Rule{"audit.key-without-certificate", warning, "There is no certificate for the key \"{}\"",
         "Install the certificate, or retire the key if none is to come.", "hsmreq, audit", ""},
    Rule{"audit.certificate-without-key", warning, "The certificate of {} has no private key beside it",
         "Find the token that holds its key, or remove the certificate.", "hsmreq, audit", ""},
    // A key that leaves its token for a file
    Rule{.id = "policy.not-exportable",
         .severity = error,
         .message = "The key is {}, and does not leave its token for a file",
         .fix = "Give the server a token, or make a new request whose key is exportable.",
         .source = "hsmreq, docs/export.md",
         .date = ""},
    Rule{.id = "policy.weak-password",
         .severity = error,
         .message = "The password has fewer than {} characters",
         .fix = "Take a longer one: whoever gets the file can try passwords at leisure.",
         .source = "hsmreq, docs/export.md",
         .date = "",
         .otherwise = "a warning with --allow-weak-password"},
    Rule{"export.password-not-ascii", warning,
         "The password has characters beyond ASCII, which programs encode differently when they open such a file",
         "Try the import before you depend on it, or take letters, digits and signs alone.",
         "RFC 7292, appendix B.1; RFC 8018, 5.2", ""},
    Rule{"export.key-unsupported", warning, "{} has no use for a private key of the kind {}",
         "Use an RSA key for this request, or another target.", "hsmreq, docs/export.md", ""},
    // Where certificates stand
    Rule{"status.certificates-differ", warning, "Token and files hold different certificates for generation {}: {}",
         "Find out which is in service; `hsmreq install` puts one certificate into both.", "hsmreq, docs/status.md",
         ""},
    Rule{"status.nothing-shown", info, "The token {} shows nothing of request {} without a login",
         "If there should be something, look with --private.", "hsmreq, docs/status.md", ""},
    // What the servers behind the proxy present
    Rule{
        "trust.no-roots", error, "The farm file names no internal root, so nothing was verified",
        "Compare a root's SHA-256 with what its owner says, store it in a file, and name that in trust.internal_roots.",
        "hsmreq, docs/trust.md", ""},
    Rule{"trust.not-a-root", error, "The certificate of {} in {} is no root: {}",
         "Name files of self-signed CA certificates in trust.internal_roots.", "RFC 5280, 6.1; hsmreq, docs/trust.md",
         ""},
    Rule{"trust.root-mismatch", error, "The chain leads to {}, which is not among the internal roots",
         "If it is the right root, name its file in trust.internal_roots; otherwise find out who answers there.",
         "RFC 5280, 6.1", ""},
    Rule{"trust.backend-name", error, "The certificate is not for {}, by which the proxy connects; it names {}",
         "Write the backend as a name that the certificate carries, or have the server's certificate issued again.",
         "RFC 9525, 6", ""},
    Rule{"trust.backend-expiring", warning, "The certificate of {} expires on {}, in {} days",
         "Have it renewed on the server; the proxy stops connecting on that day.", "hsmreq, trust, --warn-days", ""},
    Rule{"trust.backend-protocol", warning, "The server speaks {} at the most",
         "Let the server speak TLS 1.2; proxies on Debian refuse older ones unless their OpenSSL is told otherwise.",
         "RFC 8996; Debian's openssl.cnf (MinProtocol, SECLEVEL=2)", ""},
    Rule{"trust.backend-sha1", warning, "The certificate of {} is signed over {}, a hash that is broken",
         "Have it issued again with SHA-256; proxies on Debian refuse the chain at OpenSSL's usual security level.",
         "NIST SP 800-131A Rev. 2, 3; Debian's openssl.cnf (SECLEVEL=2)", ""},
    // The end of a key
    Rule{"retire.certificate-valid", warning, "A certificate for this key is valid until {}: serial {}, by {}",
         "Take it out of service first, or let it expire.", "hsmreq, retire", ""},
    Rule{"retire.only-valid-certificate", warning,
         "No other generation of this key has an unexpired certificate beside the one with serial {}",
         "Install the certificate of the next generation first.", "hsmreq, retire", ""},
    Rule{"retire.listener-serves", warning, "The listener {} answers with this key",
         "Give it the next generation's certificate, and look again.", "hsmreq, retire --listener", ""},
};

}  // namespace

std::span<const Rule> run_rules() {
    return rule_table;
}

}  // namespace hsmreq::plan
