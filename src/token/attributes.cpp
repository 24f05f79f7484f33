#include "token/attributes.hpp"

#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "base/try.hpp"
#include "token/state.hpp"

namespace hsmreq::token {
namespace {

constexpr std::size_t large_buffer = 64 * 1024;
/// What a number's buffer holds before the call: no number that a token answers with.
constexpr std::uint8_t no_answer = 0xa5;

/// A CK_ULONG has one size, and NSS' softokn answers CKR_BUFFER_TOO_SMALL to a buffer of any other, larger ones
/// included.
bool is_number(CK_ATTRIBUTE_TYPE type) {
    return type == CKA_CLASS || type == CKA_KEY_TYPE || type == CKA_KEY_GEN_MECHANISM;
}

/// Bytes to offer for a value, so that one call suffices for every value seen in practice.
std::size_t buffer_size(CK_ATTRIBUTE_TYPE type) {
    switch (type) {
        case CKA_MODULUS:
            return 2048;  // RSA of 16384 bits
        case CKA_VALUE:   // only certificates are asked for it
            return 4096;
        case CKA_EC_PARAMS:
        case CKA_EC_POINT:
        case CKA_PUBLIC_EXPONENT:
        case CKA_LABEL:
        case CKA_ID:
            return 512;
        default:
            return is_number(type) ? sizeof(CK_ULONG) : 32;
    }
}

/// The buffers and CK_ATTRIBUTEs of one call.
struct Reading {
    explicit Reading(std::span<const CK_ATTRIBUTE_TYPE> types) : buffers(types.size()), attributes(types.size()) {
        for (std::size_t i = 0; i < types.size(); ++i) {
            attributes[i].type = types[i];
            buffers[i].resize(buffer_size(types[i]), is_number(types[i]) ? no_answer : 0);
        }
        offer();
    }

    void offer() {
        for (std::size_t i = 0; i < attributes.size(); ++i) {
            attributes[i].pValue = buffers[i].data();
            attributes[i].ulValueLen = buffers[i].size();
        }
    }

    void enlarge() {
        for (std::size_t i = 0; i < buffers.size(); ++i)
            if (!is_number(attributes[i].type)) buffers[i].assign(large_buffer, 0);
        offer();
    }

    /// Attributes that the call did not even look at: their length is what was offered, and a number is none yet.
    [[nodiscard]] std::vector<std::size_t> untouched() const {
        const auto is_blank = [](std::uint8_t byte) { return byte == no_answer; };
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < attributes.size(); ++i)
            if (attributes[i].ulValueLen == buffers[i].size() &&
                (!is_number(attributes[i].type) || std::ranges::all_of(buffers[i], is_blank)))
                places.push_back(i);
        return places;
    }

    /// True when the call says of every attribute that it is not to be had.
    [[nodiscard]] bool all_unavailable() const {
        return std::all_of(attributes.begin(), attributes.end(), [](const CK_ATTRIBUTE& attribute) {
            return attribute.ulValueLen == CK_UNAVAILABLE_INFORMATION;
        });
    }

    std::vector<Bytes> buffers;
    std::vector<CK_ATTRIBUTE> attributes;
};

/// Some values missing is an answer, not a failure (PKCS#11, C_GetAttributeValue).
bool usable(CK_RV value) {
    return value == CKR_OK || value == CKR_ATTRIBUTE_TYPE_INVALID || value == CKR_ATTRIBUTE_SENSITIVE ||
           value == CKR_BUFFER_TOO_SMALL;
}

CK_RV ask_for(Session& session, ObjectHandle object, std::span<CK_ATTRIBUTE> attributes) {
    return session.state().caller().ask(CRYPTOKI(C_GetAttributeValue), session.state().handle, object,
                                        attributes.data(), CK_ULONG{attributes.size()});
}

/// All valid attributes of a call are to be filled in whatever becomes of the others (PKCS#11, C_GetAttributeValue).
/// Some modules stop at the first that they do not know, or give up on all; those are asked one by one.
Status read_rest_singly(Session& session, ObjectHandle object, Reading& reading) {
    auto places = reading.untouched();
    if (reading.all_unavailable())
        for (std::size_t i = 0; i < reading.attributes.size(); ++i) places.push_back(i);
    for (const std::size_t i : places) {
        CK_ATTRIBUTE& attribute = reading.attributes[i];
        attribute.ulValueLen = reading.buffers[i].size();
        const CK_RV value = ask_for(session, object, {&attribute, 1});
        if (!usable(value)) return token_error(session.state().caller().where(), "C_GetAttributeValue", value);
        if (value != CKR_OK) attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION;
    }
    return {};
}

}  // namespace

bool about_attributes(CK_RV value) {
    return value == CKR_TEMPLATE_INCONSISTENT || value == CKR_TEMPLATE_INCOMPLETE ||
           value == CKR_ATTRIBUTE_TYPE_INVALID || value == CKR_ATTRIBUTE_VALUE_INVALID ||
           value == CKR_ATTRIBUTE_READ_ONLY;
}

void Template::add_bytes(CK_ATTRIBUTE_TYPE type, BytesView value) {
    Bytes& kept = values_.emplace_back(value.begin(), value.end());
    attributes_.push_back({type, kept.data(), kept.size()});
}

void Template::add_secret(CK_ATTRIBUTE_TYPE type, const Secret& value) {
    const BytesView bytes = value.reveal();
    // Cryptoki's types know no const; a module reads the values of a template that creates.
    attributes_.push_back({type, const_cast<std::uint8_t*>(bytes.data()), bytes.size()});
}

void Template::add_boolean(CK_ATTRIBUTE_TYPE type, bool value) {
    const CK_BBOOL boolean = value ? CK_TRUE : CK_FALSE;
    add_bytes(type, {&boolean, 1});
}

void Template::add_number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
    add_bytes(type, {reinterpret_cast<const std::uint8_t*>(&value), sizeof value});
}

Result<AttributeValues> AttributeValues::read(Session& session, ObjectHandle object,
                                              std::span<const CK_ATTRIBUTE_TYPE> types) {
    Reading reading(types);
    CK_RV value = ask_for(session, object, reading.attributes);
    if (value == CKR_BUFFER_TOO_SMALL) {
        reading.enlarge();
        value = ask_for(session, object, reading.attributes);
    }
    if (!usable(value)) return token_error(session.state().caller().where(), "C_GetAttributeValue", value);
    if (value != CKR_OK && types.size() > 1) TRY(read_rest_singly(session, object, reading));
    AttributeValues values;
    for (std::size_t i = 0; i < types.size(); ++i) {
        const CK_ULONG size = reading.attributes[i].ulValueLen;
        std::optional<Bytes> content;
        // CK_UNAVAILABLE_INFORMATION is the largest number there is, so this covers it as well.
        if (size <= reading.buffers[i].size()) {
            content = std::move(reading.buffers[i]);
            content->resize(size);
        }
        values.values_.push_back({types[i], std::move(content)});
    }
    return values;
}

std::optional<BytesView> AttributeValues::bytes(CK_ATTRIBUTE_TYPE type) const {
    const auto value =
        std::find_if(values_.begin(), values_.end(), [&](const Value& entry) { return entry.type == type; });
    if (value == values_.end() || !value->content) return std::nullopt;
    return BytesView(*value->content);
}

std::optional<bool> AttributeValues::boolean(CK_ATTRIBUTE_TYPE type) const {
    const auto value = bytes(type);
    if (!value || value->size() != sizeof(CK_BBOOL)) return std::nullopt;
    return value->front() != CK_FALSE;
}

std::optional<CK_ULONG> AttributeValues::number(CK_ATTRIBUTE_TYPE type) const {
    const auto value = bytes(type);
    CK_ULONG number = 0;
    if (!value || value->size() != sizeof number) return std::nullopt;
    std::memcpy(&number, value->data(), sizeof number);
    if (number == CK_UNAVAILABLE_INFORMATION) return std::nullopt;
    return number;
}

}  // namespace hsmreq::token
