// What the farm room's tests share: validators, and a parse result as text.
#pragma once

#include <string>
#include <string_view>

#include "farm/parse.hpp"

namespace hsmreq::farm {

/// Stand-ins for the token room's checks; their refusals repeat the value on purpose.
const Validators& test_validators();

/// The errors as a user sees them, whole; "accepted" when there are none.
std::string outcome(const Result<Farm>& result);

Result<Farm> parse_text(std::string_view text);

/// A file's content; fails the test when it can't be read.
std::string content_of(const std::string& path);

/// The smallest Lync farm, without a final section of its own.
inline constexpr std::string_view small_farm = R"([farm]
name = "contoso"
product = "lync-server-2013"
sip_domains = ["contoso.com"]
ca = "public"

[[pool]]
external_web_fqdn = "webext.contoso.com"

[token]
module = "softhsm2"

[[member]]
name = "rp01"
uri = "pkcs11:token=rp01"
[[member]]
name = "rp02"
uri = "pkcs11:token=rp02"
)";

/// The smallest generic farm.
inline constexpr std::string_view small_generic_farm = R"([farm]
name = "web"
product = "generic"
ca = "private"

[[member]]
name = "rp01"
module = "softhsm2"
uri = "pkcs11:token=rp01"

[[request]]
name = "www"
names = ["www.contoso.com"]
)";

}  // namespace hsmreq::farm
