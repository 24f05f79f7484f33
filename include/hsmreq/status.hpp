// Where a farm's certificates stand: what is there, how long it lasts, and what is to be done next. Changes nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/finding.hpp"
#include "hsmreq/names.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/run.hpp"

namespace hsmreq {

struct StatusOptions {
    /// Farm file, plan, output directory, --only, --member and how tokens are opened; the rest is not read.
    RequestOptions run;
    bool private_objects = false;  ///< logs in, for tokens that hide certificates from others
    bool fail_when_due = false;    ///< a renewal that is due is an error, for scripts that look at the code alone
    bool files_only = false;       ///< opens no token
    std::optional<std::chrono::days> warn_days = {};  ///< absent: a third of each certificate's lifetime
};

enum class StatusState { no_request, waiting, valid, renewal_pending, expired, not_yet_valid, not_distributed, failed };

template <>
inline constexpr std::array<Named<StatusState>, 8> named<StatusState>{{
    {StatusState::no_request, "no-request"},
    {StatusState::waiting, "waiting"},  // a request without a certificate: the CA has it
    {StatusState::valid, "valid"},
    {StatusState::renewal_pending, "renewal-pending"},  // valid, and a newer generation waits for its certificate
    {StatusState::expired, "expired"},
    {StatusState::not_yet_valid, "not-yet-valid"},
    {StatusState::not_distributed, "not-distributed"},  // a shared key that this member's token has not got
    {StatusState::failed, "failed"},                    // the token can't be read and the files say nothing
}};

/// Whether a private key is there.
enum class KeyPresence { unknown, present, gone };

template <>
inline constexpr std::array<Named<KeyPresence>, 3> named<KeyPresence>{{
    {KeyPresence::unknown, "unknown"},  // only a login shows private keys
    {KeyPresence::present, "present"},
    {KeyPresence::gone, "gone"},
}};

struct StatusCertificate {
    std::vector<std::string> sources;  ///< "token", or the name of a file in the output directory
    std::string subject;
    std::string issuer;
    std::string serial;
    std::string sha256;
    std::string public_key_sha256;
    std::chrono::sys_seconds not_before{};
    std::chrono::sys_seconds not_after{};
    std::int64_t days_left = 0;  ///< whole days; negative once it has expired
};

/// One generation of an item's key.
struct StatusGeneration {
    unsigned generation = 0;
    std::string key_id;                ///< CKA_ID, hexadecimal
    std::string public_key_sha256;     ///< "" when neither token nor files tell it
    std::vector<std::string> sources;  ///< of the key: "token", the request's file
    KeyPresence private_key = KeyPresence::unknown;
    std::string request_file;                     ///< in the output directory; "" when there is none
    std::string chain_file;                       ///< the same for the CA's chain
    std::vector<StatusCertificate> certificates;  ///< the one that lasts longest first

    /// The one for this generation's key that lasts longest; null when there is none.
    [[nodiscard]] const StatusCertificate* certificate() const;
};

struct StatusItem {
    std::string request;
    std::string member;        ///< "" for a shared key
    std::string token_member;  ///< whose token holds the key
    std::string token;         ///< its label; "" when it was not read
    bool copy = false;         ///< of a shared key that was made in another member's token
    StatusState state = StatusState::failed;
    unsigned generation = 0;          ///< in service: the highest with a certificate; else the highest; 0 for none
    unsigned pending_generation = 0;  ///< a newer one that waits for its certificate; 0 for none
    bool due = false;                 ///< a renewal is to be begun: see docs/status.md
    std::string next;             ///< the command that is next: "request", "install", "renew", "retire"; "" for none
    std::vector<unsigned> older;  ///< generations before the one in service whose private key is not known to be gone
    std::vector<std::string> missing_names;
    std::vector<std::string> unexpected_names;
    std::vector<StatusGeneration> generations;
    std::vector<Finding> findings;
    std::optional<Error> error;  ///< why the token could not be read

    /// The certificate in service; null when there is none.
    [[nodiscard]] const StatusCertificate* certificate() const;
};

enum class CalendarTopic { validity, client_auth };

template <>
inline constexpr std::array<Named<CalendarTopic>, 2> named<CalendarTopic>{{
    {CalendarTopic::validity, "validity"},
    {CalendarTopic::client_auth, "client-auth"},
}};

/// A limit that holds for certificates of the farm's CA from a day on.
struct CalendarEntry {
    Date from{};
    CalendarTopic topic = CalendarTopic::validity;
    bool past = false;  ///< it holds already
    std::string text;
    int days = 0;                 ///< validity: the most days a new certificate may be valid for
    unsigned least_renewals = 0;  ///< validity: in a year, when every certificate serves to its last day
    unsigned usual_renewals = 0;  ///< validity: in a year, when each is replaced with a third of its lifetime left
    std::string source;
};

struct StatusSummary : RunHeader {
    std::string authority;  ///< farm.ca
    std::optional<std::chrono::days> warn_days;
    bool due = false;              ///< any item's
    std::size_t certificates = 0;  ///< that the whole plan makes, whatever --only leaves of it
    std::vector<StatusItem> items;
    std::vector<CalendarEntry> calendar;
    std::vector<Finding> findings;
};

struct StatusOutcome {
    std::optional<StatusSummary> summary;
    std::optional<Error> error;

    /// That of the run's error, else of the first item whose token could not be read, else 4 for findings that refuse.
    [[nodiscard]] ExitCode exit_code() const { return first_error_or_refusal_code(*this); }
};

struct StatusContext {
    RequestObserver& observer;
    std::function<void(const StatusOutcome& outcome)> hung;  ///< as HungHandler
};

/// Does what `hsmreq status` does, printing nothing. Errors: in the outcome.
StatusOutcome farm_status(const StatusOptions& options, const StatusContext& context);

}  // namespace hsmreq
