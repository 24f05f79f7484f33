#include "x509/tls_peer.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>

#include "base/descriptor.hpp"
#include "base/digest.hpp"
#include "base/try.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {
namespace {

using AddressesPtr = Owner<addrinfo, ::freeaddrinfo>;
using Clock = std::chrono::steady_clock;
using ContextPtr = Owner<SSL_CTX, SSL_CTX_free>;
using ConnectionPtr = Owner<SSL, SSL_free>;

Error unreachable(const TlsQuestion& question, const std::string& reason) {
    return {.code = ExitCode::unreachable,
            .what = "the server gave no answer: " + reason,
            .where = question.host + ":" + question.port,
            .hint = question.hint};
}

/// True once the descriptor is ready, false after the deadline.
bool wait_for(int descriptor, short events, Clock::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) return false;
        pollfd awaited{descriptor, events, 0};
        const int ready = ::poll(&awaited, 1, static_cast<int>(left));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

/// 0, or why that address does not take the connection.
int try_address(const addrinfo& address, Clock::time_point deadline, Descriptor& socket) {
    socket = Descriptor(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.get() < 0) return errno;
    if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return 0;
    if (errno != EINPROGRESS) return errno;
    if (!wait_for(socket.get(), POLLOUT, deadline)) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

Result<Descriptor> connect_to(const TlsQuestion& question) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int failure = ::getaddrinfo(question.host.c_str(), question.port.c_str(), &hints, &list);
    if (failure != 0) return unreachable(question, ::gai_strerror(failure));
    const AddressesPtr owner(list);
    int error = ECONNREFUSED;
    for (const addrinfo* address = list; address != nullptr; address = address->ai_next) {
        Descriptor socket;
        error = try_address(*address, Clock::now() + question.timeout, socket);
        if (error == 0) return socket;
    }
    return unreachable(question, error_text(error));
}

enum class Settings {
    usual,       ///< as the machine's OpenSSL is set up
    everything,  ///< old servers as well: nothing is sent to them that would need protection
    family,      ///< the same with keys of one family alone
};

ContextPtr make_context(const TlsQuestion& question, Settings settings) {
    ContextPtr context(SSL_CTX_new(TLS_client_method()));
    if (!context) return nullptr;
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    if (settings == Settings::usual) return context;
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_LEGACY_SERVER_CONNECT);
    if (settings == Settings::everything) return context;
    const char* algorithms =
        question.family == KeyFamily::rsa
            ? "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512:RSA+SHA1"
        : question.family == KeyFamily::ec ? "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ECDSA+SHA1"
                                           : "ed25519";
    const char* ciphers = question.family == KeyFamily::rsa ? "aRSA" : "aECDSA";
    if (SSL_CTX_set1_sigalgs_list(context.get(), algorithms) != 1) return nullptr;
    if (SSL_CTX_set_cipher_list(context.get(), ciphers) != 1) return nullptr;
    return context;
}

enum class Shake { done, refused, silent };

Shake shake_hands(SSL& connection, int socket, Clock::time_point deadline) {
    for (;;) {
        const int result = SSL_connect(&connection);
        if (result == 1) return Shake::done;
        const int error = SSL_get_error(&connection, result);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return Shake::refused;
        if (!wait_for(socket, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline)) return Shake::silent;
    }
}

/// One connection, whatever came of the handshake.
struct Handshake {
    bool done = false;
    std::string refusal;   ///< OpenSSL's words when it is not done
    bool alerted = false;  ///< the server said no in TLS' own way
    TlsAnswer answer;
};

std::vector<Bytes> chain_of(const SSL& connection) {
    std::vector<Bytes> chain;
    const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(&connection);
    for (int i = 0; sent && i < sk_X509_num(sent); ++i) chain.push_back(encode_der(i2d_X509, sk_X509_value(sent, i)));
    return chain;
}

bool is_address(const std::string& text) {
    std::array<unsigned char, 16> address{};
    return ::inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

Result<Handshake> ask(const TlsQuestion& question, Settings settings) {
    const ErrorQueue errors;
    TRY_ASSIGN(const Descriptor socket, connect_to(question));
    const ContextPtr context = make_context(question, settings);
    const ConnectionPtr connection(context ? SSL_new(context.get()) : nullptr);
    if (!connection || SSL_set_fd(connection.get(), socket.get()) != 1)
        return openssl_error(ExitCode::internal, "OpenSSL can't make a TLS client");
    if (!question.server_name.empty() && !is_address(question.server_name))
        SSL_set_tlsext_host_name(connection.get(), question.server_name.c_str());
    const Shake shake = shake_hands(*connection, socket.get(), Clock::now() + question.timeout);
    if (shake == Shake::silent)
        return unreachable(question, fmt::format("it took the connection and did not speak TLS within {} s",
                                                 question.timeout.count()));
    Handshake result;
    result.done = shake == Shake::done;
    const auto error = ERR_peek_last_error();
    const char* reason = ERR_reason_error_string(error);
    if (!result.done) result.refusal = reason ? reason : "it closed the connection";
    result.alerted = !result.done && ERR_GET_REASON(error) >= SSL_AD_REASON_OFFSET;
    // A server that wants a certificate of its clients has shown its own before it says no.
    result.answer.chain = chain_of(*connection);
    result.answer.protocol = SSL_get_version(connection.get());
    if (SSL_get_current_cipher(connection.get())) result.answer.cipher = SSL_get_cipher_name(connection.get());
    return result;
}

/// The key's hash; "" after a handshake that the server refused.
Result<std::string> ask_key(const TlsQuestion& question, Settings settings) {
    TRY_ASSIGN(const auto shaken, ask(question, settings));
    if (shaken.answer.chain.empty()) return std::string();
    const auto certificate = decode_der<CertificatePtr>(d2i_X509, shaken.answer.chain.front());
    if (!certificate) return std::string();
    return sha256_hex(encode_der(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(certificate.get())));
}

}  // namespace

Result<std::string> ask_server_key(const TlsQuestion& question) {
    TRY_ASSIGN(const std::string key, ask_key(question, Settings::family));
    if (!key.empty()) return key;
    // No such key, or no TLS at all: only a server that answers somebody is one.
    TRY_ASSIGN(const std::string other, ask_key(question, Settings::everything));
    if (other.empty()) return unreachable(question, "it does not speak TLS");
    return std::string();
}

Result<TlsAnswer> ask_server_chain(const TlsQuestion& question) {
    TRY_ASSIGN(auto usual, ask(question, Settings::usual));
    if (usual.done && !usual.answer.chain.empty()) return std::move(usual.answer);
    TRY_ASSIGN(auto any, ask(question, Settings::everything));
    any.answer.usual = !any.done;
    if (!any.answer.chain.empty()) return std::move(any.answer);
    if (!usual.answer.chain.empty()) return std::move(usual.answer);
    const char* what = any.alerted ? "it speaks TLS and refuses every offer" : "it does not speak TLS";
    return unreachable(question, fmt::format("{} ({})", what, any.refusal));
}

}  // namespace hsmreq::x509
