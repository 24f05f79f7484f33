// A certreq file's meaning, section by section.
#include "farm/inf.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "farm/inf_draft.hpp"

namespace hsmreq::farm {
namespace {

constexpr std::size_t inf_limit = std::size_t{1} << 20;

void skip(InfDraft&, const InfEntry&) {}

struct SectionReader {
    std::string_view section;
    void (*read)(InfDraft&, const InfEntry&);
};
constexpr std::array<SectionReader, 5> sections{{
    {"version", skip},
    {"newrequest", read_new_request},
    {"extensions", read_extension},
    {"enhancedkeyusageextension", read_extended_key_usage_entry},
    {"requestattributes", read_request_attribute},
}};

/// [NewRequest] without a subject is a request too; a file without [NewRequest] is none of certreq's.
Status check_is_certreq(const std::vector<InfEntry>& entries, const std::string& file) {
    if (std::ranges::find(entries, "newrequest", &InfEntry::section) != entries.end()) return {};
    return Error{.code = ExitCode::input,
                 .what = "there is nothing in [NewRequest], so this is no certreq policy file",
                 .where = file,
                 .hint =
                     "Name the .inf file that certreq -new was given; a request (.csr, .req) is read by "
                     "hsmreq inspect."};
}

struct AlgorithmWord {
    std::string_view word;
    unsigned length;  ///< 0 for any
    KeyAlgorithm algorithm;
};
/// The ECDH names, too: Windows makes TLS keys under either.
constexpr std::array<AlgorithmWord, 12> algorithm_words{{
    {"rsa", 2048, KeyAlgorithm::rsa_2048},
    {"rsa", 3072, KeyAlgorithm::rsa_3072},
    {"rsa", 4096, KeyAlgorithm::rsa_4096},
    {"ecdsa_p256", 0, KeyAlgorithm::ec_p256},
    {"ecdsa_p384", 0, KeyAlgorithm::ec_p384},
    {"ecdsa_p521", 0, KeyAlgorithm::ec_p521},
    {"ecdh_p256", 0, KeyAlgorithm::ec_p256},
    {"ecdh_p384", 0, KeyAlgorithm::ec_p384},
    {"ecdh_p521", 0, KeyAlgorithm::ec_p521},
    {"ecdsa", 256, KeyAlgorithm::ec_p256},
    {"ecdsa", 384, KeyAlgorithm::ec_p384},
    {"ecdsa", 521, KeyAlgorithm::ec_p521},
}};

void settle_algorithm(InfDraft& draft) {
    const std::string word = draft.key_algorithm.empty() ? "rsa" : draft.key_algorithm;
    // certreq's default length is the provider's; RSA providers take 2048 since Windows 8.
    const unsigned length = draft.key_length == 0 && word == "rsa" ? 2048 : draft.key_length;
    for (const auto& row : algorithm_words)
        if (row.word == word && (row.length == 0 || row.length == length)) draft.result.algorithm = row.algorithm;
    if (draft.result.algorithm) return;
    draft.result.unplaced.push_back({draft.key_where, "[NewRequest] KeyAlgorithm, KeyLength",
                                     word + (length == 0 ? "" : " of " + std::to_string(length) + " bits"),
                                     "Keys are rsa-2048, rsa-3072, rsa-4096, ec-p256, ec-p384, ec-p521 or ed25519."});
}

void read_entries(InfDraft& draft, const std::vector<InfEntry>& entries) {
    NameFlags flags;
    for (const auto& entry : entries)
        if (entry.section == "newrequest" && entry.name == "x500nameflags") flags = name_flags(entry.value());
    for (const auto& entry : entries) {
        if (entry.section == "newrequest" && entry.name == "subject") read_subject(draft, entry, flags);
        const auto* const section = std::ranges::find(sections, entry.section, &SectionReader::section);
        if (section == sections.end())
            draft.leave_out(entry, "The section has no place in a farm file.");
        else
            section->read(draft, entry);
    }
}

/// Values may be shown and written into a farm file, so they are single lines of text.
Status check_plain(const std::vector<InfEntry>& entries, const std::string& file) {
    for (const auto& entry : entries)
        for (const char c : entry.key + entry.value())
            if ((c >= 0 && c < 0x20 && c != '\t') || c == 0x7f)
                return Error{.code = ExitCode::input,
                             .what = "a control character",
                             .where = file + ':' + std::to_string(entry.line),
                             .hint = "Is it a text file?"};
    return {};
}

}  // namespace

void InfDraft::leave_out(const InfEntry& entry, std::string value, std::string reason) {
    const bool secret = entry.name.find("password") != std::string::npos || entry.name.find("pin") == 0;
    result.unplaced.push_back({where(entry), '[' + entry.title + "] " + entry.key,
                               secret ? "(not shown)" : std::move(value), std::move(reason)});
}

void InfDraft::leave_out(const InfEntry& entry, std::string reason) {
    leave_out(entry, entry.value(), std::move(reason));
}

Result<InfInspection> read_inf(BytesView bytes, const std::string& file) {
    if (bytes.size() > inf_limit)
        return Error{.code = ExitCode::input, .what = "larger than 1 MiB", .where = file, .hint = "Is it an INF file?"};
    auto decoded = decode_text(bytes);
    if (!decoded) {
        decoded.error().where = file;
        return std::move(decoded).error();
    }
    TRY_ASSIGN(const auto entries, parse_inf(decoded->text, file));
    TRY(check_is_certreq(entries, file));
    TRY(check_plain(entries, file));
    InfDraft draft;
    draft.file = file;
    draft.result.encoding = decoded->encoding;
    read_entries(draft, entries);
    settle_algorithm(draft);
    draft.result.findings = inf_findings(draft);
    return std::move(draft.result);
}

}  // namespace hsmreq::farm
