// The outcome of `hsmreq request`: one entry for each key and CSR.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hsmreq/finding.hpp"
#include "hsmreq/names.hpp"
#include "hsmreq/result.hpp"

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
    std::vector<Finding> findings;
    std::optional<Error> error;
};

struct RequestSummary {
    std::string farm;
    std::string farm_file;
    std::string farm_file_sha256;
    std::string date;  ///< the day the dated rules were judged on
    std::string time;  ///< RFC 3339, UTC, of the run's start
    std::string output_directory;
    std::string shard;  ///< "I/N", "" without
    bool dry_run = false;
    std::vector<RequestItemResult> items;  ///< plan order
    std::vector<Finding> findings;         ///< of the plan and of the run as a whole
};

}  // namespace hsmreq
