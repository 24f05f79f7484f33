#include "token/shared_object.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "token/call.hpp"
#include "token/fields.hpp"

namespace hsmreq::token {
namespace {

Error not_loaded(std::string what, const std::string& path, std::string hint) {
    Error error;
    error.code = ExitCode::not_found;
    error.what = std::move(what);
    error.where = printable(path);
    error.hint = std::move(hint);
    return error;
}

}  // namespace

SharedObject::~SharedObject() {
    if (handle_ != nullptr) ::dlclose(handle_);
}

SharedObject::SharedObject(SharedObject&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), functions_(std::exchange(other.functions_, nullptr)) {}

SharedObject& SharedObject::operator=(SharedObject&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(functions_, other.functions_);
    return *this;
}

// p11_kit_module_load would do, but follows whatever list the module hands out, a null pointer included.
// RTLD_NODELETE: a run has phases, and each loads the module anew; code that keeps data of its threads, or lets others
// keep its addresses, does not survive being unloaded between them. openCryptoki 3.8 crashes in the second C_Initialize
// of a process, since the libitm that it brings along is unloaded with it.
Result<SharedObject> SharedObject::load(const std::string& path, Watchdog* watchdog) {
    Watchdog::Guard guard(watchdog, printable(path), "C_GetFunctionList");
    SharedObject object(::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE));
    if (object.handle_ == nullptr) {
        const char* reason = ::dlerror();
        return not_loaded("the module can't be loaded" + (reason == nullptr ? "" : ": " + printable(reason)), path,
                          "check that it is a PKCS#11 module for this machine: ldd shows missing libraries");
    }
    TRY(object.read_functions(path));
    return object;
}

Status SharedObject::read_functions(const std::string& path) {
    const auto entry = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(handle_, "C_GetFunctionList"));
    if (entry == nullptr)
        return not_loaded("the file is not a PKCS#11 module: it has no C_GetFunctionList", path,
                          "check the module's path");
    const CK_RV value = entry(&functions_);
    if (value != CKR_OK) return token_error(printable(path), "C_GetFunctionList", value, ExitCode::not_found);
    if (functions_ == nullptr)
        return not_loaded("the module is broken: C_GetFunctionList answers CKR_OK and no list", path, "");
    // Version 1 has another list, so that every call through ours would land in the wrong function.
    if (functions_->version.major != 2 && functions_->version.major != 3)
        return not_loaded(fmt::format("the module speaks Cryptoki {}, not 2 or 3", version_text(functions_->version)),
                          path, "ask the token's vendor for a current module");
    return {};
}

}  // namespace hsmreq::token
