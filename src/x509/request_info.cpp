#include <algorithm>

#include "base/try.hpp"
#include "x509/certification_request.hpp"
#include "x509/extensions.hpp"
#include "x509/public_key.hpp"
#include "x509/subject.hpp"

namespace hsmreq::x509 {
namespace {

/// A copy for X509_PUBKEY_set0_param, which takes it over: an OBJECT IDENTIFIER (EC, RFC 5480), NULL (RSA, RFC 3279) or
/// nothing (Ed25519, RFC 8410). Other parameters leave the encoding different, which the caller notices.
void* copy_parameter(const ASN1_TYPE* parameter) {
    if (!parameter || ASN1_TYPE_get(parameter) != V_ASN1_OBJECT) return nullptr;
    return OBJ_dup(parameter->value.object);
}

Status set_public_key(X509_REQ& request, BytesView public_key_der) {
    TRY_ASSIGN(const auto parts, split_key_info(public_key_der));
    const ASN1_TYPE* parameter = parts.algorithm->parameter;
    const int type = parameter ? ASN1_TYPE_get(parameter) : V_ASN1_UNDEF;
    auto* octets = static_cast<unsigned char*>(OPENSSL_memdup(parts.key.data(), parts.key.size()));
    X509_PUBKEY* info = X509_REQ_get_X509_PUBKEY(&request);
    if (!octets || X509_PUBKEY_set0_param(info, OBJ_dup(parts.algorithm->algorithm), type, copy_parameter(parameter),
                                          octets, static_cast<int>(parts.key.size())) != 1)
        return openssl_error(ExitCode::internal, "the public key could not be put into the request");
    const Bytes written = encode_der(i2d_X509_PUBKEY, info);
    if (!std::equal(written.begin(), written.end(), public_key_der.begin(), public_key_der.end()))
        return Error{ExitCode::verification, "the public key is not in its canonical encoding", "", ""};
    return {};
}

Status add_extensions(X509_REQ& request, const std::vector<ExtensionInfo>& extensions) {
    if (extensions.empty()) return {};
    const ExtensionsPtr stack(sk_X509_EXTENSION_new_null());
    if (!stack) return openssl_error(ExitCode::internal, "the extension request could not be built");
    for (const auto& extension : extensions) {
        TRY_ASSIGN(ExtensionPtr built, build_extension(extension));
        if (sk_X509_EXTENSION_push(stack.get(), built.get()) <= 0)
            return openssl_error(ExitCode::internal, "the extension request could not be built");
        static_cast<void>(built.release());
    }
    if (X509_REQ_add_extensions(&request, stack.get()) != 1)
        return openssl_error(ExitCode::internal, "the extension request could not be added");
    return {};
}

}  // namespace

Result<Bytes> encode_request_info(const RequestPlan& plan, BytesView public_key_der) {
    const ErrorQueue queue;
    const RequestPtr request(X509_REQ_new());
    if (!request || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1)
        return openssl_error(ExitCode::internal, "the request could not be built");
    TRY_ASSIGN(const NamePtr subject, build_subject(plan.subject));
    if (X509_REQ_set_subject_name(request.get(), subject.get()) != 1)
        return openssl_error(ExitCode::internal, "the subject could not be put into the request");
    TRY(set_public_key(*request, public_key_der));
    TRY_ASSIGN(const auto extensions, planned_extensions(plan, public_key_der));
    TRY(add_extensions(*request, extensions));
    Bytes info = encode_der(i2d_re_X509_REQ_tbs, request.get());
    if (info.empty()) return openssl_error(ExitCode::internal, "the certification request info could not be encoded");
    return info;
}

}  // namespace hsmreq::x509
