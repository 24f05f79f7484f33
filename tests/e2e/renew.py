"""`renew`: the next generation beside the old one, gone on with until it has its certificate; or the old key again."""

import pathlib
import shutil
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import issuing
import renewal_case
import request_case
from renewal_case import key_id

FIRST = ["summary.json", "web.rp01.csr", "web.rp01.evidence.json"]
SECOND = ["web.rp01.g2.csr", "web.rp01.g2.evidence.json"]


class RenewCase(renewal_case.RenewalCase):
    def item(self, outcome, number=0, schema="renew"):
        self.assert_valid(outcome.stdout, schema)
        return outcome.json()["items"][number]

    def ids(self, kind):
        return sorted(entry["ID"] for entry in farms.objects(self.tokens, "rp01") if entry["kind"] == kind)


class NewKey(RenewCase):
    def test_the_next_generation_stands_beside_the_old_one(self):
        for where in ("token", "file"):
            with self.subTest(certificate_in=where):
                out = self.out
                farm = self.farm(requests={where: ["web.example.com"]}, file=f"{where}.toml")
                self.assert_code(self.request(farm, "--accept-new-keys"), 0)
                certificate = self.issuer.issue(out / f"{where}.rp01.csr")
                if where == "token":
                    issuing.store(self.tokens, "rp01", certificate, key_id(1, where))
                else:
                    shutil.copy(certificate, out / f"{where}.rp01.pem")
                old = (out / f"{where}.rp01.csr").read_bytes(), (out / f"{where}.rp01.evidence.json").read_bytes()
                outcome = self.renew(farm, "--json", "--reason", "yearly", "--accept-new-keys")
                self.assert_code(outcome, 0)
                item = self.item(outcome)
                self.assertEqual((item["generation"], item["state"], item["origin"]), (2, "created", "generated"))
                self.assertEqual(item["files"]["csr"], f"{where}.rp01.g2.csr")
                self.assertFalse(outcome.json()["same_key"])
                farms.openssl_request(out / f"{where}.rp01.g2.csr")
                farms.certtool_request(out / f"{where}.rp01.g2.csr")
                self.assertEqual(
                    ((out / f"{where}.rp01.csr").read_bytes(), (out / f"{where}.rp01.evidence.json").read_bytes()), old)
                self.assertNotEqual(self.public_key(f"{where}.rp01"), self.public_key(f"{where}.rp01.g2"))
                held = self.ids("Private Key")
                self.assertIn(key_id(1, where), held)
                self.assertIn(key_id(2, where), held)
                evidence = self.evidence(f"{where}.rp01.g2")
                self.assertEqual((evidence["key"]["generation"], evidence["run"]["reason"]), (2, "yearly"))
                self.assert_valid((out / "summary.json").read_text(), "request")
                labels = {e["label"] for e in farms.objects(self.tokens, "rp01") if e["kind"] == "Private Key"}
                self.assertIn(f"small.{where}.rp01.g2", labels)

    def test_without_a_certificate_it_goes_on_with_what_is_there(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        outcome = self.renew(farm, "--json")
        self.assertEqual((self.item(outcome)["generation"], self.item(outcome)["state"]), (1, "unchanged"))
        self.certify()
        self.assert_code(self.renew(farm), 0)
        before = self.contents()
        for _ in range(2):
            outcome = self.renew(farm, "--json")
            self.assert_code(outcome, 0)
            self.assertEqual((self.item(outcome)["generation"], self.item(outcome)["state"]), (2, "unchanged"))
            self.assertEqual(self.contents(), before)
            self.assertEqual(farms.pairs(self.tokens, "rp01"), (2, 2))
        (self.out / "web.rp01.g2.csr").unlink()
        self.assertEqual(self.item(self.renew(farm, "--json"))["state"], "recreated")
        self.assertEqual(self.names(), sorted(FIRST + SECOND))

    def test_each_certificate_allows_one_more(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        for generation in (1, 2, 3):
            self.certify(generation)
            self.assertEqual(self.item(self.renew(farm, "--json"))["generation"], generation + 1)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (4, 4))
        outcome = self.request(farm, "--json")
        self.assertEqual(self.item(outcome, schema="request")["generation"], 4)
        self.assertEqual(self.states(outcome), [("web", "rp01", "unchanged")])

    def test_shared_and_several_items_go_by_their_own_certificates(self):
        farm = self.farm(sharing="shared", requests={"web": ["web.example.com"], "api": ["api.example.com"]})
        self.assert_code(self.request(farm), 0)
        certificate = self.issuer.issue(self.out / "api.csr")
        issuing.store(self.tokens, "rp01", certificate, key_id(1, "api", ""))
        items = self.renew(farm, "--json").json()["items"]
        self.assertEqual({i["request"]: (i["generation"], i["state"]) for i in items},
                         {"web": (1, "unchanged"), "api": (2, "created")})  # fmt: skip

    def test_the_request_follows_the_farm_file_of_the_day(self):
        self.assert_code(self.request(self.farm()), 0)
        self.certify()
        farm = self.farm(requests={"web": ["web.example.com", "new.example.com"]})
        self.assert_code(self.renew(farm), 0)
        self.assertIn("DNS:new.example.com", farms.openssl_request(self.out / "web.rp01.g2.csr"))
        self.assertNotIn("new.example.com", farms.openssl_request(self.out / "web.rp01.csr"))

    def test_a_dry_run_makes_nothing(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        self.certify()
        before = self.contents()
        outcome = self.renew(farm, "--json", "--dry-run")
        self.assertEqual((self.item(outcome)["generation"], self.item(outcome)["state"]), (2, "planned"))
        self.assertEqual(self.contents(), before)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))

    def test_a_certificate_without_its_key_does_not_stand_in_the_way(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        self.certify()
        self.hand().destroy("private", key_id())
        self.assertEqual(self.item(self.renew(farm, "--json"))["generation"], 2)
        self.assertEqual(self.ids("Public Key"), sorted([key_id(1), key_id(2)]), "the old one is untouched")


class SameKey(RenewCase):
    def test_a_new_request_takes_the_place_of_the_old_one(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        self.certify()
        key, before = self.public_key("web.rp01"), (self.out / "web.rp01.csr").read_bytes()
        farm = self.farm(requests={"web": ["web.example.com", "new.example.com"]})
        outcome = self.renew(farm, "--json", "--same-key")
        self.assert_code(outcome, 0)
        item = self.item(outcome)
        self.assertEqual((item["generation"], item["state"], item["origin"]), (1, "replaced", "adopted"))
        self.assertTrue(outcome.json()["same_key"])
        self.assertEqual(self.public_key("web.rp01"), key)
        self.assertNotEqual((self.out / "web.rp01.csr").read_bytes(), before)
        self.assertIn("DNS:new.example.com", farms.openssl_request(self.out / "web.rp01.csr"))
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))
        self.assertEqual(self.names(), FIRST)
        digest = self.evidence("web.rp01")["csr"]["sha256"]
        self.assertIn(digest, farms.tool("sha256sum", self.out / "web.rp01.csr"))

    def test_it_never_makes_a_key(self):
        farm = self.farm()
        outcome = self.renew(farm, "--json", "--same-key")
        self.assert_finding(outcome, 5, "key.missing")
        self.hand().generate(key_id())
        self.hand().destroy("private", key_id())
        self.assert_finding(self.renew(farm, "--json", "--same-key", "--replace"), 5, "key.missing")
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 1), "nothing was removed")

    def test_another_key_than_the_request_s_is_changed(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        for kind in ("private", "public"):
            self.hand().destroy(kind, key_id())
        self.hand().generate(key_id())
        before = self.contents()
        self.assert_finding(self.renew(farm, "--json", "--same-key"), 8, "key.changed")
        self.assertEqual(self.contents(), before)


class Refused(RenewCase):
    def test_nothing_to_renew(self):
        outcome = self.renew(self.farm(), "--json")
        self.assert_finding(outcome, 5, "key.missing")
        self.assertIn("hsmreq request", outcome.error()["hint"])
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 0))

    def test_an_existing_key_is_never_renewed(self):
        self.hand().generate("c0ffee", label="bought")
        uri = 'key.uri = "pkcs11:object=bought;id=%c0%ff%ee"\n'
        farm = self.farm(request=uri)
        self.assert_code(self.request(farm), 0)
        before = self.contents()
        for flags in ([], ["--same-key"], ["--replace"]):
            with self.subTest(flags):
                outcome = self.renew(farm, "--json", *flags, fault="")
                self.assert_finding(outcome, 4, "key.existing")
                self.assertIn("never renewed", outcome.error()["message"])
                self.assertFalse(self.trace.exists(), "the module was not even asked")
                self.assertEqual(self.contents(), before)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))

    def test_files_of_a_next_generation_that_the_token_lacks(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        self.certify()
        self.assert_code(self.renew(farm), 0)
        for kind in ("private", "public"):
            self.hand().destroy(kind, key_id(2))
        self.assert_finding(self.renew(farm, "--json"), 5, "key.missing")
        self.assert_code(self.renew(farm, "--replace"), 0)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (2, 2))

    def test_a_wrong_pin_is_tried_once(self):
        farm = self.farm(requests={"web": ["web.example.com"], "api": ["api.example.com"]})
        self.assert_code(self.request(farm), 0)
        wrong = self.write("wrong", "00000000")
        pathlib.Path(wrong).chmod(0o600)
        outcome = self.renew(farm, "--json", "--pin-source", f"file:{wrong}", fault="")
        self.assert_one_error_object(outcome, 6)
        self.assertEqual(self.calls("C_Login"), 1)
        self.assert_valid(outcome.stdout, "renew")

    def test_rules_and_words(self):
        self.assert_code(harness.run(["renew"]), 2)
        self.assert_code(harness.run(["request", "farm.toml", "--same-key"]), 2)
        self.assert_code(self.renew(self.farm(requests={"web": ["bad_name.example.com"]})), 4)

    def test_text_says_what_was_made(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        self.certify()
        outcome = self.renew(farm)
        self.assertIn("web.rp01.g2.csr", outcome.stdout)
        self.assertIn("1 created.", outcome.stdout)


class Killed(RenewCase):
    """Killed before and after each call of the token, then run again: two generations, and the old one as it was."""

    def prepared(self, folder):
        tokens = harness.make_token("rp01", folder, pin=request_case.PIN)
        farm = folder / "farm.toml"
        farm.write_text(farms.generic(tokens))
        out = folder / "out"
        outcome = harness.run(["request", str(farm), "--out", str(out)], env=tokens.env)
        self.assert_code(outcome, 0)
        shutil.copy(self.issuer.issue(out / "web.rp01.csr"), out / "web.rp01.pem")
        return tokens, farm, out

    def arguments(self, farm, out, *more):
        return ["renew", str(farm), "--out", str(out), *more]

    def killed_once(self, place):
        number, how, flags, template = place
        folder = self.folder / f"{number}-{how}-{len(flags)}"
        shutil.copytree(template, folder)
        tokens = harness.Tokens.at(folder, request_case.PIN)
        farm, out = folder / "farm.toml", folder / "out"
        farm.write_text(farms.generic(tokens))
        old = farms.tool("openssl", "req", "-in", out / "web.rp01.csr", "-noout", "-pubkey")
        environment = {**tokens.env, "HSMREQ_FAULT_REAL": tokens.module, "HSMREQ_FAULT": f"any#{number}={how}"}
        first = harness.run(self.arguments(farm, out, *flags, "--module", request_case.FAULT_MODULE, "--trust-module"),
                            env=environment)  # fmt: skip
        if first.code != -signal.SIGKILL:
            return f"{place}: it was not killed: {first}"
        again = harness.run(self.arguments(farm, out, *flags), env=tokens.env)
        if again.code != 0:
            return f"{place}: {again}"
        generations = 1 if flags else 2
        wanted = sorted(FIRST + ["web.rp01.pem"] + (SECOND if not flags else []))
        if self.names(out) != wanted:
            return f"{place}: {self.names(out)}"
        for path in out.glob("*.csr"):
            farms.openssl_request(path)
        ids = {entry["ID"] for entry in farms.objects(tokens, "rp01")}
        if farms.pairs(tokens, "rp01") != (generations, generations) or len(ids) != generations:
            return f"{place}: {farms.pairs(tokens, 'rp01')} {ids}"
        if farms.tool("openssl", "req", "-in", out / "web.rp01.csr", "-noout", "-pubkey") != old:
            return f"{place}: the old request carries another key"
        return None

    def killed_everywhere(self, *flags):
        template = self.folder / "template"
        tokens, farm, out = self.prepared(template)
        trace = self.folder / "calls"
        copy = self.folder / "counted"
        shutil.copytree(template, copy)
        counted = harness.Tokens.at(copy, request_case.PIN)
        (copy / "farm.toml").write_text(farms.generic(counted))
        environment = {**counted.env, "HSMREQ_FAULT_REAL": counted.module, "HSMREQ_FAULT": "",
                       "HSMREQ_FAULT_TRACE": str(trace)}  # fmt: skip
        self.assert_code(harness.run(self.arguments(copy / "farm.toml", copy / "out", *flags, "--module",
                                                    request_case.FAULT_MODULE, "--trust-module"), env=environment), 0)
        total = len(trace.read_text().split())
        self.assertGreater(total, 15)
        places = [(n, how, list(flags), template) for n in range(1, total + 1) for how in ("kill-before", "kill-after")]
        with ThreadPoolExecutor(4) as pool:
            self.assertEqual([wrong for wrong in pool.map(self.killed_once, places) if wrong], [])

    def test_a_new_key(self):
        self.killed_everywhere()

    def test_the_same_key(self):
        self.killed_everywhere("--same-key")


if __name__ == "__main__":
    harness.main()
