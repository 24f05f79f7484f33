"""[evidence] key: every statement is signed in a token, by a key that is there for that alone; openssl is the judge."""

import pathlib
import shutil
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import request_case
import served
import signing_case


class Signing(signing_case.SigningCase):
    def test_each_kind_of_key_signs_what_openssl_verifies(self):
        for number, kind in enumerate(signing_case.KINDS):
            with self.subTest(kind):
                public_key = self.make_evidence_key(kind, kind, f"0{number}")
                farm = self.signed_farm(f"pkcs11:token=log;object={kind}", requests={kind: ["a.example.com"]})
                outcome = self.request(farm, "--json", "--accept-new-keys")
                self.assert_code(outcome, 0)
                self.assertEqual(self.item(outcome)["files"]["envelope"], f"{kind}.rp01.evidence.dsse.json")
                self.assert_signed(f"{kind}.rp01", public_key)

    def test_a_batch_logs_in_once_to_each_token(self):
        public_key = self.make_evidence_key()
        requests = {f"r{n}": [f"r{n}.example.com"] for n in range(5)}
        outcome = self.request(self.signed_farm(requests=requests), "--jobs", "3", fault="")
        self.assert_code(outcome, 0)
        self.assertEqual((self.calls("C_Login"), self.calls("C_Initialize")), (2, 1))
        for name in requests:
            self.assert_signed(f"{name}.rp01", public_key)

    def test_on_the_members_own_token_one_login_is_enough(self):
        public_key = self.make_evidence_key(token="rp01")
        outcome = self.request(self.signed_farm("pkcs11:token=rp01;id=%0A"), fault="")
        self.assert_code(outcome, 0)
        self.assertEqual(self.calls("C_Login"), 1)
        self.assert_signed("web.rp01", public_key)

    def test_a_token_of_another_module_with_a_pin_of_its_own(self):
        other = harness.make_token("vault", self.folder / "other", pin="55551111")
        here, self.tokens = self.tokens, other
        public_key = self.make_evidence_key(token="vault")
        self.tokens = here
        # Two modules in one process: SoftHSM and, through the p11-kit server's client, another process's SoftHSM.
        with served.ServedToken(other, "vault", self.folder) as vault:
            farm = self.signed_farm("pkcs11:token=vault;object=ev",
                                    more=f'module = "{vault.module}"\npin_source = "file:{other.pin_file}"\n')  # fmt: skip
            self.assert_code(self.request(farm, env=vault.env), 0)
        self.assert_signed("web.rp01", public_key)

    def test_nothing_changes_when_nothing_has_to(self):
        self.make_evidence_key()
        farm = self.signed_farm()
        self.assert_code(self.request(farm), 0)
        before = self.contents()
        self.assertEqual(self.states(self.request(farm, "--json")), [("web", "rp01", "unchanged")])
        self.assertEqual(self.contents(), before)

    def test_evidence_from_before_the_key_is_signed_as_it_stands(self):
        self.assert_code(self.request(self.farm()), 0)
        before = self.contents()
        public_key = self.make_evidence_key()
        self.assert_code(self.request(self.signed_farm()), 0)
        after = self.contents()
        self.assertEqual({name: after[name] for name in before}, before)
        self.assertEqual(set(after) - set(before), {"web.rp01.evidence.dsse.json"})
        self.assert_signed("web.rp01", public_key)

    def test_another_key_or_a_damaged_envelope_is_signed_over(self):
        self.make_evidence_key()
        self.assert_code(self.request(self.signed_farm()), 0)
        public_key = self.make_evidence_key("next", "rsa", "0b")
        farm = self.signed_farm("pkcs11:token=log;object=next")
        self.assert_code(self.request(farm), 0)
        self.assert_signed("web.rp01", public_key)
        envelope = self.out / "web.rp01.evidence.dsse.json"
        for damage in (b"", b"{}", envelope.read_bytes().replace(b'"payload": "e', b'"payload": "f')):
            envelope.write_bytes(damage)
            self.assert_code(self.request(farm), 0)
            self.assert_signed("web.rp01", public_key)

    def test_without_the_key_again_no_stale_envelope_stays(self):
        self.make_evidence_key()
        self.assert_code(self.request(self.signed_farm()), 0)
        # As long as the evidence stays what it is, so does the envelope over it.
        self.assert_code(self.request(self.farm()), 0)
        self.assertIn("web.rp01.evidence.dsse.json", self.names())
        changed = self.farm(requests={"web": ["web.example.com", "b.example.com"]})
        self.assert_code(self.request(changed, "--replace"), 0)
        self.assertEqual(self.names(), ["summary.json", "web.rp01.csr", "web.rp01.evidence.json"])

    def test_a_replaced_request_and_a_new_one_on_the_same_key_are_signed_anew(self):
        public_key = self.make_evidence_key()
        self.assert_code(self.request(self.signed_farm()), 0)
        changed = self.signed_farm(requests={"web": ["web.example.com", "b.example.com"]})
        self.assert_code(self.request(changed, "--replace"), 0)
        self.assert_signed("web.rp01", public_key)
        before = (self.out / "web.rp01.evidence.json").read_bytes()
        self.assert_code(self.run_command("renew", changed, "--same-key", "--reason", "again"), 0)
        self.assertNotEqual((self.out / "web.rp01.evidence.json").read_bytes(), before)
        self.assert_signed("web.rp01", public_key)

    def test_the_copies_of_a_shared_key_are_signed(self):
        self.tokens.make_token("rp02")
        public_key = self.make_evidence_key()
        shared = {"members": ["rp01", "rp02"], "sharing": "shared", "policy": "wrap-only"}
        self.assert_code(self.request(self.farm(**shared)), 0)
        farm = self.signed_farm(**shared)
        self.assert_code(self.run_command("distribute", self.farm(**shared)), 0)
        self.assertNotIn("web.rp02.copy.evidence.dsse.json", self.names())
        farm = self.signed_farm(**shared)
        for _ in range(2):
            outcome = self.run_command("distribute", farm, "--json")
            self.assert_code(outcome, 0)
            self.assert_valid(outcome.stdout, "distribute")
            self.assert_signed("web.rp02.copy", public_key)
            before = self.contents()
        self.assertEqual(outcome.json()["items"][0]["files"]["envelope"], "web.rp02.copy.evidence.dsse.json")
        self.assertEqual(self.contents(), before)

    def test_the_evidence_of_a_proof_is_signed_after_it(self):
        public_key = self.make_evidence_key()
        farm = self.signed_farm(requests={"web": ["web.example.com"]})
        self.assert_code(self.request(farm), 0)
        for _ in range(2):
            outcome = self.run_command("prove", farm, "--interim", "--json")
            self.assert_code(outcome, 0)
            self.assert_signed("web.rp01.interim.prove", public_key)
        self.assert_code(self.run_command("prove", self.farm(requests={"web": ["web.example.com"]}), "--interim"), 0)
        self.assertNotIn("web.rp01.interim.prove.evidence.dsse.json", self.names())

    def test_a_dry_run_asks_the_key_and_writes_nothing(self):
        farm = self.signed_farm()
        self.assert_finding(self.request(farm, "--dry-run", "--json"), 5, "evidence.key-missing")
        self.make_evidence_key()
        outcome = self.request(farm, "--dry-run", "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.item(outcome)["files"]["envelope"], "web.rp01.evidence.dsse.json")
        self.assertFalse(self.out.exists())


class Killed(signing_case.SigningCase):
    def killed_once(self, place):
        """One set of tokens of its own: killed at that place, then run again. Returns what is wrong, or nothing."""
        number, how = place
        folder = self.folder / f"{number}-{how}"
        shutil.copytree(self.tokens.folder, folder)
        tokens = harness.Tokens.at(folder, self.tokens.pin)
        farm = folder / "farm.toml"
        farm.write_text(pathlib.Path(self.signed_file).read_text().replace(str(self.tokens.folder), str(folder)))
        arguments = ["request", str(farm), "--out", str(folder / "out")]
        environment = {**tokens.env, "HSMREQ_FAULT_REAL": tokens.module, "HSMREQ_FAULT": f"any#{number}={how}"}
        first = harness.run([*arguments, "--module", request_case.FAULT_MODULE, "--trust-module"], env=environment)
        again = harness.run(arguments, env=tokens.env)
        if first.code != -signal.SIGKILL or again.code != 0:
            return f"{place}: {first} {again}"
        names = self.names(folder / "out")
        if names != ["summary.json", "web.rp01.csr", "web.rp01.evidence.dsse.json", "web.rp01.evidence.json"]:
            return f"{place}: {names}"
        if farms.pairs(tokens, "rp01") != (1, 1):
            return f"{place}: {farms.pairs(tokens, 'rp01')}"
        looked = harness.run(["inspect", str(folder / "out" / names[2]), "--evidence-key", str(self.public_key)])
        return None if looked.code == 0 else f"{place}: {looked}"

    def test_before_and_after_every_call_from_the_key_on(self):
        self.public_key = self.make_evidence_key()
        pristine = self.folder / "pristine"
        shutil.copytree(self.tokens.folder, pristine)
        self.signed_file = self.signed_farm()
        self.assert_code(self.request(self.signed_file, fault=""), 0)
        calls = self.calls()
        self.tokens = harness.Tokens.at(pristine, self.tokens.pin)
        self.signed_file = self.signed_farm()
        made = calls.index("C_GenerateKeyPair") + 1
        places = [(number, how) for number in range(made, len(calls) + 1) for how in ("kill-before", "kill-after")]
        self.assertGreater(len(places), 20)
        with ThreadPoolExecutor(4) as pool:
            wrong = [result for result in pool.map(self.killed_once, places) if result]
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    harness.main()
