"""A test of what follows after the first request: certificates from a CA, further generations, their end."""

import json
import shutil

import cryptoki
import farms
import issuing
import request_case


def key_id(generation=1, request="web", member="rp01"):
    return cryptoki.key_id("small", request, member, generation)


def stem_of(generation, stem="web.rp01"):
    return stem if generation == 1 else f"{stem}.g{generation}"


class RenewalCase(request_case.RequestCase):
    def setUp(self):
        super().setUp()
        self.issuer = issuing.Issuer(self.folder / "ca")

    def renew(self, farm, *more, **options):
        return self.run_command("renew", farm, *more, **options)

    def retire(self, farm, generation, *more, request="web", **options):
        return self.run_command("retire", farm, "--request", request, "--generation", str(generation), *more, **options)

    def certify(self, generation=1, token=True, label="rp01", **validity):
        """What `install` does, by outside means: the CA's certificate into the token or beside the request."""
        certificate = self.issuer.issue(self.out / f"{stem_of(generation)}.csr", **validity)
        if token:
            issuing.store(self.tokens, label, certificate, key_id(generation))
        else:
            shutil.copy(certificate, self.out / f"{stem_of(generation)}.pem")
        return certificate

    def generations(self, farm, count, **validity):
        """The first key and its successors, all with certificates but the last."""
        self.assert_code(self.request(farm), 0)
        for generation in range(1, count):
            self.certify(generation, **validity)
            self.assert_code(self.renew(farm), 0)

    def held(self, label="rp01"):
        """CKA_ID -> the sorted kinds of what pkcs11-tool finds under it."""
        found = {}
        for entry in farms.objects(self.tokens, label):
            found.setdefault(entry["ID"], []).append(entry["kind"])
        return {identity: sorted(kinds) for identity, kinds in found.items()}

    def record(self, name):
        text = (self.out / name).read_text()
        self.assert_valid(text, "retired")
        return json.loads(text)
