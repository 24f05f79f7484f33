"""Tokens apart: an offer, a sealed key, and everything that must not be accepted."""

import json
import os
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import distribute_case
import farms
import harness
import sealed_case


class Ceremony(sealed_case.SealedCase):
    def test_from_offer_to_copy(self):
        offer = self.offered()
        der = subprocess.run(["openssl", "pkey", "-pubin", "-in", self.offer_file, "-outform", "DER"],
                             capture_output=True, check=True).stdout  # fmt: skip
        digest = subprocess.run(["sha256sum"], input=der, capture_output=True, check=True).stdout.split()[0].decode()
        self.assertEqual(offer["fingerprint"], digest)
        waiting = farms.objects(self.tokens, "rp02")
        private = next(entry for entry in waiting if entry["kind"] == "Private Key")
        self.assertEqual(private["Usage"], "unwrap")
        self.assertEqual(private["Access"], "sensitive, always sensitive, never extractable, local")

        sealed = self.seal(digest, "--json")
        self.assert_code(sealed, 0)
        self.assertEqual(sealed.json()["items"][0]["state"], "created")
        accepted = self.accept("--json", fault="")
        self.assert_code(accepted, 0)
        self.assertEqual(self.copies(accepted), [("web", "rp02", "created")])
        self.assertEqual([self.calls(name) for name in ("C_WrapKey", "C_Decrypt", "C_DecryptInit")][1:], [0, 0])
        self.assert_copy()  # and no wrapping pair
        self.assert_signs()
        evidence = self.copy_evidence("rp02")["copy"]
        self.assertEqual((evidence["way"], evidence["offer_sha256"], evidence["local"]), ("sealed-file", digest, False))

    def test_the_reasons_of_both_sides_are_recorded(self):
        self.assert_code(self.seal(self.offered()["fingerprint"], "--reason", "change 4711 für rp02"), 0)
        self.assert_valid(self.sealed_file.read_text(), "sealed")
        self.assertEqual(json.loads(self.sealed_file.read_text())["reason"], "change 4711 für rp02")
        self.assert_code(self.accept("--reason", "change 4712"), 0)
        evidence = self.copy_evidence("rp02")
        self.assertEqual((evidence["copy"]["seal_reason"], evidence["run"]["reason"]), ("change 4711 für rp02", "change 4712"))

    def test_where_no_request_lies_the_key_is_named_for_comparison(self):
        digest = self.seal(self.offered()["fingerprint"], "--json").json()["items"][0]["public_key_sha256"]
        self.out = self.folder / "elsewhere"
        accepted = self.accept("--json")
        self.assert_code(accepted, 0)
        finding = accepted.json()["items"][0]["findings"][0]
        self.assertEqual(finding["id"], "policy.sealed-key-unconfirmed")
        self.assertIn(digest, finding["message"])
        self.assertIn(finding, self.copy_evidence("rp02")["findings"])

    def test_the_fingerprint_in_words_and_in_groups(self):
        offer = self.offered()
        fingerprint = offer["fingerprint"]
        groups = ":".join(fingerprint[i : i + 2] for i in range(0, 64, 2)).upper()
        for spelling in (groups, " ".join(offer["words"]), "-".join(offer["words"]).upper()):
            with self.subTest(spelling):
                self.assert_code(self.seal(spelling, "--replace"), 0)

    def test_text_for_people(self):
        outcome = self.offer()
        self.assert_code(outcome, 0)
        again = self.offered()
        for word in (again["fingerprint"][:8], " ".join(again["words"][:8]), "rp02", str(self.offer_file)):
            self.assertIn(word, outcome.stdout)

    def test_an_offer_is_made_once_until_it_is_accepted(self):
        first, second = self.offered(), self.offered()
        self.assertEqual((first["created"], second["created"]), (True, False))
        self.assertEqual(first["fingerprint"], second["fingerprint"])
        self.assertEqual(farms.pairs(self.tokens, "rp02"), (1, 1))

    def test_dry_runs(self):
        self.assert_code(self.offer("--dry-run"), 0)
        self.assertFalse(self.offer_file.exists())
        self.assert_nothing_left()
        fingerprint = self.offered()["fingerprint"]
        self.assert_code(self.seal(fingerprint, "--dry-run"), 0)
        self.assertFalse(self.sealed_file.exists())
        self.assert_code(self.seal(fingerprint), 0)
        outcome = self.accept("--dry-run", "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.copies(outcome), [("web", "rp02", "planned")])
        self.assertEqual(farms.pairs(self.tokens, "rp02"), (1, 1))

    def test_an_rsa_key_under_a_farm_that_may_export_it(self):
        self.out = self.folder / "rsa"
        self.shared = self.farm_with_key(algorithm="rsa-2048", policy="exportable", name="other")
        self.sealed()
        self.assert_code(self.accept(), 0)
        self.assertEqual(farms.pairs(self.tokens, "rp02"), (1, 1))

    def test_killed_while_accepting_and_run_again(self):
        for fault in ("C_UnwrapKey#2=kill-before", "C_UnwrapKey#2=kill-after", "C_Sign=kill-after",
                      "C_CreateObject=kill-after", "C_DestroyObject#3=kill-after"):  # fmt: skip
            with self.subTest(fault):
                self.sealed()
                self.assertEqual(self.accept(fault=fault).code, -signal.SIGKILL)
                outcome = self.accept("--json")
                self.assert_code(outcome, 0)
                self.assert_copy()
                self.assert_signs()
                for kind in ("private", "public"):
                    self.hand("rp02").destroy(kind, distribute_case.IDENTITY)


    def test_a_pair_that_cannot_be_destroyed_is_destroyed_by_the_next_run(self):
        self.sealed()
        outcome = self.accept("--json", fault="C_DestroyObject#4=return:6")
        self.assert_one_error_object(outcome, 7)
        self.assertIn("run again", outcome.error()["hint"])
        self.copy_evidence("rp02")
        self.assert_code(self.accept(), 0)
        self.assert_copy()


class NotSealed(sealed_case.SealedCase):
    def assert_not_sealed(self, outcome, code):
        self.assert_one_error_object(outcome, code)
        self.assertFalse(self.sealed_file.exists())

    def test_a_fingerprint_that_differs(self):
        offer = self.offered()
        wrong = offer["words"][::-1]
        self.assert_not_sealed(self.seal("00" * 32, "--json", fault=""), 8)
        self.assertFalse(self.trace.exists(), "no token was opened")
        self.assert_not_sealed(self.seal(" ".join(wrong), "--json"), 8)

    def test_refusals_reach_people_too(self):
        fingerprint = self.offered()["fingerprint"]
        cases = {"a fingerprint that differs": ("00" * 32, [], 8, "another fingerprint"),
                 "an unknown request": (fingerprint, ["--request", "webb"], 2, "did you mean web?")}  # fmt: skip
        for name, (told, more, code, words) in cases.items():
            with self.subTest(name):
                request = more or ["--request", "web"]
                outcome = self.distribute(self.shared, *request, "--offer", str(self.offer_file), "--fingerprint", told,
                                          "--output", str(self.sealed_file), step=["seal"])  # fmt: skip
                self.assert_code(outcome, code)
                self.assertIn(words, outcome.stderr)
                self.assertFalse(self.sealed_file.exists())

    def test_a_pipe_in_the_place_of_the_output_stays(self):
        fingerprint = self.offered()["fingerprint"]
        os.mkfifo(self.sealed_file)
        outcome = self.seal(fingerprint, "--replace", "--json")
        self.assert_one_error_object(outcome, 9)
        self.assertIn("not a file", outcome.error()["message"])
        self.assertTrue(self.sealed_file.is_fifo())

    def test_a_fingerprint_that_is_none(self):
        offer = self.offered()
        for text in ("12", "acorn", offer["fingerprint"][:-2], "no such words", offer["fingerprint"] + "00"):
            with self.subTest(text):
                self.assert_not_sealed(self.seal(text, "--json"), 2)

    def test_an_offer_that_is_no_rsa_key(self):
        rows = [(b"", 3), (b"hello", 3), (pathlib.Path(self.shared).read_bytes(), 3)]
        for content, code in rows:
            self.offer_file.write_bytes(content)
            outcome = self.seal("00" * 32, "--json")
            self.assert_not_sealed(outcome, code)
            self.assertIn(str(self.offer_file), outcome.error()["message"])
        for algorithm, code in ((["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], 3),
                                (["RSA", "-pkeyopt", "rsa_keygen_bits:1024"], 4)):  # fmt: skip
            with self.subTest(algorithm):
                key = self.folder / "key.pem"
                farms.tool("openssl", "genpkey", "-algorithm", *algorithm, "-out", key)
                farms.tool("openssl", "pkey", "-in", key, "-pubout", "-out", self.offer_file)
                der = subprocess.run(["openssl", "pkey", "-pubin", "-in", self.offer_file, "-outform", "DER"],
                                     capture_output=True, check=True).stdout  # fmt: skip
                digest = subprocess.run(["sha256sum"], input=der, capture_output=True, check=True).stdout.split()[0]
                self.assert_not_sealed(self.seal(digest.decode(), "--json"), code)

    def test_what_the_policy_keeps(self):
        fingerprint = self.offered()["fingerprint"]
        for options in ({"sharing": "per-member"}, {"policy": "non-exportable"}):
            self.shared = self.shared_farm(file="kept.toml", **options)
            self.assert_not_sealed(self.seal(fingerprint, "--json"), 4)

    def test_an_existing_file_is_not_replaced_unasked(self):
        fingerprint = self.offered()["fingerprint"]
        self.sealed_file.write_text("mine")
        self.assert_one_error_object(self.seal(fingerprint, "--json"), 9)
        self.assertEqual(self.sealed_file.read_text(), "mine")
        for kind in ("private", "public"):
            self.hand("rp02").destroy(kind, farms.objects(self.tokens, "rp02")[0]["ID"])
        self.offer_file.write_text("mine")
        self.assert_one_error_object(self.offer("--json"), 9)
        self.assert_nothing_left()

    def test_a_signature_that_does_not_verify(self):
        fingerprint = self.offered()["fingerprint"]
        self.assert_not_sealed(self.seal(fingerprint, "--json", fault="C_Sign=flip"), 8)


class Usage(harness.TestCase):
    def test_what_a_step_needs_and_takes(self):
        rows = [
            (["offer", "farm.toml"], "--output"),
            (["offer", "farm.toml", "--output", "o"], "--member"),
            (["seal", "farm.toml", "--output", "s", "--request", "web", "--offer", "o"], "--fingerprint"),
            (["seal", "farm.toml", "--output", "s", "--request", "web", "--fingerprint", "00"], "--offer"),
            (["seal", "farm.toml", "--output", "s", "--offer", "o", "--fingerprint", "00"], "--request"),
            (["accept", "farm.toml", "sealed.json"], "--member"),
            (["accept", "farm.toml", "--member", "rp02"], "sealed file"),
            (["accept", "farm.toml", "a", "b", "--member", "rp02"], "one farm file"),
            (["offer"], "farm file"),
            (["farm.toml", "--output", "x"], "--output"),
            (["farm.toml", "--fingerprint", "x"], "--fingerprint"),
            (["offer", "farm.toml", "--member", "rp02", "--output", "o", "--only", "web"], "--only"),
        ]
        for words, said in rows:
            with self.subTest(words):
                outcome = harness.run(["distribute", *words], cwd=self.folder)
                self.assert_code(outcome, 2)
                self.assertIn(said, outcome.stderr)


if __name__ == "__main__":
    harness.main()
