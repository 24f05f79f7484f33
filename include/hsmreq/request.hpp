// The main job: a farm file in, keys made in tokens, requests signed there, files and evidence published.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/finding.hpp"
#include "hsmreq/names.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/run.hpp"
#include "hsmreq/secret.hpp"

namespace hsmreq {

enum class ItemState { created, unchanged, recreated, replaced, planned, failed };

template <>
inline constexpr std::array<Named<ItemState>, 6> named<ItemState>{{
    {ItemState::created, "created"},
    {ItemState::unchanged, "unchanged"},
    {ItemState::recreated, "recreated"},
    {ItemState::replaced, "replaced"},
    {ItemState::planned, "planned"},  // --dry-run: what would have been worked on
    {ItemState::failed, "failed"},
}};

/// Which key `hsmreq renew` asks for; the requests of `hsmreq request` are on the current one.
enum class Renewal {
    none,
    new_key,   ///< the next generation, unless the current one has no certificate yet
    same_key,  ///< the current one, with a request signed anew
};

struct RequestItemResult {
    std::string request;
    std::string member;        ///< "" for a shared key
    std::string token_member;  ///< whose token holds the key
    unsigned generation = 0;   ///< 0 when it is not known
    ItemState state = ItemState::failed;
    bool generated = false;  ///< the key was made in this run; otherwise it was adopted
    std::string key_uri;     ///< RFC 7512 with id=; "" when there is no key
    std::string public_key_sha256;
    std::string csr_file;  ///< file name within the output directory; "" when none
    std::string evidence_file;
    std::string envelope_file = {};  ///< the signed evidence; "" when the farm has no key for it
    std::vector<Finding> findings;
    std::optional<Error> error;
};

struct RequestSummary : RunHeader {
    std::string shard;  ///< "I/N", "" without
    bool dry_run = false;
    Renewal renewal = Renewal::none;
    std::vector<RequestItemResult> items;  ///< plan order
    std::vector<Finding> findings;         ///< of the plan and of the run as a whole
};

/// `--pin-source [MEMBER=]SOURCE`.
struct PinOverride {
    std::string member;  ///< "" for every member
    std::string source;
};

/// `--shard I/N`: item k belongs to shard I when k mod N is I - 1.
struct Shard {
    unsigned index = 1;
    unsigned count = 1;
};

struct RequestOptions {
    std::string farm_file;
    PlanOptions plan;
    Renewal renewal = Renewal::none;
    std::string output_directory;   ///< "" for ./FARM-requests
    std::vector<std::string> only;  ///< REQUEST or REQUEST/MEMBER; empty for all
    std::string member;             ///< --member: items on this member's token only; "" for all
    std::optional<Shard> shard;
    unsigned jobs = 1;  ///< sessions that work side by side on each token
    bool dry_run = false;
    bool replace = false;
    bool repair = false;
    bool fail_fast = false;
    bool accept_new_keys = false;
    bool allow_final_try = false;
    bool trust_module = false;
    std::string module;  ///< overrides the farm file's for every member; "" when not given
    std::vector<PinOverride> pin_sources;
    std::chrono::seconds timeout{120};
    std::string reason;
};

struct RequestProgress {
    std::size_t done = 0;
    std::size_t total = 0;
    std::string item;  ///< "reverse-proxy rp01"
    std::string step;  ///< "making the key", "created", ...
};

/// How the command talks to whoever runs it. Calls may come from several threads, one at a time.
class RequestObserver {
public:
    virtual ~RequestObserver() = default;
    virtual void progress(const RequestProgress& progress) = 0;
    /// A sentence for the reader: a wait for a lock, a warning about a PIN file.
    virtual void notice(const std::string& text) = 0;
    /// Asks for a token's PIN without echo.
    virtual Result<Secret> ask_pin(const std::string& token_label) = 0;
    /// True once the user wants the run to end; it ends at the next safe point with ExitCode::interrupted.
    virtual bool interrupted() = 0;
};

/// What came of it. The summary is there once the farm file parsed, whatever happened later.
struct RequestOutcome {
    std::optional<RequestSummary> summary;
    std::optional<Error> error;  ///< of the run as a whole; items carry their own

    /// The run's code: that of the run's error, else of the first failed item in plan order.
    [[nodiscard]] ExitCode exit_code() const { return first_error_code(*this); }
};

/// Called instead of returning when a call into a token does not come back: reports and ends the process.
using HungHandler = std::function<void(const RequestOutcome& outcome)>;

struct RequestContext {
    RequestObserver& observer;
    HungHandler hung;
};

/// Does what `hsmreq request` does, or `hsmreq renew` by RequestOptions::renewal, printing nothing. The observer and
/// the handler must outlive the call. One call at a time: a PKCS#11 module has one state for the whole process. Errors:
/// in the outcome, none is thrown.
RequestOutcome make_requests(const RequestOptions& options, const RequestContext& context);

}  // namespace hsmreq
