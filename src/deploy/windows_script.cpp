#include "deploy/windows_script.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/base64.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"

namespace hsmreq::deploy {
namespace {

constexpr std::size_t base64_line = 64;

/// For a comment of one line: whatever is not plain ASCII as \xNN.
std::string plain(std::string_view text) {
    std::string shown;
    for (const char c : printable(text)) {
        const auto byte = static_cast<unsigned char>(c);
        shown += byte < 0x80 ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
    }
    return shown;
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' && c <= 'f' ? char(c - 'a' + 'A') : c; });
    return text;
}

/// A string of PowerShell that needs no escaping: base64 and line ends, which its decoder passes over.
std::string here_string(BytesView bytes) {
    const std::string text = to_base64(bytes);
    std::string lines = "@'\n";
    for (std::size_t i = 0; i < text.size(); i += base64_line) lines += text.substr(i, base64_line) + "\n";
    return lines + "'@";
}

constexpr std::string_view beginning = R"(
# Run it as an administrator of the machine:
#   powershell -NoProfile -ExecutionPolicy Bypass -File THIS.ps1
# It runs on Windows Server 2008 R2 and later. On TMG 2010, and wherever certutil is preferred, it does by
# certutil -addstore what it else does through .NET:
#   powershell -NoProfile -ExecutionPolicy Bypass -File THIS.ps1 -Certutil
# Compare the SHA-256 values below with what the owner of the root says before you run it.
param([switch]$Certutil)
$ErrorActionPreference = 'Stop'

$identity = [Security.Principal.WindowsIdentity]::GetCurrent()
$principal = New-Object Security.Principal.WindowsPrincipal($identity)
if (-not $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
    throw 'The stores of the machine take certificates from an administrator only.'
}

function Add-TrustedCertificate([string]$StoreName, [string]$Thumbprint, [string]$Base64) {
    $bytes = [Convert]::FromBase64String($Base64)
    $certificate = New-Object Security.Cryptography.X509Certificates.X509Certificate2(,$bytes)
    if ($certificate.Thumbprint -ne $Thumbprint) {
        throw "This file was altered: a certificate has the thumbprint $($certificate.Thumbprint), not $Thumbprint."
    }
    if ($Certutil) {
        $file = [IO.Path]::Combine([IO.Path]::GetTempPath(), $Thumbprint + '.cer')
        [IO.File]::WriteAllBytes($file, $bytes)
        try {
            & certutil -addstore -f $StoreName $file
            if ($LASTEXITCODE -ne 0) { throw "certutil ended with $LASTEXITCODE." }
        } finally {
            [IO.File]::Delete($file)
        }
    } else {
        $location = [Security.Cryptography.X509Certificates.StoreLocation]::LocalMachine
        $store = New-Object Security.Cryptography.X509Certificates.X509Store($StoreName, $location)
        $store.Open([Security.Cryptography.X509Certificates.OpenFlags]::ReadWrite)
        try { $store.Add($certificate) } finally { $store.Close() }
    }
    Write-Output "$Thumbprint is in LocalMachine\$StoreName"
}
)";

std::string addition(const CertificateInspection& certificate) {
    return fmt::format(
        "\n# Into LocalMachine\\{0}: {1}\n# SHA-256 {2}, until {3}\nAdd-TrustedCertificate '{0}' '{4}' {5}\n",
        certificate.self_issued ? "Root" : "CA", plain(certificate.subject_text), certificate.der_sha256,
        to_text(certificate.not_after), upper(certificate.sha1), here_string(certificate.der));
}

}  // namespace

std::string windows_trust_script(const std::string& title, const std::vector<CertificateInspection>& certificates) {
    std::string script = "# " + plain(title) + std::string(beginning);
    for (const auto& certificate : certificates) script += addition(certificate);
    std::string with_returns;
    for (const char c : script) {
        if (c == '\n') with_returns += '\r';
        with_returns += c;
    }
    return with_returns;
}

}  // namespace hsmreq::deploy
