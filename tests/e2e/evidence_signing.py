"""[evidence] key: every statement is signed in a token, by a key that is there for that alone; openssl is the judge."""

import base64
import hashlib
import json
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
from cryptoki import key_id

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


class Signing(SigningCase):
    def test_each_kind_of_key_signs_what_openssl_verifies(self):
        for number, kind in enumerate(KINDS):
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


class Refusing(SigningCase):
    def test_no_key(self):
        self.assert_finding(self.request(self.signed_farm(), "--json"), 5, "evidence.key-missing")
        self.assert_nothing_made()

    def test_no_token(self):
        outcome = self.request(self.signed_farm("pkcs11:token=gone;object=ev"), "--json")
        self.assert_one_error_object(outcome, 5)
        self.assertIn("evidence.key", outcome.error()["message"])
        self.assert_nothing_made()

    def test_two_keys(self):
        self.make_evidence_key(identity="0a")
        self.make_evidence_key(identity="0b")
        self.assert_finding(self.request(self.signed_farm(), "--json"), 5, "evidence.key-ambiguous")
        self.assert_nothing_made()

    def test_a_wrong_pin(self):
        self.make_evidence_key()
        wrong = self.folder / "wrong"
        wrong.write_text("00000000")
        wrong.chmod(0o600)
        farm = self.signed_farm(more=f'pin_source = "file:{wrong}"\n')
        outcome = self.request(farm, "--json", fault="")
        self.assert_one_error_object(outcome, 6)
        self.assertIn("evidence.key", outcome.error()["message"])
        self.assertEqual(self.calls("C_Login"), 2)
        self.assertNotIn("C_GenerateKeyPair", self.calls())
        self.assert_nothing_made()

    def test_a_key_that_may_not_sign(self):
        self.hand("log").generate("0a", label="ev", private={"SIGN": False})
        self.assert_finding(self.request(self.signed_farm(), "--json"), 4, "evidence.key-unusable")
        self.assert_nothing_made()

    def test_a_key_without_a_readable_public_key(self):
        self.make_evidence_key()
        self.tool("--delete-object", "--type", "pubkey", "--label", "ev")
        self.assert_finding(self.request(self.signed_farm(), "--json"), 4, "evidence.key-unusable")
        self.assert_nothing_made()

    def test_the_key_of_a_certificate_by_its_id(self):
        self.assert_code(self.request(self.farm()), 0)
        farm = self.signed_farm(f"pkcs11:token=rp01;id=%{'%'.join(chunks(key_id('small', 'web', 'rp01')))}")
        before = self.contents()
        self.assert_finding(self.request(farm, "--json"), 4, "evidence.key-of-certificate")
        self.assertEqual(self.contents(), before)

    def test_the_key_of_a_certificate_by_its_public_key(self):
        self.make_evidence_key("old", token="rp01")
        farm = self.signed_farm("pkcs11:token=rp01;object=old",
                                request='[request.key]\nuri = "pkcs11:object=old"\n', policy="exportable")  # fmt: skip
        self.assert_finding(self.request(farm, "--json"), 4, "evidence.key-of-certificate")
        self.assertEqual(self.names(), ["summary.json"])

    def test_a_uri_that_names_no_object(self):
        outcome = self.request(self.signed_farm("pkcs11:token=log"))
        self.assert_code(outcome, 3)
        self.assertIn("evidence.key names a token and no key in it", outcome.stderr)

    def test_a_token_that_signs_wrongly(self):
        self.make_evidence_key()
        for number, names in ((1, []), (3, [])):  # the trial before any key is made; the statement's own
            with self.subTest(signature=number):
                outcome = self.request(self.signed_farm(), "--json", fault=f"C_Sign#{number}=flip")
                self.assert_one_error_object(outcome, 8)
                self.assertIn("evidence key's signature", outcome.error()["message"])
                self.assertEqual([n for n in self.names() if n != "summary.json"], names)
        self.assert_code(self.request(self.signed_farm()), 0)
        self.assert_signed("web.rp01", self.read_public_key())
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))

    def test_a_token_that_goes_in_the_middle(self):
        self.make_evidence_key()
        requests = {name: [f"{name}.example.com"] for name in ("one", "two", "three")}
        farm = self.signed_farm(requests=requests)
        # Signatures: trial, request one, its evidence, request two, its evidence.
        outcome = self.request(farm, "--json", fault="C_Sign#5=return:30")
        self.assert_one_error_object(outcome, 7)
        self.assertEqual([state for _, _, state in self.states(outcome)], ["created", "failed", "failed"])
        self.assertEqual([n for n in self.names() if n.startswith(("two", "three"))], [])
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (2, 2))  # nothing is made whose evidence can't be signed
        self.assert_code(self.request(farm), 0)
        for name in requests:
            self.assert_signed(f"{name}.rp01", self.read_public_key())

    def test_a_lost_session_is_opened_again(self):
        self.make_evidence_key()
        for number, fault in enumerate(("C_Sign#3=return:b3", "C_SignInit#3=return:b3", "C_SignInit#3=return:60")):
            with self.subTest(fault):
                farm = self.signed_farm(requests={f"web{number}": ["web.example.com"]})
                self.assert_code(self.request(farm, "--accept-new-keys", fault=fault), 0)
                self.assert_signed(f"web{number}.rp01", self.read_public_key())

    def test_a_signature_that_never_comes_ends_the_run(self):
        self.make_evidence_key()
        for fault in ("C_Sign#1=hang:300", "C_Sign#3=hang:300"):
            with self.subTest(fault):
                outcome = self.request(self.signed_farm(), "--json", "--timeout", "1", fault=fault)
                self.assert_one_error_object(outcome, 7)
                self.assertEqual(outcome.error()["function"], "C_Sign")
                self.assertIn("token log", outcome.error()["message"])
        self.assert_code(self.request(self.signed_farm()), 0)
        self.assert_signed("web.rp01", self.read_public_key())


class Killed(SigningCase):
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


def chunks(identity):
    return [identity[i : i + 2] for i in range(0, len(identity), 2)]


if __name__ == "__main__":
    harness.main()
