// Certificate objects: stored with every attribute stated, read back, found.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"
#include "token/key_pair.hpp"

namespace hsmreq::token {

/// CKA_CERTIFICATE_CATEGORY.
enum class CertificateCategory {
    token_user,  ///< the token has its private key
    authority,
};

/// What an X.509 certificate object is to hold; the parts of the certificate in DER (PKCS#11 2.40, section 4.6.3).
struct CertificateTemplate {
    Bytes value;  ///< the whole certificate
    Bytes subject;
    Bytes issuer;
    Bytes serial_number;
    std::chrono::year_month_day start_date;
    std::chrono::year_month_day end_date;
    CertificateCategory category = CertificateCategory::token_user;
    Bytes id;
    std::string label;
};

struct StoredCertificate {
    ObjectHandle object = 0;
    std::vector<std::string> left_out;  ///< attributes that the token did not take: "CKA_START_DATE"
};

/// Stores the certificate, public and not modifiable, and compares what the token gives back. A fixed ladder leaves out
/// what the token refuses: dates, category, CKA_COPYABLE, CKA_MODIFIABLE; never anything else. There must be none with
/// this value under the CKA_ID: on failure every one is removed, also where the token made it in spite of its answer.
/// Errors: ExitCode::token; ExitCode::verification when the token gives back another certificate than it was given.
Result<StoredCertificate> store_certificate(Session& session, const CertificateTemplate& wanted);

/// CKA_VALUE of a certificate object: its DER; empty when the token does not show it. Errors: ExitCode::token.
Result<Bytes> read_certificate(Session& session, ObjectHandle object);

/// One certificate object of the token.
struct HeldCertificate {
    ObjectHandle object = 0;
    Bytes id;
    std::string label;
    Bytes value;  ///< empty when the token does not show it
};

/// Every certificate object whose CKA_SUBJECT that is, under whatever CKA_ID. Errors: ExitCode::token.
Result<std::vector<HeldCertificate>> find_certificates(Session& session, BytesView subject);

}  // namespace hsmreq::token
