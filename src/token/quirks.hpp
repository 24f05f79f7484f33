// Quirk profiles: what is known to be odd about a token family, as data (hsm-config/*/profile.toml, built in).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hsmreq::token {

struct ModuleInfo;
struct TokenInfo;

/// One family's profile. A quirk never weakens key policy: attributes left out must read back as strict.
struct QuirkProfile {
    std::string name;                           ///< folder name: "softhsm2"
    std::vector<std::string> omit_private;      ///< attributes left out of private key templates
    std::vector<std::string> omit_public;       ///< attributes left out of public key templates
    std::vector<std::string> omit_certificate;  ///< attributes left out of certificate templates
    std::vector<std::string> cannot_wrap;       ///< mechanisms that claim CKF_WRAP and can't wrap a private key
    bool one_session_at_a_time = false;         ///< calls from several sessions of a process disturb one another
    std::vector<std::string> sources;           ///< where each field's fact comes from
};

/// True when the profile (null for none) has the attribute left out of templates of that kind.
bool omits(const QuirkProfile* profile, std::vector<std::string> QuirkProfile::*kind, std::string_view attribute);

/// The profile whose manufacturer, model and library match; null when none does. Static storage.
const QuirkProfile* find_quirk_profile(const ModuleInfo& module, const TokenInfo& token);

}  // namespace hsmreq::token
