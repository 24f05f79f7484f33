// What a Secret is made of, for the few other places that hold secret bytes for a moment.
#pragma once

#include <cstddef>

#include "hsmreq/secret.hpp"

namespace hsmreq {

/// Overwrites memory in a way the compiler keeps.
void wipe(void* memory, std::size_t size);

/// Overwrites what calls that have returned left on this thread's stack: ciphers keep their last blocks there. Called
/// from no deeper than those calls were made.
void wipe_dead_stack();

}  // namespace hsmreq
