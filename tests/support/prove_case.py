"""A test of `hsmreq prove`: keys in tokens, certificates from a CA of the test's own."""

import json
import shutil

import farms
import renewal_case
import request_case


class ProveCase(renewal_case.RenewalCase):
    def trusting(self, **options):
        """A farm whose certificates are to chain to the test's root."""
        text = farms.generic(self.tokens, **options)
        for name in options.get("faulty", []):
            plain = f'[[member]]\nname = "{name}"\nuri = "pkcs11:token={name}"'
            text = text.replace(plain, f'{plain}\nmodule = "{request_case.FAULT_MODULE}"')
        return self.write(options.get("file", "farm.toml"), f'{text}\n[trust]\nissuing_roots = ["{self.issuer.root}"]\n')

    def prove(self, farm, *more, **options):
        return self.run_command("prove", farm, *more, **options)

    def install(self, stem="web.rp01", issuer=None, **options):
        """Puts a certificate beside the request, as `install` leaves it."""
        issuer = issuer or self.issuer
        certificate = issuer.issue(self.out / f"{options.pop('of', stem)}.csr", **options)
        shutil.copy(certificate, self.out / f"{stem}.pem")
        return certificate

    def ready(self, **options):
        """A farm with its keys made and the certificate of the first one in place."""
        farm = self.trusting(**options)
        self.assert_code(self.request(farm), 0)
        self.install()
        return farm

    def proofs(self, outcome):
        """(request, token's member, generation, state) of each item of a run with --json."""
        self.assert_valid(outcome.stdout, "prove")
        return [(i["request"], i["token_member"], i["generation"], i["state"]) for i in outcome.json()["items"]]

    def proof(self, name="web.rp01.prove.evidence.json"):
        text = (self.out / name).read_text()
        self.assert_valid(text, "proof")
        return json.loads(text)

    def refused(self, farm, code, *words, more=(), **options):
        """A run that fails with that code and those words, and leaves nothing behind."""
        before = self.contents()
        outcome = self.prove(farm, "--json", *more, **options)
        self.assert_one_error_object(outcome, code)
        self.assert_valid(outcome.stdout, "prove")
        for word in words:
            self.assertIn(word, outcome.error()["message"] + " " + (outcome.error()["hint"] or ""))
        self.assertEqual(self.contents(), before)
        return outcome
