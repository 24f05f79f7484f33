#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "token/call.hpp"
#include "token/cryptoki.hpp"
#include "token/module.hpp"

namespace hsmreq::token {
namespace {

struct ReturnValue {
    CK_RV value;
    const char* name;
    const char* meaning;
    FaultClass fault;
};

#define ROW(name, meaning, fault) \
    { name, #name, meaning, FaultClass::fault }

// PKCS#11 3.0, section 5.1, in the order of the values.
constexpr ReturnValue return_values[] = {
    ROW(CKR_OK, "success", item),
    ROW(CKR_CANCEL, "the function was cancelled", item),
    ROW(CKR_HOST_MEMORY, "the module ran out of memory", token),
    ROW(CKR_SLOT_ID_INVALID, "there is no such slot", token),
    ROW(CKR_GENERAL_ERROR, "the module met an error it can't recover from", token),
    ROW(CKR_FUNCTION_FAILED, "the function could not be performed", item),
    ROW(CKR_ARGUMENTS_BAD, "the module refuses the arguments of the call", item),
    ROW(CKR_NO_EVENT, "no slot event is waiting", item),
    ROW(CKR_NEED_TO_CREATE_THREADS, "the module must be allowed to create threads", token),
    ROW(CKR_CANT_LOCK, "the module can't lock in the way that was asked for", token),
    ROW(CKR_ATTRIBUTE_READ_ONLY, "the template sets an attribute that can't be set", item),
    ROW(CKR_ATTRIBUTE_SENSITIVE, "the attribute can't be revealed", item),
    ROW(CKR_ATTRIBUTE_TYPE_INVALID, "the token does not know an attribute", item),
    ROW(CKR_ATTRIBUTE_VALUE_INVALID, "the token refuses an attribute's value", item),
    ROW(CKR_ACTION_PROHIBITED, "the token's policy forbids it", item),
    ROW(CKR_DATA_INVALID, "the data is not what the mechanism takes", item),
    ROW(CKR_DATA_LEN_RANGE, "the data has a length that the mechanism does not take", item),
    ROW(CKR_DEVICE_ERROR, "the token reports a fault in the device", token),
    ROW(CKR_DEVICE_MEMORY, "the token has no room left", token),
    ROW(CKR_DEVICE_REMOVED, "the token was removed", token),
    ROW(CKR_ENCRYPTED_DATA_INVALID, "the encrypted data is not valid", item),
    ROW(CKR_ENCRYPTED_DATA_LEN_RANGE, "the encrypted data has a wrong length", item),
    ROW(CKR_AEAD_DECRYPT_FAILED, "the encrypted data failed its check", item),
    ROW(CKR_FUNCTION_CANCELED, "the function was cancelled while it ran", item),
    ROW(CKR_FUNCTION_NOT_PARALLEL, "no function runs in parallel in this session", item),
    ROW(CKR_FUNCTION_NOT_SUPPORTED, "the module lacks this function", item),
    ROW(CKR_KEY_HANDLE_INVALID, "the key handle is no longer valid", session),
    ROW(CKR_KEY_SIZE_RANGE, "the token does not take keys of this size", item),
    ROW(CKR_KEY_TYPE_INCONSISTENT, "the key is of a kind that the mechanism does not take", item),
    ROW(CKR_KEY_NOT_NEEDED, "a key was given where none is needed", item),
    ROW(CKR_KEY_CHANGED, "the key is not the one that was used before", item),
    ROW(CKR_KEY_NEEDED, "a key is needed", item),
    ROW(CKR_KEY_INDIGESTIBLE, "the key can't be digested", item),
    ROW(CKR_KEY_FUNCTION_NOT_PERMITTED, "the key's attributes forbid this use", item),
    ROW(CKR_KEY_NOT_WRAPPABLE, "the key can't be wrapped", item),
    ROW(CKR_KEY_UNEXTRACTABLE, "the key must not leave the token", item),
    ROW(CKR_MECHANISM_INVALID, "the token does not offer the mechanism for this", item),
    ROW(CKR_MECHANISM_PARAM_INVALID, "the token refuses the mechanism's parameter", item),
    ROW(CKR_OBJECT_HANDLE_INVALID, "the object handle is no longer valid", session),
    ROW(CKR_OPERATION_ACTIVE, "another operation is still active in the session", session),
    ROW(CKR_OPERATION_NOT_INITIALIZED, "the operation was not begun in this session", session),
    ROW(CKR_PIN_INCORRECT, "the PIN is wrong", token),
    ROW(CKR_PIN_INVALID, "the PIN holds characters that the token does not take", token),
    ROW(CKR_PIN_LEN_RANGE, "the PIN is too short or too long for the token", token),
    ROW(CKR_PIN_EXPIRED, "the PIN has expired and must be changed", token),
    ROW(CKR_PIN_LOCKED, "the PIN is locked", token),
    ROW(CKR_SESSION_CLOSED, "the session was closed during the call", session),
    ROW(CKR_SESSION_COUNT, "the token has no session left", token),
    ROW(CKR_SESSION_HANDLE_INVALID, "the session is no longer valid", session),
    ROW(CKR_SESSION_PARALLEL_NOT_SUPPORTED, "the module does not support parallel sessions", token),
    ROW(CKR_SESSION_READ_ONLY, "the session is read-only", token),
    ROW(CKR_SESSION_EXISTS, "a session is open already", item),
    ROW(CKR_SESSION_READ_ONLY_EXISTS, "a read-only session is open already", token),
    ROW(CKR_SESSION_READ_WRITE_SO_EXISTS, "the security officer is logged in", token),
    ROW(CKR_SIGNATURE_INVALID, "the signature is not valid", item),
    ROW(CKR_SIGNATURE_LEN_RANGE, "the signature has a wrong length", item),
    ROW(CKR_TEMPLATE_INCOMPLETE, "the template lacks an attribute that the token wants", item),
    ROW(CKR_TEMPLATE_INCONSISTENT, "the token refuses the template's combination of attributes", item),
    ROW(CKR_TOKEN_NOT_PRESENT, "there is no token in the slot", token),
    ROW(CKR_TOKEN_NOT_RECOGNIZED, "the module does not recognise the token", token),
    ROW(CKR_TOKEN_WRITE_PROTECTED, "the token is write-protected", token),
    ROW(CKR_UNWRAPPING_KEY_HANDLE_INVALID, "the unwrapping key handle is no longer valid", session),
    ROW(CKR_UNWRAPPING_KEY_SIZE_RANGE, "the unwrapping key has a size that the token does not take", item),
    ROW(CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT, "the unwrapping key is of the wrong kind", item),
    ROW(CKR_USER_ALREADY_LOGGED_IN, "the user is logged in already", item),
    ROW(CKR_USER_NOT_LOGGED_IN, "the user is not logged in", session),
    ROW(CKR_USER_PIN_NOT_INITIALIZED, "the user PIN has not been set", token),
    ROW(CKR_USER_TYPE_INVALID, "the module does not know this kind of user", token),
    ROW(CKR_USER_ANOTHER_ALREADY_LOGGED_IN, "another user is logged in already", token),
    ROW(CKR_USER_TOO_MANY_TYPES, "too many kinds of user are logged in", token),
    ROW(CKR_WRAPPED_KEY_INVALID, "the wrapped key is not valid", item),
    ROW(CKR_WRAPPED_KEY_LEN_RANGE, "the wrapped key has a wrong length", item),
    ROW(CKR_WRAPPING_KEY_HANDLE_INVALID, "the wrapping key handle is no longer valid", session),
    ROW(CKR_WRAPPING_KEY_SIZE_RANGE, "the wrapping key has a size that the token does not take", item),
    ROW(CKR_WRAPPING_KEY_TYPE_INCONSISTENT, "the wrapping key is of the wrong kind", item),
    ROW(CKR_RANDOM_SEED_NOT_SUPPORTED, "the random number generator takes no seed", item),
    ROW(CKR_RANDOM_NO_RNG, "the token has no random number generator", token),
    ROW(CKR_DOMAIN_PARAMS_INVALID, "the token does not know the curve or domain parameters", item),
    ROW(CKR_CURVE_NOT_SUPPORTED, "the token does not support the curve", item),
    ROW(CKR_BUFFER_TOO_SMALL, "the output did not fit the buffer", item),
    ROW(CKR_SAVED_STATE_INVALID, "the saved state is not valid", item),
    ROW(CKR_INFORMATION_SENSITIVE, "the information can't be revealed", item),
    ROW(CKR_STATE_UNSAVEABLE, "the state can't be saved", item),
    ROW(CKR_CRYPTOKI_NOT_INITIALIZED, "the module is no longer initialised", token),
    ROW(CKR_CRYPTOKI_ALREADY_INITIALIZED, "the module is initialised already", token),
    ROW(CKR_MUTEX_BAD, "the module was given a bad mutex", token),
    ROW(CKR_MUTEX_NOT_LOCKED, "the module was given a mutex that is not locked", token),
    ROW(CKR_NEW_PIN_MODE, "the token wants a new PIN", token),
    ROW(CKR_NEXT_OTP, "the token wants the next one-time password", token),
    ROW(CKR_EXCEEDED_MAX_ITERATIONS, "the token gave up after too many iterations", item),
    ROW(CKR_FIPS_SELF_TEST_FAILED, "the module failed its FIPS self-test", token),
    ROW(CKR_LIBRARY_LOAD_FAILED, "the module could not load a library that it needs", token),
    ROW(CKR_PIN_TOO_WEAK, "the PIN is too weak", token),
    ROW(CKR_PUBLIC_KEY_INVALID, "the public key is not valid", item),
    ROW(CKR_FUNCTION_REJECTED, "the request was rejected by the token's user or policy", item),
    ROW(CKR_TOKEN_RESOURCE_EXCEEDED, "the token has run out of a resource", token),
    ROW(CKR_OPERATION_CANCEL_FAILED, "the operation could not be cancelled", session),
    ROW(CKR_KEY_EXHAUSTED, "the key has been used as often as it may be", item),
};
#undef ROW

const ReturnValue* find(CK_RV value) {
    const auto* row = std::find_if(std::begin(return_values), std::end(return_values),
                                   [&](const ReturnValue& candidate) { return candidate.value == value; });
    return row == std::end(return_values) ? nullptr : row;
}

}  // namespace

std::string return_value_name(unsigned long value) {
    if (const auto* row = find(value)) return row->name;
    if ((value & CKR_VENDOR_DEFINED) != 0) return fmt::format("CKR_VENDOR_DEFINED+{:#x}", value & ~CKR_VENDOR_DEFINED);
    return fmt::format("{:#x}", value);
}

std::string return_value_meaning(unsigned long value) {
    if (const auto* row = find(value)) return row->meaning;
    if ((value & CKR_VENDOR_DEFINED) != 0) return "a return value of the token's vendor: see its manual";
    return "a return value that PKCS#11 does not define";
}

FaultClass classify(const Error& error) {
    if (error.code == ExitCode::login || error.code == ExitCode::interrupted) return FaultClass::token;
    if (!error.fault) return FaultClass::item;
    const auto* row = find(error.fault->value);
    return row == nullptr ? FaultClass::item : row->fault;
}

Error token_error(const std::string& where, const char* function, CK_RV value, ExitCode code) {
    const std::string name = return_value_name(value);
    Error error;
    error.code = code;
    error.what = fmt::format("{} failed: {} ({})", function, name, return_value_meaning(value));
    error.where = where;
    error.fault = TokenFault{function, value, name};
    return error;
}

}  // namespace hsmreq::token
