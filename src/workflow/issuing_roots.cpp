#include "workflow/issuing_roots.hpp"

#include <iterator>
#include <vector>

#include "base/file.hpp"
#include "base/try.hpp"

namespace hsmreq::workflow {
namespace {

constexpr std::size_t root_file_limit = std::size_t{1} << 20;

}  // namespace

Result<std::vector<CertificateInspection>> read_roots(const std::string& file) {
    TRY_ASSIGN(const auto bytes, read_file(file, root_file_limit));
    auto roots = inspect_certificates(bytes);
    if (!roots && roots.error().where.empty()) roots.error().where = file;
    return roots;
}

Result<IssuingRoots> issuing_roots(const Farm* farm) {
    if (!farm || farm->trust.issuing_roots.empty()) {
        TRY_ASSIGN(auto store, x509::TrustStore::system());
        return IssuingRoots{std::move(store), false};
    }
    std::vector<CertificateInspection> all;
    for (const auto& file : farm->trust.issuing_roots) {
        TRY_ASSIGN(auto roots, read_roots(file));
        std::move(roots.begin(), roots.end(), std::back_inserter(all));
    }
    TRY_ASSIGN(auto store, x509::TrustStore::of(all));
    return IssuingRoots{std::move(store), true};
}

}  // namespace hsmreq::workflow
