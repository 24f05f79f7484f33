#include "workflow/status_facts.hpp"

#include <algorithm>
#include <utility>

#include "base/hex.hpp"
#include "base/try.hpp"
#include "evidence/retirement.hpp"
#include "plan/rules.hpp"
#include "workflow/certificate_findings.hpp"
#include "workflow/generations.hpp"
#include "workflow/held_certificates.hpp"
#include "workflow/held_keys.hpp"
#include "workflow/output_state.hpp"

namespace hsmreq::workflow {
namespace {

constexpr std::size_t file_limit = std::size_t{1} << 20;
/// Files of old generations may have been cleared away.
constexpr unsigned longest_gap = 8;

void add_certificate(CertificateInspection content, const std::string& source, GenerationFacts& facts) {
    if (is_ca(content)) return;
    const auto known = std::ranges::find_if(
        facts.certificates, [&](const auto& one) { return one.content.der_sha256 == content.der_sha256; });
    if (known != facts.certificates.end())
        known->sources.push_back(source);
    else
        facts.certificates.push_back({std::move(content), {source}});
}

GenerationFacts begin_facts(const RequestPlan& request, const KeyIdentity& identity) {
    GenerationFacts facts;
    facts.generation = identity.generation;
    if (request.key.uri.empty()) facts.key_id = to_hex(key_id(identity));
    return facts;
}

Finding no_leaf(const std::string& name, const std::string& why) {
    Finding finding = plan::make_finding("cert.malformed", name, {why});
    finding.fix = "Move the file out of the way and install the certificate again.";
    return finding;
}

/// The leaf stands first in its file; what follows is its chain.
void add_certificate_file(const OutputDirectory& directory, const std::string& name, GenerationFacts& facts) {
    if (!directory.has(name)) return;
    auto certificates = read_certificate_file(directory, name);
    if (!certificates)
        facts.problems.push_back(no_leaf(name, certificates.error().what));
    else if (is_ca(certificates->front()))
        facts.problems.push_back(no_leaf(name, "the first in the file is a CA's"));
    else
        add_certificate(std::move(certificates->front()), name, facts);
}

GenerationFacts read_files_of(const OutputDirectory& directory, const RequestPlan& request,
                              const KeyIdentity& identity) {
    GenerationFacts facts = begin_facts(request, identity);
    const auto files = item_files(request, identity);
    auto published = read_published(directory, files);
    if (published.csr_exists || published.other_csr_exists) {
        facts.request_file = published.csr_exists ? files.csr : files.other_csr;
        facts.sources.push_back(facts.request_file);
    }
    if (published.csr) facts.public_key_sha256 = published.csr->public_key_sha256;
    if (!published.csr_problem.empty())
        facts.problems.push_back(plan::make_finding("csr.malformed", facts.request_file, {published.csr_problem}));
    facts.request = std::move(published.csr);
    add_certificate_file(directory, files.certificate, facts);
    const std::string stem = file_stem(request, identity);
    if (const std::string chain = stem + ".chain.pem"; directory.has(chain)) facts.chain_file = chain;
    const std::string record = stem + ".retired.json";
    if (directory.has(record)) {
        const auto content = directory.read(record, file_limit);
        const auto state = content ? evidence::read_retirement(*content) : std::nullopt;
        if (state && state->done && state->key_id == facts.key_id) facts.private_key = KeyPresence::gone;
    }
    return facts;
}

GenerationFacts& facts_of(unsigned generation, const TokenSearch& search, std::vector<GenerationFacts>& all) {
    const auto place = std::ranges::lower_bound(all, generation, {}, &GenerationFacts::generation);
    if (place != all.end() && place->generation == generation) return *place;
    KeyIdentity identity = search.identity;
    identity.generation = generation;
    return *all.insert(place, begin_facts(search.request, identity));
}

Status add_objects(const TokenSearch& search, const token::FoundObjects& found, GenerationFacts& facts) {
    if (!found.public_keys.empty() || !found.private_keys.empty()) facts.sources.emplace_back("token");
    if (!found.private_keys.empty())
        facts.private_key = KeyPresence::present;
    else if (search.sees_private && !found.empty())
        facts.private_key = KeyPresence::gone;
    if (!found.public_keys.empty())
        if (const auto key = token::read_public_key(search.session, found.public_keys.front()))
            facts.public_key_sha256 = public_key_sha256(*key);
    TRY_ASSIGN(auto certificates, read_token_certificates(search.session, found));
    for (auto& one : certificates) add_certificate(std::move(one.content), "token", facts);
    return {};
}

Result<bool> read_existing_key(const TokenSearch& search, std::vector<GenerationFacts>& generations) {
    TRY_ASSIGN(const auto uri, token::Uri::parse(search.request.key.uri, token::UriKind::object));
    TRY_ASSIGN(const auto found, token::find_all_by_uri(search.session, uri));
    if (found.empty()) return false;
    GenerationFacts& facts = facts_of(1, search, generations);
    facts.key_id = to_hex(uri.object_id());
    TRY(add_objects(search, found, facts));
    return true;
}

}  // namespace

std::vector<GenerationFacts> read_files(const OutputDirectory& directory, const RequestPlan& request,
                                        const KeyIdentity& identity) {
    std::vector<GenerationFacts> all;
    if (!directory.exists()) return all;
    KeyIdentity one = identity;
    const bool existing = !request.key.uri.empty();
    for (unsigned last = 0; one.generation <= last + longest_gap; ++one.generation) {
        auto facts = read_files_of(directory, request, one);
        if (!facts.empty()) {
            last = one.generation;
            all.push_back(std::move(facts));
        }
        if (existing) break;
    }
    return all;
}

Result<bool> read_token(const TokenSearch& search, std::vector<GenerationFacts>& generations) {
    if (!search.request.key.uri.empty()) return read_existing_key(search, generations);
    const unsigned known = generations.empty() ? 0 : generations.back().generation;
    const auto expects = [known](const KeyIdentity& one) { return one.generation <= known; };
    TRY_ASSIGN(const auto probed, find_generations({search.session, search.identity, search.copy, expects}));
    bool any = false;
    for (const auto& [identity, found] : probed) {
        if (found.empty()) continue;
        any = true;
        TRY(add_objects(search, found, facts_of(identity.generation, search, generations)));
    }
    return any;
}

}  // namespace hsmreq::workflow
