// Any bytes as the file of a certification request.
#include <openssl/err.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "hsmreq/inspect.hpp"
#include "x509/certification_request.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto request = hsmreq::inspect_request({data, size});
    if (ERR_peek_error() != 0) std::abort();
    if (!request) return 0;
    // Comparing with a plan and writing PEM are what happens to a request that was found in the output directory.
    static_cast<void>(hsmreq::x509::differences(*request, hsmreq::RequestPlan{}));
    const auto again = hsmreq::inspect_request(hsmreq::x509::to_pem(request->der));
    if (!again || again->der != request->der) std::abort();
    if (ERR_peek_error() != 0) std::abort();
    return 0;
}
