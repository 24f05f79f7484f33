#include <algorithm>
#include <set>

#include "plan/draft.hpp"

namespace hsmreq::plan {
namespace {

bool serves(const Member& member) {
    return member.role != MemberRole::workstation;
}

const Member* first_with_token(const std::vector<const Member*>& members) {
    const auto found = std::find_if(members.begin(), members.end(), [](const auto* m) { return has_token(*m); });
    return found == members.end() ? nullptr : *found;
}

const Member* find_member(const Draft& draft, const std::string& name) {
    const auto found = draft.member_index.find(name);
    return found == draft.member_index.end() ? nullptr : &draft.farm.members[found->second];
}

/// The first member with a token in the order of the file, workstations included; with `named` members one of those
/// before any workstation.
const Member* default_generator(const Farm& farm, const DraftRequest& request, bool named) {
    if (named)
        if (const auto* member = first_with_token(request.members)) return member;
    for (const auto& member : farm.members)
        if (has_token(member) && !(named && serves(member))) return &member;
    return nullptr;
}

}  // namespace

std::string token_identity(const Member& member) {
    return member.module + '\0' + member.uri;
}

void assign_members(const Draft& draft, const std::vector<std::string>& names, DraftRequest& request) {
    std::set<std::size_t> places;
    for (const auto& name : names)
        if (const auto found = draft.member_index.find(name); found != draft.member_index.end())
            places.insert(found->second);
    for (const auto place : places) request.members.push_back(&draft.farm.members[place]);
    if (names.empty())
        for (const auto& member : draft.farm.members)
            if (serves(member)) request.members.push_back(&member);

    const auto& wish = request.key->generate_on;
    request.generator =
        wish.empty() ? default_generator(draft.farm, request, !names.empty()) : find_member(draft, wish);
    if (request.generator && !has_token(*request.generator)) request.generator = nullptr;
}

}  // namespace hsmreq::plan
