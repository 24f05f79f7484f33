#include "x509/openssl.hpp"

#include <fmt/format.h>

namespace hsmreq::x509 {

Error openssl_error(ExitCode code, const std::string& what) {
    const char* reason = ERR_reason_error_string(ERR_get_error());
    ERR_clear_error();
    return Error{code, reason ? fmt::format("{}: {}", what, reason) : what, "", ""};
}

Bytes der_element(int tag, BytesView content) {
    const int length = static_cast<int>(content.size());
    const int constructed = tag == V_ASN1_SEQUENCE || tag == V_ASN1_SET ? 1 : 0;
    Bytes der(static_cast<std::size_t>(ASN1_object_size(constructed, length, tag)) - content.size());
    unsigned char* position = der.data();
    ASN1_put_object(&position, constructed, length, tag, V_ASN1_UNIVERSAL);
    der.insert(der.end(), content.begin(), content.end());
    return der;
}

BytesView bytes_of(const ASN1_STRING* string) {
    return {ASN1_STRING_get0_data(string), static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::optional<std::string> utf8_of(const ASN1_STRING* string) {
    unsigned char* out = nullptr;
    const int size = ASN1_STRING_to_UTF8(&out, string);
    const Owner<unsigned char, free_memory> owner(out);
    if (size < 0) return std::nullopt;
    return std::string(out, out + size);
}

std::optional<std::string> utf8_of(const ASN1_TYPE& value) {
    // Only for these types is the union's member a string.
    switch (ASN1_TYPE_get(&value)) {
        case V_ASN1_UTF8STRING:
        case V_ASN1_PRINTABLESTRING:
        case V_ASN1_T61STRING:
        case V_ASN1_IA5STRING:
        case V_ASN1_VISIBLESTRING:
        case V_ASN1_UNIVERSALSTRING:
        case V_ASN1_BMPSTRING:
            return utf8_of(value.value.asn1_string);
        default:
            return std::nullopt;
    }
}

std::string oid_of(const ASN1_OBJECT* object) {
    const int size = OBJ_obj2txt(nullptr, 0, object, 1);
    if (size <= 0) return "";
    std::string text(static_cast<std::size_t>(size) + 1, '\0');
    OBJ_obj2txt(text.data(), size + 1, object, 1);
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string shown_oid_of(const ASN1_OBJECT* object) {
    const std::string oid = oid_of(object);
    return oid.empty() ? "(an identifier too long to show)" : oid;
}

}  // namespace hsmreq::x509
