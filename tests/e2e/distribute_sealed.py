"""Tokens apart: an offer, a sealed key, and everything that must not be accepted."""

import copy
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


class SealedCase(distribute_case.DistributeCase):
    def setUp(self):
        super().setUp()
        self.shared = self.farm_with_key()
        self.offer_file = self.folder / "offer.pem"
        self.sealed_file = self.folder / "sealed.json"

    def offer(self, *more, member="rp02", **options):
        return self.distribute(self.shared, "--member", member, "--output", str(self.offer_file), *more,
                               step=["offer"], **options)  # fmt: skip

    def offered(self):
        outcome = self.offer("--json", "--replace")
        self.assert_code(outcome, 0)
        self.assert_valid(outcome.stdout, "distribute")
        return outcome.json()["offer"]

    def seal(self, fingerprint, *more, **options):
        flags = ["--request", "web", "--offer", str(self.offer_file), "--fingerprint", fingerprint]
        return self.distribute(self.shared, *flags, "--output", str(self.sealed_file), *more, step=["seal"], **options)

    def sealed(self, *more):
        """The content of a sealed file for a fresh offer."""
        self.assert_code(self.seal(self.offered()["fingerprint"], "--replace", *more), 0)
        text = self.sealed_file.read_text()
        self.assert_valid(text, "sealed")
        return json.loads(text)

    def accept(self, *more, member="rp02", farm=None, **options):
        return self.distribute(farm or self.shared, str(self.sealed_file), "--member", member, *more, step=["accept"],
                               **options)  # fmt: skip


class Ceremony(SealedCase):
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


class NotSealed(SealedCase):
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


def changed(value):
    """Another value of the same form."""
    if isinstance(value, int):
        return value + 1
    if value is None:
        return "00"
    if set(value) <= set("0123456789abcdef") and len(value) > 8:
        return value[:-1] + ("0" if value[-1] != "0" else "1")
    return {"aes-kwp": "aes-kw", "aes-kw": "aes-kwp", "sha256": "sha384", "sha1": "sha256"}.get(value, value + "x")


class NotAccepted(SealedCase):
    def assert_refused(self, *codes, **options):
        outcome = self.accept("--json", **options)
        self.assertIn(outcome.code, codes, outcome)
        self.assert_one_error_object(outcome, outcome.code)
        self.assertEqual(len(farms.objects(self.tokens, "rp02")), 2, "the offer still waits, and nothing else is there")
        return outcome.error()

    def test_one_field_altered(self):
        sealed = self.sealed("--reason", "change")
        rows = [(name, lambda s, n=name: s.__setitem__(n, changed(s[n]))) for name in sealed if name != "wrappings"]
        first = sealed["wrappings"][0]
        rows += [(f"wrappings.{name}", lambda s, n=name: s["wrappings"][0].__setitem__(n, changed(first[n])))
                 for name in first]  # fmt: skip
        rows.append(("reason", lambda s: s.__delitem__("reason")))
        self.assertEqual(len(rows), 15)
        for name, alter in rows:
            with self.subTest(name):
                altered = copy.deepcopy(sealed)
                alter(altered)
                self.assertNotEqual(altered, sealed)
                self.sealed_file.write_text(json.dumps(altered))
                self.assert_refused(3 if name == "schema" else 4 if name in ("farm", "request") else 8)

    def test_malformed_files(self):
        sealed = self.sealed()
        texts = ["", "{}", "[]", "null", json.dumps(sealed)[:-3], json.dumps({**sealed, "more": 1}), "[" * 100000]
        for name in sealed:
            texts.append(json.dumps({key: value for key, value in sealed.items() if key != name}))
            texts.append(json.dumps({**sealed, name: None}))
            texts.append(json.dumps({**sealed, name: {"a": [1]}}))
        texts.append(json.dumps({**sealed, "generation": 0}))
        texts.append(json.dumps({**sealed, "generation": 2**40}))
        texts.append(json.dumps({**sealed, "wrappings": []}))
        texts.append(json.dumps({**sealed, "wrappings": sealed["wrappings"] * 9}))
        for text in texts:
            with self.subTest(text[:80]):
                self.sealed_file.write_text(text)
                self.assert_refused(3)

    def test_a_request_under_another_name_of_the_same_farm(self):
        two = {"web": ["web.example.com"], "api": ["api.example.com"]}
        self.shared = self.farm_with_key(requests=two, file="two.toml")
        sealed = self.sealed()
        self.sealed_file.write_text(json.dumps({**sealed, "request": "api"}))
        self.assertIn("signature", self.assert_refused(8)["message"])

    def test_for_another_farm(self):
        self.sealed()
        self.assertIn("farm", self.assert_refused(4, farm=self.shared_farm(name="else", file="else.toml"))["message"])

    def test_for_another_target(self):
        self.tokens.make_token("rp03")
        members = ["rp01", "rp02", "rp03"]
        self.shared = self.shared_farm(members=members, file="three.toml")
        self.sealed()
        outcome = self.accept("--json", member="rp03")
        self.assert_one_error_object(outcome, 4)
        self.assertIn("no offer", outcome.error()["message"])
        self.offer_file.unlink()
        self.assert_code(self.offer(member="rp03"), 0)
        outcome = self.accept("--json", member="rp03")
        self.assert_one_error_object(outcome, 4)
        self.assertIn("another offer", outcome.error()["message"])
        self.assertEqual(farms.pairs(self.tokens, "rp03"), (1, 1), "its own offer still waits")

    def test_replayed(self):
        self.sealed()
        self.assert_code(self.accept(), 0)
        outcome = self.accept("--json")
        self.assert_one_error_object(outcome, 4)
        self.assert_copy()
        self.offer_file.unlink()
        self.assert_code(self.offer(), 0)
        outcome = self.accept("--json")
        self.assert_one_error_object(outcome, 4)
        self.assertIn("another offer", outcome.error()["message"])

    def test_another_key_than_the_published_request_has(self):
        sealed = self.sealed()
        stranger = self.folder / "stranger"
        self.out.rename(stranger)
        self.out.mkdir()
        farms.tool("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", self.folder / "k", "-subj",
                   "/CN=web.example.com", "-out", self.out / "web.csr")  # fmt: skip
        self.assertEqual(sealed["request"], "web")
        self.assertEqual(self.assert_refused(8)["finding"], "key.changed")

    def test_a_token_that_can_not(self):
        self.sealed()
        for fault in ("C_UnwrapKey=return:70", "C_UnwrapKey#2=return:31", "C_CreateObject=return:e2", "C_Sign=flip"):
            with self.subTest(fault):
                self.assert_refused(8 if "flip" in fault else 7, fault=fault)
        self.assert_code(self.accept(), 0)
        self.assert_signs()

    def test_a_member_that_has_no_part_in_it(self):
        self.sealed()
        self.tokens.make_token("rp03")
        text = pathlib.Path(self.shared_farm(members=["rp01", "rp02", "rp03"], file="more.toml")).read_text()
        farm = self.write("more.toml", text.replace("[[request]]", '[[request]]\nmembers = ["rp01", "rp02"]'))
        outcome = self.accept("--json", member="rp03", farm=farm)
        self.assert_one_error_object(outcome, 4)
        self.assert_code(self.accept("--json", member="rp09"), 2)


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
