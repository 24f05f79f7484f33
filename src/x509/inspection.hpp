// A parsed request or certificate turned into plain values, part by part.
#pragma once

#include <set>
#include <string>

#include "hsmreq/inspect.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {

/// Errors: ExitCode::input when the DER is no request, or bytes follow it.
Result<RequestPtr> parse_request(BytesView der);

/// Everything in the request; what can't be read is named in RequestInspection::problems.
RequestInspection describe_request(X509_REQ& request, BytesView der);

/// Everything in the certificate; what can't be read is named in CertificateInspection::problems.
CertificateInspection describe_certificate(X509& certificate, BytesView der);

/// Adds the attributes of the request, and the extensions that they ask for.
void describe_attributes(const X509_REQ& request, RequestInspection& inspection);

/// Adds the extensions of a certificate or of one extension request, decoding those that the inspection has fields for.
/// `seen` holds the identifiers of the extensions that were added before.
void describe_extensions(const X509_EXTENSIONS& extensions, std::set<std::string>& seen, SubjectInspection& inspection);

/// Adds the key of a SubjectPublicKeyInfo.
void describe_public_key(X509_PUBKEY* info, SubjectInspection& inspection);

/// Keeps the first problems and the number of the others.
void cut_problems(std::vector<std::string>& problems);

/// The name of a signature's algorithm, or its OID where it has none.
std::string signature_algorithm_name(const X509_ALGOR* algorithm);

}  // namespace hsmreq::x509
