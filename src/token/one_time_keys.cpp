#include "token/one_time_keys.hpp"

#include <array>
#include <utility>

#include "base/try.hpp"
#include "token/attributes.hpp"
#include "token/public_values.hpp"
#include "token/state.hpp"

namespace hsmreq::token {
namespace {

constexpr CK_ULONG aes_key_size = 32;
constexpr CK_ULONG rsa_bits = 3072;
constexpr std::array<std::uint8_t, 3> public_exponent = {0x01, 0x00, 0x01};

/// A boolean attribute of a key of one use: its value, and whether a token may be asked without it.
struct Row {
    CK_ATTRIBUTE_TYPE type;
    const char* name;
    bool value;
    unsigned left_out_from;  ///< the first level of a rung without it; 0: stated on every rung
};
#define ROW(name, value, left_out_from) \
    { name, #name, value, left_out_from }

// COPYABLE first and MODIFIABLE last, as in the table of the policy.
constexpr Row unwrapping_private[] = {
    ROW(CKA_PRIVATE, true, 0),       ROW(CKA_SENSITIVE, true, 0), ROW(CKA_EXTRACTABLE, false, 0),
    ROW(CKA_UNWRAP, true, 0),        ROW(CKA_DECRYPT, false, 0),  ROW(CKA_SIGN, false, 0),
    ROW(CKA_SIGN_RECOVER, false, 2), ROW(CKA_DERIVE, false, 2),   ROW(CKA_COPYABLE, false, 1),
    ROW(CKA_MODIFIABLE, false, 3),
};
constexpr Row wrapping_public[] = {
    ROW(CKA_PRIVATE, false, 0),        ROW(CKA_WRAP, true, 0),
    ROW(CKA_ENCRYPT, false, 0),        ROW(CKA_VERIFY, false, 0),
    ROW(CKA_VERIFY_RECOVER, false, 2), ROW(CKA_DERIVE, false, 2),
    ROW(CKA_MODIFIABLE, false, 3),
};
constexpr Row wrapping_secret[] = {
    ROW(CKA_PRIVATE, true, 0), ROW(CKA_SENSITIVE, true, 0), ROW(CKA_EXTRACTABLE, true, 0), ROW(CKA_WRAP, true, 0),
    ROW(CKA_UNWRAP, false, 0), ROW(CKA_ENCRYPT, false, 0),  ROW(CKA_DECRYPT, false, 0),    ROW(CKA_SIGN, false, 2),
    ROW(CKA_VERIFY, false, 2), ROW(CKA_DERIVE, false, 2),   ROW(CKA_MODIFIABLE, false, 3),
};
constexpr Row unwrapping_secret[] = {
    ROW(CKA_PRIVATE, true, 0), ROW(CKA_SENSITIVE, true, 0), ROW(CKA_EXTRACTABLE, false, 0), ROW(CKA_UNWRAP, true, 0),
    ROW(CKA_WRAP, false, 0),   ROW(CKA_ENCRYPT, false, 0),  ROW(CKA_DECRYPT, false, 0),     ROW(CKA_SIGN, false, 2),
    ROW(CKA_VERIFY, false, 2), ROW(CKA_DERIVE, false, 2),   ROW(CKA_MODIFIABLE, false, 3),
};
constexpr Row known_secret[] = {
    ROW(CKA_PRIVATE, true, 0), ROW(CKA_SENSITIVE, true, 0), ROW(CKA_EXTRACTABLE, false, 0), ROW(CKA_WRAP, true, 0),
    ROW(CKA_UNWRAP, false, 0), ROW(CKA_ENCRYPT, false, 0),  ROW(CKA_DECRYPT, false, 0),     ROW(CKA_SIGN, false, 2),
    ROW(CKA_VERIFY, false, 2), ROW(CKA_DERIVE, false, 2),   ROW(CKA_MODIFIABLE, false, 3),
};
#undef ROW

/// How much is stated: less with each level, and on each first with an unwrap template, then without. What is left out
/// may read back as true where a token takes that for the default, so no more goes at once than has to.
struct Rung {
    bool imposes_template;
    unsigned level;
};
constexpr Rung rungs[] = {{true, 0}, {false, 0}, {true, 1}, {false, 1}, {true, 2}, {false, 2}, {true, 3}, {false, 3}};

void state(Template& result, std::span<const Row> rows, Rung rung, const QuirkProfile* quirks) {
    for (const auto& row : rows)
        if (row.left_out_from == 0 ||
            (rung.level < row.left_out_from && !omits(quirks, &QuirkProfile::omit_private, row.name)))
            result.add_boolean(row.type, row.value);
}

void begin(Template& result, CK_OBJECT_CLASS object_class, CK_KEY_TYPE type, bool on_token) {
    result.add_number(CKA_CLASS, object_class);
    result.add_number(CKA_KEY_TYPE, type);
    result.add_boolean(CKA_TOKEN, on_token);
}

/// What CKA_UNWRAP_TEMPLATE demands of everything unwrapped. Lives until the call is done.
class Demand {
public:
    Demand() {
        inner_.add_boolean(CKA_SENSITIVE, true);
        inner_.add_boolean(CKA_EXTRACTABLE, false);
    }
    void put_into(Template& result) {
        result.add_bytes(CKA_UNWRAP_TEMPLATE,
                         {reinterpret_cast<const std::uint8_t*>(inner_.data()), inner_.size() * sizeof(CK_ATTRIBUTE)});
    }

private:
    Template inner_;
};

/// Tries rung after rung while the answer is about the template.
template <class Attempt>
CK_RV climb_rungs(bool unwraps, Attempt attempt) {
    CK_RV value = CKR_TEMPLATE_INCONSISTENT;
    for (const Rung rung : rungs) {
        if (rung.imposes_template && !unwraps) continue;
        value = attempt(rung);
        if (value == CKR_OK || !about_attributes(value)) return value;
    }
    return value;
}

/// A key of one use that could do more than its one use would be the way to the key that travels under it.
Status judge(Session& session, ObjectHandle key, std::span<const Row> rows) {
    std::vector<CK_ATTRIBUTE_TYPE> types;
    for (const auto& row : rows) types.push_back(row.type);
    TRY_ASSIGN(const auto values, AttributeValues::read(session, key, types));
    for (const auto& row : rows) {
        const auto value = values.boolean(row.type);
        const bool always = row.left_out_from == 0;
        if (always ? value == row.value : !value || *value == row.value) continue;
        if (!always && (row.type == CKA_MODIFIABLE || row.type == CKA_COPYABLE)) continue;  // gone before it matters
        return Error{.code = ExitCode::rules,
                     .what = std::string("the token made a wrapping key looser than asked: ") + row.name,
                     .where = session.token().info().display(),
                     .hint = "a key that may do more than wrap or unwrap could reveal what travels under it",
                     .finding = "policy.attribute-differs"};
    }
    return {};
}

}  // namespace

SessionObject::SessionObject(SessionObject&& other) noexcept
    : session_(std::exchange(other.session_, nullptr)), handle_(other.handle_) {}

SessionObject::~SessionObject() {
    // Whatever the token answers: it goes with the session anyway.
    if (session_ != nullptr)
        session_->state().caller().ask(CRYPTOKI(C_DestroyObject), session_->state().handle, handle_);
}

OaepMechanism::OaepMechanism(OaepHash hash, bool one_step) {
    oaep_.hashAlg = hash == OaepHash::sha256 ? CKM_SHA256 : CKM_SHA_1;
    oaep_.mgf = hash == OaepHash::sha256 ? CKG_MGF1_SHA256 : CKG_MGF1_SHA1;
    oaep_.source = CKZ_DATA_SPECIFIED;
    mechanism_.mechanism = one_step ? CKM_RSA_AES_KEY_WRAP : CKM_RSA_PKCS_OAEP;
    mechanism_.pParameter = one_step ? static_cast<void*>(&one_step_) : static_cast<void*>(&oaep_);
    mechanism_.ulParameterLen = one_step ? sizeof one_step_ : sizeof oaep_;
}

bool has_unwrap_template(Session& session, ObjectHandle key) {
    CK_ATTRIBUTE attribute{CKA_UNWRAP_TEMPLATE, nullptr, 0};
    const CK_RV value = session.state().caller().ask(CRYPTOKI(C_GetAttributeValue), session.state().handle, key,
                                                     &attribute, CK_ULONG{1});
    return value == CKR_OK && attribute.ulValueLen != CK_UNAVAILABLE_INFORMATION &&
           attribute.ulValueLen >= 2 * sizeof(CK_ATTRIBUTE);
}

Result<WrappingPair> make_wrapping_pair(Session& session, const WrappingPairPlace& place) {
    const Caller& caller = session.state().caller();
    const QuirkProfile* quirks = session.token().state().quirks;
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
    const CK_RV value = climb_rungs(true, [&](Rung rung) {
        CK_MECHANISM mechanism{CKM_RSA_PKCS_KEY_PAIR_GEN, nullptr, 0};
        Demand demand;
        Template for_public;
        begin(for_public, CKO_PUBLIC_KEY, CKK_RSA, place.on_token);
        Template for_private;
        begin(for_private, CKO_PRIVATE_KEY, CKK_RSA, place.on_token);
        for_public.add_number(CKA_MODULUS_BITS, rsa_bits);
        for_public.add_bytes(CKA_PUBLIC_EXPONENT, public_exponent);
        for (Template* result : {&for_public, &for_private}) {
            if (!place.id.empty()) result->add_bytes(CKA_ID, place.id);
            if (!place.label.empty())
                result->add_bytes(CKA_LABEL,
                                  {reinterpret_cast<const std::uint8_t*>(place.label.data()), place.label.size()});
        }
        state(for_public, wrapping_public, rung, quirks);
        if (rung.imposes_template) demand.put_into(for_private);
        state(for_private, unwrapping_private, rung, quirks);
        return caller.ask(CRYPTOKI(C_GenerateKeyPair), session.state().handle, &mechanism, for_public.data(),
                          for_public.size(), for_private.data(), for_private.size(), &public_key, &private_key);
    });
    if (value != CKR_OK) return token_error(caller.where(), "C_GenerateKeyPair", value);
    auto pair = read_wrapping_pair(session, private_key, public_key);
    if (!pair) {
        caller.ask(CRYPTOKI(C_DestroyObject), session.state().handle, private_key);
        caller.ask(CRYPTOKI(C_DestroyObject), session.state().handle, public_key);
    }
    return pair;
}

Result<WrappingPair> read_wrapping_pair(Session& session, ObjectHandle private_key,
                                        std::optional<ObjectHandle> public_object) {
    TRY(judge(session, private_key, unwrapping_private));
    WrappingPair pair{.private_key = private_key, .public_object = public_object};
    TRY_ASSIGN(pair.public_key, read_public_key(session, public_object.value_or(private_key)));
    pair.imposes_template = has_unwrap_template(session, private_key);
    return pair;
}

Result<SessionObject> import_wrapping_key(Session& session, const PublicKey& key) {
    const Caller& caller = session.state().caller();
    const QuirkProfile* quirks = session.token().state().quirks;
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    const CK_RV value = climb_rungs(false, [&](Rung rung) {
        Template wanted;
        begin(wanted, CKO_PUBLIC_KEY, CKK_RSA, false);
        wanted.add_bytes(CKA_MODULUS, key.modulus);
        wanted.add_bytes(CKA_PUBLIC_EXPONENT, key.public_exponent);
        state(wanted, wrapping_public, rung, quirks);
        return caller.ask(CRYPTOKI(C_CreateObject), session.state().handle, wanted.data(), wanted.size(), &object);
    });
    if (value != CKR_OK) return token_error(caller.where(), "C_CreateObject", value);
    return SessionObject(session, object);
}

Result<SessionObject> make_one_time_secret(Session& session) {
    const Caller& caller = session.state().caller();
    const QuirkProfile* quirks = session.token().state().quirks;
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    const CK_RV value = climb_rungs(false, [&](Rung rung) {
        CK_MECHANISM mechanism{CKM_AES_KEY_GEN, nullptr, 0};
        Template wanted;
        begin(wanted, CKO_SECRET_KEY, CKK_AES, false);
        wanted.add_number(CKA_VALUE_LEN, aes_key_size);
        state(wanted, wrapping_secret, rung, quirks);
        return caller.ask(CRYPTOKI(C_GenerateKey), session.state().handle, &mechanism, wanted.data(), wanted.size(),
                          &object);
    });
    if (value != CKR_OK) return token_error(caller.where(), "C_GenerateKey", value);
    SessionObject secret(session, object);
    TRY(judge(session, object, wrapping_secret));
    return secret;
}

Result<SessionObject> import_wrapping_secret(Session& session, const Secret& value) {
    const Caller& caller = session.state().caller();
    const QuirkProfile* quirks = session.token().state().quirks;
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    const CK_RV answer = climb_rungs(false, [&](Rung rung) {
        Template wanted;
        begin(wanted, CKO_SECRET_KEY, CKK_AES, false);
        wanted.add_secret(CKA_VALUE, value);
        state(wanted, known_secret, rung, quirks);
        return caller.ask(CRYPTOKI(C_CreateObject), session.state().handle, wanted.data(), wanted.size(), &object);
    });
    if (answer != CKR_OK) return token_error(caller.where(), "C_CreateObject", answer);
    SessionObject secret(session, object);
    TRY(judge(session, object, known_secret));
    return secret;
}

Result<ArrivedSecret> unwrap_one_time_secret(Session& session, ObjectHandle unwrapping, const WrappedKey& wrapped) {
    const Caller& caller = session.state().caller();
    const QuirkProfile* quirks = session.token().state().quirks;
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    Bytes ciphertext = wrapped.secret;
    const CK_RV value = climb_rungs(true, [&](Rung rung) {
        OaepMechanism mechanism(wrapped.oaep, false);
        Demand demand;
        Template wanted;
        begin(wanted, CKO_SECRET_KEY, CKK_AES, false);
        if (rung.imposes_template) demand.put_into(wanted);
        state(wanted, unwrapping_secret, rung, quirks);
        return caller.ask(CRYPTOKI(C_UnwrapKey), session.state().handle, mechanism.get(), unwrapping, ciphertext.data(),
                          CK_ULONG{ciphertext.size()}, wanted.data(), wanted.size(), &object);
    });
    if (value != CKR_OK) return token_error(caller.where(), "C_UnwrapKey", value);
    ArrivedSecret secret{SessionObject(session, object)};
    TRY(judge(session, object, unwrapping_secret));
    secret.imposes_template = has_unwrap_template(session, object);
    return secret;
}

}  // namespace hsmreq::token
