// SoftHSM 2.6.1 leaks an ASN1_STRING at each C_SignInit with an Ed25519 key. That is told apart from leaks of ours by its
// caller, which takes the slow unwinder and a module that is still loaded when leaks are looked for.
#if defined(__SANITIZE_ADDRESS__)
#include <dlfcn.h>
#include <gtest/gtest.h>

#include "support/softhsm.hpp"

extern "C" const char* __asan_default_options() {
    return "fast_unwind_on_malloc=0";
}

extern "C" const char* __lsan_default_suppressions() {
    return "leak:libsofthsm2.so\n";
}

namespace {

class KeepModuleLoaded : public testing::Environment {
public:
    void SetUp() override {
        ASSERT_NE(::dlopen(hsmreq::test::SoftHsm::module_path, RTLD_NOW | RTLD_NODELETE), nullptr);
    }
};

[[maybe_unused]] const auto* const keep = testing::AddGlobalTestEnvironment(new KeepModuleLoaded);

}  // namespace
#endif
