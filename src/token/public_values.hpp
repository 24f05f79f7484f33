// Public key values as tokens encode them: pure functions over bytes that nobody vouches for.
#pragma once

#include <optional>
#include <string>

#include "hsmreq/algorithm.hpp"
#include "hsmreq/bytes.hpp"
#include "hsmreq/public_key.hpp"

namespace hsmreq::token {

/// CKA_EC_PARAMS as a dotted object identifier: from a DER OBJECT IDENTIFIER, or a PrintableString with a curve's name.
std::optional<std::string> curve_oid(BytesView ec_params);

/// CKA_EC_POINT as the bare point: taken from a DER OCTET STRING or BIT STRING, or as it is. `field_size` is the
/// length of a coordinate in bytes, 0 when the curve is unknown. A compressed point stays compressed.
std::optional<Bytes> ec_point(BytesView value, std::size_t field_size);

/// CKA_EC_POINT of an Ed25519 key as the 32 octets of RFC 8032.
std::optional<Bytes> edwards_point(BytesView value);

/// A point as CKA_EC_POINT wants it: DER OCTET STRING (PKCS#11 3.0, section 2.3.3).
Bytes encode_point(BytesView point);

/// An unsigned number without leading zeros.
Bytes trimmed_number(BytesView value);

/// True when the numbers can be an RSA public key at all: an odd modulus, an odd exponent above 1 and below it.
bool possible_rsa(const PublicKey& key);

/// The algorithm of our table that the key belongs to; nothing when it is none of them.
std::optional<KeyAlgorithm> algorithm_of(const PublicKey& key);

/// Bits of a number without leading zeros.
std::size_t bit_length(const Bytes& number);

}  // namespace hsmreq::token
