#include "evidence/envelope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "evidence/json_parts.hpp"

namespace hsmreq::evidence {
namespace {

constexpr std::string_view statement_suffix = ".evidence.json";
constexpr std::string_view envelope_suffix = ".evidence.dsse.json";

Error not_an_envelope(std::string what) {
    return {.code = ExitCode::input,
            .what = "the file is no DSSE envelope: " + std::move(what),
            .hint = "signed evidence is what hsmreq request leaves as STEM.evidence.dsse.json"};
}

std::optional<Bytes> from_either_base64(std::string text) {
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    return from_base64(text);
}

std::string with_suffix(std::string_view name, std::string_view from, std::string_view to) {
    if (!name.ends_with(from)) return "";
    return std::string(name.substr(0, name.size() - from.size())).append(to);
}

Result<EnvelopeSignature> read_signature(const Json& signature) {
    const auto text = signature.is_object() ? string_at(signature, "/sig") : std::nullopt;
    auto value = text ? from_either_base64(*text) : std::nullopt;
    if (!value) return not_an_envelope("a signature is missing or not base64");
    return EnvelopeSignature{string_at(signature, "/keyid").value_or(""), std::move(*value)};
}

}  // namespace

Bytes to_be_signed(const Envelope& envelope) {
    std::string text =
        fmt::format("DSSEv1 {} {} {} ", envelope.payload_type.size(), envelope.payload_type, envelope.payload.size());
    text.append(as_text(envelope.payload));
    return {text.begin(), text.end()};
}

Bytes to_json(const Envelope& envelope) {
    const auto signature = [](const EnvelopeSignature& one) {
        return Json::object({{"keyid", text(one.keyid)}, {"sig", to_base64(one.value)}});
    };
    const std::string json = serialize(Json::object({{"payloadType", text(envelope.payload_type)},
                                                     {"payload", to_base64(envelope.payload)},
                                                     {"signatures", list(envelope.signatures, signature)}}));
    return {json.begin(), json.end()};
}

std::string envelope_name(std::string_view statement_name) {
    return with_suffix(statement_name, statement_suffix, envelope_suffix);
}

std::string statement_name(std::string_view envelope_name) {
    return with_suffix(envelope_name, envelope_suffix, statement_suffix);
}

bool looks_like_envelope(BytesView file) {
    const auto document = parse_document(file);
    return document && document->contains("payloadType") && document->contains("payload");
}

Result<Envelope> read_envelope(BytesView file) {
    const auto document = parse_document(file);
    if (!document) return not_an_envelope("it is not JSON of that form");
    const auto type = string_at(*document, "/payloadType");
    const auto payload = string_at(*document, "/payload");
    const auto signatures = document->find("signatures");
    if (!type || !payload || signatures == document->end() || !signatures->is_array() || signatures->empty())
        return not_an_envelope("payloadType, payload or signatures is missing");
    auto bytes = from_either_base64(*payload);
    if (!bytes) return not_an_envelope("its payload is not base64");
    Envelope envelope{.payload_type = *type, .payload = std::move(*bytes), .signatures = {}};
    for (const auto& signature : *signatures) {
        auto read = read_signature(signature);
        if (!read) return std::move(read).error();
        envelope.signatures.push_back(std::move(read).value());
    }
    return envelope;
}

}  // namespace hsmreq::evidence
