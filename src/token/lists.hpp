// Cryptoki's lists of unknown length: asked for twice, and not believed.
#pragma once

#include <algorithm>
#include <vector>

#include "hsmreq/result.hpp"
#include "token/call.hpp"

namespace hsmreq::token {

/// Longer than any list of slots or mechanisms there is; a module that names more is broken.
inline constexpr CK_ULONG list_limit = 64 * 1024;

/// The list that `ask(buffer, &count)` fills. The count of the first call is a hint only: the list may grow between
/// the calls, and some modules answer too low. Errors: ExitCode::token.
template <class Ask>
Result<std::vector<CK_ULONG>> read_list(const Caller& caller, const char* function, Ask ask) {
    constexpr int attempts = 8;
    constexpr CK_ULONG spare = 8;
    CK_ULONG room = 0;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        CK_ULONG count = 0;
        if (const CK_RV value = ask(nullptr, &count); value != CKR_OK)
            return token_error(caller.where(), function, value);
        if (count > list_limit) {
            Error error = token_error(caller.where(), function, CKR_GENERAL_ERROR);
            error.what = std::string(function) + " answered more entries than can be";
            return error;
        }
        room = std::max(count + spare, room * 2);
        std::vector<CK_ULONG> list(room);
        CK_ULONG filled = room;
        const CK_RV value = ask(list.data(), &filled);
        if (value == CKR_BUFFER_TOO_SMALL || (value == CKR_OK && filled > room)) continue;
        if (value != CKR_OK) return token_error(caller.where(), function, value);
        list.resize(filled);
        return list;
    }
    return token_error(caller.where(), function, CKR_BUFFER_TOO_SMALL);
}

}  // namespace hsmreq::token
