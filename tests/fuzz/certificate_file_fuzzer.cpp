// Certificates in any container: read, put into chains and verified without roots.
#include <openssl/err.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "hsmreq/inspect.hpp"
#include "x509/chain.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto certificates = hsmreq::inspect_certificates({data, size});
    if (ERR_peek_error() != 0) std::abort();
    if (!certificates) return 0;
    static const auto roots = hsmreq::x509::TrustStore::of({});
    if (roots) static_cast<void>(hsmreq::x509::verify_chains(*certificates, *roots, {}));
    if (ERR_peek_error() != 0) std::abort();
    return 0;
}
