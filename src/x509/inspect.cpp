#include "hsmreq/inspect.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.hpp"
#include "base/try.hpp"
#include "x509/der_rules.hpp"
#include "x509/inspection.hpp"
#include "x509/names.hpp"
#include "x509/public_key.hpp"
#include "x509/request_file.hpp"
#include "x509/signature.hpp"

namespace hsmreq {
namespace x509 {

namespace {

/// More would only bury the reader: a file can be made to hold a hundred thousand.
constexpr std::size_t problems_shown = 50;

/// RFC 8017, A.1.1: the key's octets are one RSAPublicKey, of which OpenSSL reads no more than it needs.
bool rsa_key_is_der(X509_PUBKEY* info) {
    const unsigned char* key = nullptr;
    int size = 0;
    return X509_PUBKEY_get0_param(nullptr, &key, &size, nullptr, info) == 1 &&
           der_violation({key, static_cast<std::size_t>(size)}).empty();
}

}  // namespace

void cut_problems(std::vector<std::string>& problems) {
    if (problems.size() <= problems_shown) return;
    const std::size_t more = problems.size() - problems_shown;
    problems.resize(problems_shown);
    problems.push_back(fmt::format("{} further problems", more));
}

void describe_public_key(X509_PUBKEY* info, SubjectInspection& inspection) {
    KeyDescription description = describe_key(info);
    inspection.public_key = std::move(description.key);
    inspection.public_key_algorithm = std::move(description.algorithm);
    inspection.public_key_der = encode_der(i2d_X509_PUBKEY, info);
    inspection.public_key_sha256 = sha256_hex(inspection.public_key_der);
    inspection.public_key_decoded = description.decoded;
    if (!description.decoded) inspection.problems.emplace_back("the public key could not be decoded");
    if (description.decoded && !inspection.public_key.modulus.empty() && !rsa_key_is_der(info))
        inspection.problems.emplace_back("the public key's encoding is not DER");
    if (description.decoded && inspection.public_key.family == KeyFamily::ec && inspection.public_key.curve_oid.empty())
        inspection.problems.emplace_back("the key's curve is spelled out, where a named one is required (RFC 5480)");
}

std::string signature_algorithm_name(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
    const int nid = OBJ_obj2nid(object);
    return nid == NID_undef ? shown_oid_of(object) : OBJ_nid2ln(nid);
}

namespace {

void describe_signature(X509_REQ& request, RequestInspection& inspection) {
    const X509_ALGOR* algorithm = nullptr;
    X509_REQ_get0_signature(&request, nullptr, &algorithm);
    inspection.signature_algorithm = signature_algorithm_name(algorithm);
    inspection.signature_hash = signature_hash(*algorithm);
    EVP_PKEY* key = X509_REQ_get0_pubkey(&request);
    inspection.signature_valid = key && X509_REQ_verify(&request, key) == 1;
}

}  // namespace

Result<RequestPtr> parse_request(BytesView der) {
    auto request = decode_der<RequestPtr>(d2i_X509_REQ, der);
    if (request) return request;
    Error failure = openssl_error(ExitCode::input, "the certification request is malformed");
    if (const std::string kind = other_kind_of_der(der); !kind.empty())
        return Error{ExitCode::input, fmt::format("this is {}, not a certification request", kind), "",
                     "a PKCS#10 request in PEM or DER is expected"};
    if (!begins_as_request(der))
        return Error{ExitCode::input, "the file is of no known type", "",
                     "a PKCS#10 request in PEM or DER is expected"};
    failure.finding = "csr.malformed";
    return failure;
}

RequestInspection describe_request(X509_REQ& request, BytesView der) {
    RequestInspection inspection;
    inspection.der.assign(der.begin(), der.end());
    inspection.der_sha256 = sha256_hex(der);
    inspection.version = X509_REQ_get_version(&request);
    if (inspection.version != X509_REQ_VERSION_1)
        inspection.problems.push_back(fmt::format("the version is {}, not 0", inspection.version));
    const X509_NAME* subject = X509_REQ_get_subject_name(&request);
    inspection.subject = x509::read_attributes_of_name(subject, inspection.problems);
    inspection.subject_text = rfc4514_text(subject);
    describe_public_key(X509_REQ_get_X509_PUBKEY(&request), inspection);
    describe_attributes(request, inspection);
    describe_signature(request, inspection);
    if (const std::string violation = der_violation(der); !violation.empty())
        inspection.problems.push_back("the encoding is not DER: " + violation);
    cut_problems(inspection.problems);
    return inspection;
}

}  // namespace x509

Result<RequestInspection> inspect_request(BytesView file) {
    const x509::ErrorQueue queue;
    TRY_ASSIGN(const x509::RequestFile content, x509::read_request_file(file));
    auto parsed = x509::parse_request(content.der);
    if (!parsed) {
        Error error = std::move(parsed).error();
        if (!content.pem_label.empty()) error.finding = "csr.malformed";
        return error;
    }
    const x509::RequestPtr request = std::move(parsed).value();
    RequestInspection inspection = x509::describe_request(*request, content.der);
    inspection.pem_label = content.pem_label;
    return inspection;
}

}  // namespace hsmreq
