// A plan in the making: the plan itself, and beside it where everything came from, which is what rules judge.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hsmreq/plan.hpp"
#include "plan/ca_profiles.hpp"
#include "plan/host_name.hpp"
#include "plan/simple_url.hpp"

namespace hsmreq::plan {

/// A name that somebody wrote, or that follows from what they wrote, and the key path it stands under.
struct WrittenName {
    std::string written;
    std::string key;
    HostName host;
};

/// Every spelling of a name in the farm, read once. References stay valid.
class NameBook {
public:
    const WrittenName& read(std::string_view written, const std::string& key);
    [[nodiscard]] const std::deque<WrittenName>& all() const { return names_; }

private:
    std::deque<WrittenName> names_;
    std::unordered_map<std::string_view, const WrittenName*> by_spelling_;
};

struct FarmUrl {
    enum class Kind { meet, dialin };
    Kind kind = Kind::meet;
    std::string written;
    std::string key;
    SimpleUrl parts;
};

/// What belongs to the request of the same index in Plan::requests.
struct DraftRequest {
    std::string section;  ///< "request[0]" for an entry of the file, "" for a request planned from the topology
    const CertificateSettings* certificate = nullptr;
    const KeySettings* key = nullptr;
    const WrittenName* common_name = nullptr;  ///< null when there is no name at all
    std::vector<const Member*> members;        ///< that use the certificate
    const Member* generator = nullptr;         ///< whose token makes a shared key; null when there is none
    bool edge = false;                         ///< also serves the Edge Servers
};

struct Draft {
    const Farm& farm;
    const PlanOptions& options;
    const CaProfile& ca;
    std::unordered_map<std::string_view, std::size_t> member_index;
    std::vector<FarmUrl> simple_urls;
    std::unordered_map<std::string, std::string> wildcard_domains;  ///< domain to the key path it was written under
    NameBook names;
    Plan plan;
    std::vector<DraftRequest> requests;
    std::string content_file = {};  ///< where the request or certificate is that is judged instead of a farm file
    bool issued = false;            ///< it is a certificate
};

inline bool is_lync(const Farm& farm) {
    return farm.product != Product::generic;
}

inline bool has_token(const Member& member) {
    return member.receives == Receives::token && !member.uri.empty();
}

/// Two members with the same module and URI use the same token, as far as a farm file can tell.
std::string token_identity(const Member& member);

/// Adds the planned requests, those of the file, and the items of all.
void draft_requests(Draft& draft);

/// The members that use a certificate, and whose token makes its key. `names` is empty for every member that serves.
void assign_members(const Draft& draft, const std::vector<std::string>& names, DraftRequest& request);

/// Usages, key and formats by settings, product, CA and date.
void fill_settings(const Draft& draft, const DraftRequest& from, RequestPlan& request);

/// The extended key usages that go in when the file names none, whatever the CA issues.
std::vector<std::string> default_extended_key_usage(const Farm& farm);

}  // namespace hsmreq::plan
