#include "workflow/trust_anchor.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "x509/certificate_file.hpp"

namespace hsmreq::workflow {
namespace {

constexpr const char* usual_directory = "/usr/local/share/ca-certificates";
constexpr const char* program = "update-ca-certificates";
constexpr std::size_t hash_digits = 16;  // of 64: a name to tell roots apart, not a proof

/// The program's last line is the one that says what went wrong.
std::string last_line(const std::string& output) {
    const auto end = output.find_last_not_of('\n');
    if (end == std::string::npos) return "it said nothing";
    const auto begin = output.rfind('\n', end);
    return printable(output.substr(begin == std::string::npos ? 0 : begin + 1, end - (begin + 1) + 1));
}

Status update(const std::string& directory) {
    std::vector<std::string> words{program};
    if (directory != usual_directory) words.insert(words.end(), {"--localcertsdir", directory});
    auto ended = run_program(words);
    if (!ended) {
        ended.error().hint =
            "install Debian's package ca-certificates; its program is in /usr/sbin, which has to be in PATH";
        return std::move(ended).error();
    }
    if (ended->status == 0) return {};
    return Error{.code = ExitCode::output,
                 .what = fmt::format("{} ended with {}: {}", program, ended->status, last_line(ended->output)),
                 .where = directory,
                 .hint = "the files are in place: mend what it says and run it again, as root"};
}

}  // namespace

Result<std::vector<std::string>> anchor_roots(const std::string& farm, const std::vector<InternalAuthority>& roots,
                                              const std::string& directory) {
    const std::string place = directory.empty() ? usual_directory : directory;
    auto opened = OutputDirectory::open(place);
    if (!opened) {
        opened.error().hint = "--anchor changes what the whole machine trusts: run it as root";
        return std::move(opened).error();
    }
    std::vector<std::string> files;
    std::vector<StagedFile> staged;
    for (const auto& root : roots) {
        const std::string name =
            fmt::format("hsmreq-{}-{}.crt", farm, root.certificate.der_sha256.substr(0, hash_digits));
        staged.push_back({name, x509::write_certificate_bundle({root.certificate}), 0644, true});
        files.push_back(fmt::format("{}/{}", place, name));
    }
    TRY(publish(*opened, staged));
    TRY(update(place));
    return files;
}

}  // namespace hsmreq::workflow
