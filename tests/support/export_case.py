"""A test of `hsmreq export`: an exportable key, a CA with an intermediate, and outside readers of what comes out."""

import json
import re
import subprocess

import authority
import farms
import harness
import request_case

PASSWORD = "correct horse battery"
NOTE = "--acknowledge-security-note"
NUMBERS = ("privateExponent", "prime1", "prime2", "exponent1", "exponent2", "coefficient", "priv")


class ExportCase(request_case.RequestCase):
    def setUp(self):
        super().setUp()
        ca = self.folder / "ca"
        ca.mkdir()
        self.authority = authority.Authority(ca)
        self.root = self.authority.make("Test Root", ca=True)
        self.issuer = self.authority.make("Test Issuing CA", self.root, ca=True)
        self.password_file = self.secret_file("password", PASSWORD + "\n")
        self.pfx = self.folder / "web.pfx"

    def secret_file(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(0o600)
        return path

    def export_farm(self, **options):
        """A farm with an exportable RSA key for all; `more` is appended to the file."""
        options = {"policy": "exportable", "sharing": "shared", "algorithm": "rsa-2048", **options}
        text = farms.generic(self.tokens, **options)
        head = f'[trust]\nissuing_roots = ["{self.root.file}"]\n[certificate]\nfriendly_name = "Lync-Zugang für alle"\n'
        return self.write(options.get("file", "farm.toml"), head + text + options.get("more", ""))

    def certify(self, stem="web", issuer=None, request=None):
        """What `install` leaves: STEM.pem and STEM.chain.pem."""
        issuer = issuer or self.issuer
        leaf = self.out / f"{stem}.pem"
        farms.tool("openssl", "x509", "-req", "-in", request or self.out / f"{stem}.csr", "-CA", issuer.file, "-CAkey",
                   issuer.key, "-copy_extensions", "copy", "-days", "90", "-out", leaf)  # fmt: skip
        chain = "" if issuer is self.root else issuer.pem
        (self.out / f"{stem}.chain.pem").write_text(chain)
        return leaf

    def ready(self, stems=("web",), **options):
        """A farm whose keys are made and certified."""
        farm = self.export_farm(**options)
        self.assert_code(self.request(farm), 0)
        for stem in stems:
            self.certify(stem)
        return farm

    def export(self, farm, *more, target="windows-server-2019", password="file", output=None, note=True, reason=True,
               **options):  # fmt: skip
        words = ["--request", "web", "--for", target, "--output", str(output or self.pfx)]
        words += ["--password-source", f"file:{self.password_file}"] if password == "file" else []
        words += [NOTE] if note else []
        words += ["--reason", "ticket 4711"] if reason else []
        return self.run_command("export", farm, *words, *more, **options)

    def exported(self, farm, *more, **options):
        outcome = self.export(farm, "--json", *more, **options)
        self.assert_code(outcome, 0)
        self.assert_valid(outcome.stdout, "export")
        return outcome.json()["items"][0]

    def export_evidence(self, name="web.export.1.evidence.json"):
        text = (self.out / name).read_text()
        self.assert_valid(text, "export-evidence")
        self.assertNotIn(PASSWORD, text)
        return json.loads(text)

    def evidence_files(self):
        return sorted(path.name for path in self.out.glob("*.export.*"))

    def assert_nothing_exported(self):
        self.assertFalse(self.pfx.exists())
        self.assertEqual(self.evidence_files(), [])
        self.assertEqual([p.name for p in self.folder.iterdir() if "tmp" in p.name], [])

    def info(self, file=None, password=PASSWORD):
        """All that `openssl pkcs12 -info` says, the key in clear."""
        done = subprocess.run(
            ["openssl", "pkcs12", "-info", "-nodes", "-in", str(file or self.pfx), "-passin", f"pass:{password}"],
            capture_output=True, timeout=harness.PATIENCE_SECONDS)  # fmt: skip
        text = (done.stdout + done.stderr).decode("latin-1")
        self.assertEqual(done.returncode, 0, text)
        return text

    def key_in(self, file=None):
        """The private key of a PKCS#12 or PEM file, as PEM."""
        text = self.info(file) if str(file or self.pfx).endswith(".pfx") else file.read_text()
        return re.search("-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----\n", text, re.DOTALL).group()

    def certificates_in(self, text):
        """Subjects of the certificates of a text, in order."""
        found = re.findall("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", text, re.DOTALL)
        return [
            authority.openssl("x509", "-noout", "-subject", "-nameopt", "rfc2253", input=pem.encode()).decode().strip()
            for pem in found
        ]

    def public_half(self, key):
        return authority.openssl("pkey", "-pubout", input=key.encode()).decode()

    def secret_numbers(self, key):
        """The private numbers of a key, as bytes."""
        text = authority.openssl("pkey", "-text", "-noout", input=key.encode()).decode()
        found = re.findall(r"^(\w+):\n((?: +[0-9a-f:]+\n)+)", text, re.MULTILINE)
        return [bytes.fromhex(re.sub(r"[^0-9a-f]", "", hexa)).lstrip(b"\0") for name, hexa in found if name in NUMBERS]
