// hsmreq: arguments in, a command run, its code out.
#include <fmt/format.h>

#include <new>
#include <span>

#include "base/text.hpp"
#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/report.hpp"
#include "cli/signals.hpp"
#include "cli/terminal.hpp"
#include "cli/usage.hpp"
#include "evidence/documents.hpp"
#include "hsmreq/secret.hpp"

namespace hsmreq::cli {
namespace {

std::string interruption_words(const OutputFlags& flags) {
    const Error error{.code = ExitCode::interrupted, .what = "interrupted"};
    return flags.json ? evidence::error_document(error) : error_text(error, Style());
}

ExitCode run(std::span<const char* const> words) {
    auto arguments = parse_arguments(words);
    if (!arguments) {
        const ExitCode code = arguments.error().code;
        return finish({.output = {}, .errors = {std::move(arguments).error()}, .code = code},
                      {.json = asks_for_json(words)});
    }
    if (arguments->help) return finish({.output = help_text(arguments->command), .errors = {}}, arguments->output);
    if (arguments->version) return finish({.output = "hsmreq " HSMREQ_VERSION "\n", .errors = {}}, arguments->output);
    // Those that change a token or its output directory end at a safe point instead; see run_request.
    const bool ends_safely = arguments->command == Command::request || arguments->command == Command::renew ||
                             arguments->command == Command::retire || arguments->command == Command::distribute ||
                             arguments->command == Command::prove || arguments->command == Command::install ||
                             arguments->command == Command::export_key;
    if (!ends_safely) end_on_interruption(interruption_words(arguments->output));
    switch (arguments->command) {
        case Command::init:
            return run_init(*arguments);
        case Command::plan:
            return run_plan(*arguments);
        case Command::request:
        case Command::renew:
            return run_request(*arguments);
        case Command::inspect:
            return run_inspect(*arguments);
        case Command::distribute:
            return run_distribute(*arguments);
        case Command::install:
            return run_install(*arguments);
        case Command::export_key:
            return run_export(*arguments);
        case Command::prove:
            return run_prove(*arguments);
        case Command::retire:
            return run_retire(*arguments);
        case Command::audit:
            return run_audit(*arguments);
        case Command::status:
            return run_status(*arguments);
        case Command::trust:
            return run_trust(*arguments);
        case Command::none:
            break;
    }
    return ExitCode::internal;
}

/// For failures that no Result describes; needs no memory but the stack's.
ExitCode report_internal(bool json, const char* what) {
    write_stderr(json ? "{\"error\": {\"code\": 70, \"message\": \"" : "hsmreq: error: ");
    write_stderr(what);
    write_stderr(json ? "\", \"hint\": null, \"function\": null, \"rv\": null, \"finding\": null, \"also\": []}}\n"
                      : "\n");
    return ExitCode::internal;
}

}  // namespace
}  // namespace hsmreq::cli

int main(int argc, char** argv) {
    using namespace hsmreq;
    const std::span<const char* const> words(argv + (argc > 0 ? 1 : 0),
                                             argc > 0 ? static_cast<std::size_t>(argc - 1) : 0);
    cli::keep_standard_descriptors();
    cli::ignore_broken_pipes();
    wipe_freed_openssl_memory();  // nothing has used OpenSSL yet
    const bool json = cli::asks_for_json(words);
    ExitCode code = ExitCode::internal;
    try {
        // Outlives every PIN.
        const ProcessGuard guard;
        code = cli::run(words);
    } catch (const std::bad_alloc&) {
        code = cli::report_internal(json, "out of memory");
    } catch (...) {
        code = cli::report_internal(json, "internal error; please report it with the command line that led to it");
    }
    return static_cast<int>(code);
}
