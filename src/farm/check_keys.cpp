#include <map>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "farm/checks.hpp"

namespace hsmreq::farm {
namespace {

std::string request_path(std::size_t index) {
    return "request[" + std::to_string(index) + ']';
}

/// The path where a setting of a request was written: in the request or in the farm's section.
std::string written_at(const Reader& reader, std::size_t index, const std::string& key) {
    const auto own = request_path(index) + '.' + key;
    return reader.has(own) ? own : key;
}

void check_purpose(Reader& reader, const KeySettings& key, const std::string& path) {
    if (!reader.has(path) || reader.failed(path)) return;
    if (facts(key.algorithm).family == KeyFamily::rsa || key.purpose != KeyPurpose::exchange) return;
    reader.complain_about(path, {"an " + std::string(to_name(key.algorithm)) + " key can't be for exchange",
                                 "Only RSA keys decrypt; write purpose = \"signature\" or leave it out."});
}

/// A request's label with its friendly name filled in, and where it was written.
struct Label {
    std::string text;
    std::string path;
    bool per_member;
};

Label label_of(const KeySettings& key, const CertificateSettings& certificate, std::string path) {
    std::string text = key.label;
    constexpr std::string_view placeholder = "{friendly_name}";
    if (const auto at = text.find(placeholder); at != text.npos)
        text.replace(at, placeholder.size(), certificate.friendly_name);
    return {to_lower(text), std::move(path), key.sharing == Sharing::per_member};
}

std::vector<Label> labels_of(const Reader& reader, const Farm& farm) {
    std::vector<Label> labels;
    const auto planned = farm.product == Product::generic              ? 0
                         : farm.certificate.layout == Layout::combined ? 1
                                                                       : farm.pools.size();
    for (std::size_t i = 0; i < planned; ++i) labels.push_back(label_of(farm.key, farm.certificate, "key.label"));
    for (std::size_t i = 0; i < farm.requests.size(); ++i) {
        const auto& request = farm.requests[i];
        if (!request.key.uri.empty()) continue;
        labels.push_back(label_of(request.key, request.certificate, written_at(reader, i, "key.label")));
    }
    return labels;
}

bool members_share_token(const Farm& farm) {
    std::set<std::pair<std::string, std::string>> tokens;
    for (const auto& member : farm.members)
        if (member.receives == Receives::token && !tokens.emplace(member.module, member.uri).second) return true;
    return false;
}

/// Keys on one token must not end up with one label.
void check_labels(Reader& reader, const Farm& farm) {
    const bool shared_token = members_share_token(farm);
    std::set<std::string> seen;
    std::set<std::string> complained;
    for (const auto& label : labels_of(reader, farm)) {
        if (!reader.has(label.path) || reader.failed(label.path) || complained.contains(label.path)) continue;
        const bool again = !seen.insert(label.text).second;
        std::string missing;
        if (again && label.text.find("{request}") == label.text.npos) missing = "{request}";
        if (shared_token && label.per_member && label.text.find("{member}") == label.text.npos) missing = "{member}";
        if (missing.empty()) continue;
        complained.insert(label.path);
        reader.complain_about(label.path, {"several keys would carry this label", "Put " + missing + " into it."});
    }
}

void check_file_name(Reader& reader, const CertificateSettings& certificate, const std::string& path) {
    if (certificate.file_name.find("{friendly_name}") == std::string::npos) return;
    const auto& name = certificate.friendly_name;
    constexpr std::size_t friendly_name_limit = 64;
    if (name.find_first_of("/\\") == name.npos && !name.starts_with('.') && name.size() <= friendly_name_limit) return;
    reader.complain_about(
        path, {"this friendly name can't be part of a file name",
               "Without slashes, a dot in front and at most 64 bytes; or take {friendly_name} out of file_name."});
}

}  // namespace

void check_keys(Reader& reader, const Farm& farm) {
    check_purpose(reader, farm.key, "key.purpose");
    check_file_name(reader, farm.certificate, "certificate.friendly_name");
    for (std::size_t i = 0; i < farm.requests.size(); ++i) {
        const auto path = request_path(i);
        check_purpose(reader, farm.requests[i].key, path + ".key.purpose");
        if (!reader.has(path + ".friendly_name") && !reader.has(path + ".certificate.friendly_name") &&
            !reader.has(path + ".file_name") && !reader.has(path + ".certificate.file_name"))
            continue;
        check_file_name(reader, farm.requests[i].certificate, path + ".friendly_name");
    }
    check_labels(reader, farm);
}

}  // namespace hsmreq::farm
