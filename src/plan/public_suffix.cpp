#include <libpsl.h>

#include <string>

#include "plan/host_name.hpp"

namespace hsmreq::plan {
namespace {

/// Unlisted domains do not count: the list's default rule would make every single label a suffix.
bool is_listed(const std::string& domain) {
    const psl_ctx_t* list = psl_builtin();
    return list && psl_is_public_suffix2(list, domain.c_str(), PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1;
}

}  // namespace

bool is_internal_name(const HostName& name) {
    const auto dot = name.value.rfind('.');
    if (dot == std::string::npos) return true;
    const std::string top = name.value.substr(dot + 1);
    // Some top-level domains are listed only by a wildcard rule below them, such as "*.ck".
    return psl_builtin() && !is_listed(top) && !is_listed("label." + top);
}

bool is_public_suffix(std::string_view domain) {
    return is_listed(std::string(domain));
}

}  // namespace hsmreq::plan
