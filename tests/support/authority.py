"""A throw-away certificate authority made with the openssl tool: roots, intermediates, leaves, bundles."""

import pathlib
import subprocess

import harness


def openssl(*words, input=None):
    done = subprocess.run(
        ["openssl", *map(str, words)], input=input, capture_output=True, timeout=harness.PATIENCE_SECONDS
    )
    if done.returncode != 0:
        raise AssertionError(f"openssl {' '.join(map(str, words))}: {done.stderr.decode()}")
    return done.stdout


def serves(certificate, host):
    """Whether that host's name is one of the certificate's. The answer is in the words: OpenSSL 3.5 also ends with 1 for no."""
    words = ["openssl", "x509", "-in", str(certificate), "-noout", "-checkhost", host]
    said = subprocess.run(words, capture_output=True, text=True, timeout=harness.PATIENCE_SECONDS).stdout
    if ("does match" in said) == ("does NOT match" in said):
        raise AssertionError(f"{words}: {said}")
    return "does match" in said


LEAF = """basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""
CA = """basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
"""


class Certificate:
    """A certificate and its key as files; `issuer` made it, None for a root."""

    def __init__(self, folder, stem, issuer=None):
        self.key = pathlib.Path(folder) / f"{stem}.key"
        self.file = pathlib.Path(folder) / f"{stem}.pem"
        self.issuer = issuer

    @property
    def pem(self):
        return self.file.read_text()

    @property
    def der(self):
        return openssl("x509", "-in", self.file, "-outform", "DER")


class Authority:
    """Makes certificates in a folder. Times are openssl ca's: YYMMDDHHMMSSZ."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.count = 0

    def make(self, subject, issuer=None, **options):
        """A certificate for /CN=subject: a CA's with ca=True, else a server's for `names`, by default its subject."""
        self.count += 1
        made = Certificate(self.folder, f"c{self.count}", issuer)
        algorithm = options.get("algorithm", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        openssl("genpkey", "-quiet", *algorithm, "-out", made.key)
        request = openssl("req", "-new", "-key", made.key, "-subj", f"/CN={subject}")
        extensions = self.folder / f"e{self.count}.cnf"
        extensions.write_text(self._extensions(subject, issuer, options))
        database = self.folder / f"d{self.count}"
        database.mkdir()
        (database / "index").write_text("")
        (database / "serial").write_text(f"{0x1000 + self.count:x}\n")
        configuration = database / "ca.cnf"
        configuration.write_text(
            f"[ca]\ndefault_ca = d\n[d]\ndatabase = {database}/index\nserial = {database}/serial\n"
            f"new_certs_dir = {database}\npolicy = p\nunique_subject = no\n[p]\ncommonName = supplied\n"
        )
        signer = ["-selfsign", "-keyfile", made.key] if issuer is None else [
            "-cert", issuer.file, "-keyfile", options.get("signing_key", issuer.key),
        ]  # fmt: skip
        validity = ["-startdate", options["begins"]] if "begins" in options else []
        validity += ["-enddate", options["ends"]] if "ends" in options else ["-days", str(options.get("days", 90))]
        request_file = database / "request"
        request_file.write_bytes(request)
        openssl(
            "ca", "-batch", "-notext", "-config", configuration, "-in", request_file, "-out", made.file,
            "-extfile", extensions, "-md", options.get("hash", "sha256"), *validity, *signer,
        )  # fmt: skip
        return made

    @staticmethod
    def _extensions(subject, issuer, options):
        text = CA if options.get("ca") else LEAF
        if options.get("ca") and issuer is not None:
            text += "authorityKeyIdentifier = keyid\n"
        if not options.get("ca"):
            names = options.get("names", [subject])
            text += "subjectAltName = " + ", ".join(f"DNS:{name}" for name in names) + "\n"
        return text + options.get("extensions", "")

    def write(self, file, *certificates):
        path = self.folder / file
        path.write_text("".join(certificate.pem for certificate in certificates))
        return path
