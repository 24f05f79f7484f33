#include "hsmreq/inspect.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.hpp"
#include "base/try.hpp"
#include "x509/inspection.hpp"
#include "x509/names.hpp"
#include "x509/public_key.hpp"
#include "x509/request_file.hpp"
#include "x509/signature.hpp"

namespace hsmreq {
namespace x509 {
namespace {

void describe_public_key(X509_REQ& request, RequestInspection& inspection) {
    X509_PUBKEY* info = X509_REQ_get_X509_PUBKEY(&request);
    KeyDescription description = describe_key(info);
    inspection.public_key = std::move(description.key);
    inspection.public_key_algorithm = std::move(description.algorithm);
    inspection.public_key_der = encode_der(i2d_X509_PUBKEY, info);
    inspection.public_key_sha256 = sha256_hex(inspection.public_key_der);
    inspection.public_key_decoded = description.decoded;
    if (!description.decoded) inspection.problems.emplace_back("the public key could not be decoded");
}

void describe_signature(X509_REQ& request, RequestInspection& inspection) {
    const X509_ALGOR* algorithm = nullptr;
    X509_REQ_get0_signature(&request, nullptr, &algorithm);
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
    const int nid = OBJ_obj2nid(object);
    inspection.signature_hash = signature_hash(*algorithm);
    inspection.signature_algorithm = nid == NID_undef ? oid_of(object) : OBJ_nid2ln(nid);
    EVP_PKEY* key = X509_REQ_get0_pubkey(&request);
    inspection.signature_valid = key && X509_REQ_verify(&request, key) == 1;
}

}  // namespace

Result<RequestPtr> parse_request(BytesView der) {
    auto request = decode_der<RequestPtr>(d2i_X509_REQ, der);
    if (request) return request;
    const Error failure = openssl_error(ExitCode::input, "the certification request is malformed");
    if (const std::string kind = other_kind_of_der(der); !kind.empty())
        return Error{ExitCode::input, fmt::format("this is {}, not a certification request", kind), "",
                     "a PKCS#10 request in PEM or DER is expected"};
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
    describe_public_key(request, inspection);
    describe_attributes(request, inspection);
    describe_signature(request, inspection);
    if (encode_der(i2d_X509_REQ, &request) != inspection.der)
        inspection.problems.emplace_back("the encoding is not DER");
    return inspection;
}

}  // namespace x509

Result<RequestInspection> inspect_request(BytesView file) {
    const x509::ErrorQueue queue;
    TRY_ASSIGN(const x509::RequestFile content, x509::read_request_file(file));
    TRY_ASSIGN(const x509::RequestPtr request, x509::parse_request(content.der));
    RequestInspection inspection = x509::describe_request(*request, content.der);
    inspection.pem_label = content.pem_label;
    return inspection;
}

}  // namespace hsmreq
