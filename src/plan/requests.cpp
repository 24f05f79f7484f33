#include <fmt/format.h>

#include <utility>

#include "base/text.hpp"
#include "plan/draft.hpp"
#include "plan/names.hpp"

namespace hsmreq::plan {
namespace {

struct NamedRequest {
    std::string name;
    std::string subject;      ///< the common name as written, "" for the first wish
    std::string subject_key;  ///< where it was written
    const std::vector<std::string>& members;
    std::vector<Wish> wishes;
};

/// The common name first, then the wishes; a request without any name stays without.
void add_request(Draft& draft, DraftRequest request, NamedRequest named) {
    RequestPlan planned;
    planned.name = std::move(named.name);
    if (named.subject.empty() && !named.wishes.empty()) {
        named.subject = named.wishes.front().written;
        named.subject_key = named.wishes.front().key;
    }
    if (!named.subject.empty() || !named.wishes.empty()) {
        request.common_name = &draft.names.read(named.subject, named.subject_key);
        named.wishes.insert(named.wishes.begin(), {Reason::subject, named.subject, named.subject_key});
        planned.subject.common_name = request.common_name->host.value;
    }
    planned.subject_alternative_names = planned_names(draft, named.wishes);
    assign_members(draft, named.members, request);
    for (const auto* member : request.members) planned.members.push_back(member->name);
    fill_settings(draft, request, planned);
    draft.plan.requests.push_back(std::move(planned));
    draft.requests.push_back(std::move(request));
}

DraftRequest from_farm(const Draft& draft) {
    DraftRequest request;
    request.certificate = &draft.farm.certificate;
    request.key = &draft.farm.key;
    return request;
}

void draft_combined(Draft& draft) {
    const auto& farm = draft.farm;
    static const std::vector<std::string> every_member;
    auto request = from_farm(draft);
    request.edge = farm.edge.has_value();
    NamedRequest named{farm.certificate.name, farm.certificate.common_name, "certificate.common_name", every_member,
                       topology_wishes(draft, {nullptr, true, request.edge})};
    if (named.subject.empty() && request.edge) {
        named.subject = farm.edge->access_fqdn;
        named.subject_key = "edge.access_fqdn";
    }
    add_request(draft, std::move(request), std::move(named));
}

void draft_per_pool(Draft& draft) {
    const auto& farm = draft.farm;
    for (std::size_t i = 0; i < farm.pools.size(); ++i) {
        const auto& pool = farm.pools[i];
        const auto key = fmt::format("pool[{}].external_web_fqdn", i);
        const bool shared = i == 0 || farm.certificate.shared_names == SharedNames::every_pool;
        NamedRequest named{draft.names.read(pool.external_web_fqdn, key).host.value, pool.external_web_fqdn, key,
                           pool.members, topology_wishes(draft, {&pool, shared, false})};
        add_request(draft, from_farm(draft), std::move(named));
    }
}

void draft_entries(Draft& draft) {
    for (std::size_t i = 0; i < draft.farm.requests.size(); ++i) {
        const auto& entry = draft.farm.requests[i];
        DraftRequest request;
        request.section = fmt::format("request[{}]", i);
        request.certificate = &entry.certificate;
        request.key = &entry.key;
        NamedRequest named{entry.name, entry.common_name, request.section + ".common_name", entry.members, {}};
        for (std::size_t n = 0; n < entry.names.size(); ++n)
            named.wishes.push_back({Reason::extra, entry.names[n], fmt::format("request[{}].names[{}]", i, n)});
        add_request(draft, std::move(request), std::move(named));
    }
}

void add_items(Draft& draft) {
    for (std::size_t i = 0; i < draft.requests.size(); ++i) {
        const auto& request = draft.requests[i];
        if (request.key->sharing == Sharing::shared) {
            if (request.generator) draft.plan.items.push_back({i, "", request.generator->name});
            continue;
        }
        for (const auto* member : request.members)
            if (has_token(*member)) draft.plan.items.push_back({i, member->name, member->name});
    }
}

}  // namespace

const WrittenName& NameBook::read(std::string_view written, const std::string& key) {
    if (const auto found = by_spelling_.find(written); found != by_spelling_.end()) return *found->second;
    const auto& name = names_.emplace_back(WrittenName{std::string(written), key, read_host_name(written)});
    by_spelling_.emplace(name.written, &name);
    return name;
}

void draft_requests(Draft& draft) {
    for (std::size_t i = 0; i < draft.farm.members.size(); ++i)
        draft.member_index.try_emplace(draft.farm.members[i].name, i);
    draft.simple_urls = read_simple_urls(draft.farm.simple_urls);
    read_wildcard_domains(draft);
    if (is_lync(draft.farm)) {
        if (draft.farm.certificate.layout == Layout::combined)
            draft_combined(draft);
        else
            draft_per_pool(draft);
    }
    draft_entries(draft);
    add_items(draft);
}

}  // namespace hsmreq::plan
