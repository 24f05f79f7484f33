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

/// Copies are made where two owners must each wipe their own, and nowhere by accident. `room` bytes more fit in.
Secret copy(const Secret& secret, std::size_t room = 0);

}  // namespace hsmreq
