#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>

#include "base/file.hpp"
#include "base/text.hpp"
#include "token/module_path.hpp"

namespace hsmreq::token {
namespace {

constexpr std::size_t configuration_limit = 64 * 1024;
constexpr std::string_view suffix = ".module";

std::string_view trim(std::string_view text) {
    constexpr std::string_view blank = " \t\r";
    const auto begin = text.find_first_not_of(blank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

/// The value of one setting in a file of "name: value" lines with # comments (pkcs11.conf(5)).
std::optional<std::string> setting(std::string_view text, std::string_view wanted) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = trim(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const auto colon = line.find(':');
        if (line.starts_with('#') || colon == std::string_view::npos || trim(line.substr(0, colon)) != wanted) continue;
        const auto value = trim(line.substr(colon + 1));
        if (!value.empty()) return std::string(value);
    }
    return std::nullopt;
}

std::set<std::string> known_names(const ModuleFolders& folders) {
    std::set<std::string> names;
    for (const auto& folder : folders.configurations) {
        std::error_code ignored;
        for (std::filesystem::directory_iterator entry(folder, ignored), end; !ignored && entry != end;
             entry.increment(ignored)) {
            const std::string file = entry->path().filename();
            if (file.ends_with(suffix)) names.insert(file.substr(0, file.size() - suffix.size()));
        }
    }
    return names;
}

Error unknown_name(const std::string& name, const ModuleFolders& folders) {
    const auto names = known_names(folders);
    const std::vector<std::string_view> views(names.begin(), names.end());
    const std::string near = nearest(name, views);
    std::string hint;
    if (!near.empty()) hint = fmt::format("did you mean \"{}\"? ", printable(near));
    hint += names.empty() ? "p11-kit has no module configured"
                          : fmt::format("configured are {}", printable(join({names.begin(), names.end()}, ", ")));
    Error error;
    error.code = ExitCode::not_found;
    error.what = "p11-kit knows no module of this name";
    error.where = printable(name);
    error.hint = hint + "; a path to the module's file works too";
    return error;
}

}  // namespace

ModuleFolders default_module_folders() {
    ModuleFolders folders;
    if (::geteuid() != 0) {
        const char* config = std::getenv("XDG_CONFIG_HOME");
        const char* home = std::getenv("HOME");
        if (config != nullptr && *config == '/')
            folders.configurations.push_back(std::string(config) + "/pkcs11/modules");
        else if (home != nullptr && *home == '/')
            folders.configurations.push_back(std::string(home) + "/.config/pkcs11/modules");
    }
    // Debian's pkg-config file names the packages' folder in place of the administrator's, so that one is stated.
    for (const std::string folder : {"/etc/pkcs11/modules", P11KIT_SYSTEM_MODULE_CONFIGS, P11KIT_MODULE_CONFIGS})
        if (std::find(folders.configurations.begin(), folders.configurations.end(), folder) ==
            folders.configurations.end())
            folders.configurations.push_back(folder);
    folders.modules = P11KIT_MODULE_PATH;
    return folders;
}

Result<ConfiguredModule> find_module(const std::string& name, const ModuleFolders& folders) {
    if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos) return unknown_name(name, folders);
    std::optional<std::string> path;
    std::optional<std::string> init_reserved;
    bool remote = false;
    for (const auto& folder : folders.configurations) {
        const auto text = read_file(folder + "/" + name + std::string(suffix), configuration_limit);
        if (!text) continue;
        if (!path) path = setting(as_text(*text), "module");
        if (!init_reserved) init_reserved = setting(as_text(*text), "x-init-reserved");
        remote = remote || setting(as_text(*text), "remote").has_value();
    }
    if (path)
        return ConfiguredModule{path->front() == '/' ? *path : folders.modules + "/" + *path,
                                init_reserved.value_or("")};
    if (!remote) return unknown_name(name, folders);
    Error error;
    error.code = ExitCode::not_found;
    error.what = "this p11-kit module is a remote one, which p11-kit starts itself";
    error.where = printable(name);
    error.hint = "run p11-kit server, set P11_KIT_SERVER_ADDRESS and use p11-kit-client.so as the module";
    return error;
}

}  // namespace hsmreq::token
