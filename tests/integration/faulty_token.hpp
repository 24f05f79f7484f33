// A fresh SoftHSM token behind the module that misbehaves on demand.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include "base/digest.hpp"
#include "support/softhsm.hpp"
#include "token/key_pair.hpp"
#include "token/module.hpp"

namespace hsmreq::test {

/// What the fault module reads; gone again when the test ends.
class FaultRules {
public:
    explicit FaultRules(const TemporaryFolder& folder) : trace_(folder / "trace") {
        ::setenv("HSMREQ_FAULT_REAL", SoftHsm::module_path, 1);
        ::setenv("HSMREQ_FAULT_TRACE", trace_.c_str(), 1);
        ::unsetenv("HSMREQ_FAULT");
    }
    ~FaultRules() {
        for (const char* name : {"HSMREQ_FAULT_REAL", "HSMREQ_FAULT_TRACE", "HSMREQ_FAULT"}) ::unsetenv(name);
    }
    FaultRules(const FaultRules&) = delete;
    FaultRules& operator=(const FaultRules&) = delete;

    /// Counts as long as the module is not loaded yet.
    static void set(const std::string& rules) { ::setenv("HSMREQ_FAULT", rules.c_str(), 1); }

    /// How often the module was asked for that function.
    [[nodiscard]] long calls(const std::string& function) const {
        std::ifstream trace(trace_);
        long count = 0;
        for (std::string line; std::getline(trace, line);) count += line == function ? 1 : 0;
        return count;
    }

private:
    std::string trace_;
};

/// Opens module, token and session step by step; each step is a Result, so that a test can expect it to fail.
class FaultyToken : public ::testing::Test {
protected:
    void SetUp() override { softhsm_.add_token("rp01"); }

    Status load() {
        auto loaded = token::Module::load({HSMREQ_FAULT_MODULE, true, &watchdog_});
        if (!loaded) return std::move(loaded).error();
        module_ = std::move(*loaded);
        return {};
    }

    Status find(const std::string& text = "pkcs11:token=rp01") {
        session_.reset();
        token_.reset();
        module_.reset();
        if (auto loaded = load(); !loaded) return loaded;
        auto uri = token::Uri::parse(text, token::UriKind::token);
        if (!uri) return std::move(uri).error();
        auto found = module_->find_token(*uri);
        if (!found) return std::move(found).error();
        token_ = std::move(*found);
        return {};
    }

    Status login(const std::string& pin = SoftHsm::pin, bool allow_final_try = false) {
        auto options = login_with(pin);
        options.allow_final_try = allow_final_try;
        const auto done = token_->login(options);
        if (!done) return done.error();
        return {};
    }

    /// All the way to a session, under these rules.
    Status open(const std::string& rules) {
        FaultRules::set(rules);
        if (auto found = find(); !found) return found;
        if (auto done = login(); !done) return done;
        auto opened = token_->open_session();
        if (!opened) return std::move(opened).error();
        session_ = std::move(*opened);
        return {};
    }

    [[nodiscard]] token::KeyTemplate wanted(KeyAlgorithm algorithm = KeyAlgorithm::ec_p256) const {
        token::KeyTemplate result;
        result.algorithm = algorithm;
        result.id = id_;
        result.label = "integration.test";
        return result;
    }

    /// Makes a pair and reads it back.
    Result<token::KeyPair> make(const token::KeyTemplate& wanted) {
        auto pair = token::generate_key_pair(*session_, wanted);
        if (!pair) return pair;
        if (auto read = token::read_key_pair(*session_, wanted, *pair); !read) return std::move(read).error();
        return pair;
    }

    static const token::AttributeClaim* claim(const token::KeyPair& pair, const std::string& object,
                                              const std::string& attribute) {
        const auto found = std::find_if(pair.attributes.begin(), pair.attributes.end(), [&](const auto& entry) {
            return entry.object == object && entry.attribute == attribute;
        });
        return found == pair.attributes.end() ? nullptr : &*found;
    }

    static std::string differing(const token::KeyPair& pair) {
        std::string names;
        for (const auto& entry : pair.attributes)
            if (entry.verdict == token::Verdict::differs) names += entry.object + " " + entry.attribute + ";";
        return names;
    }

    SoftHsm softhsm_;
    FaultRules faults_{softhsm_.folder()};
    token::Watchdog watchdog_{std::chrono::seconds(120), [](const token::CallTimeout&) { std::abort(); }};
    Bytes id_ = digest(Hash::sha256, as_bytes("hsmreq integration"));
    std::unique_ptr<token::Module> module_;
    std::unique_ptr<token::Token> token_;
    std::unique_ptr<token::Session> session_;
};

}  // namespace hsmreq::test
