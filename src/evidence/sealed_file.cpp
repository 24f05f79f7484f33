#include "evidence/sealed_file.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/digest.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "evidence/json_parts.hpp"

namespace hsmreq::evidence {
namespace {

using namespace std::string_view_literals;

constexpr const char* sealed_schema = "hsmreq.sealed/1";
constexpr std::string_view signed_prefix = "hsmreq/1/sealed\0"sv;
constexpr std::size_t wrappings_at_most = 8;
constexpr std::size_t name_limit = 63;        // farm and request names
constexpr std::size_t reason_limit = 1000;    // bytes, as --reason has it
constexpr std::size_t secret_limit = 2048;    // RSA of 16384 bits
constexpr std::size_t key_limit = 16 * 1024;  // a private key of RSA-4096 takes about 2.4 KiB
constexpr std::size_t public_key_limit = 4096;
constexpr std::size_t signature_limit = 2048;

Error malformed(const std::string& what) {
    return {.code = ExitCode::input,
            .what = "the sealed file is malformed: " + what,
            .hint = "a file of `hsmreq distribute seal` is expected, as it was written"};
}

/// Exactly these members, each once: the parser has kept the last of two alike, which the signature then does not fit.
/// `further` are members of another kind that the caller knows to be there.
bool has_exactly(const Json& object, std::initializer_list<const char*> names, std::size_t further = 0) {
    if (!object.is_object() || object.size() != names.size() + further) return false;
    return std::all_of(names.begin(), names.end(), [&](const char* name) { return object.contains(name); });
}

Result<std::string> word(const Json& object, const char* name, std::size_t limit) {
    const auto& value = object.at(name);
    if (!value.is_string()) return malformed(std::string(name) + " is no text");
    auto text = value.get<std::string>();
    if (text.empty() || text.size() > limit) return malformed(std::string(name) + " is empty or too long");
    return text;
}

Result<Bytes> bytes(const Json& object, const char* name, std::size_t limit) {
    TRY_ASSIGN(const std::string text, word(object, name, 2 * limit));
    auto value = from_hex(text);
    if (!value) return malformed(std::string(name) + " is not hexadecimal");
    return std::move(*value);
}

Result<std::string> sha256(const Json& object, const char* name) {
    TRY_ASSIGN(const Bytes value, bytes(object, name, facts(Hash::sha256).size));
    if (value.size() != facts(Hash::sha256).size) return malformed(std::string(name) + " is no SHA-256");
    return to_hex(value);
}

Result<SealedWrapping> read_wrapping(const Json& object) {
    if (!has_exactly(object, {"key_wrap", "oaep_hash", "secret", "key"}))
        return malformed("a wrapping has other members than key_wrap, oaep_hash, secret and key");
    SealedWrapping wrapping;
    TRY_ASSIGN(wrapping.key_wrap, word(object, "key_wrap", name_limit));
    TRY_ASSIGN(wrapping.key, bytes(object, "key", key_limit));
    if (object.at("oaep_hash").is_null() && object.at("secret").is_null()) return wrapping;
    TRY_ASSIGN(wrapping.oaep_hash, word(object, "oaep_hash", name_limit));
    TRY_ASSIGN(wrapping.secret, bytes(object, "secret", secret_limit));
    return wrapping;
}

Result<std::vector<SealedWrapping>> read_wrappings(const Json& array) {
    if (!array.is_array() || array.empty() || array.size() > wrappings_at_most)
        return malformed("wrappings is no list of 1 to 8");
    std::vector<SealedWrapping> wrappings;
    for (const auto& object : array) {
        TRY_ASSIGN(auto wrapping, read_wrapping(object));
        wrappings.push_back(std::move(wrapping));
    }
    return wrappings;
}

Result<unsigned> read_generation(const Json& object) {
    const auto& value = object.at("generation");
    if (!value.is_number_unsigned()) return malformed("generation is no number from 1");
    const auto number = value.get<std::uint64_t>();
    if (number == 0 || number > std::numeric_limits<unsigned>::max())
        return malformed("generation is no number from 1");
    return static_cast<unsigned>(number);
}

/// A field with its length before it, so that no two files have the same content.
void append(Bytes& content, BytesView field) {
    for (unsigned shift = 32; shift > 0;) {
        shift -= 8;
        content.push_back(static_cast<std::uint8_t>(field.size() >> shift));
    }
    content.insert(content.end(), field.begin(), field.end());
}

}  // namespace

Bytes signed_content(const SealedKey& sealed) {
    Bytes content;
    for (const std::string& text : {sealed.farm, sealed.request, std::to_string(sealed.generation),
                                    sealed.public_key_sha256, sealed.offer_sha256, sealed.signature_hash})
        append(content, as_bytes(text));
    append(content, sealed.public_key);
    for (const auto& wrapping : sealed.wrappings) {
        append(content, as_bytes(wrapping.key_wrap));
        append(content, as_bytes(wrapping.oaep_hash));
        append(content, wrapping.secret);
        append(content, wrapping.key);
    }
    // One field after groups of four: with and without a reason no two files have the same content.
    if (!sealed.reason.empty()) append(content, as_bytes(sealed.reason));
    Bytes result = digest(Hash::sha256, content);
    result.insert(result.begin(), signed_prefix.begin(), signed_prefix.end());
    return result;
}

Bytes to_json(const SealedKey& sealed) {
    const auto wrapping = [](const SealedWrapping& one) {
        return Json::object({{"key_wrap", text(one.key_wrap)},
                             {"oaep_hash", text(one.oaep_hash)},
                             {"secret", hexadecimal(one.secret)},
                             {"key", hexadecimal(one.key)}});
    };
    auto document = Json::object({{"schema", sealed_schema},
                                  {"farm", text(sealed.farm)},
                                  {"request", text(sealed.request)},
                                  {"generation", sealed.generation},
                                  {"public_key_sha256", text(sealed.public_key_sha256)},
                                  {"offer_sha256", text(sealed.offer_sha256)},
                                  {"public_key", hexadecimal(sealed.public_key)},
                                  {"wrappings", list(sealed.wrappings, wrapping)},
                                  {"signature_hash", text(sealed.signature_hash)},
                                  {"signature", hexadecimal(sealed.signature)}});
    if (!sealed.reason.empty()) document["reason"] = sealed.reason;
    const auto json = serialize(document);
    return {json.begin(), json.end()};
}

Result<SealedKey> read_sealed_file(BytesView json) {
    if (json.size() > sealed_file_limit) return malformed("it is larger than 1 MiB");
    const auto document = parse_document(json);
    if (!document || string_at(*document, "/schema") != sealed_schema) return malformed("it is no hsmreq.sealed/1");
    const bool reasoned = document->contains("reason");
    if (!has_exactly(*document,
                     {"schema", "farm", "request", "generation", "public_key_sha256", "offer_sha256", "public_key",
                      "wrappings", "signature_hash", "signature"},
                     reasoned ? 1 : 0))
        return malformed("a member is missing, or there is one too many");
    SealedKey sealed;
    if (reasoned) {
        TRY_ASSIGN(sealed.reason, word(*document, "reason", reason_limit));
    }
    TRY_ASSIGN(sealed.farm, word(*document, "farm", name_limit));
    TRY_ASSIGN(sealed.request, word(*document, "request", 253));  // a per-pool request is named after its host
    TRY_ASSIGN(sealed.generation, read_generation(*document));
    TRY_ASSIGN(sealed.public_key_sha256, sha256(*document, "public_key_sha256"));
    TRY_ASSIGN(sealed.offer_sha256, sha256(*document, "offer_sha256"));
    TRY_ASSIGN(sealed.public_key, bytes(*document, "public_key", public_key_limit));
    TRY_ASSIGN(sealed.wrappings, read_wrappings(document->at("wrappings")));
    TRY_ASSIGN(sealed.signature_hash, word(*document, "signature_hash", name_limit));
    TRY_ASSIGN(sealed.signature, bytes(*document, "signature", signature_limit));
    return sealed;
}

}  // namespace hsmreq::evidence
