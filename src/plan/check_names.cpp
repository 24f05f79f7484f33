#include <algorithm>
#include <string_view>

#include "plan/checks.hpp"
#include "plan/reserved_address.hpp"

namespace hsmreq::plan::check {
namespace {

void report_fault(NameFault fault, const Draft& draft, Reporter& reporter) {
    for (const auto& name : draft.names.all())
        for (const auto& found : name.host.faults)
            if (found.fault == fault)
                reporter.report({name.key, name.host.value}, {quoted(name.written), found.detail});
}

template <class Predicate>
void report_names(const Draft& draft, Reporter& reporter, Predicate broken) {
    for (const auto& name : draft.names.all())
        if (broken(name.host)) reporter.report({name.key, name.host.value}, {quoted(name.written)});
}

bool is_dns_name(const HostName& host) {
    return host.type == NameType::dns && std::none_of(host.faults.begin(), host.faults.end(), [](const auto& found) {
               return found.fault == NameFault::not_ldh;
           });
}

bool is_skype_for_business(Product product) {
    return product == Product::skype_for_business_2015 || product == Product::skype_for_business_2019;
}

}  // namespace

void not_ldh(const Draft& draft, Reporter& reporter) {
    report_fault(NameFault::not_ldh, draft, reporter);
}

void underscore(const Draft& draft, Reporter& reporter) {
    report_fault(NameFault::underscore, draft, reporter);
}

void label_too_long(const Draft& draft, Reporter& reporter) {
    report_fault(NameFault::label_too_long, draft, reporter);
}

void too_long(const Draft& draft, Reporter& reporter) {
    report_fault(NameFault::too_long, draft, reporter);
}

void trailing_dot(const Draft& draft, Reporter& reporter) {
    report_fault(NameFault::trailing_dot, draft, reporter);
}

void idn(const Draft& draft, Reporter& reporter) {
    const bool unsupported = is_skype_for_business(draft.farm.product);
    for (const auto& name : draft.names.all()) {
        if (!name.host.from_u_label && !(unsupported && name.host.has_a_label)) continue;
        auto& finding = reporter.report({name.key, name.host.value}, {quoted(name.written), name.host.value});
        if (!unsupported) finding.severity = Severity::warning;
    }
}

void ip_address(const Draft& draft, Reporter& reporter) {
    if (!is_lync(draft.farm) && !draft.ca.publicly_trusted) return;
    for (const auto& name : draft.names.all()) {
        if (name.host.type != NameType::ip) continue;
        const auto range = reserved_range(name.host.value);
        reporter.report({name.key, name.host.value},
                        {quoted(name.written), range.empty() ? "" : " out of a reserved range: " + range});
    }
}

void internal_name(const Draft& draft, Reporter& reporter) {
    if (!draft.ca.publicly_trusted) return;
    report_names(draft, reporter, [](const HostName& host) { return is_dns_name(host) && is_internal_name(host); });
}

void wildcard_public_suffix(const Draft& draft, Reporter& reporter) {
    report_names(draft, reporter, [](const HostName& host) {
        return host.wildcard && is_dns_name(host) && is_public_suffix(parent_domain(host.value));
    });
}

void wildcard_phone_edition(const Draft& draft, Reporter& reporter) {
    if (!is_lync(draft.farm)) return;
    for (const auto& name : draft.names.all())
        if (name.host.wildcard && !name.key.starts_with("request["))
            reporter.report({name.key, name.host.value}, {quoted(name.host.value)});
}

void wildcard_web_fqdn(const Draft& draft, Reporter& reporter) {
    for (const auto& name : draft.names.all())
        if (name.host.wildcard && name.key.ends_with(".external_web_fqdn"))
            reporter.report({name.key, name.host.value}, {quoted(name.written)});
}

}  // namespace hsmreq::plan::check
