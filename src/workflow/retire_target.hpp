// What of a request's key is to go, and what stays.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/retire.hpp"
#include "token/key_pair.hpp"
#include "workflow/generations.hpp"
#include "workflow/held_keys.hpp"
#include "workflow/output_state.hpp"

namespace hsmreq::workflow {

struct RetireSearch {
    token::Session& session;
    const OutputDirectory& directory;
    const RequestPlan& request;
    const RetireOptions& options;
    bool copy = false;  ///< the key was made in another member's token
};

/// One generation.
struct RetireTarget {
    KeyIdentity identity;
    token::KeyTemplate wanted;
    ItemFiles files;
    HeldKey key;  ///< which key, and its objects that go; the public ones only where no marker stays
    std::vector<token::ObjectHandle> certificates;  ///< that go
    std::vector<token::ObjectHandle> unreadable;    ///< that go, with --all
    bool marker = false;                            ///< a public key stays under the CKA_ID
    bool makes_marker = false;                      ///< and has to be put there first
    std::size_t private_keys_left = 0;              ///< of another key under the CKA_ID

    std::string record_name;  ///< of the record of destruction in the output directory
    Bytes begun;              ///< the record of an earlier run that was cut off; empty when there is none
    bool recorded = false;    ///< a record says that the private key went in an earlier run

    [[nodiscard]] bool empty() const {
        return key.private_keys.empty() && key.public_keys.empty() && certificates.empty() && unreadable.empty();
    }
};

/// What the token has of the key; with --all at least up to the generation that was named, since an earlier run may
/// have been cut off half-way down. `identity` comes without a generation. Errors: token faults.
Result<std::vector<Generation>> read_generations(const RetireSearch& search, const KeyIdentity& identity);

/// The generations to work on, the highest first: the one that was asked for, with --all every one. Errors:
/// ExitCode::rules with key.current; ExitCode::not_found with key.missing, key.ambiguous or key.incomplete; token
/// faults.
Result<std::vector<RetireTarget>> choose_targets(const RetireSearch& search, const KeyIdentity& identity,
                                                 const std::vector<Generation>& generations);

}  // namespace hsmreq::workflow
