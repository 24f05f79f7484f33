// Any bytes as a certreq policy file: a value or an error, and nothing that a farm file could not hold.
#include <cstdlib>

#include "base/text.hpp"
#include "hsmreq/inf.hpp"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void require_line(const std::string& text) {
    require(hsmreq::is_utf8(text));
    for (const unsigned char c : text) require(c >= 0x20 && c != 0x7f);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto result = hsmreq::inspect_inf({data, size}, "fuzz.inf");
    if (!result) {
        require(result.error().code == hsmreq::ExitCode::input);
        require(result.error().where.starts_with("fuzz.inf"));
        return 0;
    }
    require_line(result->subject.common_name);
    require_line(result->subject.fields.organization);
    require_line(result->friendly_name);
    require_line(result->certificate_template);
    for (const auto& name : result->dns_names) require_line(name);
    for (const auto& address : result->ip_addresses) require_line(address);
    for (const auto& entry : result->unplaced) require(hsmreq::is_utf8(entry.value));
    return 0;
}
