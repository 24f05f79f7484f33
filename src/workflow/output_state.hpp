// What an output directory already holds for an item.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "evidence/evidence.hpp"
#include "hsmreq/inspect.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::workflow {

/// What is read of a statement or record of ours.
constexpr std::size_t evidence_limit = std::size_t{1} << 20;

/// The names of an item's files for one generation.
struct ItemFiles {
    std::string csr;        ///< STEM.csr or STEM.p10, by the file format
    std::string other_csr;  ///< the name the other file format would have; the two never stand side by side
    std::string evidence;
    std::string envelope;     ///< over the evidence, where that is signed
    std::string certificate;  ///< the leaf, as the CA issued it
};
ItemFiles item_files(const RequestPlan& request, const KeyIdentity& identity);

/// The name under which a file of a stem is kept for a former certificate: "web.rp01.chain.pem" becomes
/// "web.rp01.4001.chain.pem".
std::string former_file(const std::string& name, const std::string& stem, const std::string& serial);

/// An item's published state as found on disk.
struct PublishedItem {
    bool csr_exists = false;
    bool other_csr_exists = false;
    Bytes csr_content;
    std::optional<RequestInspection> csr;  ///< absent when there is none or it can't be parsed
    std::string csr_problem;               ///< why it can't be parsed
    bool evidence_exists = false;
    Bytes evidence_content;
    std::optional<evidence::EvidenceSummary> evidence;  ///< absent when there is none or it is not ours

    /// True when a key was promised by what lies here.
    [[nodiscard]] bool any() const { return csr_exists || other_csr_exists || evidence_exists; }
};
PublishedItem read_published(const OutputDirectory& directory, const ItemFiles& files);

/// Refuses when a former summary in the directory has items that the plan no longer has: changed names are changed
/// keys. Errors: ExitCode::rules with key.renamed-or-dropped; ExitCode::output when the summary is not one.
Status check_former_summary(const OutputDirectory& directory, const std::string& name, const Plan& plan);

}  // namespace hsmreq::workflow
