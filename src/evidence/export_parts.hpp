// What the document of an export and its evidence have in common.
#pragma once

#include "evidence/json_parts.hpp"
#include "hsmreq/export.hpp"

namespace hsmreq::evidence {

Json exported_certificate(const ExportedCertificate& certificate);

}  // namespace hsmreq::evidence
