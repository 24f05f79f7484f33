#include "farm/settle.hpp"

#include <filesystem>
#include <system_error>

namespace hsmreq::farm {
namespace {

/// Paths of a farm file are relative to its folder.
class Folder {
public:
    explicit Folder(const std::string& file) : folder_(std::filesystem::path(file).parent_path()) {
        std::error_code failure;
        if (auto absolute = std::filesystem::absolute(folder_, failure); !failure) folder_ = std::move(absolute);
    }

    void resolve(std::string& path) const {
        if (!path.empty()) path = (folder_ / path).lexically_normal().string();
    }

    void resolve_pin_source(std::string& source) const {
        constexpr std::string_view scheme = "file:";
        if (!source.starts_with(scheme)) return;
        std::string path = source.substr(scheme.size());
        resolve(path);
        source = std::string(scheme) + path;
    }

    /// A module without a slash is a p11-kit name.
    void resolve_module(std::string& module) const {
        if (module.find('/') != std::string::npos) resolve(module);
    }

private:
    std::filesystem::path folder_;
};

void expand_meet_pattern(const Reader& reader, Farm& farm) {
    if (!reader.has("simple_urls.meet_pattern") || farm.simple_urls.meet.empty()) return;
    constexpr std::string_view placeholder = "{sip_domain}";
    const auto pattern = farm.simple_urls.meet.back();
    if (!pattern.sip_domain.empty()) return;
    farm.simple_urls.meet.pop_back();
    for (const auto& domain : farm.sip_domains) {
        std::string url = pattern.urls.front();
        for (auto at = url.find(placeholder); at != url.npos; at = url.find(placeholder, at + domain.size()))
            url.replace(at, placeholder.size(), domain);
        farm.simple_urls.meet.push_back({domain, {url}});
    }
}

void settle_member(const Member& defaults, const Folder& folder, Member& member) {
    if (member.receives == Receives::pfx) return;
    if (member.module.empty()) member.module = defaults.module;
    if (member.uri.empty()) member.uri = defaults.uri;
    if (member.pin_source.empty()) member.pin_source = defaults.pin_source;
    if (member.pin_source.empty() && !has_pin_source(member.uri)) member.pin_source = "prompt";
    folder.resolve_module(member.module);
    folder.resolve_pin_source(member.pin_source);
}

void settle_evidence(const Member& defaults, const Folder& folder, EvidenceSettings& evidence) {
    if (evidence.key.empty()) return;
    evidence.default_module = defaults.module;
    if (!has_pin_source(evidence.key))
        evidence.default_pin_source = defaults.pin_source.empty() ? "prompt" : defaults.pin_source;
    for (auto* module : {&evidence.module, &evidence.default_module}) folder.resolve_module(*module);
    for (auto* source : {&evidence.pin_source, &evidence.default_pin_source}) folder.resolve_pin_source(*source);
}

/// A table stands where its header is.
void fill_lines(const Reader& reader, Farm& farm) {
    for (const auto& [path, place] : reader.places()) farm.lines.emplace(path, place.value->at.line);
}

}  // namespace

bool has_pin_source(std::string_view uri) {
    return uri.find("?pin-source=") != uri.npos || uri.find("&pin-source=") != uri.npos;
}

void settle(const Reader& reader, Draft& draft) {
    auto& farm = draft.farm;
    const Folder folder(reader.file());
    farm.file = reader.file();
    if (!reader.has("mobility.autodiscover")) farm.mobility.autodiscover = farm.product != Product::generic;
    expand_meet_pattern(reader, farm);
    for (auto& member : farm.members) settle_member(draft.token, folder, member);
    settle_evidence(draft.token, folder, farm.evidence);
    for (auto& file : farm.trust.internal_roots) folder.resolve(file);
    for (auto& file : farm.trust.issuing_roots) folder.resolve(file);
    folder.resolve(farm.rules.weak_key_list);
    fill_lines(reader, farm);
}

}  // namespace hsmreq::farm
