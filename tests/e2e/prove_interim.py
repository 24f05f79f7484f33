"""The interim certificate: what it is, how it is marked, when it is kept, and that it never takes another's place."""

import datetime
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import issuing
import prove_case

MARK = "INTERIM self-signed, not for production"
FILE = "web.rp01.interim.pem"


def hours_left(file):
    text = farms.tool("openssl", "x509", "-in", file, "-noout", "-enddate").split("=")[1].strip()
    return (datetime.datetime.strptime(text, "%b %d %H:%M:%S %Y %Z") - datetime.datetime.utcnow()).total_seconds() / 3600


class Interim(prove_case.ProveCase):
    labels = ("rp01", "rp02")

    def waiting(self, **options):
        """A farm whose requests are with the CA."""
        farm = self.trusting(**options)
        self.assert_code(self.request(farm), 0)
        return farm

    def interim(self, farm, *more, **options):
        outcome = self.prove(farm, "--interim", "--json", *more, **options)
        self.assert_code(outcome, 0)
        return outcome

    def test_is_what_openssl_and_gnutls_take_for_a_servers_certificate(self):
        for algorithm in ("rsa-2048", "ec-p384"):
            with self.subTest(algorithm):
                self.out = self.folder / algorithm
                farm = self.waiting(algorithm=algorithm, name=algorithm, file=f"{algorithm}.toml",
                                    requests={"web": ["web.example.com", "*.example.org", "192.0.2.7"]})  # fmt: skip
                outcome = self.interim(farm)
                self.assertEqual(self.proofs(outcome), [("web", "rp01", 1, "created")])
                file = self.out / FILE
                self.assertIn(": OK", farms.tool("openssl", "verify", "-x509_strict", "-purpose", "sslserver",
                                                 "-verify_hostname", "x.example.org", "-CAfile", file, file))  # fmt: skip
                shown = farms.tool("openssl", "x509", "-in", file, "-noout", "-text")
                self.assertIn("DNS:web.example.com, DNS:*.example.org, IP Address:192.0.2.7", shown)
                self.assertIn("CA:FALSE", shown)
                self.assertIn("TLS Web Server Authentication", shown)
                self.assertEqual(shown.count(MARK), 2)
                self.assertIn("Key Usage (critical)", farms.tool("certtool", "-i", "--infile", file))
                self.assertEqual(issuing.public_key_sha256(file, "x509"),
                                 issuing.public_key_sha256(self.out / "web.rp01.csr"))  # fmt: skip
                self.assertTrue(7 * 24 - 1 < hours_left(file) <= 7 * 24)

    def test_is_marked_everywhere(self):
        farm = self.waiting()
        text = self.prove(farm, "--interim")
        self.assert_code(text, 0)
        self.assertIn("(INTERIM)", text.stdout)
        self.assertIn("never for production", text.stdout)
        item = self.interim(farm).json()["items"][0]
        self.assertEqual((item["certificate"]["kind"], item["certificate"]["for_production"]), ("interim", False))
        self.assertIn(MARK.split(",")[0], item["certificate"]["subject"])
        evidence = self.proof("web.rp01.interim.prove.evidence.json")["predicate"]
        self.assertEqual((evidence["certificate"]["kind"], evidence["certificate"]["for_production"]), ("interim", False))
        self.assertEqual(sorted(n for n in self.names() if "interim" in n), [FILE, "web.rp01.interim.prove.evidence.json"])
        self.assertNotIn("web.rp01.pem", self.names())

    def test_is_not_stored_in_the_token(self):
        self.interim(self.waiting())
        self.assertEqual({entry["kind"] for entry in farms.objects(self.tokens, "rp01")},
                         {"Private Key", "Public Key"})  # fmt: skip

    def test_is_kept_while_it_stands(self):
        farm = self.waiting()
        self.interim(farm)
        before = (self.out / FILE).read_bytes()
        outcome = self.interim(farm)
        self.assertEqual(self.proofs(outcome), [("web", "rp01", 1, "proved")])
        self.assertEqual((self.out / FILE).read_bytes(), before)

    def test_is_issued_again_for_other_names_or_another_key(self):
        farm = self.waiting()
        self.interim(farm)
        before = (self.out / FILE).read_bytes()
        farm = self.trusting(requests={"web": ["web.example.com", "new.example.com"]})
        outcome = self.interim(farm)
        self.assertEqual(self.proofs(outcome), [("web", "rp01", 1, "created")])
        self.assertEqual(outcome.json()["items"][0]["names"], ["web.example.com", "new.example.com"])
        self.assertNotEqual((self.out / FILE).read_bytes(), before)
        self.out = self.folder / "other"
        other = self.waiting(name="other", file="other.toml", members=["rp02"])
        (self.out / "web.rp02.interim.pem").write_bytes(before)
        self.assertEqual(self.proofs(self.interim(other)), [("web", "rp02", 1, "created")])

    def test_never_takes_the_place_of_something_else(self):
        farm = self.waiting()
        (self.out / FILE).write_text("somebody's notes")
        self.refused(farm, 9, "no interim certificate", more=["--interim"])
        self.interim(farm, "--replace")
        self.assertIn("BEGIN CERTIFICATE", (self.out / FILE).read_text())

    def test_gives_way_to_the_certificate_of_the_ca(self):
        farm = self.waiting()
        self.interim(farm)
        self.install()
        before = (self.out / "web.rp01.pem").read_bytes()
        outcome = self.interim(farm)
        self.assertEqual(outcome.json()["items"][0]["certificate"]["kind"], "issued")
        self.assertEqual((self.out / "web.rp01.pem").read_bytes(), before)

    def test_is_no_certificate_to_a_proof_without_the_flag(self):
        farm = self.waiting()
        self.interim(farm)
        self.refused(farm, 5, "no certificate yet")

    def test_in_the_place_of_the_cas_certificate_is_refused(self):
        farm = self.waiting()
        self.interim(farm)
        (self.out / "web.rp01.pem").write_bytes((self.out / FILE).read_bytes())
        self.refused(farm, 8, "web.rp01.pem is an interim certificate")
        self.refused(farm, 8, "web.rp01.pem is an interim certificate", more=["--interim"])

    def test_is_for_the_generation_that_waits(self):
        farm = self.waiting()
        self.install()
        self.assert_code(self.renew(farm), 0)
        outcome = self.interim(farm)
        self.assertEqual(self.proofs(outcome), [("web", "rp01", 1, "proved"), ("web", "rp01", 2, "created")])
        self.assertIn("web.rp01.g2.interim.pem", self.names())

    def test_of_a_shared_key_serves_all_its_copies(self):
        farm = self.waiting(members=["rp01", "rp02"], policy="wrap-only", sharing="shared")
        self.assert_code(self.run_command("distribute", farm), 0)
        outcome = self.interim(farm)
        self.assertEqual(self.proofs(outcome), [("web", "rp01", 1, "created"), ("web", "rp02", 1, "proved")])
        self.assertEqual(len({i["certificate"]["sha256"] for i in outcome.json()["items"]}), 1)

    def test_a_dry_run_issues_none(self):
        farm = self.waiting()
        before = self.names()
        self.assertEqual(self.proofs(self.interim(farm, "--dry-run")), [("web", "rp01", 1, "planned")])
        self.assertEqual(self.names(), before)

    def test_with_a_wrong_signature_is_not_published(self):
        farm = self.waiting()
        self.refused(farm, 8, "interim certificate does not verify", more=["--interim"], fault="C_Sign=flip")
        self.refused(farm, 8, "TLS 1.3", more=["--interim"], fault="C_Sign#3=flip")
        self.refused(farm, 7, "C_Sign", "CKR_DEVICE_ERROR", more=["--interim"], fault="C_Sign=return:30")


if __name__ == "__main__":
    harness.main()
