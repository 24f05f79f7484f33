// What `install` writes beside the request, and what becomes of what is there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "evidence/installation.hpp"
#include "hsmreq/bytes.hpp"
#include "hsmreq/inspect.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"
#include "workflow/evidence_key.hpp"

namespace hsmreq::workflow {

/// The names of one generation's files.
struct InstallFiles {
    std::string stem;
    std::string certificate;  ///< STEM.pem: the leaf
    std::string chain;        ///< STEM.chain.pem: the intermediates, from the leaf's issuer upwards
    std::string fullchain;    ///< STEM.fullchain.pem: both
    std::string evidence;     ///< STEM.install.evidence.json, with the member's name in a run for a copy alone
};
/// `copy_of` is the member whose copy the run is for, "" when the key's own token is among its tokens.
InstallFiles install_files(const RequestPlan& request, const KeyIdentity& identity, const std::string& copy_of);

/// What is to be written, decided before anything is.
struct FileChanges {
    std::vector<StagedFile> kept;     ///< copies of the former files: STEM.SERIAL.pem and the like
    std::vector<StagedFile> written;  ///< what differs; STEM.pem, which the others belong to, last
    bool removes_chain = false;       ///< there are no intermediates any more
    std::optional<evidence::FormerCertificate> former;
    std::vector<std::pair<std::string, Bytes>> contents;  ///< every file as it will be, the leaf's first

    [[nodiscard]] bool any() const { return !written.empty() || removes_chain; }
};

struct FilesToPlan {
    const OutputDirectory& directory;
    const InstallFiles& names;
    const CertificateInspection& leaf;
    const std::vector<Bytes>& intermediates;  ///< DER
    bool replace = false;                     ///< --replace
};

/// A former certificate of the same key gives way unless it is the younger one. Errors: ExitCode::output for a file
/// that may be replaced by --replace only: a younger certificate, another key's, one that is none of ours.
Result<FileChanges> plan_files(const FilesToPlan& wanted);

struct FilesToWrite {
    OutputDirectory& directory;
    const InstallFiles& names;
    const FileChanges& changes;
    const EvidenceSigner& signer;
};

/// Writes it all with the statement and, where it is to be signed, the envelope over it: whole or not at all. Errors:
/// ExitCode::output; those of EvidenceKey::sign, before anything is written.
Status write_files(const FilesToWrite& wanted, StatementFile statement);

}  // namespace hsmreq::workflow
