"""What `hsmreq retire` shows before it destroys: certificates and listeners that still use the key."""

import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import install_case
import renewal_case
import servers
from renewal_case import key_id


class Uses(renewal_case.RenewalCase):
    def findings(self, outcome):
        return sorted({f["id"] for f in outcome.json()["findings"] if f["id"].startswith("retire.")})

    def test_the_only_unexpired_certificate(self):
        farm = self.farm()
        self.generations(farm, 2)
        self.certify(1, token=False)
        outcome = self.retire(farm, 1, "--dry-run", "--json")
        uses = outcome.json()["certificates"]
        self.assertEqual([u["place"] for u in uses], ["token", "web.rp01.pem"])
        self.assertTrue(all(u["only_unexpired"] for u in uses))
        self.assertEqual(self.findings(outcome), ["retire.certificate-valid", "retire.only-valid-certificate"])
        self.certify(2)
        outcome = self.retire(farm, 1, "--dry-run", "--json")
        self.assertEqual(self.findings(outcome), ["retire.certificate-valid"])

    def test_an_expired_one_is_no_use(self):
        farm = self.farm()
        self.generations(farm, 2, begins="200101000000Z", ends="210101000000Z")
        outcome = self.retire(farm, 1, "--dry-run", "--json")
        self.assertEqual(outcome.json()["certificates"][0]["not_after"], "2021-01-01T00:00:00Z")
        self.assertEqual(self.findings(outcome), [])

    def test_a_listener_with_another_key_and_one_that_is_gone(self):
        farm = self.farm()
        self.generations(farm, 2)
        address = servers.tls(self, self.folder / "ca" / "root.key", self.issuer.root)
        outcome = self.retire(farm, 1, "--dry-run", "--json", "--listener", address)
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.json()["listeners"], [{"address": address, "answers_with_key": False}])
        held = self.held()
        for gone in ("127.0.0.1:1", "no-such-host.invalid:443"):
            outcome = self.retire(farm, 1, "--yes", "--json", "--listener", gone)
            self.assert_one_error_object(outcome, 10)
            self.assertEqual(self.held(), held)

    def test_a_listener_that_answers_with_it(self):
        # A key that a server can use from a file as well: put into the token by hand under an older generation.
        self.hand().generate(key_id(2))
        key, der = self.folder / "key.pem", self.folder / "key.der"
        farms.tool("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        farms.tool("openssl", "pkey", "-in", key, "-pubout", "-outform", "DER", "-out", self.folder / "public.der")
        farms.tool("openssl", "pkey", "-in", key, "-outform", "DER", "-out", der)
        for kind, file in (("privkey", der), ("pubkey", self.folder / "public.der")):
            farms.tool("pkcs11-tool", "--module", self.tokens.module, "--token-label", "rp01", "--login", "--pin",
                       self.tokens.pin, "--write-object", file, "--type", kind, "--id", key_id(1), "--usage-sign",
                       env=self.tokens.env)  # fmt: skip
        farms.tool("openssl", "req", "-new", "-x509", "-key", key, "-subj", "/CN=web.example.com", "-out",
                   self.folder / "cert.pem")  # fmt: skip
        rsa = self.folder / "rsa.pem"
        farms.tool("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.folder / "rsa.key",
                   "-subj", "/CN=web.example.com", "-out", rsa)  # fmt: skip
        farm = self.farm()
        plain = servers.tls(self, key, self.folder / "cert.pem")
        double = servers.tls(self, self.folder / "rsa.key", rsa, "-dkey", key, "-dcert", self.folder / "cert.pem")
        only_rsa = servers.tls(self, self.folder / "rsa.key", rsa)
        old = servers.tls(self, key, self.folder / "cert.pem", "-tls1_2")
        outcome = self.retire(farm, 1, "--dry-run", "--json", *[w for a in (plain, double, only_rsa, old)
                                                                for w in ("--listener", a)])  # fmt: skip
        self.assert_code(outcome, 0)
        self.assertEqual([use["answers_with_key"] for use in outcome.json()["listeners"]], [True, True, False, True])
        self.assertIn("retire.listener-serves", self.findings(outcome))


class FormerCertificates(install_case.InstallCase):
    """Of a key that was certified more than once, `install` keeps the former certificates under their serial numbers."""

    def setUp(self):
        super().setUp()
        self.farm_file = self.ready()
        self.files = [self.answer(begins="261001000000Z", ends="270601000000Z"), self.answer(begins="261002000000Z")]
        for file in self.files:
            self.assert_code(self.install(self.farm_file, self.with_chain(file)), 0)
        self.kept = f"web.rp01.{install_case.serial(self.files[0])}.pem"

    def shown(self, generation):
        outcome = self.retire(self.farm_file, generation, "--all", "--dry-run", "--json")
        self.assert_code(outcome, 0)
        self.assert_valid(outcome.stdout, "retire")
        return outcome.json()

    def test_a_former_certificate_that_has_not_expired_is_a_use(self):
        document = self.shown(1)
        self.assertEqual([(use["place"], use["sha256"]) for use in document["certificates"]],
                         [(place, install_case.fingerprint(file)) for place, file in
                          (("token", self.files[1]), ("web.rp01.pem", self.files[1]), (self.kept, self.files[0]))])  # fmt: skip
        valid = [finding["where"] for finding in document["findings"] if finding["id"] == "retire.certificate-valid"]
        self.assertEqual(valid, ["token", self.kept])

    def test_other_files_that_begin_alike_are_none(self):
        for name in ("web.rp01.note.pem", "web.rp01.4001.copy.pem", "web.rp011.pem"):
            shutil.copy(self.files[0], self.out / name)
        (self.out / "web.rp01.ffff.pem").write_text("no certificate")
        (self.out / "web.rp01.fffe.pem").mkdir()
        self.assertEqual([use["place"] for use in self.shown(1)["certificates"]], ["token", "web.rp01.pem", self.kept])

    def test_that_of_a_later_generation_belongs_to_that(self):
        self.assert_code(self.renew(self.farm_file), 0)
        self.assert_code(self.install(self.farm_file, self.with_chain(self.answer("web.rp01.g2"))), 0)
        outcome = self.retire(self.farm_file, 1, "--dry-run", "--json")
        self.assert_code(outcome, 0)
        self.assertEqual([use["place"] for use in outcome.json()["certificates"]], ["token", "web.rp01.pem", self.kept])
        self.assertEqual({use["only_unexpired"] for use in outcome.json()["certificates"]}, {False})


if __name__ == "__main__":
    harness.main()
