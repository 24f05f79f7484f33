"""What keeps a key in its token: policy, passwords, certificates, files, a missing word."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import export_case
import harness
import issuing

TRUSTED_KEY = 'wrapping_key = "pkcs11:object=wrap;type=secret-key"'


class Policy(export_case.ExportCase):
    def test_only_exportable_keys_leave_and_no_token_is_opened_to_say_so(self):
        rows = [("non-exportable", "per-member", "", "non-exportable"), ("wrap-only", "shared", "", "wrap-only"),
                ("exportable", "shared", TRUSTED_KEY, "wrapping_key")]  # fmt: skip
        for policy, sharing, key, reason in rows:
            with self.subTest(reason):
                farm = self.export_farm(policy=policy, sharing=sharing, key=key)
                outcome = self.export(farm, "--json", fault="")
                self.assert_finding(outcome, 4, "policy.not-exportable")
                self.assertIn(reason, outcome.error()["message"])
                self.assert_valid(outcome.stdout, "export")
                self.assertFalse(self.trace.exists())
                self.assert_nothing_exported_before_requests()

    def assert_nothing_exported_before_requests(self):
        self.assertFalse(self.pfx.exists())
        self.assertFalse(self.out.exists())

    def test_a_plan_with_errors_is_refused_first(self):
        farm = self.export_farm(requests={"web": ["under_score.example.com"]})
        self.assert_finding(self.export(farm, "--json"), 4, "name.underscore")

    def test_a_key_that_is_looser_or_stricter_than_the_policy_stays(self):
        strict = self.export_farm(policy="wrap-only", file="strict.toml")
        self.assert_code(self.request(strict), 0)
        self.certify()
        farm = self.export_farm()
        outcome = self.export(farm, "--json", fault="C_GetAttributeValue=read:162,00")
        self.assert_finding(outcome, 4, "policy.attribute-differs")
        self.assertEqual(self.calls("C_WrapKey"), 0)
        self.assert_nothing_exported()

    def test_an_unknown_request_or_another_members_token(self):
        farm = self.ready(more='[[member]]\nname = "tmg01"\nreceives = "pfx"\n')
        words = ["--for", "tmg-2010", "--output", str(self.pfx), "--reason", "x", export_case.NOTE, "--password-source",
                 f"file:{self.password_file}"]  # fmt: skip
        outcome = self.run_command("export", farm, "--request", "wep", *words)
        self.assert_code(outcome, 2)
        self.assertIn("did you mean web?", outcome.stderr)
        outcome = self.export(farm, "--member", "tmg01")
        self.assert_code(outcome, 2)
        self.assertIn("in the token of rp01", outcome.stderr)
        self.assert_nothing_exported()


class Words(export_case.ExportCase):
    def test_the_note_must_be_acknowledged(self):
        farm = self.ready()
        outcome = self.export(farm, "--json", note=False, fault="")
        self.assert_one_error_object(outcome, 2)
        self.assertIn("--acknowledge-security-note", outcome.error()["hint"])
        self.assertFalse(self.trace.exists())
        self.assert_nothing_exported()

    def test_flags_that_are_missing_or_make_no_sense(self):
        farm = self.ready()
        whole = {"--request": "web", "--for": "tmg-2010", "--output": str(self.pfx), "--reason": "x",
                 "--password-source": f"file:{self.password_file}"}  # fmt: skip
        for missing in whole:
            with self.subTest(missing):
                words = [word for flag, value in whole.items() if flag != missing for word in (flag, value)]
                outcome = self.run_command("export", farm, export_case.NOTE, *words)
                self.assert_code(outcome, 2)
                self.assertIn(missing, outcome.stderr)
        rows = [({"--for": "windows-2019"}, "windows-server-2019"), ({"--reason": ""}, "--reason"),
                ({"--password-source": "none"}, "--password-source"),
                ({"--for": "haproxy", "--windows-provider": "x"}, "--windows-provider")]  # fmt: skip
        for changed, said in rows:
            with self.subTest(changed):
                words = [word for pair in {**whole, **changed}.items() for word in pair]
                outcome = self.run_command("export", farm, export_case.NOTE, *words)
                self.assert_code(outcome, 2)
                self.assertIn(said, outcome.stderr)
        self.assert_nothing_exported()

    def test_a_password_on_the_command_line_is_not_repeated(self):
        farm = self.ready()
        outcome = self.export(farm, "--password-source", "correct-horse-battery", password=None)
        self.assert_code(outcome, 2)
        self.assertNotIn("correct-horse", outcome.stderr)


class Passwords(export_case.ExportCase):
    def test_weak_and_impossible_passwords(self):
        farm = self.ready()
        rows = [("eleven char", 4, "fewer than 12"), ("äöüäöüäöüäö", 4, "fewer than 12"), ("", 6, "empty"),
                ("\n", 6, "empty"), ("a tab\tin the middle", 6, "control"), (b"not \xff UTF-8 at all", 6, "UTF-8"),
                ("beyond \U0001f511 the BMP", 6, "U+FFFF"), ("x" * 2000, 6, "bytes")]  # fmt: skip
        for text, code, said in rows:
            with self.subTest(said):
                self.password_file = self.secret_file("password", text)
                outcome = self.export(farm, "--json", fault="")
                self.assert_one_error_object(outcome, code)
                self.assertIn(said, outcome.error()["message"])
                self.assertFalse(self.trace.exists())
                self.assert_nothing_exported()

    def test_a_short_one_by_wish_and_never_an_empty_one(self):
        farm = self.ready()
        self.password_file = self.secret_file("password", "")
        self.assert_code(self.export(farm, "--allow-weak-password"), 6)
        self.assert_nothing_exported()
        self.password_file = self.secret_file("password", "short")
        self.assert_finding(self.export(farm, "--json"), 4, "policy.weak-password")
        item = self.exported(farm, "--allow-weak-password")
        self.assertEqual([(f["id"], f["severity"]) for f in item["findings"]], [("policy.weak-password", "warning")])
        self.assertTrue(self.export_evidence()["predicate"]["export"]["short_password_allowed"])
        self.assertIn("BEGIN PRIVATE KEY", self.info(password="short"))

    def test_sources_that_are_not_safe_or_not_there(self):
        farm = self.ready()
        self.password_file.chmod(0o644)
        outcome = self.export(farm, "--json")
        self.assert_one_error_object(outcome, 6)
        self.assertIn("the password file is open to others", outcome.error()["message"])
        for source in ("file:/nowhere", "env:HSMREQ_NO_SUCH_VARIABLE", "prompt"):
            with self.subTest(source):
                outcome = self.export(farm, "--json", "--password-source", source, password=None)
                self.assert_one_error_object(outcome, 6)
        self.assert_nothing_exported()

    def test_a_wrong_pin(self):
        farm = self.ready()
        self.tokens.pin_file.write_text("00000000")
        self.assert_one_error_object(self.export(farm, "--json"), 6)
        self.assert_nothing_exported()


class Certificates(export_case.ExportCase):
    def test_no_certificate(self):
        farm = self.ready()
        (self.out / "web.pem").unlink()
        outcome = self.export(farm, "--json")
        self.assert_one_error_object(outcome, 5)
        self.assertIn("hsmreq install", outcome.error()["hint"])
        outcome = self.export(farm, "--json", out=self.folder / "nowhere")
        self.assert_one_error_object(outcome, 5)
        self.assertFalse((self.folder / "nowhere").exists())
        self.assert_nothing_exported()

    def test_a_certificate_of_another_key(self):
        farm = self.ready()
        (self.out / "web.pem").write_text(self.authority.make("web.example.com", self.issuer).pem)
        self.assert_finding(self.export(farm, "--json", fault=""), 8, "cert.key-mismatch")
        self.assertEqual(self.calls("C_WrapKey"), 0)
        self.assert_nothing_exported()

    def test_a_chain_that_does_not_hold(self):
        farm = self.ready()
        (self.out / "web.chain.pem").write_text("")
        self.assert_finding(self.export(farm, "--json"), 4, "cert.chain-incomplete")
        (self.out / "web.chain.pem").unlink()
        self.assert_finding(self.export(farm, "--json"), 4, "cert.chain-incomplete")
        stranger = self.authority.make("Stranger", ca=True)
        self.certify(issuer=stranger)
        self.assert_finding(self.export(farm, "--json"), 4, "cert.untrusted-root")
        self.assert_nothing_exported()

    def test_a_certificate_that_has_expired(self):
        farm = self.export_farm()
        self.assert_code(self.request(farm), 0)
        old = issuing.Issuer.of(self.folder / "old", self.issuer)
        expired = old.issue(self.out / "web.csr", begins="200101000000Z", ends="200201000000Z")
        self.certify().write_bytes(expired.read_bytes())
        self.assert_finding(self.export(farm, "--json"), 4, "cert.expired")
        self.assert_finding(self.export(farm, "--json", "--date", "2020-01-01"), 4, "cert.expired")
        self.assert_nothing_exported()

    def test_a_file_that_holds_no_certificate(self):
        farm = self.ready()
        (self.out / "web.pem").write_text("nothing\n")
        self.assert_one_error_object(self.export(farm, "--json"), 3)
        self.assert_nothing_exported()


class Outputs(export_case.ExportCase):
    def test_a_file_that_is_there_stays_without_replace(self):
        farm = self.ready()
        for content in (b"precious", b""):
            with self.subTest(content):
                self.pfx.write_bytes(content)
                self.assert_one_error_object(self.export(farm, "--json", fault=""), 9)
                self.assertEqual(self.calls("C_WrapKey"), 0)
                self.assertEqual(self.pfx.read_bytes(), content)
        self.assertEqual(self.exported(farm, "--replace")["state"], "replaced")

    def test_places_where_no_file_can_be(self):
        farm = self.ready()
        link = self.folder / "link.pfx"
        link.symlink_to(self.folder / "target")
        for output in (self.folder, self.folder / "no" / "such.pfx", link, "/proc/web.pfx"):
            with self.subTest(output):
                self.assert_one_error_object(self.export(farm, "--json", output=output, fault=""), 9)
                if self.trace.exists():
                    self.assertEqual(self.calls("C_WrapKey"), 0)
        self.assertFalse((self.folder / "no").exists())
        self.assertFalse((self.folder / "target").exists())
        self.assert_nothing_exported()

    def test_the_certificates_own_file_is_never_written_over(self):
        farm = self.ready()
        before = (self.out / "web.pem").read_bytes()
        outcome = self.export(farm, "--json", "--replace", target="haproxy", output=self.out / "web.pem")
        self.assert_one_error_object(outcome, 9)
        self.assertEqual((self.out / "web.pem").read_bytes(), before)

    def test_a_target_that_cannot_use_the_key_is_a_warning(self):
        farm = self.ready(algorithm="ec-p256")
        item = self.exported(farm, target="tmg-2010")
        self.assertEqual([f["id"] for f in item["findings"]], ["export.key-unsupported"])
        item = self.exported(farm, target="windows-server-2019", output=self.folder / "other.pfx")
        self.assertEqual(item["findings"], [])


if __name__ == "__main__":
    harness.main()
