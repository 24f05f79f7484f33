#include "x509/chain.hpp"

#include <openssl/x509_vfy.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "base/try.hpp"
#include "x509/extensions.hpp"
#include "x509/names.hpp"

namespace hsmreq::x509 {
namespace {

constexpr std::size_t most_attempts = 32;  // a bundle for people has one or two issuers of one name

using ContextPtr = Owner<X509_STORE_CTX, X509_STORE_CTX_free>;
using StorePtr = Owner<X509_STORE, X509_STORE_free>;

// Holds references that the bundle owns, and so frees the list alone.
void free_list(STACK_OF(X509) * list) {
    sk_X509_free(list);
}
using ListPtr = Owner<STACK_OF(X509), free_list>;

/// The bundle as OpenSSL's objects, each certificate once, and where each stands.
struct Bundle {
    std::vector<CertificatePtr> certificates;
    std::vector<std::size_t> indexes;           ///< into the caller's list
    std::map<std::string, std::size_t> by_der;  ///< to the caller's index
};

std::string key_of(const Bytes& der) {
    return {der.begin(), der.end()};
}

Result<Bundle> load(const std::vector<CertificateInspection>& bundle) {
    Bundle loaded;
    for (std::size_t i = 0; i < bundle.size(); ++i) {
        if (!loaded.by_der.emplace(key_of(bundle[i].der), i).second) continue;
        auto certificate = decode_der<CertificatePtr>(d2i_X509, bundle[i].der);
        if (!certificate) return openssl_error(ExitCode::internal, "a certificate could not be loaded");
        loaded.certificates.push_back(std::move(certificate));
        loaded.indexes.push_back(i);
    }
    return loaded;
}

/// Positions in Bundle::certificates of those that issued no other.
std::vector<std::size_t> find_ends(const Bundle& bundle) {
    const auto& all = bundle.certificates;
    const auto issued_none = [&](std::size_t i) {
        for (std::size_t other = 0; other < all.size(); ++other)
            if (other != i && X509_check_issued(all[i].get(), all[other].get()) == X509_V_OK) return false;
        return true;
    };
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (issued_none(i)) ends.push_back(i);
    // Only certificates that certify one another leave none.
    if (ends.empty()) {
        ends.resize(all.size());
        std::iota(ends.begin(), ends.end(), std::size_t{0});
    }
    const auto is_ca = [&](std::size_t i) { return X509_check_ca(all[i].get()) != 0; };
    if (!std::all_of(ends.begin(), ends.end(), is_ca)) std::erase_if(ends, is_ca);
    return ends;
}

struct FaultKind {
    int error;
    ChainFaultKind kind;
};

constexpr FaultKind fault_kinds[] = {
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, ChainFaultKind::incomplete},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, ChainFaultKind::incomplete},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, ChainFaultKind::incomplete},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, ChainFaultKind::untrusted_root},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, ChainFaultKind::untrusted_root},
    {X509_V_ERR_CERT_HAS_EXPIRED, ChainFaultKind::expired},
    {X509_V_ERR_CERT_NOT_YET_VALID, ChainFaultKind::not_yet_valid},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, ChainFaultKind::bad_signature},
};

ChainFaultKind kind_of(int error) {
    for (const auto& row : fault_kinds)
        if (row.error == error) return row.kind;
    return ChainFaultKind::refused;
}

/// What the verification in hand builds its chain from, and writes its faults to.
struct Collector {
    const Bundle& bundle;
    const std::vector<CertificateInspection>& inspections;
    std::vector<ChainFault> faults;
    ListPtr untrusted;
};

std::optional<std::size_t> index_of(const Collector& collector, X509* certificate) {
    const auto found = collector.bundle.by_der.find(key_of(encode_der(i2d_X509, certificate)));
    return found == collector.bundle.by_der.end() ? std::nullopt : std::optional(found->second);
}

/// Notes the fault and lets the verification go on, so that all of them are found.
int note_fault(int accepted, X509_STORE_CTX* context) {
    if (accepted) return 1;
    auto& collector = *static_cast<Collector*>(X509_STORE_CTX_get_app_data(context));
    const int error = X509_STORE_CTX_get_error(context);
    ChainFault fault;
    fault.kind = kind_of(error);
    if (X509* certificate = X509_STORE_CTX_get_current_cert(context)) {
        fault.index = index_of(collector, certificate);
        fault.subject = rfc4514_text(X509_get_subject_name(certificate));
        fault.issuer = rfc4514_text(X509_get_issuer_name(certificate));
    }
    if (fault.index) fault.issuer_urls = collector.inspections[*fault.index].issuer_urls;
    fault.reason = X509_verify_cert_error_string(error);
    const bool known = std::any_of(collector.faults.begin(), collector.faults.end(), [&](const ChainFault& other) {
        return other.kind == fault.kind && other.subject == fault.subject;
    });
    if (!known || fault.kind == ChainFaultKind::refused) collector.faults.push_back(std::move(fault));
    return 1;
}

ChainFault undecodable(X509& leaf, const Collector& collector) {
    ChainFault fault;
    fault.reason = openssl_error(ExitCode::input, "a certificate of the chain can't be decoded").what;
    fault.index = index_of(collector, &leaf);
    fault.subject = rfc4514_text(X509_get_subject_name(&leaf));
    fault.issuer = rfc4514_text(X509_get_issuer_name(&leaf));
    return fault;
}

using Positions = std::set<std::size_t>;  // in Bundle::certificates

Result<ListPtr> list_without(const Bundle& bundle, const Positions& left_out) {
    ListPtr list(sk_X509_new_null());
    for (std::size_t i = 0; i < bundle.certificates.size(); ++i)
        if (!list || (!left_out.contains(i) && sk_X509_push(list.get(), bundle.certificates[i].get()) <= 0))
            return openssl_error(ExitCode::internal, "a certificate could not be loaded");
    return list;
}

/// Positions of the chain's issuers that share their subject with another certificate of the bundle.
Positions find_namesakes(const Bundle& bundle, const Chain& chain) {
    const auto& all = bundle.certificates;
    Positions found;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool issuer = !chain.order.empty() && std::find(chain.order.begin() + 1, chain.order.end(),
                                                              bundle.indexes[i]) != chain.order.end();
        for (std::size_t other = 0; issuer && other < all.size(); ++other)
            if (other != i &&
                X509_NAME_cmp(X509_get_subject_name(all[i].get()), X509_get_subject_name(all[other].get())) == 0)
                found.insert(i);
    }
    return found;
}

Result<Chain> verify_chain(X509& leaf, Collector& collector, const TrustStore& roots, std::chrono::sys_seconds time) {
    const ContextPtr context(X509_STORE_CTX_new());
    if (!context || X509_STORE_CTX_init(context.get(), roots.get(), &leaf, collector.untrusted.get()) != 1)
        return openssl_error(ExitCode::internal, "the chain could not be verified");
    X509_STORE_CTX_set_time(context.get(), 0, std::chrono::system_clock::to_time_t(time));
    X509_STORE_CTX_set_app_data(context.get(), &collector);
    X509_STORE_CTX_set_verify_cb(context.get(), note_fault);
    collector.faults.clear();
    const int verified = X509_verify_cert(context.get());

    Chain chain;
    chain.faults = std::move(collector.faults);
    // OpenSSL gives up on what it can't decode, an extension or a key, without asking the callback.
    if (verified < 0) chain.faults.push_back(undecodable(leaf, collector));
    const STACK_OF(X509)* built = X509_STORE_CTX_get0_chain(context.get());
    const int length = built ? sk_X509_num(built) : 0;
    for (int i = 0; i < length; ++i) {
        X509* const certificate = sk_X509_value(built, i);
        if (const auto index = index_of(collector, certificate)) chain.order.push_back(*index);
        chain.path.push_back(encode_der(i2d_X509, certificate));
    }
    const bool ends_in_root = std::none_of(chain.faults.begin(), chain.faults.end(), [](const ChainFault& fault) {
        return fault.kind == ChainFaultKind::incomplete || fault.kind == ChainFaultKind::untrusted_root;
    });
    if (ends_in_root && length > 0) chain.root = rfc4514_text(X509_get_subject_name(sk_X509_value(built, length - 1)));
    return chain;
}

/// The chain with the fewest faults. Of several issuers with one name (cross-signed, renewed, with a new key) OpenSSL
/// takes the first and never comes back to the others, so a chain that does not hold is sought again without it.
Result<Chain> find_chain(X509& leaf, Collector& collector, const TrustStore& roots, std::chrono::sys_seconds time) {
    std::optional<Chain> best;
    std::vector<Positions> attempts{{}};
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        const Positions left_out = attempts[i];
        TRY_ASSIGN(collector.untrusted, list_without(collector.bundle, left_out));
        TRY_ASSIGN(Chain chain, verify_chain(leaf, collector, roots, time));
        const bool holds = chain.holds();
        for (const auto namesake : find_namesakes(collector.bundle, chain)) {
            Positions next = left_out;
            next.insert(namesake);
            const bool known = std::find(attempts.begin(), attempts.end(), next) != attempts.end();
            if (!known && attempts.size() < most_attempts) attempts.push_back(std::move(next));
        }
        if (!best || chain.faults.size() < best->faults.size()) best = std::move(chain);
        if (holds) break;
    }
    return std::move(*best);
}

}  // namespace

Result<TrustStore> TrustStore::system() {
    const ErrorQueue queue;
    StorePtr store(X509_STORE_new());
    if (!store || X509_STORE_set_default_paths(store.get()) != 1)
        return openssl_error(ExitCode::internal, "the system's roots could not be loaded");
    return TrustStore(std::move(store));
}

Result<TrustStore> TrustStore::of(const std::vector<CertificateInspection>& roots) {
    const ErrorQueue queue;
    StorePtr store(X509_STORE_new());
    if (!store) return openssl_error(ExitCode::internal, "the roots could not be loaded");
    for (const auto& root : roots) {
        const auto certificate = decode_der<CertificatePtr>(d2i_X509, root.der);
        if (!certificate || X509_STORE_add_cert(store.get(), certificate.get()) != 1)
            return openssl_error(ExitCode::internal, "a root could not be loaded");
    }
    return TrustStore(std::move(store));
}

Result<std::vector<Chain>> verify_chains(const std::vector<CertificateInspection>& bundle, const TrustStore& roots,
                                         std::chrono::sys_seconds time) {
    const ErrorQueue queue;
    TRY_ASSIGN(const Bundle loaded, load(bundle));
    Collector collector{loaded, bundle, {}, nullptr};
    std::vector<Chain> chains;
    for (const auto end : find_ends(loaded)) {
        TRY_ASSIGN(Chain chain, find_chain(*loaded.certificates[end], collector, roots, time));
        chains.push_back(std::move(chain));
    }
    return chains;
}

bool matches_host(BytesView certificate_der, const std::string& host) {
    const ErrorQueue queue;
    const auto certificate = decode_der<CertificatePtr>(d2i_X509, certificate_der);
    if (!certificate || host.empty() || host.find('\0') != std::string::npos) return false;
    if (const auto address = address_octets(host))
        return X509_check_ip(certificate.get(), address->data(), address->size(), 0) == 1;
    return X509_check_host(certificate.get(), host.data(), host.size(), 0, nullptr) == 1;
}

}  // namespace hsmreq::x509
