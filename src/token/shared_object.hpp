// The code of a module: loaded from its file, and its list of functions.
#pragma once

#include <string>

#include "hsmreq/result.hpp"
#include "token/cryptoki.hpp"
#include "token/watchdog.hpp"

namespace hsmreq::token {

/// A shared object that offers Cryptoki 2 or 3. Gives it back on destruction, but its code stays in the process until
/// that ends; C_Finalize is the owner's. Move-only.
class SharedObject {
public:
    /// Runs the object's constructors and C_GetFunctionList, so `path` must have been judged safe before. Nothing in
    /// the list has been called. Errors: ExitCode::not_found.
    static Result<SharedObject> load(const std::string& path, Watchdog* watchdog);

    SharedObject() = default;
    ~SharedObject();
    SharedObject(SharedObject&& other) noexcept;
    SharedObject& operator=(SharedObject&& other) noexcept;
    SharedObject(const SharedObject&) = delete;
    SharedObject& operator=(const SharedObject&) = delete;

    /// Never null after load(). A member may be: see Caller.
    [[nodiscard]] CK_FUNCTION_LIST* functions() const { return functions_; }

private:
    explicit SharedObject(void* handle) : handle_(handle) {}
    Status read_functions(const std::string& path);

    void* handle_ = nullptr;
    CK_FUNCTION_LIST* functions_ = nullptr;
};

}  // namespace hsmreq::token
