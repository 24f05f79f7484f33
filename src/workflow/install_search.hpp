// The search for the keys that certificates are for, through as few tokens as will do.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hsmreq/install.hpp"
#include "workflow/install_bundle.hpp"
#include "workflow/install_keys.hpp"
#include "workflow/run_facts.hpp"
#include "workflow/token_pool.hpp"
#include "workflow/token_sessions.hpp"

namespace hsmreq::workflow {

/// What the requests in the output directory say about the certificates: where to look first. The keys in the tokens
/// decide.
struct PublishedKeys {
    std::set<std::size_t> items;                   ///< indexes into Plan::items that a certificate may be for
    std::map<std::string, std::string> elsewhere;  ///< see MatchInput
};
PublishedKeys read_published_keys(const RunFacts& facts, const std::vector<KeyPlace>& places, const Bundle& bundle);

class KeySearchRun {
public:
    KeySearchRun(const RunFacts& facts, TokenPool& pool, TokenSessions& sessions, const Bundle& bundle)
        : facts_(facts), pool_(pool), sessions_(sessions), bundle_(bundle) {}

    /// The tokens of `first`, and those of all other places only when a certificate is for no key there.
    /// Errors: ExitCode::login, input, interrupted, which end the run.
    Status search(const std::vector<KeyPlace>& places, const std::set<std::size_t>& first);

    [[nodiscard]] const std::vector<FarmKey>& keys() const { return keys_; }
    /// Why a token could not be looked at that may hold a key found nowhere else.
    [[nodiscard]] const std::vector<Error>& not_reached() const { return not_reached_; }
    /// Copies of that item's key whose tokens are out of reach, as warnings.
    [[nodiscard]] std::vector<Finding> copies_not_reached(std::size_t item) const;

private:
    Status search_places(const std::vector<KeyPlace>& places);
    void search_place(const KeyPlace& place);
    Result<std::vector<FarmKey>> look(const KeyPlace& place);

    const RunFacts& facts_;
    TokenPool& pool_;
    TokenSessions& sessions_;
    const Bundle& bundle_;
    std::vector<FarmKey> keys_;
    std::vector<Error> not_reached_;
    std::vector<std::pair<KeyPlace, Error>> copies_not_reached_;
    std::set<std::pair<std::size_t, TokenUse*>> seen_;  ///< members may share a token
};

}  // namespace hsmreq::workflow
