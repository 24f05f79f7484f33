// The functions of the fault module that do more than pass a call on.
#pragma once

#include <unistd.h>

#include <csignal>
#include <cstring>

#include "one_step.hpp"
#include "rules.hpp"
#include "search.hpp"

namespace hsmreq::fault {

[[noreturn]] inline void die() {
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
}

inline void search(const std::vector<Rule>& rules, const char* when, const char* function) {
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

inline auto of_type(CK_ATTRIBUTE_TYPE type) {
    return [type](const CK_ATTRIBUTE& attribute) { return attribute.type == type; };
}

inline CK_RV get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* attributes,
                                 CK_ULONG count) {
    return around("C_GetAttributeValue", [&](const std::vector<Rule>& rules) {
        CK_ULONG end = count;
        if (const Rule* rule = find(rules, "stop"))
            end = static_cast<CK_ULONG>(std::find_if(attributes, attributes + count, of_type(number(*rule))) -
                                        attributes);
        std::vector<CK_ULONG> given;
        for (CK_ULONG i = 0; i < count; ++i) given.push_back(attributes[i].ulValueLen);
        CK_RV value = state().real->C_GetAttributeValue(session, object, attributes, end);
        if (end < count) {
            attributes[end].ulValueLen = CK_UNAVAILABLE_INFORMATION;
            value = CKR_ATTRIBUTE_TYPE_INVALID;
        }
        for (CK_ULONG i = 0; i < count && find(rules, "exact") != nullptr; ++i) {
            const CK_ATTRIBUTE_TYPE type = attributes[i].type;
            if (type != CKA_CLASS && type != CKA_KEY_TYPE && type != CKA_KEY_GEN_MECHANISM) continue;
            if (given[i] == sizeof(CK_ULONG)) continue;
            attributes[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
            value = CKR_BUFFER_TOO_SMALL;
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

inline bool holds(const CK_ATTRIBUTE* attributes, CK_ULONG count, CK_ATTRIBUTE_TYPE type) {
    return std::any_of(attributes, attributes + count, of_type(type));
}

inline CK_RV generate_key_pair(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* public_attributes,
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

inline CK_RV create_object(CK_SESSION_HANDLE session, CK_ATTRIBUTE* attributes, CK_ULONG count,
                           CK_OBJECT_HANDLE* object) {
    return around("C_CreateObject", [&](const std::vector<Rule>& rules) -> CK_RV {
        for (const auto& rule : rules)
            if (rule.action == "refuse" && holds(attributes, count, attribute(rule).type))
                return CKR_TEMPLATE_INCONSISTENT;
        return state().real->C_CreateObject(session, attributes, count, object);
    });
}

inline CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE* data, CK_ULONG size, CK_BYTE* signature,
                  CK_ULONG* signature_size) {
    return around("C_Sign", [&](const std::vector<Rule>& rules) {
        const CK_RV value = state().real->C_Sign(session, data, size, signature, signature_size);
        if (value == CKR_OK && signature != nullptr && find(rules, "flip") != nullptr)
            signature[*signature_size / 2] ^= 1;
        return value;
    });
}

inline bool has_one_step() {
    return std::ranges::any_of(state().rules, [](const Rule& rule) { return rule.action == "one-step"; });
}

inline bool is_one_step(const CK_MECHANISM* mechanism) {
    return mechanism != nullptr && mechanism->mechanism == CKM_RSA_AES_KEY_WRAP && has_one_step();
}

inline CK_RV unwrap_key(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE unwrapping_key,
                        CK_BYTE* wrapped, CK_ULONG size, CK_ATTRIBUTE* wanted, CK_ULONG count, CK_OBJECT_HANDLE* key) {
    return around("C_UnwrapKey", [&](const std::vector<Rule>&) {
        if (is_one_step(mechanism))
            return unwrap_in_one_step({state().real, session, mechanism}, unwrapping_key,
                                      {wrapped, size, wanted, count}, key);
        return state().real->C_UnwrapKey(session, mechanism, unwrapping_key, wrapped, size, wanted, count, key);
    });
}

inline CK_RV get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO* info) {
    return around("C_GetMechanismInfo", [&](const std::vector<Rule>&) {
        if (type != CKM_RSA_AES_KEY_WRAP || !has_one_step()) return state().real->C_GetMechanismInfo(slot, type, info);
        *info = {2048, 16384, CKF_WRAP | CKF_UNWRAP};
        return static_cast<CK_RV>(CKR_OK);
    });
}

inline CK_RV wrap_key(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE wrapping_key,
                      CK_OBJECT_HANDLE key, CK_BYTE* wrapped, CK_ULONG* size) {
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

inline CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
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

inline CK_RV get_session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO* info) {
    return around("C_GetSessionInfo", [&](const std::vector<Rule>& rules) {
        const CK_RV value = state().real->C_GetSessionInfo(session, info);
        if (const Rule* rule = find(rules, "state"); rule != nullptr && value == CKR_OK) info->state = number(*rule);
        return value;
    });
}

inline CK_RV initialize(void* arguments) {
    return around("C_Initialize", [&](const std::vector<Rule>& rules) {
        const auto* given = static_cast<const CK_C_INITIALIZE_ARGS*>(arguments);
        if (find(rules, "demand-locking") != nullptr && (given == nullptr || (given->flags & CKF_OS_LOCKING_OK) == 0))
            return static_cast<CK_RV>(CKR_CANT_LOCK);
        return state().real->C_Initialize(arguments);
    });
}

inline CK_RV get_slot_list(CK_BBOOL with_token, CK_SLOT_ID* slots, CK_ULONG* count) {
    return around("C_GetSlotList", [&](const std::vector<Rule>& rules) {
        const Rule* rule = find(rules, "count");
        if (rule == nullptr) return state().real->C_GetSlotList(with_token, slots, count);
        *count = number(*rule);
        return static_cast<CK_RV>(CKR_OK);
    });
}

inline CK_RV get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE* list, CK_ULONG* count) {
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

}  // namespace hsmreq::fault
