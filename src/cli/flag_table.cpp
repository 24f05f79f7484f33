// The flags of every command but those that answer init's questions, a row each.
#include <span>

#include "cli/export_flags.hpp"
#include "cli/flag_values.hpp"
#include "cli/flags.hpp"

namespace hsmreq::cli {
namespace {

template <auto Member>
Status switch_output(Arguments& arguments, const std::string&) {
    arguments.output.*Member = true;
    return {};
}

template <auto Member>
Status switch_request(Arguments& arguments, const std::string&) {
    arguments.request.*Member = true;
    return {};
}

template <auto Member>
Status switch_retire(Arguments& arguments, const std::string&) {
    arguments.retire.*Member = true;
    return {};
}

constexpr unsigned on_plan = bit(Command::plan);
constexpr unsigned on_renew = bit(Command::renew);
constexpr unsigned on_request = bit(Command::request) | on_renew;  // one job with another rule for the generation
constexpr unsigned on_inspect = bit(Command::inspect);
constexpr unsigned on_init = bit(Command::init);
constexpr unsigned on_distribute = bit(Command::distribute);
constexpr unsigned on_export = bit(Command::export_key);
constexpr unsigned on_retire = bit(Command::retire);
constexpr unsigned on_audit = bit(Command::audit);
constexpr unsigned on_prove = bit(Command::prove);
constexpr unsigned on_status = bit(Command::status);
constexpr unsigned on_trust = bit(Command::trust);
constexpr unsigned on_install = bit(Command::install);
constexpr unsigned on_run = on_request | on_distribute | on_prove | on_install;  // works on items, with tokens
constexpr unsigned on_tokens = on_run | on_export | on_retire | on_audit | on_status;

using Options = RequestOptions;

constexpr Flag table[] = {
    {"--out", "DIR", "where the files go; default ./FARM-requests", on_tokens | on_trust, false,
     [](Arguments& a, const std::string& v) { return set_text(a.request.output_directory, "--out", v); }},
    {"--only", "REQUEST[/MEMBER]", "these alone; may be repeated", on_run | on_status, true, add_only},
    {"--member", "M", "this member's items alone; also HSMREQ_MEMBER", on_tokens, false,
     [](Arguments& a, const std::string& v) { return set_text(a.request.member, "--member", v); }},
    {"--shard", "I/N", "the I-th of N parts of the work, I from 1", on_run, false, set_shard},
    {"--jobs", "N", "sessions side by side on each token; default 1", on_run, false, set_jobs},
    {"--dry-run", "", "all, login included, up to the first write", on_run | on_export | on_retire, false,
     switch_request<&Options::dry_run>},
    {"--from-inf", "FILE", "take answers from a certreq policy file", on_init, false,
     [](Arguments& a, const std::string& v) { return set_text(a.init.inf_file, "--from-inf", v); }},
    {"--from-lync", "FILE", "take the topology from Lync's own shell, as JSON", on_init, false,
     [](Arguments& a, const std::string& v) { return set_text(a.init.lync_file, "--from-lync", v); }},
    {"--no-input", "", "ask nothing: flags, files and defaults answer", on_init, false,
     [](Arguments& a, const std::string&) {
         a.no_input = true;
         return Status{};
     }},
    {"--replace", "", "replace files that differ; never a key", on_run | on_export | on_init | on_trust, false,
     switch_request<&Options::replace>},
    {"--repair", "", "remove what an interrupted key generation left", on_run, false, switch_request<&Options::repair>},
    {"--keep-going", "", "go on after a failed item; the default", on_run, false,
     [](Arguments&, const std::string&) { return Status{}; }},
    {"--fail-fast", "", "stop at the first failed item", on_run, false, switch_request<&Options::fail_fast>},
    {"--accept-new-keys", "", "go on although --out has items now unplanned", on_request, false,
     switch_request<&Options::accept_new_keys>},
    {"--reason", "TEXT", "why; goes into the evidence", on_run | on_export | on_retire, false, set_reason},
    {"--module", "NAME-OR-PATH", "PKCS#11 module for every member", on_tokens, false,
     [](Arguments& a, const std::string& v) { return set_text(a.request.module, "--module", v); }},
    {"--pin-source", "[MEMBER=]SOURCE", "prompt, env:, file:, fd:, credential: or none", on_tokens, true,
     add_pin_source},
    {"--timeout", "SECONDS", "longest wait for one token call; default 120", on_tokens, false, set_timeout},
    {"--trust-module", "", "load a module whose file others could change", on_tokens, false,
     switch_request<&Options::trust_module>},
    {"--allow-final-try", "", "log in although a wrong PIN would lock it", on_tokens, false,
     switch_request<&Options::allow_final_try>},
    {"--allow-ed25519", "", "Ed25519 keys although libp11 fails with them", on_plan | on_tokens, false,
     [](Arguments& a, const std::string&) {
         a.plan.allow_ed25519 = true;
         return Status{};
     }},
    {"--same-key", "", "a new request on the old key", on_renew, false,
     [](Arguments& a, const std::string&) {
         a.request.renewal = Renewal::same_key;
         return Status{};
     }},
    {"--store-chain", "", "intermediates into the token, too", on_install, false,
     [](Arguments& a, const std::string&) {
         a.install.store_chain = true;
         return Status{};
     }},
    {"--interim", "", "self-signed certificates where the CA's are missing", on_prove, false,
     [](Arguments& a, const std::string&) {
         a.interim = true;
         return Status{};
     }},
    {"--request", "R", "the request whose key is to go", on_retire, false,
     [](Arguments& a, const std::string& v) { return set_text(a.retire.request, "--request", v); }},
    {"--generation", "N", "the generation that is to go", on_retire, false, set_generation},
    {"--public-key", "SHA256", "the one of two keys under one CKA_ID", on_retire, false, set_public_key},
    {"--all", "", "the current generation, and all traces of the rest", on_retire, false,
     switch_retire<&RetireOptions::all>},
    {"--compromised", "", "show first how to have certificates revoked", on_retire, false,
     switch_retire<&RetireOptions::compromised>},
    {"--listener", "HOST:PORT", "look whether it serves with the key; repeatable", on_retire, true, add_listener},
    {"--yes", "", "destroy without asking", on_retire, false, switch_retire<&RetireOptions::confirmed>},
    {"--format", "FORMAT", "text, json or prometheus; default text", on_status, false, set_format},
    {"--warn-days", "N", "days before a certificate's end; default a third", on_status | on_trust, false,
     set_warn_days},
    {"--private", "", "log in, for tokens that hide their certificates", on_status, false,
     [](Arguments& a, const std::string&) {
         a.status.private_objects = true;
         return Status{};
     }},
    {"--files-only", "", "open no token", on_status, false,
     [](Arguments& a, const std::string&) {
         a.status.files_only = true;
         return Status{};
     }},
    {"--exit-code", "", "end with 4 when a renewal is due", on_status, false,
     [](Arguments& a, const std::string&) {
         a.status.fail_when_due = true;
         return Status{};
     }},
    {"--chain", "FILE", "judge this chain instead of connecting", on_trust, false,
     [](Arguments& a, const std::string& v) { return set_text(a.trust.chain_file, "--chain", v); }},
    {"--anchor", "", "trust the internal roots on this machine", on_trust, false,
     [](Arguments& a, const std::string&) {
         a.trust.anchor = true;
         return Status{};
     }},
    {"--anchor-dir", "DIR", "where --anchor puts them, for images of machines", on_trust, false,
     [](Arguments& a, const std::string& v) { return set_text(a.trust.anchor_directory, "--anchor-dir", v); }},
    {"--yes", "", "with --anchor: without asking", on_trust, false,
     [](Arguments& a, const std::string&) {
         a.trust.confirmed = true;
         return Status{};
     }},
    {"--write-windows", "FILE", "a PowerShell script that does it on Windows", on_trust, false,
     [](Arguments& a, const std::string& v) { return set_text(a.trust.windows_script, "--write-windows", v); }},
    {"--timeout", "SECONDS", "longest wait for a server; default 10", on_trust, false, set_server_timeout},
    {"--token", "URI", "every key of this token instead of a farm's", on_audit, false,
     [](Arguments& a, const std::string& v) { return set_text(a.token_uri, "--token", v); }},
    {"--farm", "FARM", "compare with what this farm file plans", on_inspect, false,
     [](Arguments& a, const std::string& v) { return set_text(a.inspect.farm_file, "--farm", v); }},
    {"--request", "NAME", "with this request of it; default: the best fit", on_inspect, false,
     [](Arguments& a, const std::string& v) { return set_text(a.inspect.request, "--request", v); }},
    {"--ca", "CA", "judge for this CA; default the farm's or public", on_inspect, false, set_ca},
    {"--evidence-key", "PUB.pem", "the key that evidence must be signed by", on_inspect, false,
     [](Arguments& a, const std::string& v) { return set_text(a.inspect.evidence_key_file, "--evidence-key", v); }},
    {"--list-rules", "", "list every rule and CA instead; takes no FILE", on_inspect, false,
     [](Arguments& a, const std::string&) {
         a.list_rules = true;
         return Status{};
     }},
    {"--request", "R", "the request whose key is to go out", on_export, false,
     [](Arguments& a, const std::string& v) { return set_text(a.exporting.request, "--request", v); }},
    {"--for", "TARGET", "what reads the file: windows-server-2019, haproxy, ...", on_export, false, set_export_target},
    {"--password-source", "SOURCE", "the file's: prompt, env:, file:, fd: or credential:", on_export, false,
     set_password_source},
    {"--output", "FILE", "the file to write", on_export, false,
     [](Arguments& a, const std::string& v) { return set_text(a.exporting.output_file, "--output", v); }},
    {"--acknowledge-security-note", "", "you know what a key in a file means", on_export, false,
     [](Arguments& a, const std::string&) {
         a.exporting.acknowledged = true;
         return Status{};
     }},
    {"--windows-provider", "NAME", "the provider that Windows keeps the key in", on_export, false,
     set_windows_provider},
    {"--allow-weak-password", "", "take a password of fewer than 12 characters", on_export, false,
     [](Arguments& a, const std::string&) {
         a.exporting.allow_weak_password = true;
         return Status{};
     }},
    {"--output", "FILE", "offer, seal: the file to write", on_distribute, false,
     [](Arguments& a, const std::string& v) { return set_text(a.distribute.output_file, "--output", v); }},
    {"--request", "R", "seal: whose key", on_distribute, false,
     [](Arguments& a, const std::string& v) { return set_text(a.distribute.request, "--request", v); }},
    {"--offer", "FILE", "seal: the target's public key", on_distribute, false,
     [](Arguments& a, const std::string& v) { return set_text(a.distribute.offer_file, "--offer", v); }},
    {"--fingerprint", "HEX", "seal: the offer's, as the other side told it", on_distribute, false,
     [](Arguments& a, const std::string& v) { return set_text(a.distribute.fingerprint, "--fingerprint", v); }},
    {"--json", "", "print the result as JSON", every_command, false, switch_output<&OutputFlags::json>},
    {"--quiet", "", "errors only", every_command, false, switch_output<&OutputFlags::quiet>},
    {"--verbose", "", "every detail", every_command, false, switch_output<&OutputFlags::verbose>},
    {"--color", "WHEN", "auto, always or never; default auto", every_command, false, set_color},
    {"--date", "YYYY-MM-DD", "judge dated rules as on that day", every_command, false, set_date},
    {"--help", "", "this text", every_command, false,
     [](Arguments& a, const std::string&) {
         a.help = true;
         return Status{};
     }},
    {"--version", "", "the program's version", every_command, false,
     [](Arguments& a, const std::string&) {
         a.version = true;
         return Status{};
     }},
};

}  // namespace

std::span<const Flag> plain_flags() {
    return table;
}

}  // namespace hsmreq::cli
