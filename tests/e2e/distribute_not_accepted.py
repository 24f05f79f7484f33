"""Sealed files that `hsmreq distribute accept` refuses: altered, for another target, for another key."""

import copy
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import sealed_case


def changed(value):
    """Another value of the same form."""
    if isinstance(value, int):
        return value + 1
    if value is None:
        return "00"
    if set(value) <= set("0123456789abcdef") and len(value) > 8:
        return value[:-1] + ("0" if value[-1] != "0" else "1")
    return {"aes-kwp": "aes-kw", "aes-kw": "aes-kwp", "sha256": "sha384", "sha1": "sha256"}.get(value, value + "x")


class NotAccepted(sealed_case.SealedCase):
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


if __name__ == "__main__":
    harness.main()
