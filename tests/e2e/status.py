"""`status`: the states of a certificate's life, and when a renewal is due."""

import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import issuing
import status_case
from renewal_case import key_id
from status_case import day, judge_metrics


class States(status_case.StatusCase):
    def test_the_life_of_a_certificate(self):
        farm = self.farm()
        item = self.item(self.status(farm, "--json"))
        self.assertEqual((item["state"], item["generation"], item["next"]), ("no-request", None, "request"))
        self.assertEqual(self.ids(item), ["status.nothing-shown"])
        self.assert_code(self.request(farm), 0)
        item = self.item(self.status(farm, "--json"))
        self.assertEqual((item["state"], item["generation"], item["next"]), ("waiting", 1, "install"))
        self.certify(1)
        self.certify(1, token=False)
        item = self.item(self.status(farm, "--json"))
        self.assertEqual((item["state"], item["next"], item["due"]), ("valid", None, False))
        self.assert_code(self.renew(farm), 0)
        item = self.item(self.status(farm, "--json"))
        self.assertEqual((item["state"], item["generation"], item["pending_generation"], item["next"], item["due"]),
                         ("renewal-pending", 1, 2, "install", False))  # fmt: skip
        self.certify(2)
        item = self.item(self.status(farm, "--json"))
        self.assertEqual((item["state"], item["generation"], item["pending_generation"], item["older"], item["next"]),
                         ("valid", 2, None, [1], "retire"))  # fmt: skip
        self.assert_code(self.retire(farm, 1, "--yes"), 0)
        item = self.item(self.status(farm, "--json"))
        self.assertEqual((item["older"], item["next"]), ([], None))
        self.assertEqual([g["private_key"] for g in item["generations"]], ["gone", "unknown"])

    def test_the_certificate_s_facts_are_those_that_openssl_reads(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        file = self.certify(1)
        certificate = self.item(self.status(farm, "--json"))["certificate"]
        text = farms.tool("openssl", "x509", "-in", file, "-noout", "-serial", "-enddate", "-dateopt", "iso_8601",
                          "-fingerprint", "-sha256")  # fmt: skip
        self.assertIn("serial=" + certificate["serial"].upper(), text)
        self.assertIn("notAfter=" + certificate["not_after"].replace("T", " "), text)
        self.assertIn(certificate["sha256"].upper(), text.replace(":", ""))
        self.assertEqual(certificate["sources"], ["token"])
        self.assertEqual(certificate["public_key_sha256"], issuing.public_key_sha256(self.out / "web.rp01.csr"))

    def test_token_and_file_that_agree_are_one_certificate_with_two_sources(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        shutil.copy(self.certify(1), self.out / "web.rp01.pem")
        (self.out / "web.rp01.chain.pem").write_text(self.issuer.root.read_text())
        item = self.item(self.status(farm, "--json"))
        self.assertEqual(item["certificate"]["sources"], ["web.rp01.pem", "token"])
        self.assertEqual(item["generations"][0]["chain_file"], "web.rp01.chain.pem")
        self.assertEqual(self.ids(item), [])

    def test_token_and_file_that_differ_are_told_apart(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        self.certify(1, begins=day(-10), ends=day(80))
        self.certify(1, token=False, begins=day(-5), ends=day(85))
        item = self.item(self.status(farm, "--json"))
        self.assertEqual(self.ids(item), ["status.certificates-differ"])
        self.assertEqual(item["certificate"]["sources"], ["web.rp01.pem"], "the one that lasts longer")

    def test_the_certificate_of_another_key_does_not_count(self):
        farm = self.farm(requests={"web": ["web.example.com"], "app": ["app.example.com"]})
        self.assert_code(self.request(farm), 0)
        shutil.copy(self.issuer.issue(self.out / "app.rp01.csr"), self.out / "web.rp01.pem")
        item = self.item(self.status(farm, "--json"), 4)
        self.assertEqual((item["state"], item["certificate"], self.ids(item)), ("waiting", None, ["cert.key-mismatch"]))

    def test_a_file_that_is_no_certificate_is_said_to_be_none(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        for text in ("not yet\n", self.issuer.root.read_text()):
            (self.out / "web.rp01.pem").write_text(text)
            item = self.item(self.status(farm, "--json"), 4)
            self.assertEqual((item["state"], self.ids(item)), ("waiting", ["cert.malformed"]))
            self.assertIn("install the certificate again", item["findings"][0]["fix"])

    def test_an_existing_key_is_found_without_a_login(self):
        self.hand().generate("c0ffee", label="bought")
        farm = self.farm(request='key.uri = "pkcs11:object=bought;id=%c0%ff%ee"\n')
        self.assert_code(self.request(farm), 0)
        issuing.store(self.tokens, "rp01", self.issuer.issue(self.out / "web.rp01.csr"), "c0ffee", "bought")
        item = self.item(self.status(farm, "--json"))
        self.assertEqual((item["state"], item["generation"]), ("valid", 1))
        self.assertEqual(item["generations"][0]["key_id"], "c0ffee")

    def test_only_and_member_choose_items(self):
        self.tokens.make_token("rp02")
        farm = self.farm(members=["rp01", "rp02"], requests={"web": ["web.example.com"], "app": ["app.example.com"]})
        for more, expected in (
            ([], [("web", "rp01"), ("web", "rp02"), ("app", "rp01"), ("app", "rp02")]),
            (["--only", "app"], [("app", "rp01"), ("app", "rp02")]),
            (["--only", "app/rp02"], [("app", "rp02")]),
            (["--member", "rp02"], [("web", "rp02"), ("app", "rp02")]),
        ):
            with self.subTest(more):
                items = self.told(self.status(farm, "--json", *more))["items"]
                self.assertEqual([(i["request"], i["member"]) for i in items], expected)
        self.assert_code(self.status(farm, "--only", "webb"), 2)
        self.assert_code(self.status(farm, "--member", "rp03"), 2)

    def test_copies_of_a_shared_key_stand_by_themselves(self):
        self.tokens.make_token("rp02")
        farm = self.farm(members=["rp01", "rp02"], sharing="shared", policy="wrap-only")
        self.assert_code(self.request(farm), 0)
        items = self.told(self.status(farm, "--json"))["items"]
        self.assertEqual([(i["token_member"], i["copy"], i["state"]) for i in items],
                         [("rp01", False, "waiting"), ("rp02", True, "not-distributed")])  # fmt: skip
        self.assert_code(self.run_command("distribute", farm), 0)
        issuing.store(self.tokens, "rp02", self.issuer.issue(self.out / "web.csr"), key_id(member=""))
        items = self.told(self.status(farm, "--json", "--member", "rp02"))["items"]
        self.assertEqual([(i["token_member"], i["copy"], i["state"]) for i in items], [("rp02", True, "valid")])
        judge_metrics(self.status(farm, "--format", "prometheus").stdout)


class Due(status_case.StatusCase):
    def certified(self, begins, ends, **options):
        farm = self.farm(**options)
        self.assert_code(self.request(farm), 0)
        self.certify(1, begins=day(begins), ends=day(ends))
        return farm

    def test_a_third_of_the_lifetime_is_the_usual_warning(self):
        rows = [((-60, 31), False), ((-62, 28), True)]
        for (begins, ends), due in rows:
            with self.subTest(left=ends):
                shutil.rmtree(self.folder / "softhsm" / "tokens")
                (self.folder / "softhsm" / "tokens").mkdir()
                self.tokens.make_token("rp01")
                shutil.rmtree(self.out, ignore_errors=True)
                document = self.told(self.status(self.certified(begins, ends), "--json"))
                item = document["items"][0]
                self.assertEqual((document["due"], item["due"]), (due, due))
                self.assertEqual(self.ids(item), ["cert.expires-soon"] if due else [])
                self.assertEqual(item["certificate"]["days_left"], ends)

    def test_warn_days_and_what_a_script_sees(self):
        farm = self.certified(-70, 20)
        for days, due in (("15", False), ("30", True)):
            outcome = self.status(farm, "--json", "--warn-days", days)
            self.assertEqual(self.told(outcome)["due"], due)
            outcome = self.status(farm, "--warn-days", days, "--exit-code")
            self.assert_code(outcome, 4 if due else 0)
        self.assertIn("a renewal is due: web rp01", outcome.stderr)
        self.assertIn("hsmreq renew", outcome.stderr)
        outcome = self.status(farm, "--json", "--warn-days", "30", "--exit-code")
        self.assert_one_error_object(outcome, 4)
        self.assertEqual(outcome.json()["items"][0]["next"], "renew")
        self.assert_code(self.renew(farm), 0)
        self.assert_code(self.status(farm, "--warn-days", "30", "--exit-code"), 0)

    def test_expired_and_not_yet_valid_are_errors(self):
        farm = self.certified(-90, -2)
        item = self.item(self.status(farm, "--json"), 4)
        self.assertEqual((item["state"], item["due"], item["next"], self.ids(item)),
                         ("expired", True, "renew", ["cert.expired"]))  # fmt: skip
        self.assertLess(item["certificate"]["days_left"], 0)
        outcome = self.status(farm)
        self.assert_code(outcome, 4)
        self.assertIn("cert.expired", outcome.stderr)
        self.hand().destroy("certificate", key_id())
        self.certify(1, begins=day(3), ends=day(80))
        item = self.item(self.status(farm, "--json"), 4)
        self.assertEqual((item["state"], item["due"], self.ids(item)), ("not-yet-valid", False, ["cert.not-yet-valid"]))

    def test_names_that_the_farm_now_wants_make_it_due(self):
        farm = self.certified(-1, 89)
        text = pathlib.Path(farm).read_text().replace("['web.example.com']", "['web.example.com', 'new.example.com']")
        wider = self.write("wider.toml", text)
        item = self.item(self.status(wider, "--json"), 4)
        self.assertEqual((item["due"], item["missing_names"], self.ids(item)),
                         (True, ["new.example.com"], ["name.missing"]))  # fmt: skip
        # The names are asked for on the same key: what is due now is the CA's answer.
        self.assert_code(self.run_command("renew", wider, "--same-key", "--replace"), 0)
        item = self.item(self.status(wider, "--json"), 4)
        self.assertEqual((item["due"], item["next"]), (False, "install"))

    def test_names_that_the_farm_no_longer_wants_are_a_warning(self):
        farm = self.certified(-1, 89, requests={"web": ["web.example.com", "old.example.com"]})
        text = pathlib.Path(farm).read_text().replace(", 'old.example.com'", "")
        item = self.item(self.status(self.write("less.toml", text), "--json"))
        self.assertEqual((item["unexpected_names"], self.ids(item), item["due"]),
                         (["old.example.com"], ["name.unexpected"], False))  # fmt: skip

    def test_an_accepted_finding_does_not_refuse(self):
        farm = self.certified(-90, -2)
        text = pathlib.Path(farm).read_text() + '\n[[rules.accept]]\nfinding = "cert.expired"\nreason = "moving away"\n'
        outcome = self.status(self.write("accepted.toml", text), "--json")
        self.assertEqual(self.item(outcome)["findings"][0]["accepted"], "moving away")


if __name__ == "__main__":
    harness.main()
