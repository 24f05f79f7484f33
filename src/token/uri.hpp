// PKCS#11 URIs (RFC 7512), read strictly: unknown, duplicate and pin-value attributes are refused.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::token {

struct TokenInfo;
struct ModuleInfo;

/// What a URI is for decides which attributes it may hold.
enum class UriKind {
    token,         ///< manufacturer, model, serial, token, slot-*, library-*, pin-source
    object,        ///< those and object, id, type=private
    wrapping_key,  ///< the same with type=secret-key or type=public
};

/// One parsed URI.
class Uri {
public:
    /// Errors: ExitCode::input; the message names the attribute at fault and never repeats a pin-value.
    static Result<Uri> parse(std::string_view text, UriKind kind);

    ~Uri();
    Uri(Uri&&) noexcept;
    Uri& operator=(Uri&&) noexcept;

    [[nodiscard]] bool matches(const ModuleInfo& module, const TokenInfo& token) const;
    [[nodiscard]] const std::string& text() const;
    /// The pin-source in the syntax of the farm file ("file:/run/pin"); "" when there is none.
    [[nodiscard]] const std::string& pin_source() const;
    [[nodiscard]] const std::string& object_label() const;  ///< "" when there is none
    [[nodiscard]] const Bytes& object_id() const;           ///< empty when there is none

private:
    struct Parts;
    explicit Uri(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

/// The URI that names a private key on a token: token attributes, id and type=private; values percent-encoded.
std::string key_uri(const TokenInfo& token, BytesView id, std::string_view label);

}  // namespace hsmreq::token
