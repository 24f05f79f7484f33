// The record of a certificate's installation.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "evidence/evidence.hpp"
#include "hsmreq/bytes.hpp"
#include "hsmreq/install.hpp"

namespace hsmreq::evidence {

/// The certificate that gave way.
struct FormerCertificate {
    std::string serial;
    std::string sha256;
    std::string file;  ///< its name from now on; "" when only a token had it
};

/// What the Record of an installation does not say; the Record is about the key in the first of the tokens.
struct InstallRecord {
    GivenCertificate certificate;
    std::vector<GivenCertificate> chain;
    std::string root;
    std::vector<InstalledToken> tokens;
    std::optional<FormerCertificate> former;
    std::vector<std::pair<std::string, Bytes>> files;  ///< name and content; the leaf's first
};

/// The statement of an installation: its subjects are the files and the public key.
Bytes to_json(const Record& record, const InstallRecord& installation);

/// SHA-256 of the certificate that the evidence is about. Nothing when the bytes are no such evidence of ours.
std::optional<std::string> read_install_evidence(BytesView json);

}  // namespace hsmreq::evidence
