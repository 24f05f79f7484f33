// Inspection: everything a file holds, as plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/finding.hpp"
#include "hsmreq/public_key.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq {

/// One attribute type and value of a distinguished name, in the order of the encoding.
struct NameAttribute {
    std::string type;      ///< short name ("CN") or dotted OID
    std::string value;     ///< UTF-8
    std::string encoding;  ///< ASN.1 string type: "UTF8String", "PrintableString", ...
};

/// One GeneralName (RFC 5280, section 4.2.1.6).
struct AlternativeName {
    /// "dns", "ip", "email", "uri", "directory", "registered-id", or "other" for otherName, x400Address, ediPartyName
    std::string type;
    std::string value;  ///< text with control characters made visible, or hexadecimal where there is none
};

/// One X.509 extension, of a certificate or of an extension request.
struct ExtensionInfo {
    std::string oid;
    std::string name;  ///< "subjectAltName", or the OID when it has no name
    bool critical = false;
    Bytes value;            ///< the octets inside extnValue
    std::string text = {};  ///< what they say, where that is known and no other field has it
};

/// One attribute of the request (RFC 2986, section 4.1).
struct RequestAttribute {
    std::string oid;
    std::string name;
    std::string value;  ///< decoded where the syntax is known, else hexadecimal DER; a challenge password is not shown
};

/// What certification requests and certificates have in common: whose key it is, and what for.
struct SubjectInspection {
    long version = 0;  ///< the INTEGER of the encoding: 0 is version 1 of either
    std::vector<NameAttribute> subject;
    std::string subject_text;  ///< RFC 4514
    PublicKey public_key;
    std::string public_key_algorithm;  ///< "rsa-2048", "ec-p256", "ed25519", or the algorithm's name and size
    bool public_key_decoded = false;   ///< false when the encoding is damaged or the kind unknown
    Bytes public_key_der;              ///< SubjectPublicKeyInfo
    std::string public_key_sha256;     ///< of the SubjectPublicKeyInfo, hexadecimal
    std::vector<AlternativeName> subject_alternative_names;
    std::optional<std::pair<bool, std::vector<std::string>>> key_usage;           ///< critical, bit names
    std::optional<std::pair<bool, std::vector<std::string>>> extended_key_usage;  ///< critical, dotted OIDs
    std::vector<ExtensionInfo> extensions;                                        ///< all of them, in order
    std::string signature_algorithm;  ///< "sha256WithRSAEncryption", "ecdsa-with-SHA256", "ED25519", or the OID
    std::string signature_hash;       ///< "SHA256", "SHA1"; "" when it is unknown or the algorithm has none to choose
    std::string pem_label;            ///< "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST", ...; "" for DER
    Bytes der;
    std::string der_sha256;
    /// What is malformed or against the standards although the rest could be read ("subjectAltName could not be
    /// decoded").
    std::vector<std::string> problems;
};

/// What a PKCS#10 certification request says, and whether its signature holds.
struct RequestInspection : SubjectInspection {
    std::vector<RequestAttribute> attributes;
    bool signature_valid = false;
};

/// RFC 5280, section 4.2.1.9.
struct BasicConstraints {
    bool critical = false;
    bool ca = false;
    std::optional<long> path_length;
};

/// What an X.509 certificate says (RFC 5280). Whether to believe it is another question: see verify_chain().
struct CertificateInspection : SubjectInspection {
    std::string serial;  ///< hexadecimal, as long as it is encoded; with a minus when negative
    std::vector<NameAttribute> issuer;
    std::string issuer_text;  ///< RFC 4514
    std::chrono::sys_seconds not_before{};
    std::chrono::sys_seconds not_after{};
    std::optional<BasicConstraints> basic_constraints;
    Bytes subject_key_identifier;
    Bytes authority_key_identifier;
    std::vector<std::string> issuer_urls;  ///< authorityInfoAccess, caIssuers
    std::vector<std::string> ocsp_urls;    ///< authorityInfoAccess, ocsp
    std::vector<std::string> crl_urls;     ///< cRLDistributionPoints
    std::vector<std::string> policies;     ///< dotted OIDs
    std::size_t timestamps = 0;            ///< signed certificate timestamps embedded (RFC 6962)
    bool self_issued = false;              ///< issuer and subject are the same name
    std::string sha1;                      ///< of the DER; its SHA-256 is der_sha256
};

/// Reads one PKCS#10 request, PEM (either header, text around it allowed) or DER, at most 1 MiB.
/// A bad signature is not an error here; see signature_valid.
/// Errors: ExitCode::input when the bytes are of no known type or malformed; with Error::finding csr.malformed when they
/// claim to be a request, by the PEM header or the way they begin.
Result<RequestInspection> inspect_request(BytesView file);

/// Reads every certificate of a file: PEM with any number of blocks and text around them, DER, or PKCS#7 in either.
/// In the order of the file, at most 1 MiB and 250 certificates.
/// Errors: ExitCode::input when the file holds none, or one of them is malformed.
Result<std::vector<CertificateInspection>> inspect_certificates(BytesView file);

}  // namespace hsmreq
