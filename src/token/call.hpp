// The one way into a module: every Cryptoki call is watched, and its failure becomes an Error.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "hsmreq/result.hpp"
#include "token/cryptoki.hpp"
#include "token/watchdog.hpp"

namespace hsmreq::token {

/// An Error for a function that answered `value`, worded from the table of return values.
Error token_error(const std::string& where, const char* function, CK_RV value, ExitCode code = ExitCode::token);

/// The code for an answer of C_Login: ExitCode::login where it is about the PIN, the user or the token's policy.
ExitCode login_code(CK_RV value);

/// One entry of the function list with its name; made by CRYPTOKI(C_Sign).
template <class Function>
struct Entry {
    const char* name;
    Function CK_FUNCTION_LIST::*member;
};
template <class Function>
Entry(const char*, Function CK_FUNCTION_LIST::*) -> Entry<Function>;  // clang 14 does not deduce aggregates
#define CRYPTOKI(function)                     \
    ::hsmreq::token::Entry {                   \
#function, &CK_FUNCTION_LIST::function \
    }

/// Calls the functions of one module on behalf of one token (or of the module itself, before a token is known).
class Caller {
public:
    Caller(CK_FUNCTION_LIST* functions, Watchdog* watchdog, std::string where)
        : functions_(functions), watchdog_(watchdog), where_(std::move(where)) {}

    [[nodiscard]] const std::string& where() const { return where_; }
    [[nodiscard]] CK_FUNCTION_LIST* functions() const { return functions_; }
    [[nodiscard]] Watchdog* watchdog() const { return watchdog_; }

    /// The bare return value, for callers to whom a failure is an answer. A function that the module lacks
    /// answers CKR_FUNCTION_NOT_SUPPORTED.
    template <class Function, class... Arguments>
    CK_RV ask(Entry<Function> entry, Arguments... arguments) const {
        Function function = functions_->*entry.member;
        if (function == nullptr) return CKR_FUNCTION_NOT_SUPPORTED;
        Watchdog::Guard guard(watchdog_, where_, entry.name, limit_factor(entry.name));
        return function(arguments...);
    }

    /// Success, or the Error of ExitCode::token.
    template <class Function, class... Arguments>
    [[nodiscard]] Status require(Entry<Function> entry, Arguments... arguments) const {
        const CK_RV value = ask(entry, arguments...);
        if (value != CKR_OK) return token_error(where_, entry.name, value);
        return {};
    }

private:
    /// Making a key takes its time.
    static int limit_factor(std::string_view function) { return function.starts_with("C_GenerateKey") ? 5 : 1; }

    CK_FUNCTION_LIST* functions_;
    Watchdog* watchdog_;
    std::string where_;
};

}  // namespace hsmreq::token
