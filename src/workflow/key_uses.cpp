#include "workflow/key_uses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/try.hpp"
#include "hsmreq/inspect.hpp"
#include "plan/rules.hpp"
#include "workflow/held_certificates.hpp"
#include "x509/tls_peer.hpp"

namespace hsmreq::workflow {
namespace {

struct Certificate {
    CertificateUse use;
    std::string public_key_sha256;
};

Certificate make_certificate(const CertificateInspection& read, const std::string& place, unsigned generation) {
    const auto now = std::chrono::system_clock::now();
    return {.use = {.place = place,
                    .generation = generation,
                    .sha256 = read.der_sha256,
                    .serial = read.serial,
                    .issuer = read.issuer_text,
                    .not_after = to_text(read.not_after),
                    .unexpired = read.not_after > now},
            .public_key_sha256 = read.public_key_sha256};
}

Status add_from_token(const RetireSearch& search, const token::FoundObjects& found, unsigned generation,
                      std::vector<Certificate>& all) {
    TRY_ASSIGN(const auto certificates, read_token_certificates(search.session, found));
    for (const auto& one : certificates) all.push_back(make_certificate(one.content, "token", generation));
    return {};
}

void add_certificate(const RetireSearch& search, const std::string& name, unsigned generation,
                     std::vector<Certificate>& all) {
    if (!search.directory.has(name)) return;
    const auto read = read_certificate_file(search.directory, name);
    if (read) all.push_back(make_certificate(read->front(), name, generation));
}

/// Its file, STEM.pem, and those of former certificates, STEM.SERIAL.pem.
void add_from_file(const RetireSearch& search, const std::string& name, unsigned generation,
                   std::vector<Certificate>& all) {
    constexpr std::string_view suffix = ".pem";
    add_certificate(search, name, generation, all);
    const std::string stem = name.substr(0, name.size() - suffix.size());
    for (const auto& kept : search.directory.names(stem + ".", suffix)) {
        const std::size_t before = all.size();
        add_certificate(search, kept, generation, all);
        // Whatever else begins with the stem is another file of the folder.
        if (all.size() > before && kept != former_file(name, stem, all.back().use.serial)) all.pop_back();
    }
}

Result<std::vector<Certificate>> find_certificates(const RetireSearch& search,
                                                   const std::vector<Generation>& generations) {
    std::vector<Certificate> all;
    for (const auto& [identity, found] : generations) {
        TRY(add_from_token(search, found, identity.generation, all));
        add_from_file(search, item_files(search.request, identity).certificate, identity.generation, all);
    }
    return all;
}

Status ask_listeners(const RetireSearch& search, const std::vector<RetireTarget>& targets, KeyUses& uses) {
    const auto goes = [&](const std::string& sha256) {
        return !sha256.empty() && std::ranges::any_of(targets, [&](const auto& t) { return t.key.sha256 == sha256; });
    };
    for (const auto& listener : search.options.listeners) {
        ListenerUse use{.address = listener.host + ":" + listener.port};
        TRY_ASSIGN(const auto key, x509::ask_server_key({.host = listener.host,
                                                         .port = listener.port,
                                                         .server_name = search.request.subject.common_name,
                                                         .family = facts(search.request.key.algorithm).family,
                                                         .hint = "check the address and that it is up; leave "
                                                                 "--listener out to go on without asking it"}));
        use.answers_with = goes(key);
        if (use.answers_with)
            uses.findings.push_back(plan::make_finding("retire.listener-serves", use.address, {use.address}));
        uses.listeners.push_back(std::move(use));
    }
    return {};
}

}  // namespace

Result<KeyUses> find_uses(const RetireSearch& search, const std::vector<RetireTarget>& targets,
                          const std::vector<Generation>& generations) {
    KeyUses uses;
    TRY_ASSIGN(const auto all, find_certificates(search, generations));
    const auto goes = [&](const Certificate& certificate) {
        return std::ranges::any_of(
            targets, [&](const auto& target) { return target.key.sha256 == certificate.public_key_sha256; });
    };
    const bool others = std::ranges::any_of(all, [&](const auto& one) { return !goes(one) && one.use.unexpired; });
    for (const auto& certificate : all) {
        if (!goes(certificate)) continue;
        CertificateUse use = certificate.use;
        use.only_unexpired = use.unexpired && !others;
        const bool told = std::ranges::find(uses.certificates, use.sha256, &CertificateUse::sha256) !=
                          uses.certificates.end();  // token and file usually hold the same one
        if (use.unexpired && !told)
            uses.findings.push_back(
                plan::make_finding("retire.certificate-valid", use.place, {use.not_after, use.serial, use.issuer}));
        if (use.only_unexpired && !told)
            uses.findings.push_back(plan::make_finding("retire.only-valid-certificate", use.place, {use.serial}));
        uses.certificates.push_back(std::move(use));
    }
    TRY(ask_listeners(search, targets, uses));
    return uses;
}

}  // namespace hsmreq::workflow
