"""The states of an item, and what becomes of files that differ."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import request_case

WEB = {"web": ["web.example.com"]}
MORE = {"web": ["web.example.com", "www.example.com"]}


class States(request_case.RequestCase):
    def one(self, farm, *flags):
        outcome = self.request(farm, "--json", *flags)
        self.assert_code(outcome, 0)
        return self.item(outcome)

    def test_created_unchanged_recreated(self):
        farm = self.farm()
        self.assertEqual((self.one(farm)["state"], self.one(farm)["state"]), ("created", "unchanged"))
        key = self.public_key("web.rp01")
        (self.out / "web.rp01.csr").unlink()
        again = self.one(farm)
        self.assertEqual((again["state"], again["origin"]), ("recreated", "adopted"))
        self.assertEqual(self.public_key("web.rp01"), key)
        farms.openssl_request(self.out / "web.rp01.csr")

    def test_unchanged_signs_nothing(self):
        farm = self.farm()
        self.one(farm)
        before = self.contents()
        self.assert_code(self.request(farm, fault=""), 0)
        self.assertEqual([self.calls(name) for name in ("C_SignInit", "C_Sign", "C_GenerateKeyPair")], [0, 0, 0])
        self.assertEqual(self.contents(), before)

    def test_lost_evidence_is_written_again_and_the_request_stays(self):
        farm = self.farm()
        self.one(farm)
        request = (self.out / "web.rp01.csr").read_bytes()
        for broken in (None, "{}", "not json"):
            with self.subTest(broken):
                evidence = self.out / "web.rp01.evidence.json"
                evidence.unlink() if broken is None else evidence.write_text(broken)
                self.assertEqual(self.one(farm)["state"], "unchanged")
                self.assertEqual((self.out / "web.rp01.csr").read_bytes(), request)
                self.assertEqual(self.evidence("web.rp01")["csr"]["file"], "web.rp01.csr")

    def test_a_request_that_differs_is_replaced_only_when_asked(self):
        rows = [
            ("names", {"requests": MORE}, "www.example.com"),
            ("subject", {"request": '[request.subject]\norganization = "Example"'}, "Example"),
            ("usages", {"request": '[request.certificate]\nextended_key_usage = ["serverAuth", "clientAuth"]'}, ""),
        ]
        for what, options, word in rows:
            with self.subTest(what):
                self.one(self.farm(), "--replace")
                key, before = self.public_key("web.rp01"), self.contents()
                farm = self.farm(**options)
                refused = self.request(farm, "--json")
                self.assert_one_error_object(refused, 9)
                self.assertIn(word, refused.error()["message"])
                self.assertEqual(self.contents(), before)
                replaced = self.one(farm, "--replace")
                self.assertEqual((replaced["state"], replaced["origin"]), ("replaced", "adopted"))
                self.assertEqual(self.public_key("web.rp01"), key)
                farms.openssl_request(self.out / "web.rp01.csr")
                self.assertEqual(self.one(farm)["state"], "unchanged")
                self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))

    def test_a_damaged_request_is_not_taken_for_ours(self):
        farm = self.farm()
        self.one(farm)
        path = self.out / "web.rp01.csr"
        good = path.read_bytes()
        der = self.folder / "der"
        farms.tool("openssl", "req", "-in", path, "-outform", "DER", "-out", der)
        bad = bytearray(der.read_bytes())
        bad[-1] ^= 1
        der.write_bytes(bad)
        farms.tool("openssl", "req", "-inform", "DER", "-in", der, "-out", path)
        for content in (path.read_bytes(), b"", good[:100], b"\0" * 2_000_000):
            path.write_bytes(content)
            self.assert_one_error_object(self.request(farm, "--json"), 9)
            self.assertEqual(path.read_bytes(), content)
        self.assertEqual(self.one(farm, "--replace")["state"], "replaced")
        farms.openssl_request(path)

    def test_dry_run_logs_in_and_writes_nothing(self):
        before = farms.objects(self.tokens, "rp01")
        outcome = self.request(self.farm(), "--json", "--dry-run", fault="")
        self.assert_code(outcome, 0)
        self.assertEqual(self.item(outcome)["state"], "planned")
        self.assertTrue(outcome.json()["dry_run"])
        self.assertEqual(self.calls("C_Login"), 1)
        for name in ("C_GenerateKeyPair", "C_GenerateKey", "C_CreateObject", "C_DestroyObject", "C_Sign"):
            self.assertEqual(self.calls(name), 0, name)
        self.assertFalse(self.out.exists())
        self.assertEqual(farms.objects(self.tokens, "rp01"), before)

    def test_dry_run_names_what_would_fail(self):
        self.one(self.farm())
        before = self.contents()
        self.assert_one_error_object(self.request(self.farm(requests=MORE), "--json", "--dry-run"), 9)
        outcome = self.request(self.farm(), "--json", "--dry-run")
        self.assertEqual(self.states(outcome), [("web", "rp01", "unchanged")])
        self.assertEqual(self.contents(), before)


class FileFormats(request_case.RequestCase):
    def formatted(self, word):
        return self.farm(file=f"{word}.toml", request=f'[request.certificate]\nfile_format = "{word}"')

    def test_binary_is_der(self):
        self.assert_code(self.request(self.formatted("binary")), 0)
        self.assertEqual(self.names(), ["summary.json", "web.rp01.evidence.json", "web.rp01.p10"])
        path = self.out / "web.rp01.p10"
        self.assertEqual(path.read_bytes()[0], 0x30)
        farms.openssl_request(path)
        farms.certtool_request(path)

    def test_base64_is_pem_with_the_plain_header(self):
        self.assert_code(self.request(self.formatted("base64")), 0)
        text = (self.out / "web.rp01.csr").read_text()
        self.assertTrue(text.startswith("-----BEGIN CERTIFICATE REQUEST-----\n"))
        self.assertTrue(text.endswith("-----END CERTIFICATE REQUEST-----\n"))
        self.assertLessEqual(max(map(len, text.splitlines())), 64)

    def test_never_both(self):
        for first, second, left in (("base64", "binary", ".p10"), ("binary", "base64", ".csr")):
            with self.subTest(second):
                self.assert_code(self.request(self.formatted(first), "--replace"), 0)
                names = self.names()
                self.assert_one_error_object(self.request(self.formatted(second), "--json"), 9)
                self.assertEqual(self.names(), names)
                outcome = self.request(self.formatted(second), "--json", "--replace")
                self.assertEqual(self.states(outcome), [("web", "rp01", "replaced")])
                self.assertEqual(self.names(), sorted(["summary.json", f"web.rp01{left}", "web.rp01.evidence.json"]))
                farms.openssl_request(self.out / f"web.rp01{left}")

    def test_the_summary_lists_what_is_there(self):
        self.assert_code(self.request(self.formatted("binary")), 0)
        text = (self.out / "summary.json").read_text()
        self.assert_valid(text, "request")
        self.assertEqual(json.loads(text)["items"][0]["files"],
                         {"csr": "web.rp01.p10", "evidence": "web.rp01.evidence.json", "envelope": None})  # fmt: skip


class Findings(request_case.RequestCase):
    def test_the_evidence_has_the_plans_findings_about_the_item_waivers_too(self):
        accept = """
[[rules.accept]]
finding = "name.underscore"
reason = "it was always so"
"""
        requests = {"web": ["web.example.com", "a_b.example.com"], "api": ["api.example.com"]}
        farm = self.write("farm.toml", farms.generic(self.tokens, policy="exportable", requests=requests) + accept)
        self.assert_code(self.request(farm), 0)
        planned = harness.run(["plan", farm, "--json"]).json()["findings"]
        self.assertLessEqual({"name.underscore", "policy.security-note"}, {one["id"] for one in planned})
        for stem, has in (("web.rp01", True), ("api.rp01", False)):
            found = {one["id"]: one for one in self.evidence(stem)["findings"]}
            self.assertIn("policy.security-note", found)
            self.assertEqual("name.underscore" in found, has)
            if has:
                self.assertEqual(found["name.underscore"]["accepted"], "it was always so")


if __name__ == "__main__":
    harness.main()
