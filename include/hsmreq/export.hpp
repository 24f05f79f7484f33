// An exportable key out of its token, with its certificate, in a file that another system imports.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/finding.hpp"
#include "hsmreq/names.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/run.hpp"

namespace hsmreq {

enum class ExportTarget { windows_server_2019, windows_server_2016, tmg_2010, lync_edge, haproxy };

/// How the file keeps the key from who should not have it.
enum class KeyProtection {
    aes_256,
    triple_des,
    none,  ///< the file's mode alone
};

struct KeyProtectionFacts {
    KeyProtection id;
    std::string_view words;
};

inline constexpr auto key_protections = std::to_array<KeyProtectionFacts>({
    {KeyProtection::aes_256,
     "PKCS#12: PBES2 with AES-256-CBC and PBKDF2-HMAC-SHA-256, MAC with SHA-256, 600000 "
     "iterations"},
    {KeyProtection::triple_des, "PKCS#12: pbeWithSHAAnd3-KeyTripleDES-CBC, MAC with SHA-1, 600000 iterations"},
    {KeyProtection::none, "PEM without encryption, mode 0600"},
});

/// Never fails: every enumerator has a row.
constexpr const KeyProtectionFacts& facts(KeyProtection protection) {
    for (const auto& row : key_protections)
        if (row.id == protection) return row;
    return key_protections.front();
}

/// What a target is and can read. A further target is a further row.
struct ExportTargetFacts {
    ExportTarget id;
    std::string_view name;
    std::string_view title;
    KeyProtection protection;
    bool windows;  ///< provider names, key types and friendly names mean something there
    bool ec_keys;  ///< serves with EC keys
    bool ed25519_keys;
};

/// AES-256 with SHA-256 is read from Windows 10 1709 and Server 2019 on; older ones call the password wrong. TMG 2010
/// takes keys of the legacy providers alone, which have no EC keys.
inline constexpr auto export_targets = std::to_array<ExportTargetFacts>({
    {ExportTarget::windows_server_2019, "windows-server-2019", "Windows Server 2019 or later", KeyProtection::aes_256,
     true, true, false},
    {ExportTarget::windows_server_2016, "windows-server-2016", "Windows Server 2016 or older",
     KeyProtection::triple_des, true, true, false},
    {ExportTarget::tmg_2010, "tmg-2010", "Forefront TMG 2010", KeyProtection::triple_des, true, false, false},
    {ExportTarget::lync_edge, "lync-edge", "an Edge Server on Windows Server 2019 or later", KeyProtection::aes_256,
     true, true, false},
    {ExportTarget::haproxy, "haproxy", "HAProxy", KeyProtection::none, false, true, true},
});

/// Never fails: every enumerator has a row.
constexpr const ExportTargetFacts& facts(ExportTarget target) {
    for (const auto& row : export_targets)
        if (row.id == target) return row;
    return export_targets.front();
}

/// Iterations of PBKDF2, and of the MAC's and 3DES' key derivation.
inline constexpr unsigned pfx_iterations = 600'000;
/// Characters, not bytes.
inline constexpr std::size_t shortest_password = 12;

struct ExportedCertificate {
    std::string file;  ///< within the output directory
    std::string subject;
    std::string serial;
    std::string sha256;
    std::string not_after;  ///< RFC 3339
};

struct ExportItemResult {
    std::string request;
    std::string member;        ///< "" for a shared key
    std::string token_member;  ///< whose token the key is in
    unsigned generation = 0;   ///< 0 when it is not known
    /// created, replaced; unchanged: the file was there and holds the same; planned: a dry run
    ItemState state = ItemState::failed;
    std::string key_uri;
    std::string public_key_sha256;
    std::optional<ExportedCertificate> certificate;
    std::vector<std::string> chain;       ///< subjects of the intermediates in the file
    std::vector<std::string> mechanisms;  ///< how the key left the token
    std::string file_sha256;              ///< of the file written; "" when none was
    std::vector<std::string> recipients;  ///< the members that receive such a file
    std::string evidence_file;            ///< within the output directory
    std::string envelope_file;            ///< the signed evidence; "" when the farm has no key for it
    std::vector<Finding> findings;
    std::optional<Error> error;
};

struct ExportSummary : RunHeader {
    ExportTarget target = ExportTarget::windows_server_2019;
    std::string output_file;
    bool dry_run = false;
    std::vector<ExportItemResult> items;  ///< one
    std::vector<Finding> findings;
};

struct ExportOptions {
    /// Farm file, plan, output directory, --member, --dry-run, --replace, --reason and how tokens are opened.
    RequestOptions run;
    std::string request;
    ExportTarget target = ExportTarget::windows_server_2019;
    std::string password_source;  ///< "" for a target whose file has no password
    std::string output_file;
    std::string windows_provider;  ///< "" leaves it to Windows
    bool allow_weak_password = false;
    bool acknowledged = false;  ///< --acknowledge-security-note
};

struct ExportOutcome {
    std::optional<ExportSummary> summary;
    std::optional<Error> error;

    [[nodiscard]] ExitCode exit_code() const { return first_error_code(*this); }
};

/// What is at stake, for who is about to do it.
std::vector<std::string> security_note(const ExportOptions& options);

struct ExportContext {
    RequestObserver& observer;
    /// Shows the note and, unless it is acknowledged already, asks. Errors: ExitCode::usage when nobody can be asked.
    std::function<Result<bool>(const std::vector<std::string>& note)> acknowledge;
    /// Asks for the password, twice.
    std::function<Result<Secret>()> ask_password;
    std::function<void(const ExportOutcome& outcome)> hung;  ///< as HungHandler
};

/// Does what `hsmreq export` does, printing nothing. For no copy of the key to stay in the process's memory,
/// wipe_freed_openssl_memory() has to have come first. Errors: in the outcome.
ExportOutcome export_key(const ExportOptions& options, const ExportContext& context);

}  // namespace hsmreq
