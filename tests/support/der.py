"""DER (X.690) written by hand, and the certification requests of programs that Debian does not have.

A value is bytes; every function returns one whole element. Signatures come from the openssl tool.
"""

import base64
import pathlib
import subprocess
import tempfile


def element(tag, content):
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def sequence(*parts):
    return element(0x30, b"".join(parts))


def set_of(*parts):
    return element(0x31, b"".join(sorted(parts)))


def integer(number):
    return element(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def boolean(value):
    return element(0x01, b"\xff" if value else b"\x00")


def octets(content):
    return element(0x04, content)


def bits(content, unused=0):
    return element(0x03, bytes([unused]) + content)


def null():
    return element(0x05, b"")


def utf8(text):
    return element(0x0C, text.encode())


def printable(text):
    return element(0x13, text.encode("ascii"))


def ia5(text):
    return element(0x16, text.encode("ascii"))


def bmp(text):
    return element(0x1E, text.encode("utf-16-be"))


def context(number, content, constructed=True):
    return element(0x80 | (0x20 if constructed else 0) | number, content)


def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    content = b""
    for arc in [40 * first + second, *rest]:
        digits = [arc & 0x7F]
        while arc := arc >> 7:
            digits.append(0x80 | (arc & 0x7F))
        content += bytes(reversed(digits))
    return element(0x06, content)


def name(*attributes, string=utf8):
    """A distinguished name of (OID, text) pairs."""
    return sequence(*(set_of(sequence(oid(kind), string(text))) for kind, text in attributes))


def extension(kind, value, critical=False):
    return sequence(oid(kind), *([boolean(True)] if critical else []), octets(value))


def attribute(kind, *values):
    return sequence(oid(kind), set_of(*values))


def dns_names(*names):
    """The value of a subjectAltName."""
    return sequence(*(context(2, text.encode(), constructed=False) for text in names))


def openssl(*words, input=b""):
    done = subprocess.run(["openssl", *words], input=input, capture_output=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    return done.stdout


SHA256_RSA = sequence(oid("1.2.840.113549.1.1.11"), null())
SHA1_RSA = sequence(oid("1.2.840.113549.1.1.5"), null())
SHA256 = sequence(oid("2.16.840.1.101.3.4.2.1"), null())
PSS_SHA256 = sequence(
    oid("1.2.840.113549.1.1.10"),
    sequence(
        context(0, SHA256),
        context(1, sequence(oid("1.2.840.113549.1.1.8"), SHA256)),
        context(2, integer(32)),
    ),
)


class Key:
    """An RSA key that signs requests."""

    def __init__(self, bits=2048):
        self.pem = openssl("genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}")
        self.public = openssl("pkey", "-pubout", "-outform", "DER", input=self.pem)

    def sign(self, message, hash="sha256", *options):
        with tempfile.TemporaryDirectory() as folder:
            key = pathlib.Path(folder) / "key.pem"
            key.write_bytes(self.pem)
            return openssl("dgst", f"-{hash}", "-sign", str(key), *options, input=message)


def request(key, subject, attributes, algorithm=SHA256_RSA, hash="sha256", options=()):
    """A whole CertificationRequest in DER; `attributes` in the order given, as some programs leave them."""
    info = sequence(integer(0), subject, key.public, context(0, b"".join(attributes)))
    return sequence(info, algorithm, bits(key.sign(info, hash, *options)))


def pem(label, der, newline="\n"):
    text = base64.b64encode(der).decode()
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return newline.join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


COMMON_NAME = "2.5.4.3"
EXTENSION_REQUEST = "1.2.840.113549.1.9.14"
OLD_EXTENSION_REQUEST = "1.3.6.1.4.1.311.2.1.14"
SUBJECT_ALT_NAME = "2.5.29.17"
SUBJECT_KEY_IDENTIFIER = "2.5.29.14"
KEY_USAGE = "2.5.29.15"
EXTENDED_KEY_USAGE = "2.5.29.37"
SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"
DIGITAL_SIGNATURE_AND_KEY_ENCIPHERMENT = bits(b"\xa0", 5)


def os_version(text="10.0.19045.2"):
    return attribute("1.3.6.1.4.1.311.13.2.3", ia5(text))


def client_information(machine, user, process, client=5):
    return attribute("1.3.6.1.4.1.311.21.20", sequence(integer(client), utf8(machine), utf8(user), utf8(process)))


def cryptographic_provider(key_specification, provider):
    return attribute("1.3.6.1.4.1.311.13.2.2", sequence(integer(key_specification), bmp(provider), bits(b"")))


def purposes(*kinds):
    return sequence(*map(oid, kinds))


def application_policies(*kinds):
    return extension("1.3.6.1.4.1.311.21.10", sequence(*(sequence(oid(kind)) for kind in kinds)))


def wizard_request(key, *names, extensions=EXTENSION_REQUEST, algorithm=SHA1_RSA, hash="sha1", options=()):
    """What the Windows console writes with "(No template) Legacy key": host, account and process included."""
    return request(
        key,
        name((COMMON_NAME, names[0])),
        [
            os_version(),
            client_information("ws42.corp.contoso.com", "CONTOSO\\alice", "MMC.EXE"),
            cryptographic_provider(1, "Microsoft RSA SChannel Cryptographic Provider"),
            attribute(
                extensions,
                sequence(
                    extension(KEY_USAGE, DIGITAL_SIGNATURE_AND_KEY_ENCIPHERMENT, critical=True),
                    extension(EXTENDED_KEY_USAGE, purposes(SERVER_AUTH, CLIENT_AUTH)),
                    application_policies(SERVER_AUTH, CLIENT_AUTH),
                    extension(SUBJECT_ALT_NAME, dns_names(*names)),
                    extension(SUBJECT_KEY_IDENTIFIER, octets(bytes(range(20)))),
                ),
            ),
        ],
        algorithm,
        hash,
        options,
    )
