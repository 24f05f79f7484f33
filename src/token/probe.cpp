#include "token/probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/secret.hpp"
#include "base/try.hpp"
#include "token/mechanisms.hpp"
#include "token/state.hpp"
#include "token/wrapping_keys.hpp"

namespace hsmreq::token {
namespace {

constexpr std::size_t wrapped_room = 16 * 1024;  // an RSA-4096 key takes about 2.4 KiB

enum class Parameter { none, iv_8, iv_16, gcm, rsa_aes };

struct WrapRow {
    CK_MECHANISM_TYPE type;
    WrappingKeyKind key;
    Parameter parameter;
};

constexpr WrapRow wrap_rows[] = {
    {CKM_AES_KEY_WRAP, WrappingKeyKind::aes, Parameter::none},
    {CKM_AES_KEY_WRAP_PAD, WrappingKeyKind::aes, Parameter::none},
    {CKM_AES_KEY_WRAP_KWP, WrappingKeyKind::aes, Parameter::none},
    {CKM_AES_KEY_WRAP_PKCS7, WrappingKeyKind::aes, Parameter::none},
    {CKM_AES_CBC_PAD, WrappingKeyKind::aes, Parameter::iv_16},
    {CKM_AES_CBC, WrappingKeyKind::aes, Parameter::iv_16},
    {CKM_AES_ECB, WrappingKeyKind::aes, Parameter::none},
    {CKM_AES_GCM, WrappingKeyKind::aes, Parameter::gcm},
    {CKM_DES3_CBC_PAD, WrappingKeyKind::des3, Parameter::iv_8},
    {CKM_DES3_CBC, WrappingKeyKind::des3, Parameter::iv_8},
    {CKM_DES3_ECB, WrappingKeyKind::des3, Parameter::none},
    {CKM_RSA_AES_KEY_WRAP, WrappingKeyKind::rsa, Parameter::rsa_aes},
};

/// PKCS#11 3.0, section 2.1.21: this family wraps secret keys only, a private key does not fit.
constexpr CK_MECHANISM_TYPE secret_keys_only[] = {CKM_RSA_PKCS, CKM_RSA_X_509, CKM_RSA_PKCS_OAEP, CKM_RSA_PKCS_TPM_1_1,
                                                  CKM_RSA_PKCS_OAEP_TPM_1_1};

/// CK_RSA_AES_KEY_WRAP_PARAMS, which p11-kit's header lacks.
struct RsaAesParameters {
    CK_ULONG aes_key_bits;
    CK_RSA_PKCS_OAEP_PARAMS* oaep;
};

/// Owns every form of mechanism parameter; the values do not matter, since nothing is to come of the wrapping.
class WrapMechanism {
public:
    explicit WrapMechanism(const WrapRow& row) {
        // By position, because the names differ between p11-kit 0.24 and 0.25: IV, its length and bits, no AAD, tag
        // bits.
        gcm_ = {iv_.data(), 12, 96, nullptr, 0, 128};
        oaep_.hashAlg = CKM_SHA_1;  // the hash that every token takes here
        oaep_.mgf = CKG_MGF1_SHA1;
        oaep_.source = CKZ_DATA_SPECIFIED;
        mechanism_.mechanism = row.type;
        switch (row.parameter) {
            case Parameter::none:
                break;
            case Parameter::iv_8:
                set(iv_.data(), 8);
                break;
            case Parameter::iv_16:
                set(iv_.data(), iv_.size());
                break;
            case Parameter::gcm:
                set(&gcm_, sizeof gcm_);
                break;
            case Parameter::rsa_aes:
                set(&rsa_aes_, sizeof rsa_aes_);
                break;
        }
    }
    WrapMechanism(const WrapMechanism&) = delete;
    WrapMechanism& operator=(const WrapMechanism&) = delete;

    CK_MECHANISM* get() { return &mechanism_; }

private:
    void set(void* parameter, CK_ULONG size) {
        mechanism_.pParameter = parameter;
        mechanism_.ulParameterLen = size;
    }

    std::array<unsigned char, 16> iv_{};
    CK_GCM_PARAMS gcm_{};
    CK_RSA_PKCS_OAEP_PARAMS oaep_{};
    RsaAesParameters rsa_aes_{256, &oaep_};
    CK_MECHANISM mechanism_{};
};

ProbeVerdict judge(CK_RV value, CK_ULONG size) {
    switch (value) {
        case CKR_KEY_UNEXTRACTABLE:
        case CKR_KEY_NOT_WRAPPABLE:
        case CKR_KEY_FUNCTION_NOT_PERMITTED:
        case CKR_ACTION_PROHIBITED:
            return ProbeVerdict::refused;
        case CKR_OK:
            return size > 0 ? ProbeVerdict::wrapped : ProbeVerdict::inconclusive;
        default:
            return ProbeVerdict::inconclusive;
    }
}

/// A lost session says nothing about the key: it is worth another one. Every other answer is the probe's result, even
/// where the token blames itself; if it is really gone, the next call says so.
bool session_is_gone(const Error& error) {
    const CK_RV value = error.fault->value;
    return value == CKR_SESSION_HANDLE_INVALID || value == CKR_SESSION_CLOSED || value == CKR_USER_NOT_LOGGED_IN;
}

class Probe {
public:
    Probe(Session& session, ObjectHandle target) : session_(session), target_(target), keys_(session) {}

    Result<ProbeOutcome> run() {
        TRY_ASSIGN(const auto offered, session_.token().mechanisms());
        for (const auto type : *offered) TRY(consider(type));
        conclude();
        return std::move(outcome_);
    }

private:
    Status consider(CK_MECHANISM_TYPE type) {
        const MechanismFacts* facts = session_.token().mechanism(type);
        if (facts == nullptr || (facts->flags & CKF_WRAP) == 0) return {};
        const QuirkProfile* quirks = session_.token().state().quirks;
        const std::string name = mechanism_name(type);
        const auto* row = std::find_if(std::begin(wrap_rows), std::end(wrap_rows),
                                       [&](const WrapRow& candidate) { return candidate.type == type; });
        if (quirks != nullptr &&
            std::find(quirks->cannot_wrap.begin(), quirks->cannot_wrap.end(), name) != quirks->cannot_wrap.end())
            outcome_.not_tried.push_back(name + " (claimed, but known not to wrap: profile " + quirks->name + ")");
        else if (std::find(std::begin(secret_keys_only), std::end(secret_keys_only), type) !=
                 std::end(secret_keys_only))
            outcome_.not_tried.push_back(name + " (wraps secret keys only)");
        else if (row == std::end(wrap_rows))
            outcome_.not_tried.push_back(name + " (its parameters are not known here)");
        else
            return attempt(*row);
        return {};
    }

    Status attempt(const WrapRow& row) {
        ProbeAttempt attempt;
        attempt.mechanism = mechanism_name(row.type);
        const auto key = keys_.get(row.key);
        if (!key) {
            if (session_is_gone(key.error())) return key.error();
            attempt.answer = key.error().fault->name;
            inconclusive_ = fmt::format("no key for {} could be made: {}", attempt.mechanism, key.error().what);
            outcome_.attempts.push_back(std::move(attempt));
            return {};
        }
        WrapMechanism mechanism(row);
        Bytes wrapped(wrapped_room);
        CK_ULONG size = wrapped.size();
        const CK_RV value = session_.state().caller().ask(CRYPTOKI(C_WrapKey), session_.state().handle, mechanism.get(),
                                                          *key, target_, wrapped.data(), &size);
        wipe(wrapped.data(), wrapped.size());
        attempt.answer = return_value_name(value);
        attempt.verdict = judge(value, size);
        const Error error = token_error(session_.state().caller().where(), "C_WrapKey", value);
        if (attempt.verdict == ProbeVerdict::inconclusive) {
            if (session_is_gone(error)) return error;
            inconclusive_ = fmt::format("{} was answered with {}", attempt.mechanism, attempt.answer);
        }
        outcome_.attempts.push_back(std::move(attempt));
        return {};
    }

    void conclude() {
        const auto has = [&](ProbeVerdict verdict) {
            return std::any_of(outcome_.attempts.begin(), outcome_.attempts.end(),
                               [&](const ProbeAttempt& attempt) { return attempt.verdict == verdict; });
        };
        if (has(ProbeVerdict::wrapped)) {
            outcome_.verdict = ProbeVerdict::wrapped;
        } else if (has(ProbeVerdict::inconclusive)) {
            outcome_.reason = inconclusive_;
        } else if (outcome_.attempts.empty()) {
            outcome_.reason = "the token offers no wrapping mechanism that could be tried";
        } else {
            outcome_.verdict = ProbeVerdict::refused;
        }
    }

    Session& session_;
    ObjectHandle target_;
    WrappingKeys keys_;
    ProbeOutcome outcome_;
    std::string inconclusive_;
};

}  // namespace

Result<ProbeOutcome> probe_wrap(Session& session, ObjectHandle private_key) {
    return Probe(session, private_key).run();
}

}  // namespace hsmreq::token
