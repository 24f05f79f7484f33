"""A test of `hsmreq distribute`: a shared key on rp01, other members' tokens beside it."""

import json

import cryptoki
import farms
import harness
import request_case

RP = ("rp01", "rp02", "rp03")
IDENTITY = cryptoki.key_id("small", "web")
FAULTY_MEMBER = '[[member]]\nname = "{name}"\nuri = "pkcs11:token={name}"\nmodule = "{module}"'


class DistributeCase(request_case.RequestCase):
    labels = ("rp01", "rp02")

    def shared_farm(self, **options):
        """A farm with one wrap-only key for all of `labels`; `faulty` members reach their token by the fault module."""
        options = {"members": list(self.labels), "policy": "wrap-only", "sharing": "shared", **options}
        text = farms.generic(self.tokens, **options)
        for name in options.get("faulty", []):
            plain = f'[[member]]\nname = "{name}"\nuri = "pkcs11:token={name}"'
            text = text.replace(plain, FAULTY_MEMBER.format(name=name, module=request_case.FAULT_MODULE))
        return self.write(options.get("file", "farm.toml"), text)

    def farm_with_key(self, **options):
        farm = self.shared_farm(**options)
        self.assert_code(self.request(farm, "--trust-module", env=self.fault_environment("")), 0)
        return farm

    def fault_environment(self, fault):
        return {"HSMREQ_FAULT_REAL": self.tokens.module, "HSMREQ_FAULT": fault, "HSMREQ_FAULT_TRACE": str(self.trace)}

    def distribute(self, farm, *more, fault=None, everywhere=True, step=(), **popen):
        """One run. `fault` as in request(); not `everywhere`: for the farm's faulty members alone."""
        arguments = ["distribute", *step, farm, "--out", str(self.out), *more]
        environment = dict(self.tokens.env)
        if fault is not None:
            self.trace.unlink(missing_ok=True)
            environment.update(self.fault_environment(fault))
            arguments += ["--trust-module"]
            if everywhere:
                arguments += ["--module", request_case.FAULT_MODULE]
        return harness.run(arguments, env=environment, **popen)

    def copies(self, outcome):
        """(request, member, state) of each item of a run with --json."""
        self.assert_valid(outcome.stdout, "distribute")
        return [(i["request"], i["member"], i["state"]) for i in outcome.json()["items"]]

    def copy_evidence(self, member, stem="web"):
        text = (self.out / f"{stem}.{member}.copy.evidence.json").read_text()
        self.assert_valid(text, "copy-evidence")
        return json.loads(text)["predicate"]

    def assert_nothing_left(self, label="rp02"):
        """Not one object on the target: no half pair, no wrapping key."""
        self.assertEqual(farms.objects(self.tokens, label), [])

    def assert_copy(self, label="rp02"):
        """A whole copy and nothing else, as pkcs11-tool sees it."""
        found = farms.objects(self.tokens, label)
        self.assertEqual(sorted(entry["kind"] for entry in found), ["Private Key", "Public Key"], found)
        self.assertEqual({entry["ID"] for entry in found}, {IDENTITY})
        private = next(entry for entry in found if entry["kind"] == "Private Key")
        self.assertEqual(private["Access"], "sensitive")  # neither local, nor always so, nor extractable
        self.assertEqual(private["Usage"], "sign")
        return found

    def assert_signs(self, label="rp02", stem="web"):
        """An ECDSA signature by pkcs11-tool with the copy verifies under the public key of the published request."""
        data, signature, public = (self.folder / name for name in ("data", "signature", "public.pem"))
        data.write_bytes(bytes(32))
        public.write_text(self.public_key(stem))
        farms.tool("pkcs11-tool", "--module", self.tokens.module, "--token-label", label, "--login", "--pin",
                   self.tokens.pin, "--sign", "--mechanism", "ECDSA", "--id", IDENTITY, "--signature-format", "openssl",
                   "--input-file", data, "--output-file", signature, env=self.tokens.env)  # fmt: skip
        shown = farms.tool("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-in", data, "-sigfile",
                           signature)  # fmt: skip
        self.assertIn("Signature Verified Successfully", shown)
