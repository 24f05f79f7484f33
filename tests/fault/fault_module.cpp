// A Cryptoki module for tests: passes every call on to a real module and does to some of them what the environment
// says.
//
//   HSMREQ_FAULT_REAL   path of the real module
//   HSMREQ_FAULT_TRACE  file that gets one line per call: the function's name (never an argument)
//   HSMREQ_FAULT        rules, separated by ';':  FUNCTION[#N]=ACTION[:ARGUMENT]
//
// FUNCTION is a Cryptoki function, or `any`; N picks its N-th call only. Actions:
//   return:RV          answer RV (hexadecimal); a C_Sign still ends the real operation
//   after:RV           do the real call, then answer RV
//   kill-before, kill-after
//   hang:SECONDS
//   search:HEX[,HEX]   before and after the call, look for any of these bytes in the process's memory; a line
//                      "found-before:NAME" or "found-after:NAME" in the trace says that they are there
//   flip               change one bit of the output of C_Sign
//   wrap               C_WrapKey answers CKR_OK with some output
//   read:TYPE,HEX      C_GetAttributeValue reports this value for that attribute
//   unknown:TYPE       C_GetAttributeValue does not know that attribute
//   refuse:TYPE        C_GenerateKeyPair, C_CreateObject answer CKR_TEMPLATE_INCONSISTENT when a template has that
//                      attribute
//   make:TYPE,HEX      C_GenerateKeyPair makes the private key with this value instead
//   raise-flags:HEX    C_GetTokenInfo has these flags set as well
//   lower-flags:HEX    C_GetTokenInfo has these flags cleared
//   state:HEX          C_GetSessionInfo reports this state
//   sessions:HEX       C_GetTokenInfo names this as the most sessions
//   count:HEX          C_GetSlotList, C_GetMechanismList: this is the length of the list
//   one-step           C_GetMechanismList offers CKM_RSA_AES_KEY_WRAP, which then works
//   hide:TYPE          C_GetMechanismList leaves that mechanism out
//   stop:TYPE          C_GetAttributeValue goes no further than that attribute, which it does not know
//   exact              C_GetAttributeValue answers CKR_BUFFER_TOO_SMALL for a number in a buffer of any size but its own
//   demand-locking     C_Initialize refuses a caller that does not allow the system's locks
//   missing            the function list has a null pointer for FUNCTION
//   version:HEX        C_GetFunctionList hands out a list of this major version
//   null               C_GetFunctionList answers CKR_OK and no list
#include <dlfcn.h>

#include "faults.hpp"

namespace {

using namespace hsmreq::fault;

template <std::size_t N>
struct Name {
    char text[N];
    constexpr Name(const char (&literal)[N]) { std::copy_n(literal, N, text); }
};

template <Name Function, auto Member>
struct Thunk;
template <Name Function, class... Arguments, CK_RV (*CK_FUNCTION_LIST::*Member)(Arguments...)>
struct Thunk<Function, Member> {
    static CK_RV call(Arguments... arguments) {
        return around(Function.text, [&](const auto&) { return (state().real->*Member)(arguments...); });
    }
};

CK_RV get_function_list(CK_FUNCTION_LIST** list);

bool load() {
    State& s = state();
    if (s.real != nullptr) return true;
    void* handle = ::dlopen(variable("HSMREQ_FAULT_REAL"), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return false;
    const auto entry = reinterpret_cast<CK_RV (*)(CK_FUNCTION_LIST**)>(::dlsym(handle, "C_GetFunctionList"));
    if (entry == nullptr || entry(&s.real) != CKR_OK) return false;
    return true;
}

// clang-format off
#define EVERY_FUNCTION(APPLY) \
    APPLY(C_Initialize) APPLY(C_Finalize) APPLY(C_GetInfo) APPLY(C_GetSlotList) APPLY(C_GetSlotInfo) \
    APPLY(C_GetMechanismList) APPLY(C_GetMechanismInfo) APPLY(C_InitToken) APPLY(C_InitPIN) APPLY(C_SetPIN) \
    APPLY(C_OpenSession) APPLY(C_CloseSession) APPLY(C_CloseAllSessions) APPLY(C_GetSessionInfo) \
    APPLY(C_GetOperationState) APPLY(C_SetOperationState) APPLY(C_Login) APPLY(C_Logout) \
    APPLY(C_CopyObject) APPLY(C_DestroyObject) APPLY(C_GetObjectSize) APPLY(C_SetAttributeValue) \
    APPLY(C_FindObjectsInit) APPLY(C_FindObjects) APPLY(C_FindObjectsFinal) APPLY(C_EncryptInit) \
    APPLY(C_Encrypt) APPLY(C_EncryptUpdate) APPLY(C_EncryptFinal) APPLY(C_DecryptInit) APPLY(C_Decrypt) \
    APPLY(C_DecryptUpdate) APPLY(C_DecryptFinal) APPLY(C_DigestInit) APPLY(C_Digest) APPLY(C_DigestUpdate) \
    APPLY(C_DigestKey) APPLY(C_DigestFinal) APPLY(C_SignInit) APPLY(C_SignUpdate) APPLY(C_SignFinal) \
    APPLY(C_SignRecoverInit) APPLY(C_SignRecover) APPLY(C_VerifyInit) APPLY(C_Verify) APPLY(C_VerifyUpdate) \
    APPLY(C_VerifyFinal) APPLY(C_VerifyRecoverInit) APPLY(C_VerifyRecover) APPLY(C_DigestEncryptUpdate) \
    APPLY(C_DecryptDigestUpdate) APPLY(C_SignEncryptUpdate) APPLY(C_DecryptVerifyUpdate) APPLY(C_GenerateKey) \
    APPLY(C_DeriveKey) APPLY(C_SeedRandom) APPLY(C_GenerateRandom) APPLY(C_GetFunctionStatus) \
    APPLY(C_CancelFunction) APPLY(C_WaitForSlotEvent) APPLY(C_GetTokenInfo) \
    APPLY(C_GetAttributeValue) APPLY(C_GenerateKeyPair) APPLY(C_Sign) APPLY(C_WrapKey) APPLY(C_UnwrapKey) \
    APPLY(C_CreateObject)
// clang-format on

void fill(CK_FUNCTION_LIST& list) {
    list.version = state().real->version;
#define PASS(function) list.function = &Thunk<#function, &CK_FUNCTION_LIST::function>::call;
    EVERY_FUNCTION(PASS)
#undef PASS
    list.C_GetFunctionList = get_function_list;
    list.C_Initialize = initialize;
    list.C_GetSlotList = get_slot_list;
    list.C_GetMechanismList = get_mechanism_list;
    list.C_GetTokenInfo = get_token_info;
    list.C_GetSessionInfo = get_session_info;
    list.C_GetAttributeValue = get_attribute_value;
    list.C_GenerateKeyPair = generate_key_pair;
    list.C_Sign = sign;
    list.C_CreateObject = create_object;
    list.C_WrapKey = wrap_key;
    list.C_UnwrapKey = unwrap_key;
    list.C_GetMechanismInfo = get_mechanism_info;
}

bool is_missing(const char* function) {
    return std::ranges::any_of(state().rules,
                               [&](const Rule& rule) { return rule.action == "missing" && rule.function == function; });
}

void punch_holes(CK_FUNCTION_LIST& list) {
#define HOLE(function) \
    if (is_missing(#function)) list.function = nullptr;
    EVERY_FUNCTION(HOLE)
#undef HOLE
}

CK_RV get_function_list(CK_FUNCTION_LIST** list) {
    if (list == nullptr) return CKR_ARGUMENTS_BAD;
    if (!load()) return CKR_GENERAL_ERROR;
    read_rules(state());
    CK_FUNCTION_LIST& own = state().list;
    fill(own);
    punch_holes(own);
    *list = &own;
    for (const auto& rule : state().rules) {
        if (rule.function != "C_GetFunctionList") continue;
        if (rule.action == "version") own.version.major = static_cast<CK_BYTE>(number(rule));
        if (rule.action == "null") *list = nullptr;
    }
    return CKR_OK;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
    return get_function_list(list);
}
