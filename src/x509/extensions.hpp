// The extensions that the plan asks for, and the values inside them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hsmreq/inspect.hpp"
#include "hsmreq/plan.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {

/// What the extension request must hold, in its order. Errors: ExitCode::verification for a value that can't be
/// encoded, ExitCode::internal when OpenSSL fails.
Result<std::vector<ExtensionInfo>> planned_extensions(const RequestPlan& plan, BytesView public_key_der);

/// Errors: ExitCode::internal when OpenSSL fails.
Result<ExtensionPtr> build_extension(const ExtensionInfo& extension);

/// The octets of an IPv4 or IPv6 address; nothing when the text is neither.
std::optional<Bytes> address_octets(const std::string& text);

/// The text of 4 or 16 octets; nothing for another number of them.
std::optional<std::string> address_text(BytesView octets);

}  // namespace hsmreq::x509
