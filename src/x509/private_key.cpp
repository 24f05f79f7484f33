#include "x509/private_key.hpp"

#include <openssl/rand.h>

#include "base/try.hpp"
#include "x509/certification_request.hpp"

namespace hsmreq::x509 {
namespace {

using CipherContextPtr = Owner<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

constexpr unsigned rsa_bits = 3072;
constexpr int aes_key_size = 32;
constexpr std::size_t block = 8;  // of RFC 3394
constexpr std::size_t smallest_wrapped = 3 * block;
constexpr std::size_t largest_wrapped = 64 * 1024;  // an RSA-16384 key takes less than 10 KiB
constexpr std::size_t locked_heap = 256 * 1024;
constexpr std::size_t locked_block = 64;

/// OpenSSL puts the private numbers of RSA keys there once it is set up. Where memory can't be locked it is still a
/// heap of its own that is wiped; a process has one, so whoever was first decides its size.
void set_up_locked_heap() {
    if (CRYPTO_secure_malloc_initialized() != 1) CRYPTO_secure_malloc_init(locked_heap, locked_block);
}

Error not_verified(const std::string& what) {
    Error error = openssl_error(ExitCode::verification, what);
    error.hint = "nothing was written; the token or its driver gave a wrong answer";
    return error;
}

bool set_oaep(EVP_PKEY_CTX* context, OaepDigest digest) {
    const EVP_MD* hash = digest == OaepDigest::sha256 ? EVP_sha256() : EVP_sha1();
    return EVP_PKEY_decrypt_init(context) == 1 && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_oaep_md(context, hash) == 1 && EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) == 1;
}

bool is_supported(const EVP_PKEY* key) {
    const int kind = EVP_PKEY_get_base_id(key);
    return kind == EVP_PKEY_RSA || kind == EVP_PKEY_EC || kind == EVP_PKEY_ED25519;
}

/// The PrivateKeyInfo at the beginning of the bytes, when nothing but a few zeros follows.
Pkcs8Ptr decode_pkcs8(BytesView der) {
    const unsigned char* position = der.data();
    Pkcs8Ptr info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &position, static_cast<long>(der.size())));
    if (!info) return nullptr;
    const BytesView rest = der.subspan(static_cast<std::size_t>(position - der.data()));
    for (const auto byte : rest)
        if (byte != 0) return nullptr;
    return rest.size() < block ? std::move(info) : nullptr;
}

}  // namespace

Result<TransferPair> TransferPair::make() {
    const ErrorQueue queue;
    set_up_locked_heap();
    KeyPtr key(EVP_RSA_gen(rsa_bits));
    if (!key) return openssl_error(ExitCode::internal, "no RSA key could be made");
    TRY_ASSIGN(auto public_key, decode_public_key(encode_der(i2d_PUBKEY, key.get())));
    return TransferPair(std::move(key), std::move(public_key));
}

Result<Secret> TransferPair::decrypt(BytesView ciphertext, OaepDigest digest) const {
    const ErrorQueue queue;
    const KeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
    if (!context || !set_oaep(context.get(), digest))
        return openssl_error(ExitCode::internal, "RSA-OAEP is not available");
    Secret decrypted(rsa_bits / 8);
    const auto room = decrypted.extend(rsa_bits / 8);
    std::size_t size = room.size();
    if (EVP_PKEY_decrypt(context.get(), room.data(), &size, ciphertext.data(), ciphertext.size()) != 1)
        return not_verified("what the token wrapped can't be decrypted");
    decrypted.truncate(size);
    return decrypted;
}

Result<Secret> make_aes_key() {
    Secret key(aes_key_size);
    if (RAND_priv_bytes(key.extend(aes_key_size).data(), aes_key_size) != 1)
        return openssl_error(ExitCode::internal, "there are no random numbers");
    return key;
}

Result<Secret> unwrap_by_aes(const Secret& key, BytesView wrapped, bool padded) {
    const ErrorQueue queue;
    const char* const wrong = "what the token wrapped is not a key under its AES key";
    const std::size_t smallest = padded ? 2 * block : smallest_wrapped;
    if (key.size() != aes_key_size || wrapped.size() < smallest || wrapped.size() > largest_wrapped ||
        wrapped.size() % block != 0)
        return not_verified(wrong);
    const CipherContextPtr context(EVP_CIPHER_CTX_new());
    if (!context) return openssl_error(ExitCode::internal, "AES key unwrapping is not available");
    EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    const EVP_CIPHER* cipher = padded ? EVP_aes_256_wrap_pad() : EVP_aes_256_wrap();
    if (EVP_DecryptInit_ex(context.get(), cipher, nullptr, key.reveal().data(), nullptr) != 1)
        return openssl_error(ExitCode::internal, "AES key unwrapping is not available");
    Secret unwrapped(wrapped.size() + block);
    const auto room = unwrapped.extend(wrapped.size() + block);
    int size = 0;
    if (EVP_DecryptUpdate(context.get(), room.data(), &size, wrapped.data(), static_cast<int>(wrapped.size())) != 1 ||
        size <= 0)
        return not_verified(wrong);
    unwrapped.truncate(static_cast<std::size_t>(size));
    return unwrapped;
}

Bytes public_key_of(const PKCS8_PRIV_KEY_INFO& key) {
    const KeyPtr loaded(EVP_PKCS82PKEY(&key));
    return loaded && is_supported(loaded.get()) ? encode_der(i2d_PUBKEY, loaded.get()) : Bytes{};
}

Result<PrivateKey> PrivateKey::from_pkcs8(const Secret& der) {
    const ErrorQueue queue;
    set_up_locked_heap();
    const auto info = decode_pkcs8(der.reveal());
    if (!info) return not_verified("what the token wrapped is no private key (PKCS#8)");
    KeyPtr key(EVP_PKCS82PKEY(info.get()));
    if (!key || !is_supported(key.get())) return not_verified("the private key is of no supported kind");
    const KeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    if (!context || EVP_PKEY_pairwise_check(context.get()) != 1)
        return not_verified("the private key's numbers don't belong together");
    Bytes public_key_der = encode_der(i2d_PUBKEY, key.get());
    if (public_key_der.empty()) return openssl_error(ExitCode::internal, "the public key could not be encoded");
    return PrivateKey(std::move(key), std::move(public_key_der));
}

}  // namespace hsmreq::x509
