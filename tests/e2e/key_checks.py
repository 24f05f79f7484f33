"""Requests with keys that ought not to be certified, and a farm that has a list of weak keys.

Every request is properly signed: by openssl where it takes the key, else by arithmetic here and openssl's ASN.1 compiler.
"""

import functools
import hashlib
import math
import os
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness

# PKCS #1: what stands before a hash in its DigestInfo, and the name of the signature algorithm.
HASHES = {
    "sha256": (bytes.fromhex("3031300d060960864801650304020105000420"), "sha256WithRSAEncryption"),
    "sha1": (bytes.fromhex("3021300906052b0e03021a05000414"), "sha1WithRSAEncryption"),
    "md5": (bytes.fromhex("3020300c06082a864886f70d020505000410"), "md5WithRSAEncryption"),
}
KEY = "asn1=SEQUENCE:key\n[key]\nn=INTEGER:{n}\ne=INTEGER:{e}\n"
INFO = """asn1=SEQUENCE:info
[info]
version=INTEGER:0
subject=SEQUENCE:subject
key=SEQUENCE:spki
attributes=IMPLICIT:0,SET:none
[none]
[subject]
rdn=SET:rdn
[rdn]
cn=SEQUENCE:cn
[cn]
type=OID:commonName
value=UTF8:{name}
[spki]
algorithm=SEQUENCE:algorithm
bits=FORMAT:HEX,BITSTRING:{key}
[algorithm]
oid=OID:rsaEncryption
null=NULL
"""


SMALL = [number for number in range(2, 3000) if all(number % divisor for divisor in range(2, math.isqrt(number) + 1))]
PRODUCT = math.prod(SMALL)


def is_prime(number):
    if number <= SMALL[-1]:
        return number in SMALL
    if math.gcd(number, PRODUCT) != 1:
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(12):
        x = pow(random.randrange(2, number - 1), odd, number)
        if x in (1, number - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % number
            if x == number - 1:
                break
        else:
            return False
    return True


def prime(bits, fits=lambda number: True):
    while True:
        number = random.getrandbits(bits) | 3 << bits - 2 | 1
        if fits(number) and is_prime(number):
            return number


def primes(bits, e=65537):
    """Two primes whose product has so many bits and goes with e."""
    half = bits // 2
    while True:
        p, q = (prime(size, lambda number: math.gcd(number - 1, e) == 1) for size in (bits - half, half))
        if (p * q).bit_length() == bits:
            return p, q


@functools.cache
def sound():
    """One sound pair for all tests that need nothing special."""
    return primes(2048)


def roca_prime(bits):
    """k * M + (65537^a mod M), the way of CVE-2017-15361."""
    m = math.prod(number for number in SMALL if number <= 701)
    while True:
        number = random.getrandbits(bits - m.bit_length()) * m + pow(65537, random.getrandbits(60), m)
        if number.bit_length() == bits and number >> bits - 2 == 3 and is_prime(number):
            return number


def close_primes(bits):
    p = prime(bits)
    q = p + 2
    while not is_prime(q):
        q += 2
    return p, q


class Requests(harness.TestCase):
    """Makes the requests."""

    def compile(self, text):
        """The DER of what openssl's ASN.1 compiler reads."""
        out = self.folder / "out.der"
        farms.tool("openssl", "asn1parse", "-noout", "-genconf", self.write("asn1.cnf", text), "-out", out)
        return out.read_bytes()

    def padded(self, info, n, hash_name):
        digest_info = HASHES[hash_name][0] + hashlib.new(hash_name, info).digest()
        size = (n.bit_length() + 7) // 8
        return int.from_bytes(b"\0\1" + b"\xff" * (size - len(digest_info) - 3) + b"\0" + digest_info, "big")

    def signed(self, n, e, root, hash_name="sha256"):
        """The file of a request for (n, e); `root` finds the e-th root of a number, or None where it has none."""
        key = self.compile(KEY.format(n=n, e=e)).hex()
        for attempt in range(64):
            info = self.compile(INFO.format(name=f"host{attempt}.example.com", key=key))
            message = self.padded(info, n, hash_name)
            signature = root(message)
            if signature is None:
                continue
            self.assertEqual(pow(signature, e, n), message)
            size = (n.bit_length() + 7) // 8
            bits = b"\0" + signature.to_bytes(size, "big")
            algorithm = self.compile(
                f"asn1=SEQUENCE:a\n[a]\noid=OID:{HASHES[hash_name][1]}\nnull=NULL\n")
            content = info + algorithm + b"\x03" + self.length(bits) + bits
            path = self.folder / "request.der"
            path.write_bytes(b"\x30" + self.length(content) + content)
            return str(path)
        raise AssertionError("no message had a root")

    @staticmethod
    def length(content):
        size = len(content)
        if size < 128:
            return bytes([size])
        octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
        return bytes([128 + len(octets)]) + octets

    def rsa(self, p, q, e=65537, hash_name="sha256"):
        d = pow(e, -1, (p - 1) * (q - 1)) if p != q else pow(e, -1, p * (p - 1))
        return self.signed(p * q, e, lambda message: pow(message, d, p * q), hash_name)

    def openssl(self, *options):
        """The file of a request that openssl makes, with a new key."""
        path = self.folder / "request.pem"
        farms.tool("openssl", "req", "-new", "-nodes", "-keyout", self.folder / "key.pem", "-subj", "/CN=host.example.com",
                   "-out", path, *options)
        return str(path)

    def findings(self, path):
        """(id, severity) of each finding, after the document was checked."""
        outcome = harness.run(["inspect", "--json", path])
        self.assert_valid(outcome.stdout, "inspect")
        file = outcome.json()["files"][0]
        self.assertEqual(file["type"], "certification-request", outcome)
        self.assertTrue(file["findings"] == [] or all(one["fix"] and one["source"] for one in file["findings"]))
        refused = any(one["severity"] == "error" for one in file["findings"])
        self.assert_code(outcome, 4 if refused else 0)
        judged = [one for one in file["findings"] if one["id"].startswith(("key.", "csr."))]
        return [(one["id"], one["severity"]) for one in judged]


class RsaKeys(Requests):
    def test_a_sound_key_has_no_finding(self):
        path = self.rsa(*sound())
        self.assertIn("verify OK", farms.tool("openssl", "req", "-verify", "-noout", "-inform", "DER", "-in", path))
        self.assertEqual(self.findings(path), [])

    def test_1024_and_2047_bits_are_too_small(self):
        for bits in (1024, 2047):
            self.assertEqual(self.findings(self.rsa(*primes(bits))), [("key.rsa-too-small", "error")])

    def test_2049_bits_are_unusual(self):
        self.assertEqual(self.findings(self.rsa(*primes(2049))), [("key.rsa-size", "warning")])

    def test_exponent_one(self):
        p, q = sound()
        self.assertEqual(self.findings(self.signed(p * q, 1, lambda message: message)), [("key.rsa-exponent", "error")])

    def test_exponent_two(self):
        p, q = (prime(1024, lambda number: number % 4 == 3) for _ in range(2))

        def square_root(message):
            roots = [pow(message, (r + 1) // 4, r) for r in (p, q)]
            if any(root * root % r != message % r for root, r in zip(roots, (p, q))):
                return None
            return (roots[0] * q * pow(q, -1, p) + roots[1] * p * pow(p, -1, q)) % (p * q)

        self.assertEqual(self.findings(self.signed(p * q, 2, square_root)), [("key.rsa-exponent", "error")])

    def test_exponent_three_is_unusual(self):
        self.assertEqual(self.findings(self.rsa(*primes(2048, 3), 3)), [("key.rsa-exponent", "warning")])

    def test_roca(self):
        self.assertEqual(self.findings(self.rsa(roca_prime(1024), roca_prime(1024))), [("key.roca", "error")])

    def test_one_prime_of_the_roca_kind_is_none(self):
        self.assertEqual(self.findings(self.rsa(roca_prime(1024), prime(1024))), [])

    def test_close_primes(self):
        self.assertEqual(self.findings(self.rsa(*close_primes(1024))), [("key.close-primes", "error")])

    def test_the_same_prime_twice(self):
        p = prime(1024)
        self.assertEqual(self.findings(self.rsa(p, p)), [("key.close-primes", "error")])

    def test_a_small_factor(self):
        self.assertEqual(self.findings(self.rsa(751, prime(2038))), [("key.rsa-small-factor", "error")])

    def test_broken_hashes(self):
        for hash_name in ("sha1", "md5"):
            self.assertEqual(self.findings(self.rsa(*sound(), hash_name=hash_name)), [("key.sha1", "error")])

    def test_text_names_finding_and_way_out(self):
        outcome = harness.run(["inspect", self.rsa(*primes(1024))])
        self.assert_code(outcome, 4)
        self.assertIn("key.rsa-too-small", outcome.stdout)
        self.assertIn("1024 bits", outcome.stdout)
        self.assertIn("Make a new key of 2048 bits or more.", outcome.stdout)


class OtherKeys(Requests):
    def test_kinds_that_openssl_makes(self):
        explicit = ("-newkey", "ec", "-pkeyopt", "ec_param_enc:explicit", "-pkeyopt", "ec_paramgen_curve:P-256")
        cases = {
            ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"): [],
            ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"): [],
            ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"): [],
            ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"): [("key.curve-not-allowed", "warning")],
            ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"): [("key.curve-not-allowed", "warning")],
            explicit: [("csr.malformed", "error"), ("key.curve-not-allowed", "error")],
            ("-newkey", "ed25519"): [("key.ed25519-public-ca", "warning")],
            ("-newkey", "ed448"): [("key.algorithm-not-allowed", "warning")],
            ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-sha1"): [("key.sha1", "error")],
            ("-newkey", "rsa:2048", "-sigopt", "rsa_padding_mode:pss", "-sha256"): [],
            ("-newkey", "rsa:2048", "-sigopt", "rsa_padding_mode:pss", "-sha1"): [("key.sha1", "error")],
        }
        for options, expected in cases.items():
            with self.subTest(options=options):
                self.assertEqual(self.findings(self.openssl(*options)), expected)


class WeakKeyList(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.tokens = harness.make_token("rp01", self.folder / "softhsm")
        self.out = self.folder / "out"

    def farm(self, algorithm="rsa-2048"):
        text = farms.generic(self.tokens, algorithm=algorithm)
        return self.write("farm.toml", text + '\n[rules]\nweak_key_list = "weak.txt"\n')

    def request(self, farm, *more):
        return harness.run(["request", farm, "--out", str(self.out), "--json", *more], env=self.tokens.env)

    def listed(self, request):
        """The line that openssl-vulnkey's manual has one compute."""
        line = farms.tool("openssl", "req", "-noout", "-modulus", "-in", request)
        return hashlib.sha1(line.encode()).hexdigest()[20:]

    def test_a_key_that_is_not_listed_passes_and_a_listed_one_is_refused(self):
        self.write("weak.txt", "# 2048 bits\n0123456789abcdef0123\n")
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        evidence = (self.out / "web.rp01.evidence.json").read_text()
        self.assertIn("list of weak keys", evidence)

        self.write("weak.txt", f"# 2048 bits\n0123456789abcdef0123\n{self.listed(self.out / 'web.rp01.csr')}\n")
        outcome = self.request(farm)
        self.assert_code(outcome, 4)
        item = outcome.json()["items"][0]
        self.assertEqual((item["state"], item["error"]["finding"]), ("failed", "key.debian-weak"))
        # It was made by an earlier run, and stays.
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))

    def test_a_malformed_list_ends_the_run_before_a_token_is_opened(self):
        self.write("weak.txt", "# 2048 bits\n0123456789abcdef0123\nnonsense\n")
        outcome = self.request(self.farm(), "--module", "/nonexistent/module.so")
        self.assert_one_error_object(outcome, 3)
        self.assertIn("weak.txt:3", outcome.error()["message"])
        self.assertFalse(self.out.exists())

    def test_a_missing_list_ends_the_run(self):
        outcome = self.request(self.farm())
        self.assert_one_error_object(outcome, 3)
        self.assertIn("weak.txt", outcome.error()["message"])
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 0))

    def test_a_list_does_not_matter_to_other_kinds_of_keys(self):
        self.write("weak.txt", "0123456789abcdef0123\n")
        self.assert_code(self.request(self.farm("ec-p256")), 0)


class KeysOfATokenThatIsBroken(harness.TestCase):
    """The token has a sound key and tells of another one."""

    def refused(self, attribute, value, *earlier_run):
        tokens = harness.make_token("rp01", self.folder / "softhsm")
        module = os.environ["HSMREQ_FAULT_MODULE"]
        farm = self.write("farm.toml", farms.generic(tokens, algorithm="rsa-2048", module=module))
        env = {**tokens.env, "HSMREQ_FAULT_REAL": tokens.module}
        arguments = ["request", farm, "--json", "--out", str(self.folder / "out")]
        if earlier_run:
            self.assert_code(harness.run(arguments, env=env), 0)
            for path in (self.folder / "out").iterdir():
                path.unlink()
        outcome = harness.run(
            arguments, env={**env, "HSMREQ_FAULT": f"C_GetAttributeValue=read:{attribute},{value}"})
        self.assert_code(outcome, 4)
        self.assertEqual([path.name for path in (self.folder / "out").iterdir()], ["summary.json"])
        error = outcome.json()["items"][0]["error"]
        self.assertTrue(error["hint"])
        return error["finding"], farms.pairs(tokens, "rp01")

    def test_a_new_pair_that_is_too_small_is_destroyed(self):
        p, q = primes(1024)
        self.assertEqual(self.refused("120", f"{p * q:x}"), ("key.rsa-too-small", (0, 0)))

    def test_a_new_pair_with_close_primes_is_destroyed(self):
        p, q = close_primes(1024)
        self.assertEqual(self.refused("120", f"{p * q:x}"), ("key.close-primes", (0, 0)))

    def test_an_older_pair_of_the_roca_kind_stays(self):
        modulus = f"{roca_prime(1024) * roca_prime(1024):x}"
        self.assertEqual(self.refused("120", modulus, "earlier run"), ("key.roca", (1, 1)))


if __name__ == "__main__":
    harness.main()
