#include <algorithm>

#include "farm/checks.hpp"
#include "farm/settle.hpp"

namespace hsmreq::farm {
namespace {

/// A member's own keys and what to say about them.
struct MemberCheck {
    Reader& reader;
    const Draft& draft;
    const Member& member;
    std::string path;

    [[nodiscard]] bool has(const std::string& key) const { return reader.has(path + '.' + key); }

    void complain(const std::string& key, Complaint complaint) const {
        const auto whole = path + '.' + key;
        const auto* place = reader.find(whole);
        complaint.what = whole + ": " + complaint.what;
        reader.complain(place == nullptr ? reader.position(path) : place->key, whole, std::move(complaint));
    }
};

void check_without_token(const MemberCheck& check) {
    for (const std::string key : {"module", "uri", "pin_source"})
        if (check.has(key))
            check.complain(key, {"a member with receives = \"pfx\" has no token",
                                 "It gets the key in a PFX; leave " + key + " out, or write receives = \"token\"."});
    if (check.member.role == MemberRole::workstation)
        check.complain("receives", {"a workstation holds a token",
                                    "It serves nothing and so receives no PFX; leave receives out."});
}

/// A key of the token that neither the member nor [token] has.
void check_present(const MemberCheck& check, const std::string& key, const std::string& value) {
    if (!value.empty() || check.reader.failed(check.path + '.' + key) || check.reader.failed("token") ||
        check.reader.failed(check.path + ".receives"))
        return;
    check.complain(
        key,
        {"no " + key + " for this member",
         "Write " + key + " here or, for all members, in [token]; a member that gets a PFX has receives = \"pfx\"."});
}

void check_with_token(const MemberCheck& check) {
    check_present(check, "module", check.member.module);
    check_present(check, "uri", check.member.uri);
    if (check.member.pin_source.empty() || !has_pin_source(check.member.uri)) return;
    const std::string key = check.has("uri") ? "uri" : "pin_source";
    check.complain(key, {"the PIN's source is given twice", "Keep pin_source, or pin-source in the uri, not both."});
}

/// The key that signs evidence lies in a token as well.
void check_evidence_token(Reader& reader, const EvidenceSettings& evidence) {
    if (evidence.key.empty() || reader.failed("evidence") || reader.failed("token")) return;
    if (evidence.module.empty() && evidence.default_module.empty())
        reader.complain_about("evidence.key", {"no module for the evidence key's token",
                                               "Write module = \"…\" in [evidence], or in [token]."});
    if (!evidence.pin_source.empty() && has_pin_source(evidence.key))
        reader.complain_about("evidence.pin_source", {"the PIN's source is given twice",
                                                      "Keep pin_source, or pin-source in the key's URI, not both."});
}

}  // namespace

void check_members(Reader& reader, const Draft& draft) {
    const auto& members = draft.farm.members;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const MemberCheck check{reader, draft, members[i], "member[" + std::to_string(i) + ']'};
        if (members[i].receives == Receives::pfx)
            check_without_token(check);
        else
            check_with_token(check);
        if (members[i].role == MemberRole::workstation && members[i].server)
            check.complain("server", {"a workstation serves nothing", "Leave server out, or give it another role."});
    }
    const auto holds_token = [](const Member& member) { return member.receives == Receives::token; };
    if (!members.empty() && !reader.failed("member") && std::ranges::none_of(members, holds_token))
        reader.complain(
            reader.position("member[0]"), "member",
            {"no member holds a token", "Keys are made in tokens: one member, perhaps a workstation, needs one."});
    check_evidence_token(reader, draft.farm.evidence);
}

}  // namespace hsmreq::farm
