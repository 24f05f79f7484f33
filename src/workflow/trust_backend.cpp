#include "workflow/trust_backend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "plan/rules.hpp"
#include "workflow/key_findings.hpp"
#include "x509/tls_peer.hpp"

namespace hsmreq::workflow {
namespace {

using Kind = x509::ChainFaultKind;

constexpr std::array<std::string_view, 2> present_protocols{"TLSv1.2", "TLSv1.3"};

std::string unusual(const x509::TlsAnswer& answer) {
    const bool present = std::ranges::find(present_protocols, answer.protocol) != present_protocols.end();
    if (!present) return answer.protocol;
    return fmt::format("{} with {}, which OpenSSL as set up here refuses,", answer.protocol,
                       answer.cipher.empty() ? "algorithms" : answer.cipher);
}

std::vector<std::string> names_of(const CertificateInspection& certificate) {
    std::vector<std::string> names;
    for (const auto& name : certificate.subject_alternative_names) names.push_back(printable(name.value));
    if (names.empty()) names.push_back(printable(certificate.subject_text));
    return names;
}

class Judgement {
public:
    Judgement(const BackendMeasure& measure, BackendResult& result) : measure_(measure), result_(result) {}

    Status pass() {
        TRY_ASSIGN(chain_, verify(result_.chain));
        if (chain_.order.empty()) chain_.order.push_back(0);
        if (measure_.roots.any()) TRY(judge_way_to_root());
        judge_name();
        judge_dates();
        judge_hashes();
        TRY(judge_key());
        return {};
    }

private:
    [[nodiscard]] const CertificateInspection& leaf() const { return result_.chain[chain_.order.front()]; }

    void add(std::string_view id, std::initializer_list<std::string_view> words) {
        result_.findings.push_back(plan::make_finding(id, result_.address, words));
    }

    /// The chain of the first certificate that issued no other: a server's own stands first.
    Result<x509::Chain> verify(const std::vector<CertificateInspection>& bundle) const {
        TRY_ASSIGN(auto chains, x509::verify_chains(bundle, measure_.roots.store, measure_.yardstick.now));
        const auto first = std::ranges::min_element(chains, {}, [](const x509::Chain& chain) {
            return chain.order.empty() ? std::string::npos : chain.order.front();
        });
        return first == chains.end() ? x509::Chain{} : std::move(*first);
    }

    static const x509::ChainFault* find_fault(const x509::Chain& chain, Kind kind) {
        const auto found = std::ranges::find(chain.faults, kind, &x509::ChainFault::kind);
        return found == chain.faults.end() ? nullptr : &*found;
    }

    Status judge_way_to_root() {
        result_.root = chain_.root;
        x509::Chain rest = chain_;
        std::erase_if(rest.faults,
                      [](const auto& one) { return one.kind == Kind::incomplete || one.kind == Kind::untrusted_root; });
        auto others = judge_chain(rest, result_.address, true);
        std::ranges::move(others, std::back_inserter(result_.findings));
        if (const auto* fault = find_fault(chain_, Kind::untrusted_root)) add_mismatch(fault->subject);
        if (const auto* fault = find_fault(chain_, Kind::incomplete)) return judge_gap(*fault);
        return {};
    }

    /// The issuer of a certificate was not sent and is no root. Whether it is an intermediate or another root shows
    /// where the intermediates known from elsewhere lead.
    Status judge_gap(const x509::ChainFault& gap) {
        std::vector<CertificateInspection> bundle = result_.chain;
        for (const auto& one : measure_.known) bundle.push_back(one.certificate);
        TRY_ASSIGN(const auto longer, verify(bundle));
        const auto* still = find_fault(longer, Kind::incomplete);
        const auto* other_root = find_fault(longer, Kind::untrusted_root);
        const bool got_further = longer.order.size() > chain_.order.size() || !longer.root.empty();
        const bool by_ca = gap.index && is_ca(result_.chain[*gap.index]);
        if (got_further || !by_ca) add_incomplete(gap);
        if (other_root != nullptr) add_mismatch(other_root->subject);
        if (still != nullptr) add_mismatch(still->issuer);
        if (!longer.root.empty()) result_.root = longer.root;
        return {};
    }

    void add_incomplete(const x509::ChainFault& gap) {
        add("cert.chain-incomplete", {plan::quoted(gap.issuer), plan::quoted(gap.subject)});
        result_.findings.back().fix =
            "Have the server send the issuer's certificate, if it is an intermediate: import it into the server's "
            "intermediate store.";
    }

    void add_mismatch(const std::string& subject) {
        const bool same_name = std::ranges::any_of(measure_.roots.roots, [&](const InternalAuthority& root) {
            return root.certificate.subject_text == subject;
        });
        add("trust.root-mismatch", {plan::quoted(subject) + (same_name ? " with another key" : "")});
    }

    void judge_name() {
        if (measure_.hosts.empty()) return;
        const bool fits = std::ranges::any_of(
            measure_.hosts, [&](const std::string& host) { return x509::matches_host(leaf().der, host); });
        if (!fits) add("trust.backend-name", {join(measure_.hosts, " or "), join(names_of(leaf()), ", ")});
    }

    /// An intermediate lives for years, so a third of its life says nothing: it must outlast the server's own warning.
    [[nodiscard]] std::chrono::seconds warning_time() const {
        if (measure_.yardstick.warn_days) return *measure_.yardstick.warn_days;
        return (leaf().not_after - leaf().not_before) / 3;
    }

    void judge_dates() {
        const auto now = measure_.yardstick.now;
        for (const auto index : chain_.order) {
            const auto& certificate = result_.chain[index];
            const auto left = std::chrono::floor<std::chrono::days>(certificate.not_after - now);
            if (certificate.not_after < now)
                add("cert.expired", {to_text(certificate.not_after)});
            else if (certificate.not_before > now)
                add("cert.not-yet-valid", {to_text(certificate.not_before)});
            else if (certificate.not_after - now < warning_time())
                add("trust.backend-expiring", {plan::quoted(certificate.subject_text), to_text(certificate.not_after),
                                               std::to_string(left.count())});
        }
    }

    /// Nobody relies on the signature that a root makes over itself.
    void judge_hashes() {
        for (const auto index : chain_.order) {
            const auto& certificate = result_.chain[index];
            if (!certificate.self_issued && is_broken_hash(certificate.signature_hash))
                add("trust.backend-sha1", {plan::quoted(certificate.subject_text), certificate.signature_hash});
        }
    }

    Status judge_key() {
        if (!leaf().public_key_decoded) return {};
        TRY_ASSIGN(auto findings, key_findings(leaf().public_key, {.where = result_.address,
                                                                   .algorithm = leaf().public_key_algorithm,
                                                                   .ca = measure_.yardstick.ca}));
        std::ranges::move(findings, std::back_inserter(result_.findings));
        return {};
    }

    const BackendMeasure& measure_;
    BackendResult& result_;
    x509::Chain chain_;
};

Status take_answer(const plan::Backend& backend, std::chrono::seconds timeout, BackendResult& result) {
    TRY_ASSIGN(const auto answer, x509::ask_server_chain({.host = backend.host,
                                                          .port = backend.port,
                                                          .server_name = backend.host,
                                                          .timeout = timeout,
                                                          .hint = "check " + backend.key +
                                                                  " of the farm file, the name's address, firewalls "
                                                                  "and that the server is up"}));
    result.protocol = answer.protocol;
    result.cipher = answer.cipher;
    for (const auto& der : answer.chain) {
        auto certificates = inspect_certificates(der);
        if (!certificates) {
            certificates.error().where = result.address;
            return std::move(certificates).error();
        }
        result.chain.push_back(std::move(certificates->front()));
    }
    if (!answer.usual || std::ranges::find(present_protocols, answer.protocol) == present_protocols.end())
        result.findings.push_back(plan::make_finding("trust.backend-protocol", result.address, {unusual(answer)}));
    return {};
}

}  // namespace

BackendResult ask_backend(const plan::Backend& backend, std::chrono::seconds timeout) {
    BackendResult result;
    result.address = backend.address();
    result.uses = backend.uses;
    if (auto taken = take_answer(backend, timeout, result); !taken) result.error = std::move(taken).error();
    return result;
}

Status judge_backend(const BackendMeasure& measure, BackendResult& result) {
    return Judgement(measure, result).pass();
}

}  // namespace hsmreq::workflow
