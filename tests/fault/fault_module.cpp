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
//   flip               change one bit of the output of C_Sign
//   wrap               C_WrapKey answers CKR_OK with some output
//   read:TYPE,HEX      C_GetAttributeValue reports this value for that attribute
//   unknown:TYPE       C_GetAttributeValue does not know that attribute
//   refuse:TYPE        C_GenerateKeyPair answers CKR_TEMPLATE_INCONSISTENT when a template has that attribute
//   make:TYPE,HEX      C_GenerateKeyPair makes the private key with this value instead
//   raise-flags:HEX    C_GetTokenInfo has these flags set as well
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Rule {
    std::string function;
    unsigned long call = 0;  // 0: every call
    std::string action;
    std::string argument;
};

struct State {
    std::mutex mutex;
    CK_FUNCTION_LIST* real = nullptr;
    CK_FUNCTION_LIST list{};
    std::vector<Rule> rules;
    std::map<std::string, unsigned long> calls;
    unsigned long all_calls = 0;
    std::string trace;
};

State& state() {
    static State instance;
    return instance;
}

const char* variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

Rule parse_rule(const std::string& text) {
    Rule rule;
    const auto equals = text.find('=');
    std::string function = text.substr(0, equals);
    std::string action = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (const auto hash = function.find('#'); hash != std::string::npos) {
        rule.call = std::stoul(function.substr(hash + 1));
        function.resize(hash);
    }
    if (const auto colon = action.find(':'); colon != std::string::npos) {
        rule.argument = action.substr(colon + 1);
        action.resize(colon);
    }
    rule.function = function;
    rule.action = action;
    return rule;
}

/// Counts the call and answers the rules that apply to it.
std::vector<Rule> enter(const char* function) {
    State& s = state();
    const std::scoped_lock lock(s.mutex);
    const unsigned long number = ++s.calls[function];
    const unsigned long overall = ++s.all_calls;
    if (!s.trace.empty()) std::ofstream(s.trace, std::ios::app) << function << '\n';
    std::vector<Rule> matching;
    for (const auto& rule : s.rules) {
        const bool any = rule.function == "any";
        if (!any && rule.function != function) continue;
        if (rule.call == 0 || rule.call == (any ? overall : number)) matching.push_back(rule);
    }
    return matching;
}

const Rule* find(const std::vector<Rule>& rules, std::string_view action) {
    const auto rule = std::ranges::find(rules, action, &Rule::action);
    return rule == rules.end() ? nullptr : &*rule;
}

CK_RV number(const Rule& rule) {
    return std::stoul(rule.argument, nullptr, 16);
}

[[noreturn]] void die() {
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
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
    const CK_RV value = call(rules);
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

struct AttributeArgument {
    CK_ATTRIBUTE_TYPE type = 0;
    std::vector<CK_BYTE> value;
};

AttributeArgument attribute(const Rule& rule) {
    AttributeArgument result;
    const auto comma = rule.argument.find(',');
    result.type = std::stoul(rule.argument.substr(0, comma), nullptr, 16);
    if (comma == std::string::npos) return result;
    const std::string hex = rule.argument.substr(comma + 1);
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        result.value.push_back(static_cast<CK_BYTE>(std::stoul(hex.substr(i, 2), nullptr, 16)));
    return result;
}

CK_RV get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* attributes,
                          CK_ULONG count) {
    return around("C_GetAttributeValue", [&](const std::vector<Rule>& rules) {
        CK_RV value = state().real->C_GetAttributeValue(session, object, attributes, count);
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
    return std::any_of(attributes, attributes + count, [&](const CK_ATTRIBUTE& a) { return a.type == type; });
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

CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE* data, CK_ULONG size, CK_BYTE* signature, CK_ULONG* signature_size) {
    return around("C_Sign", [&](const std::vector<Rule>& rules) {
        const CK_RV value = state().real->C_Sign(session, data, size, signature, signature_size);
        if (value == CKR_OK && signature != nullptr && find(rules, "flip") != nullptr)
            signature[*signature_size / 2] ^= 1;
        return value;
    });
}

CK_RV wrap_key(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE wrapping_key, CK_OBJECT_HANDLE key,
               CK_BYTE* wrapped, CK_ULONG* size) {
    return around("C_WrapKey", [&](const std::vector<Rule>& rules) {
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
        if (const Rule* rule = find(rules, "raise-flags"); rule != nullptr && value == CKR_OK)
            info->flags |= number(*rule);
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
    s.trace = variable("HSMREQ_FAULT_TRACE");
    std::istringstream rules(variable("HSMREQ_FAULT"));
    for (std::string rule; std::getline(rules, rule, ';');)
        if (!rule.empty()) s.rules.push_back(parse_rule(rule));
    return true;
}

void fill(CK_FUNCTION_LIST& list) {
    list.version = state().real->version;
#define PASS(function) list.function = &Thunk<#function, &CK_FUNCTION_LIST::function>::call;
    PASS(C_Initialize)
    PASS(C_Finalize) PASS(C_GetInfo) PASS(C_GetSlotList) PASS(C_GetSlotInfo) PASS(C_GetMechanismList)
        PASS(C_GetMechanismInfo) PASS(C_InitToken) PASS(C_InitPIN) PASS(C_SetPIN) PASS(C_OpenSession)
            PASS(C_CloseSession) PASS(C_CloseAllSessions) PASS(C_GetSessionInfo) PASS(C_GetOperationState)
                PASS(C_SetOperationState) PASS(C_Login) PASS(C_Logout) PASS(C_CreateObject) PASS(C_CopyObject)
                    PASS(C_DestroyObject) PASS(C_GetObjectSize) PASS(C_SetAttributeValue) PASS(C_FindObjectsInit)
                        PASS(C_FindObjects) PASS(C_FindObjectsFinal) PASS(C_EncryptInit) PASS(C_Encrypt)
                            PASS(C_EncryptUpdate) PASS(C_EncryptFinal) PASS(C_DecryptInit) PASS(C_Decrypt)
                                PASS(C_DecryptUpdate) PASS(C_DecryptFinal) PASS(C_DigestInit) PASS(C_Digest)
                                    PASS(C_DigestUpdate) PASS(C_DigestKey) PASS(C_DigestFinal) PASS(C_SignInit)
                                        PASS(C_SignUpdate) PASS(C_SignFinal) PASS(C_SignRecoverInit) PASS(C_SignRecover)
                                            PASS(C_VerifyInit) PASS(C_Verify) PASS(C_VerifyUpdate) PASS(C_VerifyFinal)
                                                PASS(C_VerifyRecoverInit) PASS(C_VerifyRecover)
                                                    PASS(C_DigestEncryptUpdate) PASS(C_DecryptDigestUpdate)
                                                        PASS(C_SignEncryptUpdate) PASS(C_DecryptVerifyUpdate)
                                                            PASS(C_GenerateKey) PASS(C_UnwrapKey) PASS(C_DeriveKey)
                                                                PASS(C_SeedRandom) PASS(C_GenerateRandom)
                                                                    PASS(C_GetFunctionStatus) PASS(C_CancelFunction)
                                                                        PASS(C_WaitForSlotEvent)
#undef PASS
                                                                            list.C_GetFunctionList = get_function_list;
    list.C_GetTokenInfo = get_token_info;
    list.C_GetAttributeValue = get_attribute_value;
    list.C_GenerateKeyPair = generate_key_pair;
    list.C_Sign = sign;
    list.C_WrapKey = wrap_key;
}

CK_RV get_function_list(CK_FUNCTION_LIST** list) {
    if (list == nullptr) return CKR_ARGUMENTS_BAD;
    if (!load()) return CKR_GENERAL_ERROR;
    fill(state().list);
    *list = &state().list;
    return CKR_OK;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
    return get_function_list(list);
}
