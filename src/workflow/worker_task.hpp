// What a worker knows of the item it works on; for the worker's own files.
#pragma once

#include <cstddef>
#include <string>

#include "token/signing.hpp"
#include "workflow/locate_key.hpp"
#include "workflow/worker.hpp"

namespace hsmreq::workflow {

/// One item on its way.
struct Worker::Task {
    std::size_t index;
    const PlanItem& item;
    const RequestPlan& request;
    TokenUse* use = nullptr;
    token::Session* session = nullptr;
    token::SignatureMechanism mechanism{};
    LocatedKey located{};
    Bytes public_key_der{};
    bool starts_over = false;  ///< --replace met files whose key is gone
    RequestItemResult result{};

    token::KeyPair& key() { return *located.key; }
    [[nodiscard]] const token::KeyPair& key() const { return *located.key; }
    [[nodiscard]] std::string where() const;  ///< the file and the token, for errors
};

}  // namespace hsmreq::workflow
