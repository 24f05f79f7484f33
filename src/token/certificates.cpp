#include "token/certificates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.hpp"
#include "base/try.hpp"
#include "token/attributes.hpp"
#include "token/state.hpp"

namespace hsmreq::token {
namespace {

/// What the ladder may leave out, in the order in which it does.
struct Optional {
    CK_ATTRIBUTE_TYPE type;
    const char* name;
    unsigned left_out_from;  ///< the first rung without it
};

constexpr std::array optional_attributes{
    Optional{CKA_START_DATE, "CKA_START_DATE", 1},
    Optional{CKA_END_DATE, "CKA_END_DATE", 1},
    Optional{CKA_CERTIFICATE_CATEGORY, "CKA_CERTIFICATE_CATEGORY", 2},
    Optional{CKA_COPYABLE, "CKA_COPYABLE", 3},
    Optional{CKA_MODIFIABLE, "CKA_MODIFIABLE", 4},
};
constexpr unsigned rung_end = 5;

// PKCS#11 2.40, section 4.6.2.
constexpr CK_ULONG category_token_user = 1;
constexpr CK_ULONG category_authority = 2;

CK_DATE to_date(std::chrono::year_month_day day) {
    const std::string digits = fmt::format("{:04}{:02}{:02}", static_cast<int>(day.year()),
                                           static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
    CK_DATE date{};
    std::memcpy(&date, digits.data(), std::min(sizeof date, digits.size()));
    return date;
}

void add_date(Template& result, CK_ATTRIBUTE_TYPE type, std::chrono::year_month_day day) {
    const CK_DATE date = to_date(day);
    result.add_bytes(type, {reinterpret_cast<const std::uint8_t*>(&date), sizeof date});
}

void add_optional(Template& result, const CertificateTemplate& wanted, CK_ATTRIBUTE_TYPE type) {
    if (type == CKA_START_DATE) return add_date(result, type, wanted.start_date);
    if (type == CKA_END_DATE) return add_date(result, type, wanted.end_date);
    if (type != CKA_CERTIFICATE_CATEGORY) return result.add_boolean(type, false);
    const bool authority = wanted.category == CertificateCategory::authority;
    result.add_number(type, authority ? category_authority : category_token_user);
}

bool left_out(const Optional& attribute, unsigned rung, const QuirkProfile* quirks) {
    return rung >= attribute.left_out_from || omits(quirks, &QuirkProfile::omit_certificate, attribute.name);
}

Template make_template(const CertificateTemplate& wanted, unsigned rung, const QuirkProfile* quirks) {
    Template result;
    result.add_number(CKA_CLASS, CKO_CERTIFICATE);
    result.add_number(CKA_CERTIFICATE_TYPE, CKC_X_509);
    // Before what may be refused: where a token leaves an object behind all the same, it then has the ID to find it by.
    result.add_bytes(CKA_ID, wanted.id);
    result.add_bytes(CKA_LABEL, as_bytes(wanted.label));
    result.add_boolean(CKA_TOKEN, true);
    result.add_boolean(CKA_PRIVATE, false);
    result.add_bytes(CKA_SUBJECT, wanted.subject);
    result.add_bytes(CKA_ISSUER, wanted.issuer);
    result.add_bytes(CKA_SERIAL_NUMBER, wanted.serial_number);
    result.add_bytes(CKA_VALUE, wanted.value);
    for (const auto& attribute : optional_attributes)
        if (!left_out(attribute, rung, quirks)) add_optional(result, wanted, attribute.type);
    return result;
}

void remove(Session& session, ObjectHandle object, Error& error) {
    if (const auto gone = destroy(session, object); !gone)
        error.hint =
            "the token has kept the certificate all the same, and it could not be removed: " + gone.error().what;
}

/// Removes what a refused attempt left; says so where that fails as well.
Error clean_up(Session& session, const CertificateTemplate& wanted, Error error) {
    const auto found = find_by_id(session, wanted.id);
    if (!found) return error;
    for (const ObjectHandle object : found->certificates) {
        const auto value = read_certificate(session, object);
        if (value && *value == wanted.value) remove(session, object, error);
    }
    return error;
}

bool is_same(std::optional<BytesView> read, const Bytes& wanted) {
    return read && std::ranges::equal(*read, wanted);
}

/// A token may drop, cut or confuse what it was given.
Status compare(Session& session, ObjectHandle object, const CertificateTemplate& wanted) {
    constexpr CK_ATTRIBUTE_TYPE types[] = {CKA_VALUE, CKA_ID, CKA_TOKEN, CKA_PRIVATE};
    TRY_ASSIGN(const auto values, AttributeValues::read(session, object, types));
    const char* differing = nullptr;
    if (values.boolean(CKA_PRIVATE) == true) differing = "CKA_PRIVATE";
    if (values.boolean(CKA_TOKEN) == false) differing = "CKA_TOKEN";
    if (!is_same(values.bytes(CKA_ID), wanted.id)) differing = "CKA_ID";
    if (!is_same(values.bytes(CKA_VALUE), wanted.value)) differing = "CKA_VALUE";
    if (differing == nullptr) return {};
    return Error{
        .code = ExitCode::verification,
        .what = fmt::format("the token gives the certificate back with another {} than it was given", differing),
        .where = session.state().caller().where(),
        .hint = "it was removed again. Run again, and if it stays, ask the token's vendor"};
}

std::vector<std::string> left_out_at(unsigned rung, const QuirkProfile* quirks) {
    std::vector<std::string> names;
    for (const auto& attribute : optional_attributes)
        if (left_out(attribute, rung, quirks)) names.emplace_back(attribute.name);
    return names;
}

}  // namespace

Result<StoredCertificate> store_certificate(Session& session, const CertificateTemplate& wanted) {
    const Caller& caller = session.state().caller();
    const QuirkProfile* quirks = session.token().state().quirks;
    CK_RV refusal = CKR_OK;
    for (unsigned rung = 0; rung < rung_end; ++rung) {
        Template values = make_template(wanted, rung, quirks);
        CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
        const CK_RV value =
            caller.ask(CRYPTOKI(C_CreateObject), session.state().handle, values.data(), values.size(), &object);
        if (value == CKR_OK) {
            const auto same = compare(session, object, wanted);
            if (same) return StoredCertificate{object, left_out_at(rung, quirks)};
            Error error = same.error();
            remove(session, object, error);
            return error;
        }
        if (refusal == CKR_OK) refusal = value;
        Error error = clean_up(session, wanted, token_error(caller.where(), "C_CreateObject", value));
        if (!about_attributes(value)) return error;
    }
    // What the whole template was refused for says more than what the shortest one was.
    return token_error(caller.where(), "C_CreateObject", refusal);
}

Result<Bytes> read_certificate(Session& session, ObjectHandle object) {
    constexpr CK_ATTRIBUTE_TYPE types[] = {CKA_VALUE};
    TRY_ASSIGN(const auto values, AttributeValues::read(session, object, types));
    const auto value = values.bytes(CKA_VALUE);
    return value ? Bytes(value->begin(), value->end()) : Bytes{};
}

Result<std::vector<HeldCertificate>> find_certificates(Session& session, BytesView subject) {
    Template wanted;
    wanted.add_number(CKA_CLASS, CKO_CERTIFICATE);
    wanted.add_bytes(CKA_SUBJECT, subject);
    TRY_ASSIGN(const auto handles, find_objects(session, wanted));
    std::vector<HeldCertificate> found;
    for (const ObjectHandle handle : handles) {
        constexpr CK_ATTRIBUTE_TYPE types[] = {CKA_ID, CKA_LABEL, CKA_VALUE};
        TRY_ASSIGN(const auto values, AttributeValues::read(session, handle, types));
        HeldCertificate certificate;
        certificate.object = handle;
        if (const auto id = values.bytes(CKA_ID)) certificate.id.assign(id->begin(), id->end());
        if (const auto label = values.bytes(CKA_LABEL)) certificate.label = as_text(*label);
        if (const auto value = values.bytes(CKA_VALUE)) certificate.value.assign(value->begin(), value->end());
        found.push_back(std::move(certificate));
    }
    return found;
}

}  // namespace hsmreq::token
