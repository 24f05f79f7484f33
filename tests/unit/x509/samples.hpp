// Keys in software that stand in for a token, plans to encode, and DER written octet by octet.
#pragma once

#include <string>

#include "hsmreq/bytes.hpp"
#include "hsmreq/plan.hpp"
#include "x509/certification_request.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {

/// A key pair of OpenSSL's that signs as a token does. One per algorithm and process: RSA keys take long to make.
const EVP_PKEY* software_key(KeyAlgorithm algorithm);

/// DER of its SubjectPublicKeyInfo, by OpenSSL.
Bytes spki_of(const EVP_PKEY* key);

/// The raw signature that a token would give: RSA octets, r || s, or EdDSA octets.
RawSignature raw_signature(const EVP_PKEY* key, KeyAlgorithm algorithm, Hash hash, BytesView message);

/// A plan with the defaults of the program and two names.
RequestPlan sample_plan(KeyAlgorithm algorithm = KeyAlgorithm::ec_p256, Hash hash = Hash::sha256);

/// The request of a plan, signed by the software key of its algorithm.
Bytes signed_request(const RequestPlan& plan);

/// An element of any tag octet, with its length as short as it can be.
Bytes element(int tag, const Bytes& content);
Bytes operator+(Bytes left, const Bytes& right);

/// A request made of an info's elements and signed with the P-256 software key, whatever they hold.
Bytes signed_info(const Bytes& info_content);

/// INTEGER 0, the subject CN=a.example and the P-256 software key: an info without its attributes.
Bytes info_start();

/// The [0] of an info with an extensionRequest of these Extension elements.
Bytes extension_request(const Bytes& extensions);

/// An Extension of the given OBJECT IDENTIFIER content, not critical.
Bytes extension(const Bytes& identifier, const Bytes& value);

Bytes text_bytes(const std::string& text);

}  // namespace hsmreq::x509
