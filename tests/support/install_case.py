"""A test of `hsmreq install`: a root, an issuing CA below it, and keys that wait for their certificates."""

import json
import pathlib

import farms
import issuing
import renewal_case

PARTS = ("", ".chain", ".fullchain")


class InstallCase(renewal_case.RenewalCase):
    """`self.issuer` is the root, `self.ca` the issuing CA."""

    def setUp(self):
        super().setUp()
        self.ca = issuing.Issuer(self.folder / "issuing-ca", above=self.issuer, name="Issuing CA")

    def trusting(self, roots=None, **options):
        """A farm whose certificates are to chain to the root, with its keys not yet made."""
        text = farms.generic(self.tokens, **options)
        root = roots or self.issuer.root
        return self.write(options.get("file", "farm.toml"), f'{text}\n[trust]\nissuing_roots = ["{root}"]\n')

    def ready(self, **options):
        """The same with its keys made."""
        farm = self.trusting(**options)
        self.assert_code(self.request(farm), 0)
        return farm

    def answer(self, stem="web.rp01", issuer=None, **options):
        """The file of the certificate that the CA makes of a request."""
        return (issuer or self.ca).issue(self.out / f"{stem}.csr", **options)

    def bundle(self, *files, name="bundle.pem"):
        path = self.folder / name
        path.write_text("".join(pathlib.Path(file).read_text() for file in files))
        return path

    def with_chain(self, leaf, name="bundle.pem"):
        return self.bundle(leaf, self.ca.root, name=name)

    def install(self, farm, *more, **options):
        return self.run_command("install", farm, *map(str, more), **options)

    def installed(self, outcome):
        """(request, member or "", generation, state) of each item of a run with --json."""
        self.assert_valid(outcome.stdout, "install")
        return [(i["request"], i["member"] or "", i["generation"], i["state"]) for i in outcome.json()["items"]]

    def refused(self, farm, code, *files, more=(), finding=None, words=(), **options):
        """A run that fails with that code, the finding and the words, and leaves token and files as they were."""
        before = self.contents(), self.held()
        outcome = self.install(farm, *files, "--json", *more, **options)
        self.assert_one_error_object(outcome, code)
        if outcome.stdout:
            self.assert_valid(outcome.stdout, "install")
        if finding is not None:
            self.assertEqual(outcome.error()["finding"], finding, outcome)
        for word in words:
            self.assertIn(word, outcome.error()["message"] + " " + (outcome.error()["hint"] or ""))
        self.assertEqual((self.contents(), self.held()), before)
        return outcome

    def install_evidence(self, stem="web.rp01"):
        text = (self.out / f"{stem}.install.evidence.json").read_text()
        self.assert_valid(text, "install-evidence")
        return json.loads(text)

    def certificate_objects(self, label="rp01"):
        """The certificate objects that pkcs11-tool lists: sorted (CKA_ID, label, serial)."""
        found = [entry for entry in farms.objects(self.tokens, label) if entry["kind"] == "Certificate"]
        return sorted((entry["ID"], entry["label"], entry.get("serial", "").lower()) for entry in found)

    def token_certificate(self, identity, label="rp01"):
        """The certificate under that CKA_ID as PEM, by pkcs11-tool."""
        der = self.folder / "from-token.der"
        farms.tool("pkcs11-tool", "--module", self.tokens.module, "--token-label", label, "--read-object", "--type",
                   "cert", "--id", identity, "--output-file", der, env=self.tokens.env)  # fmt: skip
        return farms.tool("openssl", "x509", "-inform", "DER", "-in", der)


def pem(file):
    """The first certificate of a file, as openssl writes it."""
    return farms.tool("openssl", "x509", "-in", file)


def serial(file):
    return farms.tool("openssl", "x509", "-in", file, "-noout", "-serial").split("=")[1].strip().lower()


def fingerprint(file):
    text = farms.tool("openssl", "x509", "-in", file, "-noout", "-fingerprint", "-sha256")
    return text.split("=")[1].strip().replace(":", "").lower()
