// Which generations of a key a token has.
#pragma once

#include <functional>
#include <vector>

#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"
#include "token/key_pair.hpp"

namespace hsmreq::workflow {

/// A token of copies has the generations that were distributed to it. So many in a row may be lacking: nobody renews
/// this often without distributing.
constexpr unsigned copy_lacks_at_most = 32;

/// A generation, and what the token has under its CKA_ID.
struct Generation {
    KeyIdentity identity;
    token::FoundObjects found;
};

/// Where to look, and what for.
struct GenerationSearch {
    token::Session& session;
    KeyIdentity identity;  ///< the generation is set by the search
    bool copy = false;     ///< the key was made in another token
    /// True for a generation that the search does not stop at though the token has nothing of it.
    std::function<bool(const KeyIdentity&)> expects = {};
};

/// Upward from 1, at the cost of one search by CKA_ID each, to the first that the token has nothing of, of a copy to
/// the last of so many; those that have something or are expected, lowest first. Errors: token faults.
Result<std::vector<Generation>> find_generations(const GenerationSearch& search);

}  // namespace hsmreq::workflow
