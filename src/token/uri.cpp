#include "token/uri.hpp"

#include <fmt/format.h>
#include <p11-kit/uri.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "token/module.hpp"

namespace hsmreq::token {
namespace {

struct UriDeleter {
    void operator()(P11KitUri* uri) const { p11_kit_uri_free(uri); }
};
using UriHandle = std::unique_ptr<P11KitUri, UriDeleter>;

enum class Place { path, query };

/// The attributes that may appear (RFC 7512, section 2.3).
struct UriAttribute {
    std::string_view name;
    Place place;
    bool object_only;  ///< allowed only in the URI of an object
    bool may_hold_nul;
};

constexpr UriAttribute uri_attributes[] = {
    {"token", Place::path, false, false},
    {"manufacturer", Place::path, false, false},
    {"serial", Place::path, false, false},
    {"model", Place::path, false, false},
    {"library-manufacturer", Place::path, false, false},
    {"library-description", Place::path, false, false},
    {"library-version", Place::path, false, false},
    {"slot-manufacturer", Place::path, false, false},
    {"slot-description", Place::path, false, false},
    {"slot-id", Place::path, false, false},
    {"object", Place::path, true, false},
    {"id", Place::path, true, true},
    {"type", Place::path, true, false},
    {"pin-source", Place::query, false, false},
};

constexpr std::string_view scheme = "pkcs11:";

Error uri_error(std::string what, std::string hint) {
    return {.code = ExitCode::input, .what = std::move(what), .where = "PKCS#11 URI", .hint = std::move(hint)};
}

std::string allowed_names(UriKind kind) {
    std::string names;
    for (const auto& attribute : uri_attributes)
        if (kind != UriKind::token || !attribute.object_only)
            names += (names.empty() ? "" : ", ") + std::string(attribute.name);
    return names;
}

/// Names a text at fault only when it can't be a PIN gone astray: letters, digits and dashes, no longer than a name.
std::string nameable(std::string_view name) {
    const bool plain = !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    });
    return plain && !to_lower(name).starts_with("pin") ? "\"" + std::string(name) + "\"" : "an attribute";
}

Error unknown_attribute(std::string_view name, UriKind kind) {
    const std::string lower = to_lower(name);
    if (lower.starts_with("pin"))
        return uri_error("a PIN does not belong into a URI: only pin-source is accepted",
                         "remove pin-value and say where the PIN is read from: pin_source = \"file:/path\"");
    if (lower == "module-name" || lower == "module-path")
        return uri_error(fmt::format("{} is not accepted in a token URI", lower),
                         "write the module beside the URI: module = \"softhsm2\"");
    for (const auto& attribute : uri_attributes)
        if (attribute.name == lower && attribute.object_only && kind == UriKind::token)
            return uri_error(fmt::format("{} names an object, and this URI names a token", lower),
                             "keep only what names the token: " + allowed_names(kind));
    std::array<std::string_view, std::size(uri_attributes)> names;
    std::transform(std::begin(uri_attributes), std::end(uri_attributes), names.begin(),
                   [](const auto& attribute) { return attribute.name; });
    const std::string near = nearest(lower, names);
    return uri_error(fmt::format("{} is not known here", nameable(name)),
                     near.empty() ? "known are " + allowed_names(kind) : fmt::format("did you mean \"{}\"?", near));
}

/// Decimal, and none that Cryptoki keeps for "no slot": p11-kit wraps around on the one and ignores the other.
bool is_slot_number(std::string_view text) {
    CK_SLOT_ID number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number != CK_UNAVAILABLE_INFORMATION;
}

Status check_type(std::string_view type, UriKind kind) {
    if (kind == UriKind::wrapping_key) {
        if (type == "secret-key" || type == "public") return {};
        return uri_error("a wrapping key is of type=secret-key or type=public", "write one of them, or leave it out");
    }
    if (type == "private") return {};
    return uri_error("only type=private names a key that signs", "write type=private, or leave it out");
}

/// Checks one name=value; p11-kit itself lets misspelt and repeated attributes pass.
Status check_attribute(std::string_view text, Place place, UriKind kind, std::set<std::string_view>& seen) {
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    const auto* known = std::find_if(std::begin(uri_attributes), std::end(uri_attributes), [&](const auto& attribute) {
        return attribute.name == name && attribute.place == place && (kind != UriKind::token || !attribute.object_only);
    });
    if (known == std::end(uri_attributes)) return unknown_attribute(name, kind);
    if (equals == std::string_view::npos || equals + 1 == text.size())
        return uri_error(fmt::format("{} has no value", name), "write name=value, or leave it out");
    if (!seen.insert(known->name).second) return uri_error(fmt::format("{} is given twice", name), "keep one of them");
    const auto value = text.substr(equals + 1);
    if (!known->may_hold_nul && value.find("%00") != std::string_view::npos)
        return uri_error(fmt::format("{} holds a zero byte", name), "remove %00");
    if (name == "slot-id" && !is_slot_number(value))
        return uri_error("slot-id is not the number of a slot", "write it in decimal: slot-id=0");
    return name == "type" ? check_type(value, kind) : Status{};
}

Status check_attributes(std::string_view part, Place place, UriKind kind, std::set<std::string_view>& seen) {
    const char separator = place == Place::path ? ';' : '&';
    while (!part.empty()) {
        const auto end = part.find(separator);
        TRY(check_attribute(part.substr(0, end), place, kind, seen));
        if (end == std::string_view::npos) break;
        part.remove_prefix(end + 1);
        if (part.empty())
            return uri_error(fmt::format("the URI ends in \"{}\"", separator), "remove it, or complete the URI");
    }
    return {};
}

Status check_strictly(std::string_view text, UriKind kind) {
    // A scheme has no case (RFC 3986, section 3.1); the attributes' names do.
    if (to_lower(text.substr(0, scheme.size())) != scheme)
        return uri_error("a PKCS#11 URI begins with \"pkcs11:\"", "for example pkcs11:token=rp01");
    // p11-kit drops white space silently, so that "my token" would look for "mytoken".
    if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; }))
        return uri_error("the URI holds a space or control character", "write a space as %20");
    text.remove_prefix(scheme.size());
    const auto mark = text.find('?');
    std::set<std::string_view> seen;
    TRY(check_attributes(text.substr(0, mark), Place::path, kind, seen));
    if (mark == std::string_view::npos) return {};
    if (mark + 1 == text.size()) return uri_error("nothing follows the \"?\"", "remove it, or complete the URI");
    return check_attributes(text.substr(mark + 1), Place::query, kind, seen);
}

/// The pin-source of RFC 7512 in the farm file's words.
Result<std::string> translate_pin_source(const char* source) {
    std::string_view path = source;
    if (path.starts_with("file:")) {
        path.remove_prefix(5);
        // RFC 8089: no host, or this one.
        for (const std::string_view host : {"//localhost/", "///"}) {
            if (!path.starts_with(host)) continue;
            path.remove_prefix(host.size() - 1);
            break;
        }
    }
    if (!path.starts_with("/") || path.starts_with("//"))
        return uri_error("pin-source is neither an absolute path nor file: with an absolute path",
                         "write pin-source=file:/run/hsm/pin");
    return "file:" + std::string(path);
}

const char* parse_problem(int code) {
    switch (code) {
        case P11_KIT_URI_BAD_ENCODING:
            return "a value is too long for its attribute or not percent-encoded correctly";
        case P11_KIT_URI_BAD_VERSION:
            return "library-version is not MAJOR or MAJOR.MINOR";
        default:
            return "the URI is malformed";
    }
}

template <std::size_t N>
void pad(unsigned char (&field)[N], std::string_view text) {
    std::memset(field, ' ', N);
    std::memcpy(field, text.data(), std::min(N, text.size()));
}

CK_VERSION version(std::string_view text) {
    CK_VERSION result{};
    const std::string copy(text);
    char* end = nullptr;
    result.major = static_cast<unsigned char>(std::strtoul(copy.c_str(), &end, 10));
    if (*end == '.') result.minor = static_cast<unsigned char>(std::strtoul(end + 1, nullptr, 10));
    return result;
}

void fill(CK_TOKEN_INFO& info, const TokenInfo& token) {
    pad(info.label, token.label);
    pad(info.manufacturerID, token.manufacturer);
    pad(info.model, token.model);
    pad(info.serialNumber, token.serial);
}

}  // namespace

struct Uri::Parts {
    UriHandle handle;
    std::string text;
    std::string pin_source;
    std::string object_label;
    Bytes object_id;
};

Uri::Uri(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Uri::~Uri() = default;
Uri::Uri(Uri&&) noexcept = default;
Uri& Uri::operator=(Uri&&) noexcept = default;

Result<Uri> Uri::parse(std::string_view text, UriKind kind) {
    TRY(check_strictly(text, kind));
    auto parts = std::make_unique<Parts>();
    parts->text = std::string(scheme) + std::string(text.substr(scheme.size()));  // p11-kit knows no other spelling
    parts->handle.reset(p11_kit_uri_new());
    P11KitUri* uri = parts->handle.get();
    const int code = p11_kit_uri_parse(parts->text.c_str(), P11_KIT_URI_FOR_ANY, uri);
    if (code != P11_KIT_URI_OK || p11_kit_uri_any_unrecognized(uri) != 0)
        return uri_error(parse_problem(code), "write special characters as %XX");
    if (const char* source = p11_kit_uri_get_pin_source(uri)) {
        TRY_ASSIGN(parts->pin_source, translate_pin_source(source));
    }
    if (const CK_ATTRIBUTE* label = p11_kit_uri_get_attribute(uri, CKA_LABEL))
        parts->object_label.assign(static_cast<const char*>(label->pValue), label->ulValueLen);
    if (const CK_ATTRIBUTE* id = p11_kit_uri_get_attribute(uri, CKA_ID)) {
        const auto* bytes = static_cast<const std::uint8_t*>(id->pValue);
        parts->object_id.assign(bytes, bytes + id->ulValueLen);
    }
    return Uri(std::move(parts));
}

bool Uri::matches(const ModuleInfo& module, const TokenInfo& token) const {
    const P11KitUri* uri = parts_->handle.get();
    CK_INFO library{};
    pad(library.manufacturerID, module.manufacturer);
    pad(library.libraryDescription, module.description);
    library.libraryVersion = version(module.library_version);
    CK_SLOT_INFO slot{};
    pad(slot.slotDescription, token.slot_description);
    pad(slot.manufacturerID, token.slot_manufacturer);
    CK_TOKEN_INFO info{};
    fill(info, token);
    const CK_SLOT_ID wanted_slot = p11_kit_uri_get_slot_id(parts_->handle.get());
    return p11_kit_uri_match_module_info(uri, &library) != 0 && p11_kit_uri_match_slot_info(uri, &slot) != 0 &&
           p11_kit_uri_match_token_info(uri, &info) != 0 &&
           (wanted_slot == static_cast<CK_SLOT_ID>(-1) || wanted_slot == token.slot_id);
}

const std::string& Uri::text() const {
    return parts_->text;
}
const std::string& Uri::pin_source() const {
    return parts_->pin_source;
}
const std::string& Uri::object_label() const {
    return parts_->object_label;
}
const Bytes& Uri::object_id() const {
    return parts_->object_id;
}

std::string key_uri(const TokenInfo& token, BytesView id, std::string_view label) {
    const UriHandle uri(p11_kit_uri_new());
    fill(*p11_kit_uri_get_token_info(uri.get()), token);
    CK_OBJECT_CLASS object_class = CKO_PRIVATE_KEY;
    Bytes id_copy(id.begin(), id.end());
    std::string label_copy(label);
    CK_ATTRIBUTE attributes[] = {
        {CKA_CLASS, &object_class, sizeof object_class},
        {CKA_ID, id_copy.data(), id_copy.size()},
        {CKA_LABEL, label_copy.data(), label_copy.size()},
    };
    for (auto& attribute : attributes)
        if (attribute.ulValueLen > 0) p11_kit_uri_set_attribute(uri.get(), &attribute);
    char* text = nullptr;
    if (p11_kit_uri_format(uri.get(), P11_KIT_URI_FOR_OBJECT_ON_TOKEN, &text) != P11_KIT_URI_OK) return {};
    std::string result = text;
    std::free(text);
    return result;
}

}  // namespace hsmreq::token
