#include "workflow/audit_token.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "hsmreq/inspect.hpp"
#include "hsmreq/plan.hpp"
#include "plan/rules.hpp"
#include "token/certificates.hpp"
#include "workflow/audit_key.hpp"
#include "workflow/certificate_findings.hpp"

namespace hsmreq::workflow {
namespace {

struct Group {
    Bytes id;
    std::string label;  ///< the private key's before the public one's before the certificate's
    token::FoundObjects objects;
};

/// All objects by CKA_ID, in the order of the token; one without an ID stands for itself.
class Groups {
public:
    Status add(token::Session& session, token::ObjectClass wanted,
               std::vector<token::ObjectHandle> token::FoundObjects::*place) {
        TRY_ASSIGN(const auto objects, token::list_objects(session, wanted));
        for (const auto& object : objects) {
            Group& group = group_of(object.id);
            if (group.label.empty()) group.label = object.label;
            (group.objects.*place).push_back(object.handle);
        }
        return {};
    }
    std::vector<Group>& all() { return groups_; }

private:
    Group& group_of(const Bytes& id) {
        const auto [place, is_new] = places_.try_emplace(to_hex(id), groups_.size());
        if (!is_new && !id.empty()) return groups_[place->second];
        return groups_.emplace_back(Group{id, {}, {}});
    }

    std::vector<Group> groups_;
    std::map<std::string, std::size_t> places_;  ///< by CKA_ID, hexadecimal
};

Result<Groups> list_groups(token::Session& session) {
    Groups groups;
    TRY(groups.add(session, token::ObjectClass::private_key, &token::FoundObjects::private_keys));
    TRY(groups.add(session, token::ObjectClass::public_key, &token::FoundObjects::public_keys));
    TRY(groups.add(session, token::ObjectClass::certificate, &token::FoundObjects::certificates));
    return groups;
}

AuditedKey begin_key(token::Session& session, const Group& group) {
    AuditedKey key;
    key.token = session.token().info().label;
    key.key_id = to_hex(group.id);
    key.label = group.label;
    return key;
}

std::vector<std::string> split_label(const std::string& label) {
    std::vector<std::string> parts(1);
    for (const char c : label)
        if (c == '.')
            parts.emplace_back();
        else
            parts.back() += c;
    return parts;
}

std::string join_parts(const std::vector<std::string>& parts, std::size_t from, std::size_t to) {
    return join({parts.begin() + static_cast<std::ptrdiff_t>(from), parts.begin() + static_cast<std::ptrdiff_t>(to)},
                ".");
}

/// A label of the usual form says whose key it is, and the CKA_ID proves it. Farm and request may hold dots.
std::optional<KeyIdentity> identity_of(const Group& group) {
    const auto parts = split_label(group.label);
    constexpr std::size_t most_parts = 24;
    if (parts.size() < 3 || parts.size() > most_parts || !parts.back().starts_with('g')) return std::nullopt;
    const std::string& last = parts.back();
    unsigned generation = 0;
    const auto [end, error] = std::from_chars(last.data() + 1, last.data() + last.size(), generation);
    if (error != std::errc{} || end != last.data() + last.size()) return std::nullopt;
    const std::size_t names = parts.size() - 1;
    for (std::size_t farm = 1; farm < names; ++farm) {
        KeyIdentity shared{join_parts(parts, 0, farm), join_parts(parts, farm, names), "", generation};
        if (key_id(shared) == group.id) return shared;
        if (farm + 1 >= names) continue;
        KeyIdentity own{shared.farm, join_parts(parts, farm, names - 1), parts[names - 1], generation};
        if (key_id(own) == group.id) return own;
    }
    return std::nullopt;
}

/// A CA's certificate is named after the CA, and no key of it is expected here.
Result<bool> holds_authorities_alone(token::Session& session, const Group& group) {
    for (const auto object : group.objects.certificates) {
        TRY_ASSIGN(const auto der, token::read_certificate(session, object));
        const auto read = inspect_certificates(der);
        if (!read || read->size() != 1 || !is_ca(read->front())) return false;
    }
    return true;
}

}  // namespace

Result<std::vector<AuditedKey>> find_orphans(token::Session& session, const OrphanSearch& search) {
    std::vector<AuditedKey> orphans;
    TRY_ASSIGN(auto groups, list_groups(session));
    for (const auto& group : groups.all()) {
        const bool named = std::ranges::any_of(search.prefixes, [&](const std::string& prefix) {
            return !prefix.empty() && group.label.starts_with(prefix);
        });
        if (!named || search.known.contains(to_hex(group.id))) continue;
        const auto identity = identity_of(group);
        if (identity && identity->farm != search.farm) continue;  // another farm, whose name begins like this one's
        const bool has_key = !group.objects.private_keys.empty() || !group.objects.public_keys.empty();
        if (!has_key) {
            TRY_ASSIGN(const bool authorities, holds_authorities_alone(session, group));
            if (authorities) continue;
        }
        AuditedKey key = begin_key(session, group);
        key.farm = search.farm;
        const std::string where = session.token().info().display() + ", CKA_ID " + key.key_id;
        key.state = AuditState::orphan;
        key.findings.push_back(plan::make_finding(has_key ? "audit.orphan-key" : "audit.certificate-without-key", where,
                                                  {printable(group.label)}));
        orphans.push_back(std::move(key));
    }
    return orphans;
}

Result<std::vector<AuditedKey>> audit_whole_token(token::Session& session) {
    std::vector<AuditedKey> keys;
    TRY_ASSIGN(auto groups, list_groups(session));
    for (const auto& group : groups.all()) {
        AuditedKey key = begin_key(session, group);
        AuditMeasure measure;
        if (auto identity = identity_of(group)) {
            key.farm = identity->farm;
            key.request = identity->request;
            key.member = identity->member;
            key.generation = identity->generation;
        }
        TRY(audit_key(session, group.objects, measure, key));
        keys.push_back(std::move(key));
    }
    return keys;
}

}  // namespace hsmreq::workflow
