// Any bytes as signed evidence: what is accepted signs and holds the same when it is written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "evidence/envelope.hpp"
#include "evidence/statement.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hsmreq;
    const auto envelope = evidence::read_envelope({data, size});
    if (!envelope) return 0;
    static_cast<void>(evidence::read_statement(envelope->payload));
    if (envelope->payload_type.empty()) return 0;
    const auto again = evidence::read_envelope(evidence::to_json(*envelope));
    if (!again || evidence::to_be_signed(*again) != evidence::to_be_signed(*envelope) ||
        again->signatures.size() != envelope->signatures.size())
        std::abort();
    for (std::size_t i = 0; i < again->signatures.size(); ++i)
        if (again->signatures[i].value != envelope->signatures[i].value) std::abort();
    return 0;
}
