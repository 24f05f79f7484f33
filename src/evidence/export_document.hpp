// "hsmreq.export/1".
#pragma once

#include <string>

#include "evidence/json_parts.hpp"
#include "hsmreq/export.hpp"

namespace hsmreq::evidence {

/// The certificate of an export, alike in document and evidence.
Json exported_certificate(const ExportedCertificate& certificate);

/// What `export` prints with --json.
std::string export_document(const ExportSummary& summary);

}  // namespace hsmreq::evidence
