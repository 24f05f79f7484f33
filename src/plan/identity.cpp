#include <initializer_list>
#include <string>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "hsmreq/plan.hpp"

namespace hsmreq {
namespace {

constexpr std::size_t key_id_size = 20;

std::string fill(const std::string& pattern, const RequestPlan& request, const KeyIdentity& identity) {
    return expand_template(pattern, [&](std::string_view placeholder) -> std::string {
        if (placeholder == "farm") return identity.farm;
        if (placeholder == "request") return identity.request;
        if (placeholder == "member") return identity.member;
        if (placeholder == "generation") return std::to_string(identity.generation);
        if (placeholder == "friendly_name") return request.friendly_name;
        return {};
    });
}

Bytes id_over(std::initializer_list<std::string> parts) {
    std::string input;
    for (const auto& part : parts) {
        input += part;
        input += '\0';
    }
    Bytes id = digest(Hash::sha256, as_bytes(input));
    id.resize(key_id_size);
    return id;
}

}  // namespace

Bytes key_id(const KeyIdentity& identity) {
    return id_over({"hsmreq/1", identity.farm, identity.request, identity.member, std::to_string(identity.generation)});
}

Bytes wrapping_pair_id(const std::string& farm, const std::string& member) {
    return id_over({"hsmreq/1/wrap", farm, member});
}

std::string key_label(const RequestPlan& request, const KeyIdentity& identity) {
    return fill(request.key.label, request, identity);
}

std::string file_stem(const RequestPlan& request, const KeyIdentity& identity) {
    std::string stem = fill(request.file_name, request, identity);
    if (identity.generation > 1) stem += ".g" + std::to_string(identity.generation);
    return stem;
}

}  // namespace hsmreq
