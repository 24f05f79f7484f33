#include "farm/certificate_keys.hpp"

namespace hsmreq::farm {
namespace {

/// What a further request takes over: not the names and layout of the planned one.
RequestEntry inherited(const Farm& farm) {
    RequestEntry request;
    request.certificate = farm.certificate;
    request.certificate.common_name.clear();
    request.certificate.extra_names.clear();
    request.certificate.wildcard_for.clear();
    request.key = farm.key;
    return request;
}

/// An algorithm of another family does not go with the inherited purpose, which is about RSA.
void settle_purpose(const Field& request, RequestEntry& entry) {
    const auto key = request.path + ".key";
    if (request.reader.has(key + ".algorithm") && !request.reader.has(key + ".purpose") &&
        facts(entry.key.algorithm).family != KeyFamily::rsa)
        entry.key.purpose.reset();
}

}  // namespace

void read_key_usage(const Field& field, CertificateSettings& target) {
    if (!field.expect(Kind::list)) return;
    auto& bits = target.key_usage.emplace();
    for (std::size_t i = 0; i < field.value.items.size(); ++i) {
        const auto item = field.item(i);
        const auto bit = read_word<KeyUsageBit>(item);
        if (!bit) continue;
        if (std::ranges::find(bits, *bit) != bits.end())
            item.complain({backquoted(to_name(*bit)) + " stands twice", "Keep one of them."});
        bits.push_back(*bit);
    }
}

void read_requests(const Field& field, Farm& target) {
    if (!expect_tables(field)) return;
    for (std::size_t i = 0; i < field.value.items.size(); ++i) {
        auto& request = target.requests.emplace_back(inherited(target));
        const auto item = field.item(i);
        read_table<request_keys>(item, request);
        settle_purpose(item, request);
    }
}

}  // namespace hsmreq::farm
