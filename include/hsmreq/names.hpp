// The enumerations of the farm file and the words that stand for them, one table each.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "hsmreq/algorithm.hpp"

namespace hsmreq {

enum class Product { lync_server_2013, skype_for_business_2015, skype_for_business_2019, generic };
enum class CertificateAuthority { public_ca, lets_encrypt, google, digicert, sectigo, private_ca };
enum class Layout { combined, per_pool };
enum class SharedNames { first_pool, every_pool };
enum class AutodiscoverOver { https, http };
enum class ServerKeys { pfx, hsm };
enum class DefaultExtensions { ca, add, suppress };
enum class FileFormat { base64, binary };
enum class KeyPurpose { exchange, signature };
enum class PrivateKeyPolicy { non_exportable, wrap_only, exportable };
enum class Sharing { per_member, shared };
enum class MemberRole { reverse_proxy, edge, workstation };
enum class Receives { token, pfx };
enum class ServerKind { nginx, apache, haproxy, iis, tmg, lync_edge };

/// The bits of KeyUsage (RFC 5280, section 4.2.1.3); the value is the bit's number.
enum class KeyUsageBit {
    digital_signature = 0,
    non_repudiation = 1,
    key_encipherment = 2,
    data_encipherment = 3,
    key_agreement = 4,
    key_cert_sign = 5,
    crl_sign = 6,
    encipher_only = 7,
    decipher_only = 8,
};

template <class E>
struct Named {
    E value;
    std::string_view name;
};

template <class E>
inline constexpr std::array<Named<E>, 0> named{};

template <>
inline constexpr std::array<Named<Product>, 4> named<Product>{{
    {Product::lync_server_2013, "lync-server-2013"},
    {Product::skype_for_business_2015, "skype-for-business-2015"},
    {Product::skype_for_business_2019, "skype-for-business-2019"},
    {Product::generic, "generic"},
}};

template <>
inline constexpr std::array<Named<CertificateAuthority>, 6> named<CertificateAuthority>{{
    {CertificateAuthority::public_ca, "public"},
    {CertificateAuthority::lets_encrypt, "lets-encrypt"},
    {CertificateAuthority::google, "google"},
    {CertificateAuthority::digicert, "digicert"},
    {CertificateAuthority::sectigo, "sectigo"},
    {CertificateAuthority::private_ca, "private"},
}};

template <>
inline constexpr std::array<Named<Layout>, 2> named<Layout>{{
    {Layout::combined, "combined"},
    {Layout::per_pool, "per-pool"},
}};

template <>
inline constexpr std::array<Named<SharedNames>, 2> named<SharedNames>{{
    {SharedNames::first_pool, "first-pool"},
    {SharedNames::every_pool, "every-pool"},
}};

template <>
inline constexpr std::array<Named<AutodiscoverOver>, 2> named<AutodiscoverOver>{{
    {AutodiscoverOver::https, "https"},
    {AutodiscoverOver::http, "http"},
}};

template <>
inline constexpr std::array<Named<ServerKeys>, 2> named<ServerKeys>{{
    {ServerKeys::pfx, "pfx"},
    {ServerKeys::hsm, "hsm"},
}};

template <>
inline constexpr std::array<Named<DefaultExtensions>, 3> named<DefaultExtensions>{{
    {DefaultExtensions::ca, "ca"},
    {DefaultExtensions::add, "add"},
    {DefaultExtensions::suppress, "suppress"},
}};

template <>
inline constexpr std::array<Named<FileFormat>, 2> named<FileFormat>{{
    {FileFormat::base64, "base64"},
    {FileFormat::binary, "binary"},
}};

template <>
inline constexpr std::array<Named<KeyPurpose>, 2> named<KeyPurpose>{{
    {KeyPurpose::exchange, "exchange"},
    {KeyPurpose::signature, "signature"},
}};

template <>
inline constexpr std::array<Named<PrivateKeyPolicy>, 3> named<PrivateKeyPolicy>{{
    {PrivateKeyPolicy::non_exportable, "non-exportable"},
    {PrivateKeyPolicy::wrap_only, "wrap-only"},
    {PrivateKeyPolicy::exportable, "exportable"},
}};

template <>
inline constexpr std::array<Named<Sharing>, 2> named<Sharing>{{
    {Sharing::per_member, "per-member"},
    {Sharing::shared, "shared"},
}};

template <>
inline constexpr std::array<Named<MemberRole>, 3> named<MemberRole>{{
    {MemberRole::reverse_proxy, "reverse-proxy"},
    {MemberRole::edge, "edge"},
    {MemberRole::workstation, "workstation"},
}};

template <>
inline constexpr std::array<Named<Receives>, 2> named<Receives>{{
    {Receives::token, "token"},
    {Receives::pfx, "pfx"},
}};

template <>
inline constexpr std::array<Named<ServerKind>, 6> named<ServerKind>{{
    {ServerKind::nginx, "nginx"},
    {ServerKind::apache, "apache"},
    {ServerKind::haproxy, "haproxy"},
    {ServerKind::iis, "iis"},
    {ServerKind::tmg, "tmg"},
    {ServerKind::lync_edge, "lync-edge"},
}};

template <>
inline constexpr std::array<Named<KeyUsageBit>, 9> named<KeyUsageBit>{{
    {KeyUsageBit::digital_signature, "digitalSignature"},
    {KeyUsageBit::non_repudiation, "nonRepudiation"},
    {KeyUsageBit::key_encipherment, "keyEncipherment"},
    {KeyUsageBit::data_encipherment, "dataEncipherment"},
    {KeyUsageBit::key_agreement, "keyAgreement"},
    {KeyUsageBit::key_cert_sign, "keyCertSign"},
    {KeyUsageBit::crl_sign, "cRLSign"},
    {KeyUsageBit::encipher_only, "encipherOnly"},
    {KeyUsageBit::decipher_only, "decipherOnly"},
}};

template <>
inline constexpr std::array<Named<KeyAlgorithm>, key_algorithms.size()> named<KeyAlgorithm> = [] {
    std::array<Named<KeyAlgorithm>, key_algorithms.size()> table{};
    for (std::size_t i = 0; i < table.size(); ++i) table[i] = {key_algorithms[i].id, key_algorithms[i].name};
    return table;
}();

template <>
inline constexpr std::array<Named<Hash>, hashes.size()> named<Hash> = [] {
    std::array<Named<Hash>, hashes.size()> table{};
    for (std::size_t i = 0; i < table.size(); ++i) table[i] = {hashes[i].id, hashes[i].name};
    return table;
}();

/// True for the bits that a TLS server's certificate may have with a key of that family (RFC 8446, 4.4.2.2; RFC 5246,
/// 7.4.2; TLS Baseline Requirements 7.1.2.7.11).
constexpr bool serves_tls(KeyUsageBit bit, KeyFamily family) {
    switch (bit) {
        case KeyUsageBit::digital_signature:
            return true;
        case KeyUsageBit::key_encipherment:
        case KeyUsageBit::data_encipherment:
            return family == KeyFamily::rsa;
        case KeyUsageBit::key_agreement:
            return family == KeyFamily::ec;
        default:
            return false;
    }
}

/// The word for an enumerator: "per-pool" for Layout::per_pool.
template <class E>
constexpr std::string_view to_name(E value) {
    for (const auto& row : named<E>)
        if (row.value == value) return row.name;
    return {};
}

/// The enumerator for a word; nothing when no row has it. Words are case-sensitive.
template <class E>
constexpr std::optional<E> from_name(std::string_view name) {
    for (const auto& row : named<E>)
        if (row.name == name) return row.value;
    return std::nullopt;
}

}  // namespace hsmreq
