#include <fmt/format.h>

#include "base/text.hpp"
#include "hsmreq/export.hpp"

namespace hsmreq {

std::vector<std::string> security_note(const ExportOptions& options) {
    const auto& target = facts(options.target);
    std::vector<std::string> note{
        fmt::format("You are about to take the private key of {} out of its token, into a file for {}.",
                    printable(options.request), target.title),
        "Whoever gets the file and opens it can pose as every server of this certificate, and nobody can tell.",
        "A file can be copied without a trace. What happens to this one is no longer the token's doing.",
    };
    if (target.protection == KeyProtection::none)
        note.emplace_back("The file is not encrypted: only its mode 0600 keeps others from reading the key.");
    else
        note.emplace_back("The password is all that protects it: send it on another way than the file.");
    note.emplace_back(
        "Delete the file everywhere once it is imported, and import it where it can't be exported again. If a copy "
        "gets out, have the certificate revoked and make a new key.");
    return note;
}

}  // namespace hsmreq
