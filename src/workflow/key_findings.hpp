// What is wrong with a key or a request, as findings.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hsmreq/finding.hpp"
#include "hsmreq/inspect.hpp"
#include "hsmreq/names.hpp"
#include "hsmreq/public_key.hpp"
#include "hsmreq/result.hpp"
#include "x509/weak_key_list.hpp"

namespace hsmreq::workflow {

/// What a key is judged by.
struct KeyContext {
    std::string where = {};      ///< for Finding::where
    std::string algorithm = {};  ///< the kind of a key that is neither RSA, EC nor Ed25519; "" to leave such keys alone
    /// Nothing while it is not known who is to certify the key: what depends on the CA is then a warning.
    std::optional<CertificateAuthority> ca = std::nullopt;
    const x509::WeakKeyList* weak_keys = nullptr;
};

/// True for the short name of a hash that nobody should sign over any more: "SHA1", "MD5".
bool is_broken_hash(std::string_view hash);

/// Judges a key of any origin. Errors: ExitCode::internal.
Result<std::vector<Finding>> key_findings(const PublicKey& key, const KeyContext& context);

/// Judges a request: its signature, its encoding and its key. KeyContext::algorithm is not needed.
/// Errors: ExitCode::internal.
Result<std::vector<Finding>> request_findings(const RequestInspection& request, KeyContext context);

/// The list that `[rules] weak_key_list` names, at most 64 MiB; nothing when `file` is empty.
/// Errors: ExitCode::input, with the line where one is wrong.
Result<std::optional<x509::WeakKeyList>> load_weak_key_list(const std::string& file);

}  // namespace hsmreq::workflow
