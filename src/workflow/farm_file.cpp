#include "workflow/farm_file.hpp"

#include <fmt/format.h>

#include "base/digest.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "farm/parse.hpp"
#include "token/pin.hpp"
#include "token/uri.hpp"

namespace hsmreq {
namespace {

constexpr std::size_t farm_file_limit = std::size_t{16} << 20;  // 100 000 names take about 3 MiB

Status as_status(const auto& result) {
    if (!result) return result.error();
    return {};
}

farm::Validators validators() {
    return {
        .token_uri = [](std::string_view text) { return as_status(token::Uri::parse(text, token::UriKind::token)); },
        .object_uri = [](std::string_view text) { return as_status(token::Uri::parse(text, token::UriKind::object)); },
        .wrapping_key_uri =
            [](std::string_view text) { return as_status(token::Uri::parse(text, token::UriKind::wrapping_key)); },
        .pin_source = [](std::string_view text) { return as_status(token::parse_pin_source(text)); },
    };
}

/// A pin-source in the URI and a written pin_source beside it would leave open which one counts.
Status check_single_pin_source(const Farm& farm) {
    for (std::size_t i = 0; i < farm.members.size(); ++i) {
        const Member& member = farm.members[i];
        if (member.uri.empty()) continue;
        TRY_ASSIGN(const auto uri, token::Uri::parse(member.uri, token::UriKind::token));
        if (uri.pin_source().empty()) continue;
        for (const std::string& key : {fmt::format("member[{}].pin_source", i), std::string("token.pin_source")}) {
            const auto line = farm.lines.find(key);
            if (line == farm.lines.end()) continue;
            return Error{
                .code = ExitCode::input,
                .what = fmt::format("member {} has both a pin-source in its URI and a pin_source", member.name),
                .where = fmt::format("{}:{}: {}", farm.file, line->second, key),
                .hint = "keep one of the two",
            };
        }
    }
    return {};
}

/// Without an object's label or ID the URI would name whatever single key the token holds today.
Status check_evidence_key(const Farm& farm) {
    if (farm.evidence.key.empty()) return {};
    TRY_ASSIGN(const auto uri, token::Uri::parse(farm.evidence.key, token::UriKind::object));
    if (!uri.object_label().empty() || !uri.object_id().empty()) return {};
    const auto line = farm.lines.find("evidence.key");
    return Error{
        .code = ExitCode::input,
        .what = "evidence.key names a token and no key in it",
        .where = fmt::format("{}:{}: evidence.key", farm.file, line == farm.lines.end() ? 0 : line->second),
        .hint = "add the key's label or ID: pkcs11:token=log;object=evidence",
    };
}

}  // namespace

Result<Farm> parse_farm(std::string_view text, const std::string& file) {
    TRY_ASSIGN(auto farm, farm::parse(text, file, validators()));
    TRY(check_single_pin_source(farm));
    TRY(check_evidence_key(farm));
    return farm;
}

Result<Farm> load_farm(const std::string& path) {
    TRY_ASSIGN(auto file, workflow::read_farm_file(path));
    return std::move(file.farm);
}

namespace workflow {

Result<FarmFile> read_farm_file(const std::string& path) {
    TRY_ASSIGN(const auto bytes, read_file(path, farm_file_limit));
    TRY_ASSIGN(auto farm, parse_farm(as_text(bytes), path));
    return FarmFile{std::move(farm), sha256_hex(bytes)};
}

}  // namespace workflow
}  // namespace hsmreq
