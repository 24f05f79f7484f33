// Result and Error: how every function of the library reports failure.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hsmreq {

/// The program's exit codes; each Error carries the one its failure ends in.
enum class ExitCode : int {
    ok = 0,
    usage = 2,
    input = 3,         ///< an input file is unreadable, oversized or malformed
    rules = 4,         ///< rules or policy refuse it
    not_found = 5,     ///< module, token, key or certificate not found, refused, or ambiguous
    login = 6,         ///< login or PIN
    token = 7,         ///< a token operation failed or timed out, or a lock was not had
    verification = 8,  ///< a result did not verify; nothing was published
    output = 9,        ///< an output could not be written, or exists and differs
    unreachable = 10,  ///< a server could not be reached
    internal = 70,
    interrupted = 130,
};

/// What a Cryptoki function answered (PKCS#11, section 5.1).
struct TokenFault {
    std::string function;     ///< "C_Sign"
    unsigned long value = 0;  ///< the CK_RV
    std::string name;         ///< "CKR_DEVICE_ERROR", or its hexadecimal form when vendor defined
};

/// One failure: what happened, where, and what the reader can do about it.
/// Never holds a PIN or key material.
struct Error {
    ExitCode code = ExitCode::internal;
    std::string what = {};
    std::string where = {};  ///< file:line:column, key path, token or member; may be empty
    std::string hint = {};   ///< may be empty
    std::optional<TokenFault> fault = std::nullopt;
    std::string finding = {};      ///< stable identifier such as "key.ambiguous"; may be empty
    std::string excerpt = {};      ///< source line with a caret below it; may be empty
    std::vector<Error> also = {};  ///< further errors of the same input, in its order
};

/// A value or an Error. Access to the wrong alternative throws std::bad_variant_access,
/// which is a programming error.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    Error& error() & { return std::get<1>(state_); }
    const Error& error() const& { return std::get<1>(state_); }
    Error&& error() && { return std::get<1>(std::move(state_)); }

private:
    std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    [[nodiscard]] bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }

    Error& error() & { return error_.value(); }
    const Error& error() const& { return error_.value(); }
    Error&& error() && { return std::move(error_).value(); }

private:
    std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace hsmreq
