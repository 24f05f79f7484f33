"""A CA for tests, made with the openssl tool, and pkcs11-tool as the way of its certificates into a token."""

import pathlib

import farms


class Issuer:
    """Signs requests in a folder of its own; a root, or below another issuer."""

    def __init__(self, folder, above=None, name="Test root"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.root, self.key = self.folder / "root.pem", self.folder / "root.key"
        self.count = 0
        farms.tool("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                   self.key, "-out", self.root, "-subj", f"/CN={name}", "-days", "3650")  # fmt: skip
        if above is not None:
            request = self.folder / "ca.csr"
            farms.tool("openssl", "req", "-new", "-key", self.key, "-subj", f"/CN={name}", "-out",
                       request)  # fmt: skip
            extensions = "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign\n"
            self.root.write_bytes(above.issue(request, extensions=extensions).read_bytes())

    @classmethod
    def of(cls, folder, certificate):
        """One that signs with an authority.Certificate."""
        issuer = cls(folder)
        issuer.root, issuer.key = certificate.file, certificate.key
        return issuer

    def issue(self, request, begins=None, ends=None, extensions=None):
        """The file of a certificate for that request's key: times as `openssl ca` has them (YYMMDDHHMMSSZ), extensions
        as in its configuration, by default the request's."""
        self.count += 1
        file = self.folder / f"{self.count}.pem"
        place = self.folder / f"ca{self.count}"
        place.mkdir()
        (place / "index").write_text("")
        (place / "serial").write_text(f"{0x4000 + self.count:x}\n")
        (place / "ca.cnf").write_text(
            f"[ca]\ndefault_ca = d\n[d]\ndatabase = {place}/index\nserial = {place}/serial\nnew_certs_dir = {place}\n"
            "policy = p\nunique_subject = no\ndefault_md = sha256\n"
            f"copy_extensions = {'copy' if extensions is None else 'none'}\n[p]\ncommonName = optional\n"
        )
        (place / "extensions").write_text(extensions or "")
        text = pathlib.Path(request).read_bytes()
        form = "PEM" if text.startswith(b"-----") else "DER"
        validity = ["-startdate", begins] if begins else []
        validity += ["-enddate", ends] if ends else ["-days", "90"]
        validity += ["-extfile", place / "extensions"] if extensions else []
        farms.tool("openssl", "ca", "-batch", "-notext", "-config", place / "ca.cnf", "-cert", self.root, "-keyfile",
                   self.key, "-in", request, "-inform", form, "-out", file, *validity)  # fmt: skip
        return file


def store(tokens, label, certificate, identity, name="certificate"):
    """Writes the certificate into the token under that CKA_ID."""
    der = pathlib.Path(certificate).with_suffix(".der")
    farms.tool("openssl", "x509", "-in", certificate, "-outform", "DER", "-out", der)
    farms.tool("pkcs11-tool", "--module", tokens.module, "--token-label", label, "--login", "--pin", tokens.pin,
               "--write-object", der, "--type", "cert", "--id", identity, "--label", name, env=tokens.env)  # fmt: skip


def public_key_sha256(file, kind="req"):
    """SHA-256 of the SubjectPublicKeyInfo of a request ("req") or certificate ("x509")."""
    text = farms.tool("sh", "-c", 'openssl "$1" -in "$2" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum',
                      "sh", kind, file)  # fmt: skip
    return text.split()[0]
