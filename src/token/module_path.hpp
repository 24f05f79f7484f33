// From what the user calls a module to the file that will be loaded, and whether that file may be trusted.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/result.hpp"

namespace hsmreq::token {

/// Where p11-kit's module configuration files lie, the one that wins first, and what relative paths in them start from.
struct ModuleFolders {
    std::vector<std::string> configurations;
    std::string modules;
};

/// p11-kit's own folders: the user's (not for root), the system's, the packages'.
ModuleFolders default_module_folders();

/// What p11-kit's configuration says of one module.
struct ConfiguredModule {
    std::string path;
    std::string init_reserved;  ///< x-init-reserved, for C_Initialize: NSS' softokn does nothing without it; else ""
};

/// What a p11-kit module name stands for. A setting in an earlier folder wins over a later one, as in p11-kit; settings
/// for particular programs (enable-in, disable-in) do not matter, since the module is asked for by name.
/// Errors: ExitCode::not_found with the known names.
Result<ConfiguredModule> find_module(const std::string& name, const ModuleFolders& folders);

struct ModuleFile {
    std::string path;       ///< without symbolic links
    std::string objection;  ///< why its code should not be run; "" when nothing speaks against it
};

/// Follows every link and judges each link, folder and the file itself: owned by root or the caller, not writable for
/// others, not for a group other than root's. Folders with the sticky bit (/tmp) are let pass on the way, but not as
/// the folder that holds the file. Errors: ExitCode::not_found when there is no regular file.
Result<ModuleFile> resolve_module_file(const std::string& path);

}  // namespace hsmreq::token
