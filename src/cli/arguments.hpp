// The command line as plain values.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hsmreq/distribute.hpp"
#include "hsmreq/export.hpp"
#include "hsmreq/install.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/retire.hpp"
#include "hsmreq/status.hpp"
#include "hsmreq/trust.hpp"
#include "workflow/init.hpp"
#include "workflow/inspect.hpp"

namespace hsmreq::cli {

enum class Command {
    none,
    init,
    plan,
    request,
    inspect,
    distribute,
    export_key,
    renew,
    retire,
    audit,
    prove,
    install,
    status,
    trust
};

enum class ColorMode { automatic, always, never };

/// How results and errors are shown.
struct OutputFlags {
    bool json = false;
    bool metrics = false;  ///< status: Prometheus' text format
    bool quiet = false;
    bool verbose = false;
    ColorMode color = ColorMode::automatic;
};

struct Arguments {
    Command command = Command::none;
    bool help = false;
    bool version = false;
    OutputFlags output;
    workflow::InspectOptions inspect;  ///< inspect only; the date is in plan
    PlanOptions plan;                  ///< commands that read a farm file
    std::string farm_file;             ///< commands that read a farm file
    RequestOptions request;            ///< commands that open tokens; holds farm_file and plan as well
    RetireOptions retire;              ///< retire only; holds `request`
    ExportOptions exporting;           ///< export only; `run` is a copy of `request`
    std::string token_uri;             ///< audit --token; then there is no farm file
    bool list_rules = false;           ///< inspect only
    workflow::InitOptions init;        ///< init only
    bool no_input = false;             ///< init: ask nothing
    bool interim = false;              ///< prove only
    StatusOptions status;              ///< status only; `run` is a copy of `request`
    TrustOptions trust;                ///< trust only; `run` is a copy of `request`
    InstallOptions install;            ///< install only; `run` is a copy of `request`
    DistributeOptions distribute;      ///< distribute only; `run` is a copy of `request`
};

/// Reads the command line (without the program's name) and refuses what makes no sense before anything is opened.
/// Errors: ExitCode::usage; no text that may be a PIN is repeated.
Result<Arguments> parse_arguments(std::span<const char* const> words);

/// True when --json is among the words: decides how an error of the command line itself is shown.
bool asks_for_json(std::span<const char* const> words);

}  // namespace hsmreq::cli
