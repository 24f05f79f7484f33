#include "workflow/init.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "farm/lync_topology.hpp"
#include "farm/write.hpp"
#include "workflow/init_farm.hpp"

namespace hsmreq::workflow {
namespace {

constexpr std::size_t import_limit = std::size_t{1} << 20;
constexpr std::size_t listed_entries = 50;
constexpr std::size_t listed_value = 120;

Status refuse_existing(const InitOptions& options) {
    if (options.output.ends_with('/'))
        return Error{.code = ExitCode::output,
                     .what = "that names a folder, and the farm file needs a name",
                     .where = options.output,
                     .hint = "Write the name behind it, such as contoso.toml."};
    struct stat found {};
    if (!options.writes_file() || options.replace || ::lstat(options.output.c_str(), &found) != 0) return {};
    return Error{.code = ExitCode::output,
                 .what = "the file exists and is left as it is",
                 .where = options.output,
                 .hint = "Name another file, or give --replace to write over it."};
}

Status refuse_two_stdins(const InitOptions& options) {
    if (options.inf_file != "-" && options.lync_file != "-") return {};
    return Error{.code = ExitCode::usage,
                 .what = "the answers come from standard input, so no file can",
                 .where = {},
                 .hint = "Write it to a file first and name that."};
}

Status import_files(const InitOptions& options, Import& session) {
    if (!options.lync_file.empty()) {
        TRY_ASSIGN(const auto bytes, read_file(options.lync_file, import_limit));
        TRY_ASSIGN(const auto topology, farm::read_lync_topology(bytes, options.lync_file));
        import_lync(topology, options.lync_file, session);
    }
    if (!options.inf_file.empty()) {
        TRY_ASSIGN(const auto bytes, read_file(options.inf_file, import_limit));
        TRY_ASSIGN(const auto inf, inspect_inf(bytes, options.inf_file));
        import_inf(inf, options.inf_file, session);
    }
    return {};
}

std::string shortened(const std::string& value) {
    const auto text = printable(value);
    return text.size() <= listed_value ? text
                                       : text.substr(0, text.rfind(' ', listed_value)).substr(0, listed_value) + "...";
}

/// What is said at the top of the file: where it comes from, and what it could not take along.
std::vector<std::string> preamble(const Import& session, const InitOptions& options) {
    std::vector<std::string> sources;
    for (const auto* file : {&options.inf_file, &options.lync_file})
        if (!file->empty()) sources.push_back(printable(std::filesystem::path(*file).filename().string()));
    std::vector<std::string> lines{
        fmt::format("Written by hsmreq init on {}{}{}.", to_text(today()), sources.empty() ? "" : " from ",
                    join(sources, " and ")),
        "Review it, look at the names with `hsmreq plan`, and keep it under version control."};
    if (session.unplaced.empty()) return lines;
    lines.insert(lines.end(), {"", "Not taken along:"});
    for (std::size_t i = 0; i < session.unplaced.size() && i < listed_entries; ++i) {
        const auto& entry = session.unplaced[i];
        lines.push_back(fmt::format("  {} = {}", printable(entry.name), shortened(entry.value)));
        lines.push_back(fmt::format("    {}", printable(entry.reason)));
    }
    if (session.unplaced.size() > listed_entries)
        lines.push_back(fmt::format("  and {} more", session.unplaced.size() - listed_entries));
    return lines;
}

/// Takes suggestions where nothing was answered.
Status complete(Import& session) {
    auto& answers = session.answers;
    for (const auto& question : init_questions()) {
        TRY(refuse_needless(question, answers));
        if (!applies(question, answers) || answers.is_given(question.key)) continue;
        auto words = suggestion(question, answers);
        if (words.empty() && question.required)
            return Error{.code = ExitCode::usage,
                         .what = fmt::format("there is no answer to \"{}\"", question.title),
                         .where = "--" + std::string(question.key),
                         .hint = fmt::format("Give --{} {}.", question.key, question.value)};
        answers.suggest(question.key, std::move(words));
    }
    return {};
}

/// The answers were checked one by one; what is left is what they make of each other.
Error not_together(Error error) {
    error.code = ExitCode::usage;
    error.what = "the answers don't go together: " + error.what;
    error.where.clear();
    for (auto& other : error.also) other.code = ExitCode::usage;
    return error;
}

}  // namespace

Result<Import> begin_init(const InitOptions& options) {
    TRY(refuse_existing(options));
    TRY(refuse_two_stdins(options));
    Import session;
    TRY(import_files(options, session));
    for (const auto& [key, written] : options.given) {
        TRY_ASSIGN(auto words, interpret(*find_question(key), written));
        session.answers.give(key, std::move(words));
    }
    return session;
}

Result<InitResult> finish_init(Import& session, const InitOptions& options) {
    TRY(complete(session));
    TRY_ASSIGN(const auto farm, make_farm(session.answers, session.sites));
    if (farm.product == Product::generic && !options.lync_file.empty())
        return Error{.code = ExitCode::usage,
                     .what = "a generic farm has no Lync topology",
                     .where = "--from-lync",
                     .hint = "Choose another product, or leave --from-lync out."};
    InitResult result;
    result.text = farm::write_farm({farm, preamble(session, options)});
    const std::string file = options.writes_file() ? options.output : "farm.toml";
    auto parsed = parse_farm(result.text, file);
    if (!parsed) return not_together(std::move(parsed).error());
    result.plan = make_plan(*parsed, {.date = options.date});
    result.findings = session.findings;
    result.findings.insert(result.findings.end(), result.plan.findings.begin(), result.plan.findings.end());
    return result;
}

Status write_init(const InitResult& result, const InitOptions& options) {
    const std::filesystem::path path(options.output);
    const auto folder = path.parent_path().empty() ? std::string(".") : path.parent_path().string();
    TRY_ASSIGN(const auto directory, OutputDirectory::open(folder));
    const auto bytes = as_bytes(result.text);
    StagedFile file{.name = path.filename().string(), .content = Bytes(bytes.begin(), bytes.end())};
    file.replace = options.replace;
    return publish(directory, {file});
}

}  // namespace hsmreq::workflow
