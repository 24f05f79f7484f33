#include "workflow/init_usual.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "hsmreq/names.hpp"
#include "workflow/init_checks.hpp"

namespace hsmreq::workflow::usual {
namespace {

std::string common_name(const Answers& answers) {
    return to_lower(answers.text("common-name"));
}

/// The domain that a host lies in: everything behind its first label, unless that leaves a single label.
std::string domain_of(const std::string& name) {
    const auto dot = name.find('.');
    if (dot == std::string::npos || name.find('.', dot + 1) == std::string::npos) return name;
    return name.substr(dot + 1);
}

Words one(std::string text) {
    return text.empty() ? Words{} : Words{std::move(text)};
}

}  // namespace

bool is_generic(const Answers& answers) {
    return answers.text("product") == to_name(Product::generic);
}
bool is_lync(const Answers& answers) {
    return !is_generic(answers);
}
bool is_rsa(const Answers& answers) {
    const auto algorithm = from_name<KeyAlgorithm>(answers.text("algorithm"));
    return !algorithm || facts(*algorithm).family == KeyFamily::rsa;
}
bool has_several_members(const Answers& answers) {
    return answers.list("member").size() > 1;
}

/// "contoso" of contoso.com, fit for a farm's name.
Words farm_name(const Answers& answers) {
    const auto domains = answers.list("sip-domain");
    std::string name = domains.empty() ? domain_of(common_name(answers)) : to_lower(domains.front());
    if (is_generic(answers)) name = domain_of(common_name(answers));
    name = name.substr(0, name.find('.'));
    return answer::identifier(name) ? Words{"farm"} : Words{name};
}

Words meet(const Answers& answers) {
    Words urls;
    for (const auto& domain : answers.list("sip-domain")) urls.push_back(fmt::format("{0}=https://meet.{0}", domain));
    return urls;
}

Words dialin(const Answers& answers) {
    const auto domain = answers.text("sip-domain");
    return domain.empty() ? Words{} : Words{"https://dialin." + domain};
}

Words uris(const Answers& answers) {
    Words uris;
    for (const auto& name : answers.list("member")) uris.push_back(fmt::format("{0}=pkcs11:token={0}", name));
    return uris;
}

Words sharing(const Answers& answers) {
    const bool travels = answers.text("private-key") != to_name(PrivateKeyPolicy::non_exportable);
    return {std::string(to_name(travels ? Sharing::shared : Sharing::per_member))};
}

Words extended_key_usage(const Answers& answers) {
    return is_generic(answers) ? Words{"serverAuth"} : Words{"serverAuth", "clientAuth"};
}

Words key_usage(const Answers&) {
    return {"digitalSignature", "keyEncipherment"};
}

Words friendly_name(const Answers& answers) {
    return is_generic(answers) ? Words{} : Words{"Reverse Proxy Listener for Lync Server"};
}

Words names(const Answers& answers) {
    return one(common_name(answers));
}

Words sip_domains(const Answers& answers) {
    return one(domain_of(common_name(answers)));
}

}  // namespace hsmreq::workflow::usual
