"""Installations on several members and for copies of shared keys; the record of each, and the proof that ends it."""

import hashlib
import pathlib
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import cryptoki
import harness
import install_case
import request_case
from install_case import pem, serial
from renewal_case import key_id


class Evidence(install_case.InstallCase):
    def test_it_says_what_was_installed_where_by_whom_and_why(self):
        farm = self.ready()
        leaf = self.answer()
        self.assert_code(self.install(farm, self.with_chain(leaf), "--reason", "change 4711", "--store-chain"), 0)
        statement = self.install_evidence()
        subjects = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
        for name in ("web.rp01.pem", "web.rp01.chain.pem", "web.rp01.fullchain.pem"):
            self.assertEqual(subjects[name], hashlib.sha256((self.out / name).read_bytes()).hexdigest())
        self.assertEqual(subjects["SubjectPublicKeyInfo"], install_case.issuing.public_key_sha256(leaf, "x509"))
        predicate = statement["predicate"]
        self.assertEqual(predicate["run"]["reason"], "change 4711")
        self.assertEqual((predicate["item"]["request"], predicate["key"]["id"]), ("web", key_id()))
        installation = predicate["installation"]
        self.assertEqual(installation["certificate"]["serial"], serial(leaf))
        self.assertEqual((installation["root"], installation["former"]), ("CN=Test root", None))
        self.assertEqual([one["subject"] for one in installation["chain"]], ["CN=Issuing CA"])
        self.assertEqual([one["member"] for one in installation["tokens"]], ["rp01"])

    def test_what_the_token_did_not_take_is_on_record(self):
        farm = self.ready()
        outcome = self.install(farm, self.with_chain(self.answer()), "--json", fault="C_CreateObject=refuse:87")
        self.assert_code(outcome, 0)
        left_out = ["CKA_START_DATE", "CKA_END_DATE", "CKA_CERTIFICATE_CATEGORY"]
        self.assertEqual(outcome.json()["items"][0]["tokens"][0]["left_out"], left_out)
        self.assertEqual(self.install_evidence()["predicate"]["installation"]["tokens"][0]["left_out"], left_out)

    def test_the_proof_follows_and_asks_for_no_pin_of_its_own(self):
        farm = self.ready()
        with harness.TerminalRun(["install", farm, str(self.with_chain(self.answer())), "--out", str(self.out),
                                  "--pin-source", "prompt"], env=self.tokens.env) as run:  # fmt: skip
            run.wait_for("PIN of token rp01")
            run.type(self.tokens.pin + "\n")
            self.assertEqual(run.finish(), 0)
            self.assertEqual(run.shown.count("PIN of token rp01"), 1, run.shown)
            self.assertIn("1 proof", run.shown)

    def test_a_failed_proof_ends_in_8_and_the_certificate_stays(self):
        farm = self.ready()
        leaf = self.answer()
        outcome = self.install(farm, self.with_chain(leaf), "--json", fault="C_Sign=flip")
        self.assert_one_error_object(outcome, 8)
        self.assertIn("the certificate is stored, and stays so", outcome.error()["message"])
        self.assertIn("hsmreq prove", outcome.error()["hint"])
        self.assertEqual(self.installed(outcome), [("web", "rp01", 1, "created")])
        self.assertEqual([proof["state"] for proof in outcome.json()["items"][0]["proofs"]], ["failed"])
        self.assertEqual((self.out / "web.rp01.pem").read_text(), pem(leaf))
        self.assertEqual(len(self.certificate_objects()), 1)
        self.assert_code(self.run_command("prove", farm, "--only", "web"), 0)

    def test_a_token_that_gives_up_in_the_proof_ends_in_7_and_the_certificate_stays(self):
        farm = self.ready()
        outcome = self.install(farm, self.with_chain(self.answer()), "--json", fault="C_Sign=return:30")
        self.assert_one_error_object(outcome, 7)
        self.assertIn("the certificate is stored, and stays so", outcome.error()["message"])
        self.assertEqual(outcome.error()["rv"], "CKR_DEVICE_ERROR")
        self.assertEqual(len(self.certificate_objects()), 1)


class Members(install_case.InstallCase):
    labels = ("rp01", "rp02")

    def two(self, **options):
        farm = self.ready(members=list(self.labels), **options)
        return farm, self.answer("web.rp01"), self.answer("web.rp02")

    def test_each_certificate_finds_its_member(self):
        farm, one, two = self.two()
        shutil.rmtree(self.out)  # the keys in the tokens decide, not the requests
        outcome = self.install(farm, two, self.ca.root, one, "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.installed(outcome), [("web", "rp01", 1, "created"), ("web", "rp02", 1, "created")])
        for label, leaf in (("rp01", one), ("rp02", two)):
            self.assertEqual([entry[2] for entry in self.certificate_objects(label)], [serial(leaf)])
            self.assertEqual((self.out / f"web.{label}.pem").read_text(), pem(leaf))

    def test_a_token_that_no_certificate_is_for_is_not_logged_in_to(self):
        farm, one, _ = self.two()
        outcome = self.install(farm, self.with_chain(one), "--json", "--pin-source", "rp02=file:/nowhere", fault="")
        self.assert_code(outcome, 0)
        # The proof opens the token once more, through another owner of the module.
        self.assertEqual(self.installed(outcome), [("web", "rp01", 1, "created")])

    def test_this_machines_items_alone(self):
        farm, one, two = self.two()
        outcome = self.install(farm, self.with_chain(one), two, "--member", "rp01", "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.installed(outcome), [("web", "rp01", 1, "created")])
        self.assertEqual(self.certificate_objects("rp02"), [])
        said = self.install(farm, self.with_chain(one), two, "--only", "web/rp01")
        self.assert_code(said, 0)
        self.assertIn("web rp02, which is not selected", said.stderr)

    def test_a_copy_gets_the_certificate_of_the_shared_key_too(self):
        farm = self.ready(members=list(self.labels), sharing="shared", policy="wrap-only")
        self.assert_code(self.run_command("distribute", farm), 0)
        leaf = self.answer("web")
        outcome = self.install(farm, self.with_chain(leaf), "--json")
        self.assert_code(outcome, 0)
        (item,) = outcome.json()["items"]
        self.assertEqual([(one["member"], one["copy"], one["state"]) for one in item["tokens"]],
                         [("rp01", False, "created"), ("rp02", True, "created")])  # fmt: skip
        self.assertEqual([one["token_member"] for one in item["proofs"]], ["rp01", "rp02"])
        identity = cryptoki.key_id("small", "web")
        for label in self.labels:
            self.assertEqual([entry[:1] + entry[2:] for entry in self.certificate_objects(label)],
                             [(identity, serial(leaf))])  # fmt: skip
        again = self.install(farm, self.with_chain(leaf), "--member", "rp02", "--json")
        self.assert_code(again, 0)
        self.assertEqual([one["member"] for one in again.json()["items"][0]["tokens"]], ["rp02"])
        # A run for the copy alone leaves the record of the others alone.
        for stem, members in (("web", ["rp01", "rp02"]), ("web.rp02", ["rp02"])):
            tokens = self.install_evidence(stem)["predicate"]["installation"]["tokens"]
            self.assertEqual([one["member"] for one in tokens], members)

    def test_a_copy_out_of_reach_is_told_and_does_not_stop_the_rest(self):
        farm = self.ready(members=list(self.labels), sharing="shared", policy="wrap-only")
        away = pathlib.Path(farm).read_text().replace("pkcs11:token=rp02", "pkcs11:token=away")
        farm = self.write("away.toml", away)
        outcome = self.install(farm, self.with_chain(self.answer("web")), "--json")
        self.assert_code(outcome, 0)
        (item,) = outcome.json()["items"]
        self.assertEqual([one["member"] for one in item["tokens"]], ["rp01"])
        self.assertIn("install.copy-not-reached", [one["id"] for one in item["findings"]])

    def test_an_existing_key_gets_the_certificate_under_its_own_id(self):
        self.hand().generate("0badcafe", label="older")
        farm = self.ready(request='key.uri = "pkcs11:object=older"\n')
        leaf = self.answer()
        self.assert_code(self.install(farm, self.with_chain(leaf)), 0)
        self.assertEqual(self.certificate_objects(), [("0badcafe", "older", serial(leaf))])


class Interrupted(install_case.InstallCase):
    def test_the_certificate_at_hand_is_finished_and_the_code_is_130(self):
        farm = self.ready(requests={"web": ["web.example.com"], "api": ["api.example.com"]})
        given = [self.answer("web.rp01"), self.answer("api.rp01"), self.ca.root]
        environment = harness.clean_environment({
            **self.tokens.env, "HSMREQ_FAULT_REAL": self.tokens.module, "HSMREQ_FAULT": "C_CreateObject#1=hang:2",
            "HSMREQ_FAULT_TRACE": str(self.trace),
        })  # fmt: skip
        process = subprocess.Popen(
            [harness.PROGRAM, "install", farm, *map(str, given), "--out", str(self.out), "--json", "--module",
             request_case.FAULT_MODULE, "--trust-module"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(process.kill)
        deadline = time.monotonic() + harness.PATIENCE_SECONDS
        while not self.trace.exists() or "C_CreateObject" not in self.trace.read_text():
            self.assertIsNone(process.poll(), "it ended early")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=harness.PATIENCE_SECONDS)
        outcome = harness.Outcome(process.returncode, stdout, stderr)
        self.assert_one_error_object(outcome, 130)
        self.assertEqual([one[3] for one in self.installed(outcome)], ["created", "failed"])
        again = self.install(farm, *given, "--json")
        self.assert_code(again, 0)
        self.assertEqual([one[3] for one in self.installed(again)], ["unchanged", "created"])
        self.assertEqual([len(one["proofs"]) for one in again.json()["items"]], [1, 1])


if __name__ == "__main__":
    harness.main()
