"""Requests by openssl, certtool and others, shown by the built program and judged against what openssl says."""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harness

DATA = harness.SOURCE / "tests" / "data" / "inspect"
VECTORS = pathlib.Path("/usr/lib/python3/dist-packages/cryptography_vectors")

# Requests of python3-cryptography-vectors where our verdict is not openssl's exit code of `req -verify`, and why.
STRICTER = {
    "bad-version.pem": "version 2 does not exist",
    "long-form-attribute.pem": "a length is longer than needed",
    "challenge-invalid.der": "the challenge password is no string",
    "challenge-multi-valued.der": "the challenge password has two values",
    "two_basic_constraints.pem": "an extension appears twice",
}


def tool(*command, input=None):
    done = subprocess.run(command, input=input, capture_output=True, timeout=harness.PATIENCE_SECONDS)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def openssl_accepts(path):
    form = "DER" if path.suffix in (".der", ".p10") else "PEM"
    command = ["openssl", "req", "-in", str(path), "-inform", form, "-verify", "-noout"]
    done = subprocess.run(command, capture_output=True, timeout=harness.PATIENCE_SECONDS)
    # Up to 3.1 a bad signature leaves the exit code at 0.
    return done.returncode == 0 and b"failure" not in done.stderr.lower()


def malformations(entry):
    """What is wrong with the request itself, leaving aside what the rules say of its key, hash and names."""
    return [finding["id"] for finding in entry["findings"] if finding["id"].startswith("csr.")]


def inspect(*files, **more):
    return harness.run(["inspect", "--ca", "private", *map(str, files)], **more)


class Golden(harness.TestCase):
    def check(self, name, text):
        self.assertEqual(text, (DATA / name).read_text())

    def test_text_of_every_sample(self):
        for sample, code in (("rsa.csr", 0), ("ec-old-header.csr", 0), ("ed25519.p10", 4), ("bad-signature.csr", 4)):
            with self.subTest(sample):
                outcome = inspect(sample, cwd=DATA)
                self.assert_code(outcome, code)
                self.check(f"{sample}.txt", outcome.stdout)

    def test_json_of_several_files(self):
        outcome = inspect("--json", "rsa.csr", "ec-old-header.csr", "ed25519.p10", cwd=DATA)
        self.assert_one_error_object(outcome, 4)
        self.assert_valid(outcome.stdout, "inspect")
        self.check("samples.json", outcome.stdout)


class Made(harness.TestCase):
    """Requests made now by openssl and certtool."""

    def openssl(self, name, *options):
        path = self.folder / name
        tool("openssl", "req", "-new", "-nodes", "-keyout", str(self.folder / f"{name}.key"), "-out", str(path),
             "-subj", "/C=DE/O=Contoso/CN=a.example", "-addext", "subjectAltName=DNS:a.example,IP:192.0.2.1", *options)
        return path

    def entry(self, path, code=0):
        outcome = inspect("--json", path)
        self.assert_code(outcome, code)
        self.assert_valid(outcome.stdout, "inspect")
        return outcome.json()["files"][0]

    def test_every_kind_of_key_from_openssl(self):
        cases = (
            ("rsa-2048", "sha256WithRSAEncryption", ["-newkey", "rsa:2048"]),
            ("rsa-3072", "sha512WithRSAEncryption", ["-newkey", "rsa:3072", "-sha512"]),
            ("ec-p256", "ecdsa-with-SHA256", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
            ("ec-p521", "ecdsa-with-SHA512", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-sha512"]),
            ("ec-secp256k1", "ecdsa-with-SHA256", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"]),
            ("ed25519", "ED25519", ["-newkey", "ed25519"]),
            ("ed448-456", "ED448", ["-newkey", "ed448"]),
            ("rsa-2048", "rsassaPss", ["-newkey", "rsa:2048", "-sigopt", "rsa_padding_mode:pss"]),
            ("rsa-pss-2048", "rsassaPss", ["-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"]),
        )
        for algorithm, signature, options in cases:
            with self.subTest(algorithm, signature=signature):
                path = self.openssl("made.csr", *options)
                entry = self.entry(path)
                self.assertEqual(entry["public_key"]["algorithm"], algorithm)
                self.assertEqual(entry["signature"], {"algorithm": signature, "valid": True})
                spki = tool("openssl", "req", "-in", str(path), "-noout", "-pubkey")
                der = tool("openssl", "pkey", "-pubin", "-outform", "DER", input=spki)
                self.assertEqual(entry["public_key"]["der"], der.hex())
                self.assertEqual(entry["der"], tool("openssl", "req", "-in", str(path), "-outform", "DER").hex())
                self.assertEqual(malformations(entry), [])

    def test_both_headers_der_and_standard_input_say_the_same(self):
        plain = self.openssl("plain.csr", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
        forms = {"old.csr": ["-newhdr"], "text.csr": ["-text"], "form.der": ["-outform", "DER"]}
        expected = self.entry(plain)
        for name, options in forms.items():
            tool("openssl", "req", "-in", str(plain), "-out", str(self.folder / name), *options)
            entry = self.entry(self.folder / name)
            self.assertEqual(entry["pem_label"], {"old.csr": "NEW CERTIFICATE REQUEST", "text.csr": "CERTIFICATE REQUEST",
                                                  "form.der": None}[name])
            for changing in ("file", "pem_label"):
                entry[changing] = expected[changing]
            self.assertEqual(entry, expected)
        outcome = inspect("--json", "-", input=plain.read_bytes())
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.json()["files"][0]["der"], expected["der"])
        self.assertEqual(outcome.json()["files"][0]["file"], "-")

    def test_request_of_certtool(self):
        for kind, options in (("rsa", ["--bits", "2048"]), ("ecdsa", ["--curve", "secp384r1"]), ("ed25519", [])):
            with self.subTest(kind):
                key, template, path = (self.folder / name for name in ("key", "template", "made.csr"))
                template.write_text('organization = "Contoso"\ncn = "a.example"\ndns_name = "a.example"\n'
                                    'dns_name = "b.example"\nip_address = "2001:db8::1"\ntls_www_server\n'
                                    'signing_key\nchallenge_password = "hidden-word"\n')
                tool("certtool", "--generate-privkey", f"--key-type={kind}", *options, "--outfile", str(key))
                tool("certtool", "--generate-request", "--load-privkey", str(key), "--template", str(template),
                     "--outfile", str(path))
                entry = self.entry(path, 4)
                self.assertEqual([one["id"] for one in entry["findings"]], ["usage.extended-key-usage-critical"])
                self.assertTrue(entry["signature"]["valid"])
                self.assertEqual([(n["type"], n["value"]) for n in entry["subject_alternative_names"]],
                                 [("dns", "a.example"), ("dns", "b.example"), ("ip", "2001:db8::1")])
                self.assertIn("digitalSignature", entry["key_usage"]["values"])
                self.assertEqual(entry["extended_key_usage"]["values"], ["serverAuth"])
                self.assertNotIn("hidden-word", json.dumps(entry))
                self.assertNotIn("hidden-word", inspect(path).stdout)


class Refused(harness.TestCase):
    def test_bad_signature_is_a_finding(self):
        outcome = inspect("--json", DATA / "bad-signature.csr")
        self.assert_valid(outcome.stdout, "inspect")
        self.assert_one_error_object(outcome, 4)
        entry = outcome.json()["files"][0]
        self.assertEqual([f["id"] for f in entry["findings"] if f["severity"] == "error"], ["csr.bad-signature"])
        self.assertFalse(entry["signature"]["valid"])
        self.assertEqual(outcome.error()["finding"], "csr.bad-signature")

    def test_malformed_request_is_a_finding(self):
        label = "CERTIFICATE REQUEST"
        files = {
            "cut.p10": (DATA / "cut.p10").read_bytes(),
            "cut.csr": (DATA / "rsa.csr").read_bytes()[:600],
            "letters.csr": f"-----BEGIN {label}-----\n????\n-----END {label}-----\n".encode(),
        }
        for name, content in files.items():
            with self.subTest(name):
                (self.folder / name).write_bytes(content)
                outcome = inspect("--json", self.folder / name)
                self.assert_valid(outcome.stdout, "inspect")
                self.assert_one_error_object(outcome, 4)
                entry = outcome.json()["files"][0]
                self.assertEqual(entry["type"], "certification-request")
                self.assertEqual([f["id"] for f in entry["findings"]], ["csr.malformed"])
                text = inspect(self.folder / name)
                self.assert_code(text, 4)
                self.assertEqual(text.stdout, "")
                self.assertRegex(text.stderr, r"^hsmreq: error: csr\.malformed: .* \(.*\)\nhsmreq: hint: ")

    def test_what_is_no_request_is_an_input_error(self):
        tool("openssl", "genpkey", "-algorithm", "ed25519", "-out", str(self.folder / "key.pem"))
        (self.folder / "folder").mkdir()
        (self.folder / "empty").write_bytes(b"")
        (self.folder / "text").write_bytes(b"hello\n")
        (self.folder / "large").write_bytes(b"0" * ((1 << 20) + 1))
        (self.folder / "zeros").write_bytes(bytes(4096))
        cases = {"key.pem": "private key", "folder": "", "empty": "empty",
                 "text": "no known type", "large": "", "zeros": "no known type", "missing": ""}
        for name, words in cases.items():
            with self.subTest(name):
                outcome = inspect("--json", self.folder / name)
                self.assert_valid(outcome.stdout, "inspect")
                self.assert_one_error_object(outcome, 3)
                self.assertIn(words, outcome.error()["message"])
                self.assertNotIn("Traceback", outcome.stderr)
        secret = (self.folder / "key.pem").read_text().splitlines()[1]
        self.assertNotIn(secret, inspect(self.folder / "key.pem").stderr)

    def test_the_first_failing_file_gives_the_code_and_the_others_are_shown(self):
        good, bad, missing = DATA / "rsa.csr", DATA / "bad-signature.csr", self.folder / "missing"
        for files, code in (((bad, missing, good), 4), ((missing, bad, good), 3), ((good, good), 0)):
            with self.subTest(files):
                outcome = inspect(*files)
                self.assert_code(outcome, code)
                self.assertEqual(outcome.stdout.count("PKCS#10 certification request"), sum(f != missing for f in files))

    def test_quiet_shows_only_what_refuses(self):
        self.assertEqual(inspect("--quiet", DATA / "rsa.csr").stdout, "")
        self.assertIn("csr.bad-signature", inspect("--quiet", DATA / "bad-signature.csr").stdout)


class Vectors(harness.TestCase):
    """What nobody here wrote: the package python3-cryptography-vectors."""

    def test_requests_are_judged_as_openssl_judges_them(self):
        requests = sorted((VECTORS / "x509" / "requests").iterdir())
        self.assertGreater(len(requests), 20)
        for path in requests:
            with self.subTest(path.name):
                outcome = inspect("--json", path)
                self.assert_valid(outcome.stdout, "inspect")
                accepted = openssl_accepts(path) and path.name not in STRICTER
                self.assertIn(outcome.code, (0, 4))
                refusals = {"csr.malformed", "csr.bad-signature"}
                found = {one["id"] for one in outcome.json()["files"][0]["findings"]}
                self.assertEqual(found & refusals == set(), accepted, found)

    def test_no_file_of_any_kind_ends_in_anything_but_a_verdict(self):
        files = sorted(path for path in VECTORS.rglob("*") if path.is_file() and path.suffix != ".py")
        self.assertGreater(len(files), 500)
        for start in range(0, len(files), 100):
            batch = files[start:start + 100]
            outcome = inspect("--json", *batch)
            self.assertIn(outcome.code, (0, 3, 4), outcome.stderr)
            self.assert_valid(outcome.stdout, "inspect")
            self.assertEqual(len(outcome.json()["files"]), len(batch))


if __name__ == "__main__":
    harness.main()
