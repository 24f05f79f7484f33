#include "token/key_templates.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"

namespace hsmreq::token {
namespace {

using namespace std::string_view_literals;

// PrintableString "edwards25519", the curveName form of PKCS#11 3.0 for Edwards keys.
constexpr std::string_view edwards_by_name =
    "\x13\x0c"
    "edwards25519"sv;

unsigned curve_forms(KeyFamily family) {
    return family == KeyFamily::ed25519 ? 2 : 1;
}

CK_KEY_TYPE key_type(KeyFamily family) {
    switch (family) {
        case KeyFamily::rsa:
            return CKK_RSA;
        case KeyFamily::ec:
            return CKK_EC;
        case KeyFamily::ed25519:
            return CKK_EC_EDWARDS;
    }
    return CKK_VENDOR_DEFINED;
}

bool about_curve(CK_RV value) {
    return value == CKR_DOMAIN_PARAMS_INVALID || value == CKR_CURVE_NOT_SUPPORTED;
}

/// The way out of a refusal that is neither about the template nor the curve; "" when none is known.
std::string way_out(const KeyTemplate& wanted, CK_RV value) {
    // NSS' softokn tries a new pair out by encrypting with the public key, which the policy does not let encrypt.
    const bool about_use = value == CKR_KEY_TYPE_INCONSISTENT || value == CKR_KEY_FUNCTION_NOT_PERMITTED;
    if (!about_use || !wanted.decrypt) return "";
    return "the token may refuse a pair whose private key decrypts and whose public key may not encrypt; key.purpose = "
           "\"signature\" asks for one that only signs, which is enough for TLS 1.3 and for TLS 1.2 with ECDHE";
}

unsigned& remembered(TokenState& token, KeyFamily family, const Ascent& ascent) {
    return token.ladder.at(static_cast<std::size_t>(family)).*ascent.memory;
}

constexpr LadderStep step_at(unsigned number) {
    return {number % rung_count, number / rung_count};
}

}  // namespace

const Ascent generation_ascent{"C_GenerateKeyPair", &LadderMemory::generation, [](const FoundObjects& found) {
                                   return found.private_keys.empty() && found.public_keys.empty() &&
                                          found.unreadable.empty();
                               }};
const Ascent creation_ascent{"C_CreateObject", &LadderMemory::creation,
                             [](const FoundObjects& found) { return found.public_keys.empty(); }};

Bytes curve_parameters(KeyAlgorithm algorithm, unsigned form) {
    const auto bytes = as_bytes(form == 0 ? facts(algorithm).ec_parameters_der : edwards_by_name);
    return {bytes.begin(), bytes.end()};
}

Template policy_template(const TokenState& token, const KeyTemplate& wanted, ObjectKind object, unsigned rung) {
    Template result;
    if (rung < rung_without_type) {
        result.add_number(CKA_CLASS, object == ObjectKind::private_key ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY);
        result.add_number(CKA_KEY_TYPE, key_type(facts(wanted.algorithm).family));
    }
    // Before what may be refused: where a token leaves an object behind all the same, it then has the ID to find it by.
    result.add_bytes(CKA_ID, wanted.id);
    result.add_bytes(CKA_LABEL, as_bytes(wanted.label));
    for (const auto& attribute : policy_attributes())
        if (attribute.object == object && states(attribute, wanted, rung, token.quirks))
            result.add_boolean(attribute.type, wanted_value(attribute, wanted));
    return result;
}

Result<LadderStep> climb(Session& session, const KeyTemplate& wanted, const Ascent& ascent,
                         const std::function<CK_RV(LadderStep)>& attempt) {
    TokenState& token = session.token().state();
    const KeyFamily family = facts(wanted.algorithm).family;
    const unsigned end = rung_count * curve_forms(family);
    unsigned step = 0;
    {
        const std::lock_guard lock(token.mutex);
        step = remembered(token, family, ascent);
    }
    CK_RV refusal = CKR_OK;  // the last answer that was about the attributes: it says more than one about the curve
    while (step < end) {
        const CK_RV value = attempt(step_at(step));
        if (value == CKR_OK) {
            const std::lock_guard lock(token.mutex);
            unsigned& last = remembered(token, family, ascent);
            last = std::max(last, step);
            return step_at(step);
        }
        Error error = token_error(token.caller.where(), ascent.function, value);
        if (!about_attributes(value) && !about_curve(value)) {
            error.hint = way_out(wanted, value);
            return error;
        }
        TRY_ASSIGN(const FoundObjects left, find_by_id(session, wanted.id));
        if (!ascent.clean(left)) {
            error.hint = "the token left objects behind all the same";
            return error;
        }
        if (refusal == CKR_OK || about_attributes(value)) refusal = value;
        step = about_curve(value) ? (step / rung_count + 1) * rung_count : step + 1;
    }
    Error error = token_error(token.caller.where(), ascent.function, refusal);
    error.hint = std::string(
                     "the token refuses the key's attributes even where all are left out that may be; its manual says "
                     "which templates it takes") +
                 ascent.way_out;
    return error;
}

}  // namespace hsmreq::token
