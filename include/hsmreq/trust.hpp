// The internal root: whether the servers behind the proxy prove to be who they are, and how machines learn the root.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/finding.hpp"
#include "hsmreq/inspect.hpp"
#include "hsmreq/names.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/run.hpp"

namespace hsmreq {

struct TrustOptions {
    /// Farm file, plan, output directory and --replace; the rest is not read.
    RequestOptions run;
    std::string chain_file;                           ///< judged instead of connecting; "" when not given
    std::chrono::seconds timeout{10};                 ///< for each step of a connection
    std::optional<std::chrono::days> warn_days = {};  ///< absent: a third of each certificate's lifetime
    bool anchor = false;                              ///< puts the roots among this machine's
    bool confirmed = false;                           ///< --yes
    std::string anchor_directory;                     ///< "" for the place that update-ca-certificates reads
    std::string windows_script;                       ///< file to write; "" when not wanted
};

enum class BackendState { trusted, refused, unverified, unreachable };

template <>
inline constexpr std::array<Named<BackendState>, 4> named<BackendState>{{
    {BackendState::trusted, "trusted"},
    {BackendState::refused, "refused"},
    {BackendState::unverified, "unverified"},  // the farm file names no internal root
    {BackendState::unreachable, "unreachable"},
}};

/// One server, or the file given instead.
struct BackendResult {
    std::string address;            ///< HOST:PORT, or the file's name
    std::vector<std::string> uses;  ///< what is published from it
    BackendState state = BackendState::unreachable;
    std::string protocol;                      ///< "TLSv1.3"; "" for a file
    std::string cipher;                        ///< "" for a file
    std::vector<CertificateInspection> chain;  ///< as presented
    std::string root;                          ///< subject of the internal root it ends in; "" when it reaches none
    std::vector<Finding> findings;
    std::optional<Error> error;
};

/// A root of `[trust] internal_roots`, or an intermediate that leads to one.
struct InternalAuthority {
    std::string source;  ///< file, or address of the server that presented it
    bool root = false;
    CertificateInspection certificate;
};

struct TrustSummary : RunHeader {
    std::vector<BackendResult> items;
    std::vector<InternalAuthority> authorities;  ///< what the bundle holds, roots first
    std::string bundle_file;                     ///< in the output directory; "" when none was written
    std::string windows_script;                  ///< as given; "" when none was written
    std::vector<std::string> anchors;            ///< files put among this machine's roots
    std::vector<Finding> findings;
};

struct TrustOutcome {
    std::optional<TrustSummary> summary;
    std::optional<Error> error;

    /// That of the run's error, else of the first server that could not be reached, else 4 for findings that refuse.
    [[nodiscard]] ExitCode exit_code() const { return first_error_or_refusal_code(*this); }
};

struct TrustContext {
    /// Shows what would be trusted on this machine, and asks. Not called with TrustOptions::confirmed.
    std::function<Result<bool>(const TrustSummary& summary)> confirm;
};

/// Does what `hsmreq trust` does, printing nothing. Errors: in the outcome.
TrustOutcome check_trust(const TrustOptions& options, const TrustContext& context);

}  // namespace hsmreq
