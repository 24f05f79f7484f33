#include "plan/content.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "plan/draft.hpp"
#include "plan/rules.hpp"

namespace hsmreq::plan {
namespace {

/// What a farm file that asks for this content would hold.
struct Settings {
    CertificateSettings certificate;
    KeySettings key;
};

Settings settings_of(const SubjectInspection& subject) {
    Settings settings;
    for (const auto& attribute : subject.subject)
        if (attribute.type == "OU") settings.certificate.subject.organizational_unit = attribute.value;
    settings.certificate.key_usage.emplace();
    if (subject.key_usage)
        for (const auto& word : subject.key_usage->second)
            if (const auto bit = from_name<KeyUsageBit>(word)) settings.certificate.key_usage->push_back(*bit);
    settings.certificate.extended_key_usage.emplace();
    if (subject.extended_key_usage) settings.certificate.extended_key_usage = subject.extended_key_usage->second;
    // Keys of other kinds have findings of their own, so the rules on usages may take them for RSA.
    settings.key.algorithm = from_name<KeyAlgorithm>(subject.public_key_algorithm).value_or(KeyAlgorithm::rsa_2048);
    return settings;
}

/// The last one counts as the most specific (RFC 5280, 4.1.2.4), and clients look there.
std::string common_name_of(const SubjectInspection& subject) {
    std::string name;
    for (const auto& attribute : subject.subject)
        if (attribute.type == "CN") name = attribute.value;
    return name;
}

void draft_content(const Content& content, const Settings& settings, Draft& draft) {
    DraftRequest request;
    request.section = "request[0]";
    request.certificate = &settings.certificate;
    request.key = &settings.key;
    RequestPlan planned;
    planned.name = content.name;
    for (const auto& name : content.subject.subject_alternative_names) {
        if (name.type != "dns" && name.type != "ip") continue;
        const auto& read = draft.names.read(name.value, "request[0].names");
        planned.subject_alternative_names.push_back({read.host.type, read.host.value, {}});
    }
    // A CA's or a person's common name is no host name; only the name rules may mind it.
    if (const auto common_name = common_name_of(content.subject);
        !common_name.empty() && common_name.find(' ') == std::string::npos) {
        request.common_name = &draft.names.read(common_name, "request[0].common_name");
        planned.subject.common_name = request.common_name->host.value;
    }
    fill_settings(draft, request, planned);
    draft.plan.requests.push_back(std::move(planned));
    draft.requests.push_back(std::move(request));
}

}  // namespace

std::vector<Finding> judge_content(const Content& content) {
    Farm farm;
    farm.product = content.product;
    farm.ca = content.ca;
    const Settings settings = settings_of(content.subject);
    PlanOptions options;
    options.date = content.date;
    Draft draft{farm, options, profile(farm.ca), {}, {}, {}, {}, {}, {}};
    draft.issued = content.is_certificate;
    draft.content_file = content.where;
    draft_content(content, settings, draft);
    return judge(draft);
}

}  // namespace hsmreq::plan
