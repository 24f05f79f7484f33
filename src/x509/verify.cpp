#include <fmt/format.h>

#include <algorithm>

#include "base/try.hpp"
#include "x509/certification_request.hpp"
#include "x509/extensions.hpp"
#include "x509/inspection.hpp"
#include "x509/signature.hpp"
#include "x509/subject.hpp"

namespace hsmreq::x509 {
namespace {

Error refuse(const std::string& what) {
    return Error{ExitCode::verification, "the request did not verify: " + what, "", ""};
}

bool equal(BytesView a, BytesView b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

Status verify_algorithm(const X509_REQ& request, const SignatureAlgorithm& expected) {
    const X509_ALGOR* algorithm = nullptr;
    X509_REQ_get0_signature(&request, nullptr, &algorithm);
    const ASN1_OBJECT* object = nullptr;
    int parameters = V_ASN1_UNDEF;
    X509_ALGOR_get0(&object, &parameters, nullptr, algorithm);
    if (OBJ_obj2nid(object) != expected.nid)
        return refuse(fmt::format("the signature algorithm is not {}", expected.name));
    if (parameters != expected.parameters)
        return refuse(fmt::format("the signature algorithm's parameters are not those of {}", expected.name));
    return {};
}

/// The octets that the signature is over: the first element of the request, which begins right behind its header.
BytesView request_info_of(BytesView der, std::size_t size) {
    const unsigned char* position = der.data();
    long length = 0;
    int tag = 0;
    int object_class = 0;
    ASN1_get_object(&position, &length, &tag, &object_class, static_cast<long>(der.size()));
    const BytesView content = der.subspan(static_cast<std::size_t>(position - der.data()));
    return content.first(std::min(size, content.size()));
}

/// What differences() lets pass because it means the same to a reader: string types, order, bits that DER leaves out.
Status verify_encoding(X509_REQ& request, const RequestInspection& inspection, const RequestPlan& plan) {
    TRY_ASSIGN(const NamePtr subject, build_subject(plan.subject));
    if (encode_der(i2d_X509_NAME, X509_REQ_get_subject_name(&request)) != encode_der(i2d_X509_NAME, subject.get()))
        return refuse("the subject is encoded otherwise than planned");
    TRY_ASSIGN(const auto planned, planned_extensions(plan, inspection.public_key_der));
    if (planned.size() != inspection.extensions.size()) return refuse("the number of extensions differs");
    for (std::size_t i = 0; i < planned.size(); ++i) {
        const ExtensionInfo& found = inspection.extensions[i];
        if (found.oid != planned[i].oid) return refuse(fmt::format("{} is not where it was planned", found.name));
        if (found.value != planned[i].value)
            return refuse(fmt::format("{} is encoded otherwise than planned", found.name));
    }
    const std::size_t attributes = planned.empty() ? 0 : 1;
    if (inspection.attributes.size() != attributes) return refuse("the number of attributes differs");
    TRY_ASSIGN(const Bytes info, encode_request_info(plan, inspection.public_key_der));
    if (!equal(request_info_of(inspection.der, info.size()), info))
        return refuse("it is encoded otherwise than planned");
    return {};
}

}  // namespace

Status verify_request(BytesView der, const RequestPlan& plan, BytesView public_key_der) {
    const ErrorQueue queue;
    const auto request = parse_request(der);
    if (!request) return refuse(request.error().what);
    const RequestInspection inspection = describe_request(**request, der);
    if (!equal(inspection.public_key_der, public_key_der)) return refuse("the public key is not the token's");
    TRY(verify_algorithm(**request, signature_algorithm(facts(plan.key.algorithm).family, plan.key.hash)));
    if (const auto planned = facts(plan.key.algorithm).name; inspection.public_key_algorithm != planned)
        return refuse(fmt::format("the key is {}, not {}", inspection.public_key_algorithm, planned));
    if (!inspection.signature_valid) return refuse("the signature is not by the key in the request");
    if (const auto found = differences(inspection, plan); !found.empty()) return refuse(found.front());
    return verify_encoding(**request, inspection, plan);
}

}  // namespace hsmreq::x509
