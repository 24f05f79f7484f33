#include "workflow/generations.hpp"

#include <utility>

#include "base/try.hpp"

namespace hsmreq::workflow {

Result<std::vector<Generation>> find_generations(const GenerationSearch& search) {
    std::vector<Generation> generations;
    unsigned lacking = 0;
    KeyIdentity identity = search.identity;
    for (identity.generation = 1;; ++identity.generation) {
        TRY_ASSIGN(auto found, token::find_by_id(search.session, key_id(identity)));
        const bool counts = !found.empty() || (search.expects && search.expects(identity));
        lacking = counts ? 0 : lacking + 1;
        if (lacking > (search.copy ? copy_lacks_at_most : 0)) return generations;
        if (lacking == 0) generations.push_back({identity, std::move(found)});
    }
}

}  // namespace hsmreq::workflow
