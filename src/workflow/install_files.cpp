#include "workflow/install_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "base/try.hpp"
#include "evidence/envelope.hpp"
#include "workflow/certificate_findings.hpp"
#include "workflow/output_state.hpp"
#include "x509/certificate_file.hpp"
#include "x509/certificate_parts.hpp"

namespace hsmreq::workflow {
namespace {

constexpr std::size_t output_limit = 2 * x509::certificate_file_limit;  // an envelope holds evidence in base64

Error in_the_way(const FilesToPlan& wanted, const std::string& name, const std::string& what) {
    return {.code = ExitCode::output,
            .what = fmt::format("{} exists and {}", name, what),
            .where = wanted.directory.path(),
            .hint = "--replace puts the new certificate in its place"};
}

/// A file that stands under one of our names; nothing when there is none.
struct Standing {
    Bytes content;
    std::vector<CertificateInspection> certificates;  ///< empty when it holds none
};

Result<Bytes> read_output(const OutputDirectory& directory, const std::string& name) {
    auto content = directory.read(name, output_limit);
    if (!content) content.error().code = ExitCode::output;  // it is where an output belongs
    return content;
}

Result<std::optional<Standing>> read_standing(const OutputDirectory& directory, const std::string& name) {
    if (!directory.has(name)) return std::optional<Standing>{};
    auto content = read_output(directory, name);
    if (!content) return std::move(content).error();
    auto certificates = inspect_certificates(*content);
    Standing standing{.content = std::move(*content), .certificates = {}};
    if (certificates) standing.certificates = std::move(*certificates);
    return std::optional(std::move(standing));
}

/// The former leaf must give way of itself: same key, not younger.
Status check_former(const FilesToPlan& wanted, const std::optional<Standing>& former) {
    if (!former || wanted.replace) return {};
    const std::string& name = wanted.names.certificate;
    if (former->certificates.empty()) return in_the_way(wanted, name, "is no certificate");
    const auto& there = former->certificates.front();
    if (there.public_key_der != wanted.leaf.public_key_der)
        return in_the_way(wanted, name, "holds a certificate for another key");
    if (there.not_before > wanted.leaf.not_before)
        return in_the_way(wanted, name,
                          fmt::format("holds a younger certificate, valid from {}", to_text(there.not_before)));
    return {};
}

/// Without STEM.pem they may be the beginning of a run that was cut off, and must look like it.
Status check_companion(const FilesToPlan& wanted, const std::string& name, const Standing& there) {
    if (wanted.replace) return {};
    const bool leads = name == wanted.names.fullchain;
    const bool ours = !there.certificates.empty() &&
                      (leads ? there.certificates.front().public_key_der == wanted.leaf.public_key_der
                             : std::ranges::all_of(there.certificates, [](const auto& one) { return is_ca(one); }));
    return ours ? Status{} : in_the_way(wanted, name, "is not of this key's certificate");
}

/// Copies of what stands there, the leaf's last: once that one is there, a run that was cut off has kept all of it.
Status keep_former(const FilesToPlan& wanted, const CertificateInspection& former, FileChanges& changes) {
    const std::string leaf_copy = former_file(wanted.names.certificate, wanted.names.stem, former.serial);
    changes.former = {.serial = former.serial, .sha256 = former.der_sha256, .file = leaf_copy};
    TRY_ASSIGN(const auto kept, read_standing(wanted.directory, leaf_copy));
    const bool same = kept && !kept->certificates.empty() && kept->certificates.front().der == former.der;
    if (same) return {};
    if (kept && !wanted.replace)
        return in_the_way(wanted, leaf_copy, "is not the former certificate, which is to be kept under that name");
    const InstallFiles& names = wanted.names;
    for (const auto& name :
         {names.chain, names.fullchain, names.evidence, evidence::envelope_name(names.evidence), names.certificate}) {
        if (!wanted.directory.has(name)) continue;
        TRY_ASSIGN(auto content, read_output(wanted.directory, name));
        changes.kept.push_back({former_file(name, names.stem, former.serial), std::move(content), 0644, true});
    }
    return {};
}

void add(Bytes& file, const Bytes& der) {
    const Bytes pem = x509::certificate_to_pem(der);
    file.insert(file.end(), pem.begin(), pem.end());
}

std::vector<std::pair<std::string, Bytes>> contents_of(const FilesToPlan& wanted) {
    Bytes leaf;
    add(leaf, wanted.leaf.der);
    Bytes chain;
    for (const auto& der : wanted.intermediates) add(chain, der);
    Bytes fullchain = leaf;
    fullchain.insert(fullchain.end(), chain.begin(), chain.end());
    std::vector<std::pair<std::string, Bytes>> contents{{wanted.names.certificate, std::move(leaf)},
                                                        {wanted.names.fullchain, std::move(fullchain)}};
    if (!chain.empty()) contents.emplace_back(wanted.names.chain, std::move(chain));
    return contents;
}

}  // namespace

InstallFiles install_files(const RequestPlan& request, const KeyIdentity& identity, const std::string& copy_of) {
    const std::string stem = file_stem(request, identity);
    const std::string member = copy_of.empty() ? "" : "." + copy_of;
    return {.stem = stem,
            .certificate = stem + ".pem",
            .chain = stem + ".chain.pem",
            .fullchain = stem + ".fullchain.pem",
            .evidence = stem + member + ".install.evidence.json"};
}

Result<FileChanges> plan_files(const FilesToPlan& wanted) {
    FileChanges changes;
    changes.contents = contents_of(wanted);
    TRY_ASSIGN(const auto former, read_standing(wanted.directory, wanted.names.certificate));
    TRY(check_former(wanted, former));
    const bool gives_way =
        former && !former->certificates.empty() && former->certificates.front().der != wanted.leaf.der;
    if (gives_way) TRY(keep_former(wanted, former->certificates.front(), changes));
    // Backwards: the leaf's file comes last.
    for (auto file = changes.contents.rbegin(); file != changes.contents.rend(); ++file) {
        TRY_ASSIGN(const auto there, read_standing(wanted.directory, file->first));
        if (there && there->content == file->second) continue;
        if (there && !former) TRY(check_companion(wanted, file->first, *there));
        changes.written.push_back({file->first, file->second, 0644, true});
    }
    if (wanted.intermediates.empty()) {
        TRY_ASSIGN(const auto there, read_standing(wanted.directory, wanted.names.chain));
        if (there && !former) TRY(check_companion(wanted, wanted.names.chain, *there));
        changes.removes_chain = there.has_value();
    }
    return changes;
}

Status write_files(const FilesToWrite& wanted, StatementFile statement) {
    const FileChanges& changes = wanted.changes;
    std::vector<StagedFile> files = changes.kept;
    // An envelope that is to go without another in its place is kept first: a run that is cut off would not find it.
    if (wanted.signer.key == nullptr && !files.empty() &&
        wanted.directory.has(evidence::envelope_name(statement.name))) {
        TRY(publish(wanted.directory, files));
        files.clear();
    }
    TRY_ASSIGN(const auto record, evidence_files(wanted.signer, std::move(statement), wanted.directory));
    const bool leaf_last = !changes.written.empty() && changes.written.back().name == wanted.names.certificate;
    files.insert(files.end(), changes.written.begin(), changes.written.end());
    files.insert(leaf_last ? files.end() - 1 : files.end(), record.begin(), record.end());
    TRY(publish(wanted.directory, files));
    return changes.removes_chain ? wanted.directory.remove(wanted.names.chain) : Status{};
}

}  // namespace hsmreq::workflow
