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
//   sessions:HEX       C_GetTokenInfo names this as the most sessions
//   count:HEX          C_GetSlotList, C_GetMechanismList: this is the length of the list
//   one-step           C_GetMechanismList offers CKM_RSA_AES_KEY_WRAP, which then works
//   hide:TYPE          C_GetMechanismList leaves that mechanism out
//   stop:TYPE          C_GetAttributeValue goes no further than that attribute, which it does not know
//   demand-locking     C_Initialize refuses a caller that does not allow the system's locks
//   missing            the function list has a null pointer for FUNCTION
//   version:HEX        C_GetFunctionList hands out a list of this major version
//   null               C_GetFunctionList answers CKR_OK and no list
#include <dlfcn.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "one_step.hpp"
#include "rules.hpp"
#include "search.hpp"

namespace {

using namespace hsmreq::fault;

[[noreturn]] void die() {
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
}

void search(const std::vector<Rule>& rules, const char* when, const char* function) {
    const Rule* rule = find(rules, "search");
    if (rule == nullptr || !in_memory(all_inverted(rule->argument))) return;
    std::ofstream(state().trace, std::ios::app) << when << function << '\n';
}

template <class Call>
CK_RV around(const char* function, Call call) {
    const auto rules = enter(function);
    if (find(rules, "kill-before") != nullptr) die();
    if (const Rule* hang = find(rules, "hang")) ::sleep(static_cast<unsigned>(std::stoul(hang->argument)));
    if (const Rule* fault = find(rules, "return")) {
        if (std::string_view(function) == "C_Sign") call(rules);
        return number(*fault);
    }
    search(rules, "found-before:", function);
    const CK_RV value = call(rules);
    search(rules, "found-after:", function);
    if (find(rules, "kill-after") != nullptr) die();
    if (const Rule* fault = find(rules, "after")) return number(*fault);
    return value;
}

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

auto of_type(CK_ATTRIBUTE_TYPE type) {
    return [type](const CK_ATTRIBUTE& attribute) { return attribute.type == type; };
}

CK_RV get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* attributes,
                          CK_ULONG count) {
    return around("C_GetAttributeValue", [&](const std::vector<Rule>& rules) {
        CK_ULONG end = count;
        if (const Rule* rule = find(rules, "stop"))
            end = static_cast<CK_ULONG>(std::find_if(attributes, attributes + count, of_type(number(*rule))) -
                                        attributes);
        CK_RV value = state().real->C_GetAttributeValue(session, object, attributes, end);
        if (end < count) {
            attributes[end].ulValueLen = CK_UNAVAILABLE_INFORMATION;
            value = CKR_ATTRIBUTE_TYPE_INVALID;
        }
        for (const auto& rule : rules) {
            if (rule.action != "read" && rule.action != "unknown") continue;
            const AttributeArgument wanted = attribute(rule);
            for (CK_ULONG i = 0; i < count; ++i) {
                if (attributes[i].type != wanted.type) continue;
                if (rule.action == "unknown") {
                    attributes[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
                    value = CKR_ATTRIBUTE_TYPE_INVALID;
                } else if (attributes[i].pValue != nullptr) {
                    std::memcpy(attributes[i].pValue, wanted.value.data(), wanted.value.size());
                    attributes[i].ulValueLen = wanted.value.size();
                }
            }
        }
        return value;
    });
}

bool holds(const CK_ATTRIBUTE* attributes, CK_ULONG count, CK_ATTRIBUTE_TYPE type) {
    return std::any_of(attributes, attributes + count, of_type(type));
}

CK_RV generate_key_pair(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* public_attributes,
                        CK_ULONG public_count, CK_ATTRIBUTE* private_attributes, CK_ULONG private_count,
                        CK_OBJECT_HANDLE* public_key, CK_OBJECT_HANDLE* private_key) {
    return around("C_GenerateKeyPair", [&](const std::vector<Rule>& rules) -> CK_RV {
        std::vector<CK_ATTRIBUTE> altered(private_attributes, private_attributes + private_count);
        std::vector<AttributeArgument> values;
        values.reserve(rules.size());
        for (const auto& rule : rules) {
            if (rule.action == "refuse") {
                const CK_ATTRIBUTE_TYPE type = attribute(rule).type;
                if (holds(public_attributes, public_count, type) || holds(altered.data(), altered.size(), type))
                    return CKR_TEMPLATE_INCONSISTENT;
            }
            if (rule.action != "make") continue;
            AttributeArgument& wanted = values.emplace_back(attribute(rule));
            for (auto& a : altered)
                if (a.type == wanted.type) a.pValue = wanted.value.data(), a.ulValueLen = wanted.value.size();
        }
        return state().real->C_GenerateKeyPair(session, mechanism, public_attributes, public_count, altered.data(),
                                               altered.size(), public_key, private_key);
    });
}

CK_RV create_object(CK_SESSION_HANDLE session, CK_ATTRIBUTE* attributes, CK_ULONG count, CK_OBJECT_HANDLE* object) {
    return around("C_CreateObject", [&](const std::vector<Rule>& rules) -> CK_RV {
        for (const auto& rule : rules)
            if (rule.action == "refuse" && holds(attributes, count, attribute(rule).type))
                return CKR_TEMPLATE_INCONSISTENT;
        return state().real->C_CreateObject(session, attributes, count, object);
    });
}

CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE* data, CK_ULONG size, CK_BYTE* signature, CK_ULONG* signature_size) {
    return around("C_Sign", [&](const std::vector<Rule>& rules) {
        const CK_RV value = state().real->C_Sign(session, data, size, signature, signature_size);
        if (value == CKR_OK && signature != nullptr && find(rules, "flip") != nullptr)
            signature[*signature_size / 2] ^= 1;
        return value;
    });
}

bool has_one_step() {
    return std::ranges::any_of(state().rules, [](const Rule& rule) { return rule.action == "one-step"; });
}

bool is_one_step(const CK_MECHANISM* mechanism) {
    return mechanism != nullptr && mechanism->mechanism == CKM_RSA_AES_KEY_WRAP && has_one_step();
}

CK_RV unwrap_key(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE unwrapping_key, CK_BYTE* wrapped,
                 CK_ULONG size, CK_ATTRIBUTE* wanted, CK_ULONG count, CK_OBJECT_HANDLE* key) {
    return around("C_UnwrapKey", [&](const std::vector<Rule>&) {
        if (is_one_step(mechanism))
            return unwrap_in_one_step({state().real, session, mechanism}, unwrapping_key,
                                      {wrapped, size, wanted, count}, key);
        return state().real->C_UnwrapKey(session, mechanism, unwrapping_key, wrapped, size, wanted, count, key);
    });
}

CK_RV get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO* info) {
    return around("C_GetMechanismInfo", [&](const std::vector<Rule>&) {
        if (type != CKM_RSA_AES_KEY_WRAP || !has_one_step()) return state().real->C_GetMechanismInfo(slot, type, info);
        *info = {2048, 16384, CKF_WRAP | CKF_UNWRAP};
        return static_cast<CK_RV>(CKR_OK);
    });
}

CK_RV wrap_key(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE wrapping_key, CK_OBJECT_HANDLE key,
               CK_BYTE* wrapped, CK_ULONG* size) {
    return around("C_WrapKey", [&](const std::vector<Rule>& rules) {
        if (is_one_step(mechanism))
            return wrap_in_one_step({state().real, session, mechanism}, wrapping_key, key, wrapped, size);
        if (find(rules, "wrap") == nullptr)
            return state().real->C_WrapKey(session, mechanism, wrapping_key, key, wrapped, size);
        const CK_ULONG length = 1232;
        if (wrapped != nullptr && *size < length) return static_cast<CK_RV>(CKR_BUFFER_TOO_SMALL);
        if (wrapped != nullptr) std::memset(wrapped, 0x5a, length);
        *size = length;
        return static_cast<CK_RV>(CKR_OK);
    });
}

CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
    return around("C_GetTokenInfo", [&](const std::vector<Rule>& rules) {
        const CK_RV value = state().real->C_GetTokenInfo(slot, info);
        if (value != CKR_OK) return value;
        if (const Rule* rule = find(rules, "raise-flags")) info->flags |= number(*rule);
        if (const Rule* rule = find(rules, "lower-flags")) info->flags &= ~number(*rule);
        if (const Rule* rule = find(rules, "sessions"))
            info->ulMaxSessionCount = info->ulMaxRwSessionCount = number(*rule);
        return value;
    });
}

CK_RV initialize(void* arguments) {
    return around("C_Initialize", [&](const std::vector<Rule>& rules) {
        const auto* given = static_cast<const CK_C_INITIALIZE_ARGS*>(arguments);
        if (find(rules, "demand-locking") != nullptr && (given == nullptr || (given->flags & CKF_OS_LOCKING_OK) == 0))
            return static_cast<CK_RV>(CKR_CANT_LOCK);
        return state().real->C_Initialize(arguments);
    });
}

CK_RV get_slot_list(CK_BBOOL with_token, CK_SLOT_ID* slots, CK_ULONG* count) {
    return around("C_GetSlotList", [&](const std::vector<Rule>& rules) {
        const Rule* rule = find(rules, "count");
        if (rule == nullptr) return state().real->C_GetSlotList(with_token, slots, count);
        *count = number(*rule);
        return static_cast<CK_RV>(CKR_OK);
    });
}

CK_RV get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE* list, CK_ULONG* count) {
    return around("C_GetMechanismList", [&](const std::vector<Rule>& rules) {
        if (const Rule* rule = find(rules, "count")) {
            *count = number(*rule);
            return static_cast<CK_RV>(CKR_OK);
        }
        const CK_RV value = state().real->C_GetMechanismList(slot, list, count);
        if (value == CKR_OK && has_one_step()) {
            if (list != nullptr) list[*count] = CKM_RSA_AES_KEY_WRAP;  // callers of ours leave room to spare
            ++*count;
        }
        if (value != CKR_OK || list == nullptr) return value;
        for (const auto& rule : rules)
            if (rule.action == "hide")
                *count = static_cast<CK_ULONG>(std::remove(list, list + *count, number(rule)) - list);
        return value;
    });
}

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
