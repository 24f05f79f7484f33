"""A test of signed evidence: a token "log" with a key for it, made with other programs, and openssl as the judge."""

import base64
import hashlib
import json

import farms
import request_case

PAYLOAD_TYPE = "application/vnd.in-toto+json"
KINDS = {"rsa": "rsa:2048", "p256": "EC:prime256v1", "p384": "EC:secp384r1", "ed25519": "EC:edwards25519"}


class SigningCase(request_case.RequestCase):
    labels = ("rp01", "log")

    def tool(self, *arguments, label="log"):
        return farms.tool("pkcs11-tool", "--module", self.tokens.module, "--token-label", label, "--login", "--pin",
                          self.tokens.pin, *arguments, env=self.tokens.env)  # fmt: skip

    def make_evidence_key(self, label="ev", kind="p256", identity="0a", token="log"):
        """A pair made with another program; returns its public key in PEM."""
        self.tool("--keypairgen", "--key-type", KINDS[kind], "--label", label, "--id", identity, "--usage-sign", label=token)
        return self.read_public_key(label, token)

    def read_public_key(self, label="ev", token="log"):
        pem = self.folder / f"{label}.pem"
        farms.tool("p11tool", "--provider", self.tokens.module, "--login", "--set-pin", self.tokens.pin,
                   "--export-pubkey", f"pkcs11:token={token};object={label};type=public", "--outfile", pem,
                   env=self.tokens.env)  # fmt: skip
        return pem

    def signed_farm(self, key="pkcs11:token=log;object=ev", more="", **options):
        return self.write("farm.toml", farms.generic(self.tokens, **options) + f'\n[evidence]\nkey = "{key}"\n{more}')

    def envelope(self, stem):
        text = (self.out / f"{stem}.evidence.dsse.json").read_text()
        self.assert_valid(text, "envelope")
        return json.loads(text)

    def assert_signed(self, stem, public_key):
        """openssl verifies what the specification says is signed; the payload is the statement, byte for byte."""
        envelope = self.envelope(stem)
        payload = base64.b64decode(envelope["payload"], validate=True)
        self.assertEqual(payload, (self.out / f"{stem}.evidence.json").read_bytes())
        self.assertEqual(envelope["payloadType"], PAYLOAD_TYPE)
        (signature,) = envelope["signatures"]
        spki = farms.tool("openssl", "pkey", "-pubin", "-in", public_key, "-outform", "DER", "-out", self.folder / "spki")
        spki = (self.folder / "spki").read_bytes()
        self.assertEqual(signature["keyid"], hashlib.sha256(spki).hexdigest())
        message, value = self.folder / "message", self.folder / "signature"
        message.write_bytes(b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload))
        value.write_bytes(base64.b64decode(signature["sig"], validate=True))
        kind = farms.tool("openssl", "pkey", "-pubin", "-in", public_key, "-noout", "-text")
        command = ["openssl", "dgst", "-sha256", "-verify", public_key, "-signature", value, message]
        if "ED25519" in kind:
            command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public_key, "-rawin", "-in", message,
                       "-sigfile", value]  # fmt: skip
        self.assertRegex(farms.tool(*command), "Verified OK|Verified Successfully")

    def assert_nothing_made(self, names=()):
        """No pair on the members' token, nothing but these in the output directory."""
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 0))
        self.assertEqual([n for n in self.names() if n != "summary.json"], list(names))
