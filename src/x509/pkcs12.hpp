// PKCS#12 (RFC 7292): a private key with its certificates under a password, as Windows, Java and OpenSSL read it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/export.hpp"
#include "hsmreq/names.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/secret.hpp"
#include "x509/private_key.hpp"

namespace hsmreq::x509 {

/// What goes into a file beside the private key.
struct PfxContent {
    KeyProtection protection = KeyProtection::aes_256;  ///< none: not a PKCS#12 but a PEM file
    std::string friendly_name;                          ///< UTF-8 within the BMP; "" leaves the attribute out
    std::string windows_provider;                       ///< UTF-8 within the BMP; "" leaves the attribute out
    std::optional<KeyPurpose> key_type;                 ///< KeySpec, attribute 2.5.29.15 of the PKCS#8; RSA alone
    Bytes certificate;                                  ///< DER; its key is the private key's
    std::vector<Bytes> chain;                           ///< DER, from the leaf's issuer upwards
};

/// Whether a password can be carried and is long enough: characters of the BMP (RFC 7292, appendix B.1) in UTF-8
/// without control characters; a warning for what programs encode differently. Errors: ExitCode::login for what can't
/// be carried; ExitCode::rules with policy.weak-password.
struct PasswordJudgement {
    bool short_one = false;  ///< and allowed to be
    bool non_ascii = false;
};
Result<PasswordJudgement> judge_password(const Secret& password, bool allow_weak);

/// The PKCS#12 file, encrypted and authenticated as the protection says. Errors: ExitCode::internal.
Result<Secret> write_pfx(const PfxContent& content, const PrivateKey& key, const Secret& password);

/// Opens the bytes with the password and compares all there is with the content: algorithms and iterations, MAC, the
/// key with the certificate's, attributes, certificates. Errors: ExitCode::verification saying what differs.
Status check_pfx(BytesView file, const PfxContent& content, const Secret& password);

/// PEM in clear: leaf, chain, private key as PKCS#8; what HAProxy takes for `crt`. Errors: ExitCode::internal.
Result<Secret> write_key_pem(const PfxContent& content, const PrivateKey& key);

/// The same for it. Errors: as check_pfx.
Status check_key_pem(BytesView file, const PfxContent& content);

}  // namespace hsmreq::x509
