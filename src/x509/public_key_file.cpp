#include "x509/public_key_file.hpp"

#include <openssl/pem.h>

#include "x509/openssl.hpp"

namespace hsmreq::x509 {
namespace {

Error not_a_public_key() {
    return {.code = ExitCode::input,
            .what = "the file holds no public key",
            .hint = "a file of `hsmreq distribute offer` is expected: BEGIN PUBLIC KEY"};
}

Bytes content_of(BIO* output) {
    BUF_MEM* memory = nullptr;
    BIO_get_mem_ptr(output, &memory);
    return memory == nullptr ? Bytes{} : Bytes(memory->data, memory->data + memory->length);
}

KeyPtr from_pem(BytesView file) {
    const OutputPtr input(BIO_new_mem_buf(file.data(), static_cast<int>(file.size())));
    return input ? KeyPtr(PEM_read_bio_PUBKEY(input.get(), nullptr, nullptr, nullptr)) : nullptr;
}

}  // namespace

Bytes public_key_to_pem(BytesView public_key_der) {
    const ErrorQueue queue;
    const auto key = decode_der<KeyPtr>(d2i_PUBKEY, public_key_der);
    const OutputPtr output(BIO_new(BIO_s_mem()));
    if (!key || !output || PEM_write_bio_PUBKEY(output.get(), key.get()) != 1) return {};
    return content_of(output.get());
}

Result<Bytes> read_public_key_file(BytesView file) {
    const ErrorQueue queue;
    if (file.empty()) return not_a_public_key();
    KeyPtr key = from_pem(file);
    if (!key) key = decode_der<KeyPtr>(d2i_PUBKEY, file);
    if (!key) return not_a_public_key();
    Bytes der = encode_der(i2d_PUBKEY, key.get());
    if (der.empty()) return not_a_public_key();
    return der;
}

}  // namespace hsmreq::x509
