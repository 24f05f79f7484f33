#include "x509/tls_handshake.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <string_view>

#include "base/text.hpp"
#include "base/try.hpp"
#include "x509/extensions.hpp"

namespace hsmreq::x509 {
namespace {

using ContextPtr = Owner<SSL_CTX, SSL_CTX_free>;
using ConnectionPtr = Owner<SSL, SSL_free>;

// What browsers do: the common name counts for nothing, and a wildcard stands for a whole label.
constexpr unsigned host_flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
constexpr const char* forward_secret = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* without_pss = "RSA+SHA256:RSA+SHA384:RSA+SHA512:ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519";
// More flights than any handshake has.
constexpr int most_turns = 32;

struct SignatureName {
    int type;
    int hash;
    std::string_view name;
};

// RFC 8446, section 4.2.3; TLS 1.2 writes the same numbers.
constexpr SignatureName signature_names[] = {
    {NID_rsaEncryption, NID_sha256, "rsa_pkcs1_sha256"},
    {NID_rsaEncryption, NID_sha384, "rsa_pkcs1_sha384"},
    {NID_rsaEncryption, NID_sha512, "rsa_pkcs1_sha512"},
    {NID_rsassaPss, NID_sha256, "rsa_pss_rsae_sha256"},
    {NID_rsassaPss, NID_sha384, "rsa_pss_rsae_sha384"},
    {NID_rsassaPss, NID_sha512, "rsa_pss_rsae_sha512"},
    {NID_X9_62_id_ecPublicKey, NID_sha256, "ecdsa_secp256r1_sha256"},
    {NID_X9_62_id_ecPublicKey, NID_sha384, "ecdsa_secp384r1_sha384"},
    {NID_X9_62_id_ecPublicKey, NID_sha512, "ecdsa_secp521r1_sha512"},
    {NID_ED25519, NID_undef, "ed25519"},
};

int number_of(TlsVersion version) {
    return version == TlsVersion::tls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

/// The host that a client would ask for: no one asks for a wildcard.
std::string host_under(const std::string& name) {
    return name.starts_with("*.") ? "any-host" + name.substr(1) : name;
}

bool is_for(X509& leaf, const std::string& name) {
    if (name.find('\0') != std::string::npos) return false;
    if (const auto address = address_octets(name))
        return X509_check_ip(&leaf, address->data(), address->size(), 0) == 1;
    const std::string host = host_under(name);
    return X509_check_host(&leaf, host.data(), host.size(), host_flags, nullptr) == 1;
}

class Handshake {
public:
    explicit Handshake(const HandshakeInput& input) : input_(input) {}

    Result<HandshakeFacts> run() {
        TRY(prepare_server());
        TRY(prepare_client());
        TRY(connect());
        for (int turn = 0; turn < most_turns && !(server_done_ && client_done_); ++turn) {
            // The client first: it begins, and its verdict comes before the server hears of it.
            TRY(step_client());
            TRY(step_server());
        }
        if (!server_done_ || !client_done_) return refuse("it never came to an end");
        return facts();
    }

private:
    [[nodiscard]] Error refuse(const std::string& why) const {
        return {.code = ExitCode::verification,
                .what = fmt::format("the {} handshake failed: {}", to_text(input_.version), why)};
    }

    /// In the words of OpenSSL's error queue: of its last entry, which is TLS' own, for those before it are arithmetic.
    [[nodiscard]] Error failed(const std::string& what) const {
        const char* reason = ERR_reason_error_string(ERR_peek_last_error());
        ERR_clear_error();
        return refuse(reason == nullptr ? what : fmt::format("{}: {}", what, reason));
    }

    Status prepare_context(SSL_CTX* context) const {
        const int version = number_of(input_.version);
        if (context != nullptr && SSL_CTX_set_min_proto_version(context, version) == 1 &&
            SSL_CTX_set_max_proto_version(context, version) == 1 &&
            SSL_CTX_set_cipher_list(context, forward_secret) == 1)
            return {};
        return openssl_error(ExitCode::internal, "OpenSSL can't set TLS up");
    }

    Status prepare_server() {
        server_context_.reset(SSL_CTX_new(TLS_server_method()));
        SSL_CTX* context = server_context_.get();
        TRY(prepare_context(context));
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_num_tickets(context, 0);
        for (const Bytes& der : input_.certificates) {
            const auto certificate = decode_der<CertificatePtr>(d2i_X509, der);
            const bool is_leaf = &der == &input_.certificates.front();
            const long taken = !certificate ? 0
                               : is_leaf    ? SSL_CTX_use_certificate(context, certificate.get())
                                            : SSL_CTX_add1_chain_cert(context, certificate.get());
            if (taken != 1) return failed("the server can't use the certificate");
        }
        X509* leaf = SSL_CTX_get0_certificate(context);
        if (leaf == nullptr) return refuse("there is no certificate");
        if (EVP_PKEY_eq(X509_get0_pubkey(leaf), input_.key.key) != 1)
            return refuse("the certificate's public key is not that of the private key");
        if (SSL_CTX_use_PrivateKey(context, input_.key.key) != 1) return failed("the server can't use the key");
        return {};
    }

    Status prepare_client() {
        client_context_.reset(SSL_CTX_new(TLS_client_method()));
        SSL_CTX* context = client_context_.get();
        TRY(prepare_context(context));
        SSL_CTX_set1_cert_store(context, input_.roots.get());
        if (input_.version == TlsVersion::tls12 && SSL_CTX_set1_sigalgs_list(context, without_pss) != 1)
            return openssl_error(ExitCode::internal, "OpenSSL can't set TLS up");
        return {};
    }

    Status connect() {
        server_.reset(SSL_new(server_context_.get()));
        client_.reset(SSL_new(client_context_.get()));
        BIO* server_side = nullptr;
        BIO* client_side = nullptr;
        if (!server_ || !client_ || BIO_new_bio_pair(&server_side, 0, &client_side, 0) != 1)
            return openssl_error(ExitCode::internal, "OpenSSL can't set TLS up");
        SSL_set_bio(server_.get(), server_side, server_side);
        SSL_set_bio(client_.get(), client_side, client_side);
        SSL_set_verify(client_.get(), SSL_VERIFY_PEER, nullptr);
        X509_VERIFY_PARAM* expected = SSL_get0_param(client_.get());
        X509_VERIFY_PARAM_set_time(expected, std::chrono::system_clock::to_time_t(input_.time));
        X509_VERIFY_PARAM_set_hostflags(expected, host_flags);
        const std::string& name = input_.names.front();
        if (address_octets(name)) {
            if (X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) == 1) return {};
            return refuse("not an address: " + printable(name));
        }
        server_name_ = host_under(name);
        if (X509_VERIFY_PARAM_set1_host(expected, server_name_.data(), server_name_.size()) != 1 ||
            SSL_set_tlsext_host_name(client_.get(), server_name_.c_str()) != 1)
            return failed("the client can't ask for " + printable(name));
        return {};
    }

    Status step_client() {
        if (client_done_) return {};
        const int result = SSL_connect(client_.get());
        client_done_ = result == 1;
        if (client_done_ || wants_more(*client_, result)) return {};
        const long verdict = SSL_get_verify_result(client_.get());
        if (verdict == X509_V_OK) {
            Error error = failed("the client refused the server");
            error.hint = "the private key is not the certificate's, or what holds it does not sign right";
            return error;
        }
        ERR_clear_error();
        return refuse(
            fmt::format("the client does not believe the certificate: {}", X509_verify_cert_error_string(verdict)));
    }

    Status step_server() {
        if (server_done_) return {};
        const int result = SSL_accept(server_.get());
        server_done_ = result == 1;
        if (server_done_ || wants_more(*server_, result)) return {};
        if (input_.key.fault)
            if (auto fault = input_.key.fault()) return std::move(*fault);
        return failed("the server failed");
    }

    static bool wants_more(SSL& connection, int result) {
        const int error = SSL_get_error(&connection, result);
        return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
    }

    [[nodiscard]] Result<HandshakeFacts> facts() const {
        const CertificatePtr shown(SSL_get1_peer_certificate(client_.get()));
        if (!shown || encode_der(i2d_X509, shown.get()) != input_.certificates.front())
            return refuse("the client got another certificate");
        return HandshakeFacts{.protocol = SSL_get_version(client_.get()),
                              .cipher = SSL_get_cipher_name(client_.get()),
                              .group = group_name(),
                              .signature_algorithm = signature_name(),
                              .server_name = server_name_};
    }

    [[nodiscard]] std::string group_name() const {
        const auto group = static_cast<int>(SSL_get_negotiated_group(client_.get()));
        const char* name = SSL_group_to_name(client_.get(), group);
        return name == nullptr ? "" : name;
    }

    [[nodiscard]] std::string signature_name() const {
        int type = NID_undef;
        int hash = NID_undef;
        SSL_get_peer_signature_type_nid(client_.get(), &type);
        SSL_get_peer_signature_nid(client_.get(), &hash);
        for (const auto& row : signature_names)
            if (row.type == type && row.hash == hash) return std::string(row.name);
        return fmt::format("{} {}", OBJ_nid2sn(type), OBJ_nid2sn(hash));
    }

    const HandshakeInput& input_;
    ContextPtr server_context_;
    ContextPtr client_context_;
    ConnectionPtr server_;
    ConnectionPtr client_;
    std::string server_name_;
    bool server_done_ = false;
    bool client_done_ = false;
};

}  // namespace

bool has_public_half(const EVP_PKEY* key, BytesView public_key_der) {
    const auto known = decode_der<KeyPtr>(d2i_PUBKEY, public_key_der);
    const bool same = known && EVP_PKEY_eq(known.get(), key) == 1;
    ERR_clear_error();
    return same;
}

std::string to_text(TlsVersion version) {
    return version == TlsVersion::tls12 ? "TLS 1.2" : "TLS 1.3";
}

std::vector<std::string> names_not_covered(BytesView leaf_der, const std::vector<std::string>& names) {
    const ErrorQueue queue;
    const auto leaf = decode_der<CertificatePtr>(d2i_X509, leaf_der);
    std::vector<std::string> missing;
    for (const auto& name : names)
        if (!leaf || !is_for(*leaf, name)) missing.push_back(name);
    return missing;
}

Result<HandshakeFacts> shake_hands_in_memory(const HandshakeInput& input) {
    const ErrorQueue queue;
    if (input.names.empty() || input.certificates.empty())
        return Error{.code = ExitCode::internal, .what = "a handshake without a name or a certificate"};
    const auto missing = names_not_covered(input.certificates.front(), input.names);
    if (!missing.empty())
        return Error{.code = ExitCode::verification,
                     .what = fmt::format("a {} client refuses the certificate for {}", to_text(input.version),
                                         printable(join(missing, ", ")))};
    return Handshake(input).run();
}

std::string openssl_version() {
    return OpenSSL_version(OPENSSL_VERSION);
}

}  // namespace hsmreq::x509
