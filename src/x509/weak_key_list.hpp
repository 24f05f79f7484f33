// Fingerprints of RSA keys that are known to the public, in the format of Debian's openssl-blacklist.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::x509 {

/// Every line of the text holds the last 20 hexadecimal digits of a SHA-1 over what `openssl rsa -noout -modulus`
/// prints
/// ("Modulus=", the modulus in capital hexadecimal digits without leading zeros, a line feed); lines that begin with #
/// and empty ones are skipped. See openssl-vulnkey(1), "BLACKLIST SHA1SUM FORMAT".
class WeakKeyList {
public:
    /// The list that `text` holds. Errors: ExitCode::input with `file` and the line when a line is nothing of the
    /// above, or with `file` when there is no fingerprint at all.
    static Result<WeakKeyList> parse(BytesView text, const std::string& file);

    /// True when the list has the key of this modulus (big-endian, without leading zeros).
    [[nodiscard]] bool contains(BytesView modulus) const;

    [[nodiscard]] std::size_t size() const { return fingerprints_.size(); }

private:
    using Fingerprint = std::array<std::uint8_t, 10>;

    std::vector<Fingerprint> fingerprints_;  ///< sorted
};

}  // namespace hsmreq::x509
