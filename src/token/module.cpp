#include "token/module.hpp"

#include "base/digest.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "token/fields.hpp"
#include "token/module_path.hpp"
#include "token/state.hpp"

namespace hsmreq::token {
namespace {

constexpr std::size_t module_size_limit = std::size_t{512} << 20;

Error refused(const ModuleFile& file) {
    Error error;
    error.code = ExitCode::not_found;
    error.what = "the module is refused because somebody else could have changed its code: " + file.objection;
    error.where = printable(file.path);
    error.hint = "correct owner and mode, or pass --trust-module, which is recorded in the evidence";
    return error;
}

/// From name or path to a file that may be loaded, with its hash.
Result<ModuleInfo> choose_file(const ModuleOptions& options) {
    ConfiguredModule configured{.path = options.module, .init_reserved = ""};
    if (options.module.find('/') == std::string::npos) {
        TRY_ASSIGN(configured, find_module(options.module, default_module_folders()));
    }
    TRY_ASSIGN(const ModuleFile file, resolve_module_file(configured.path));
    if (!file.objection.empty() && !options.trust) return refused(file);
    auto content = read_file(file.path, module_size_limit);
    if (!content) {
        content.error().code = ExitCode::not_found;
        return std::move(content).error();
    }
    ModuleInfo info;
    info.path = file.path;
    info.init_reserved = std::move(configured.init_reserved);
    info.sha256 = sha256_hex(*content);
    info.trust_override = file.objection;
    return info;
}

Error not_initialized(const Caller& caller, const ModuleState& state, CK_RV value) {
    Error error = token_error(caller.where(), "C_Initialize", value);
    if (state.info.init_reserved.empty() && value == CKR_ARGUMENTS_BAD)
        error.hint =
            "a module that wants parameters, as NSS' softokn does, gets them from its p11-kit configuration: write a "
            "NAME.module file with a line like x-init-reserved: configdir='sql:FOLDER' and name the module by it";
    return error;
}

/// C_Initialize for a program with threads: sessions are used side by side, so the module must lock (PKCS#11,
/// C_Initialize). A module that somebody else in this process has initialised already is theirs to finalise.
Status initialize(ModuleState& state) {
    const Caller caller(state.functions(), state.watchdog, printable(state.info.path));
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    // p11-kit's rule: reserved is null, but for modules whose configuration says otherwise.
    if (!state.info.init_reserved.empty()) arguments.pReserved = state.info.init_reserved.data();
    const CK_RV value = caller.ask(CRYPTOKI(C_Initialize), static_cast<void*>(&arguments));
    if (value != CKR_OK && value != CKR_CRYPTOKI_ALREADY_INITIALIZED) return not_initialized(caller, state, value);
    state.owned = value == CKR_OK;
    state.info.initialized_here = state.owned;
    return {};
}

Status read_info(ModuleState& state) {
    const Caller caller(state.functions(), state.watchdog, printable(state.info.path));
    CK_INFO info{};
    TRY(caller.require(CRYPTOKI(C_GetInfo), &info));
    state.info.manufacturer = unpadded(info.manufacturerID);
    state.info.description = unpadded(info.libraryDescription);
    state.info.library_version = version_text(info.libraryVersion);
    state.info.cryptoki_version = version_text(info.cryptokiVersion);
    return {};
}

}  // namespace

Module::Module(std::unique_ptr<ModuleState> state) : state_(std::move(state)) {}

Module::~Module() {
    if (!state_->owned) return;
    const Caller caller(state_->functions(), state_->watchdog, printable(state_->info.path));
    caller.ask(CRYPTOKI(C_Finalize), nullptr);
}

Result<std::unique_ptr<Module>> Module::load(const ModuleOptions& options) {
    auto state = std::make_unique<ModuleState>();
    state->watchdog = options.watchdog;
    TRY_ASSIGN(state->info, choose_file(options));
    TRY_ASSIGN(state->code, SharedObject::load(state->info.path, options.watchdog));
    TRY(initialize(*state));
    std::unique_ptr<Module> module(new Module(std::move(state)));
    TRY(read_info(*module->state_));
    return module;
}

const ModuleInfo& Module::info() const {
    return state_->info;
}

}  // namespace hsmreq::token
