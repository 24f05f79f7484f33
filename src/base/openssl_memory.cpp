// What OpenSSL allocates by: the C library's heap, with every block overwritten before it goes back.
#include <malloc.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/secret.hpp"

namespace hsmreq {
namespace {

void* allocate(std::size_t size, const char*, int) {
    return size == 0 ? nullptr : std::malloc(size);
}

/// OPENSSL_cleanse would do as well, but it belongs to what is being served here.
void release(void* memory, const char*, int) {
    if (memory == nullptr) return;
    ::explicit_bzero(memory, ::malloc_usable_size(memory));
    std::free(memory);
}

/// Never std::realloc, which leaves the old block as it was when it moves.
void* reallocate(void* memory, std::size_t size, const char* file, int line) {
    if (memory == nullptr) return allocate(size, file, line);
    if (size == 0) {
        release(memory, file, line);
        return nullptr;
    }
    const std::size_t room = ::malloc_usable_size(memory);
    if (size <= room && size >= room / 2) return memory;
    void* moved = std::malloc(size);
    if (moved == nullptr) return nullptr;
    std::memcpy(moved, memory, std::min(size, room));
    release(memory, file, line);
    return moved;
}

}  // namespace

bool wipe_freed_openssl_memory() {
    return CRYPTO_set_mem_functions(allocate, reallocate, release) == 1;
}

}  // namespace hsmreq
