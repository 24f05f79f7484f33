"""Tokens that refuse, fill up, lie, hang or die while a shared key is on its way."""

import pathlib
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import cryptoki
import distribute_case
import farms
import harness
import request_case

CKR_DEVICE_MEMORY = "31"
CKR_WRITE_PROTECTED = "e2"
OAEP, KEY_WRAP, KEY_WRAP_PAD = "9", "2109", "210a"
CKA_LOCAL, CKA_ALWAYS_SENSITIVE = "163", "165"


class TargetFaults(distribute_case.DistributeCase):
    """rp02 is reached by the fault module, rp01 is healthy."""

    def setUp(self):
        super().setUp()
        self.shared = self.farm_with_key(faulty=["rp02"])

    def faulty(self, fault, *more):
        return self.distribute(self.shared, "--json", *more, fault=fault, everywhere=False)

    def assert_mended_by_a_second_run(self):
        self.assert_code(self.distribute(self.shared, fault="", everywhere=False), 0)
        self.assert_copy()
        self.assert_signs()

    def test_a_full_or_read_only_target(self):
        rows = [("C_CreateObject", CKR_DEVICE_MEMORY), ("C_UnwrapKey#2", CKR_DEVICE_MEMORY),
                ("C_GenerateKeyPair", CKR_DEVICE_MEMORY), ("C_CreateObject", CKR_WRITE_PROTECTED),
                ("C_UnwrapKey", CKR_WRITE_PROTECTED)]  # fmt: skip
        for function, value in rows:
            for how in ("return", "after"):
                with self.subTest(function, value=value, how=how):
                    outcome = self.faulty(f"{function}={how}:{value}")
                    self.assert_one_error_object(outcome, 7)
                    self.assertEqual(outcome.error()["function"], function.split("#")[0])
                    self.assert_nothing_left()
                    self.assertEqual(list(self.out.glob("*.copy.evidence.json")), [])
        self.assert_mended_by_a_second_run()

    def test_a_target_without_the_mechanism(self):
        for hidden, name in ((OAEP,), "CKM_RSA_PKCS_OAEP"), ((KEY_WRAP, KEY_WRAP_PAD), "CKM_AES_KEY_WRAP_PAD"):
            with self.subTest(name):
                outcome = self.faulty(";".join(f"C_GetMechanismList=hide:{type}" for type in hidden))
                self.assert_one_error_object(outcome, 7)
                self.assertIn(name, outcome.error()["message"])
                self.assertIn("rp02", outcome.error()["message"])
                self.assertEqual(self.calls("C_GenerateKeyPair"), 0)
                self.assert_nothing_left()

    def test_a_token_that_unwraps_to_an_extractable_key(self):
        outcome = self.faulty("C_WrapKey=wrap")
        self.assert_finding(outcome, 4, "policy.probe-failed")
        self.assert_nothing_left()

    def test_a_copy_that_reads_back_loose(self):
        for attribute, name in (("162,01", "CKA_EXTRACTABLE"), ("10c,01", "CKA_DERIVE"), ("103,00", "CKA_SENSITIVE")):
            with self.subTest(name):
                outcome = self.faulty(f"C_GetAttributeValue=read:{attribute}")
                self.assert_finding(outcome, 4, "policy.attribute-differs")
                self.assertIn(name, outcome.error()["message"])
                self.assert_nothing_left()

    def test_a_copy_that_does_not_sign_rightly(self):
        outcome = self.faulty("C_Sign=flip")
        self.assert_one_error_object(outcome, 8)
        self.assert_nothing_left()
        self.assertEqual(list(self.out.glob("*.copy.evidence.json")), [])
        self.assert_mended_by_a_second_run()

    def test_a_wrapping_pair_that_may_decrypt_is_not_trusted(self):
        outcome = self.faulty("C_GetAttributeValue=read:105,01")
        self.assert_finding(outcome, 4, "policy.attribute-differs")
        self.assertIn("CKA_DECRYPT", outcome.error()["message"])
        self.assertEqual(self.calls("C_UnwrapKey"), 0)
        self.assert_nothing_left()

    def test_a_token_that_takes_a_shorter_template_only(self):
        strict = ";C_GetAttributeValue=read:171,00"  # SoftHSM takes an omitted CKA_COPYABLE for true
        for how in ("return", "after"):
            with self.subTest(how):
                self.assert_code(self.faulty(f"C_UnwrapKey#2={how}:d1{strict}", "--replace"), 0)
                self.assert_copy()
                attributes = self.copy_evidence("rp02")["key"]["attributes"]
                self.assertEqual({a["attribute"] for a in attributes if a["left_out"]}, {"CKA_COPYABLE"})
                for kind in ("private", "public"):
                    self.hand("rp02").destroy(kind, distribute_case.IDENTITY)
        self.assert_finding(self.faulty("C_UnwrapKey#2=return:d1"), 4, "policy.attribute-differs")
        self.assert_nothing_left()

    def test_a_token_that_does_not_know_copyable_keeps_the_rest_of_the_wrapping_pairs_template(self):
        # SoftHSM takes an omitted CKA_SIGN_RECOVER for true, which no wrapping pair may have.
        self.assert_code(self.faulty("C_GenerateKeyPair=refuse:171"), 0)
        self.assert_copy()
        self.assert_signs()

    def test_a_token_without_unwrap_templates(self):
        self.assert_code(self.faulty("C_GetAttributeValue=unknown:40000212"), 0)
        self.assertEqual(self.copy_evidence("rp02")["copy"]["kept_non_extractable_by"], "tool-enforced")
        claims = {a["attribute"]: a for a in self.copy_evidence("rp02")["key"]["attributes"]}
        claim = next(a for name, a in claims.items() if name.startswith("CKA_UNWRAP_TEMPLATE"))
        self.assertEqual((claim["verdict"], claim["source"]), ("unknown-to-token", "tool-enforced"))

    def test_a_token_that_needs_more_room_than_it_said(self):
        self.assert_code(self.distribute(self.shared, fault="C_WrapKey#2=return:150;C_WrapKey#4=return:150"), 0)
        self.assert_copy()

    def test_a_session_that_is_lost_once(self):
        for function in ("C_UnwrapKey", "C_CreateObject", "C_SignInit"):
            with self.subTest(function):
                outcome = self.faulty(f"{function}#1=return:b3")
                self.assert_code(outcome, 0)
                self.assert_copy()
                for kind in ("private", "public"):
                    self.hand("rp02").destroy(kind, distribute_case.IDENTITY)

    def test_a_call_that_never_comes_back(self):
        outcome = self.faulty("C_UnwrapKey=hang:300", "--timeout", "1")
        self.assert_one_error_object(outcome, 7)
        self.assertEqual(outcome.error()["function"], "C_UnwrapKey")
        self.assert_valid(outcome.stdout, "distribute")
        self.assert_mended_by_a_second_run()

    def test_the_evidence_can_not_be_written(self):
        place = self.out / "web.rp02.copy.evidence.json"
        place.mkdir()
        self.assert_one_error_object(self.faulty(""), 9)
        place.rmdir()
        outcome = self.faulty("")
        self.assert_code(outcome, 0)
        self.assertEqual(self.copies(outcome), [("web", "rp02", "unchanged")])
        self.copy_evidence("rp02")


class Killed(distribute_case.DistributeCase):
    def killed_once(self, place):
        """Killed at that call, then run again. Returns what is wrong, or nothing."""
        number, how = place
        folder = self.folder / f"{number}-{how}"
        tokens = harness.Tokens(folder, pin=request_case.PIN)
        for label in self.labels:
            tokens.make_token(label)
        farm = folder / "farm.toml"
        farm.write_text(farms.generic(tokens, members=["rp01", "rp02"], policy="wrap-only", sharing="shared"))
        out = str(folder / "out")
        made = harness.run(["request", str(farm), "--out", out], env=tokens.env)
        arguments = ["distribute", str(farm), "--out", out]
        environment = {**tokens.env, "HSMREQ_FAULT_REAL": tokens.module, "HSMREQ_FAULT": f"any#{number}={how}"}
        first = harness.run([*arguments, "--module", request_case.FAULT_MODULE, "--trust-module"], env=environment)
        if made.code != 0 or first.code != -signal.SIGKILL:
            return f"{place}: it was not killed: {made} {first}"
        again = harness.run(arguments, env=tokens.env)
        kinds = sorted(entry["kind"] for entry in farms.objects(tokens, "rp02"))
        if again.code != 0 or kinds != ["Private Key", "Public Key"] or farms.pairs(tokens, "rp01") != (1, 1):
            return f"{place}: {again} {kinds}"
        if not (folder / "out" / "web.rp02.copy.evidence.json").exists():
            return f"{place}: no evidence"
        return None

    def test_before_and_after_every_call_that_changes_or_moves_something(self):
        farm = self.farm_with_key()
        self.assert_code(self.distribute(farm, fault=""), 0)
        moving = ("C_GenerateKey", "C_GenerateKeyPair", "C_CreateObject", "C_WrapKey", "C_UnwrapKey", "C_DestroyObject",
                  "C_Sign", "C_CloseSession")  # fmt: skip
        places = [(number, how) for number, name in enumerate(self.calls(), 1) if name in moving
                  for how in ("kill-before", "kill-after")]  # fmt: skip
        self.assertGreater(len(places), 30)
        with ThreadPoolExecutor(4) as pool:
            self.assertEqual([wrong for wrong in pool.map(self.killed_once, places) if wrong], [])


class Clear(distribute_case.DistributeCase):
    """The private key is one that the test knows, so that it can look for it."""

    def setUp(self):
        super().setUp()
        pem = self.folder / "known.pem"
        farms.tool("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", pem)
        farms.tool("openssl", "ec", "-in", pem, "-outform", "DER", "-out", self.folder / "known.der")
        der = (self.folder / "known.der").read_bytes()
        for path in (pem, self.folder / "known.der"):
            path.unlink()
        self.secret = der[der.index(b"\x04\x20") + 2 :][:32].hex()  # RFC 5915: the private key's OCTET STRING
        self.point = der[-65:].hex()
        common = {"KEY_TYPE": 3, "EC_PARAMS": cryptoki.CURVES["ec-p256"], "ID": distribute_case.IDENTITY,
                  "LABEL": b"small.web.g1".hex()}  # fmt: skip
        self.hand().create("private", {**cryptoki.PRIVATE, **common, "EXTRACTABLE": True, "VALUE": self.secret})
        self.hand().create("public", {**cryptoki.PUBLIC, **common, "EC_POINT": "0441" + self.point})

    def run_and_search(self, wanted):
        """The calls around which the bytes are in the program's memory, while it distributes the known key."""
        made_there = ";".join(f"C_GetAttributeValue=read:{type},01" for type in (CKA_LOCAL, CKA_ALWAYS_SENSITIVE))
        outcome = self.distribute(self.shared_farm(), fault=f"{made_there};any=search:{wanted}")
        self.assert_code(outcome, 0)
        self.assertIn("C_UnwrapKey", self.calls())
        return [line for line in self.calls() if line.startswith("found")]

    def test_the_key_is_nowhere_in_memory_but_inside_the_token_while_it_signs(self):
        # SoftHSM is a token in our process: between C_SignInit and the end of C_Sign it holds the key for OpenSSL.
        self.assertEqual(self.run_and_search(self.secret), ["found-after:C_SignInit", "found-before:C_Sign"])

    def test_the_search_finds_what_is_there(self):
        self.assertIn("found-before:C_UnwrapKey", self.run_and_search(self.point[2:66]))

    def test_no_file_holds_it(self):
        self.run_and_search(self.secret)
        raw = bytes.fromhex(self.secret)
        for path in self.folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                self.assertNotIn(raw, content, path)
                self.assertNotIn(self.secret.encode(), content.lower(), path)

    def test_no_call_reveals_a_value(self):
        self.run_and_search(self.point)
        for function in ("C_Decrypt", "C_DecryptInit", "C_Encrypt", "C_EncryptInit", "C_CopyObject",
                         "C_SetAttributeValue", "C_GetObjectSize"):  # fmt: skip
            self.assertEqual(self.calls(function), 0, function)


class Spied(distribute_case.DistributeCase):
    def test_no_value_of_a_key_is_asked_for(self):
        farm = self.farm_with_key(algorithm="rsa-2048")
        log = self.folder / "spy"
        spies = [p for p in pathlib.Path("/usr/lib").glob("*/pkcs11-spy.so")] + [
            p for p in pathlib.Path("/usr/lib").glob("*/pkcs11/pkcs11-spy.so")]  # fmt: skip
        environment = {**self.tokens.env, "PKCS11SPY": self.tokens.module, "PKCS11SPY_OUTPUT": str(log)}
        outcome = harness.run(["distribute", farm, "--out", str(self.out), "--module", str(spies[0]), "--trust-module"],
                              env=environment)  # fmt: skip
        self.assert_code(outcome, 0)
        text = log.read_text(errors="replace")
        self.assertIn("CKA_MODULUS", text)
        for secret in ("CKA_VALUE ", "CKA_PRIVATE_EXPONENT", "CKA_PRIME", "CKA_EXPONENT_1", "CKA_COEFFICIENT"):
            self.assertNotIn(secret, text)


if __name__ == "__main__":
    harness.main()
