"""Which items a run works on, in how many sessions, and how failures of some leave the others."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import request_case

THREE = {name: [f"{name}.example.com"] for name in ("web", "api", "mail")}


class Selection(request_case.RequestCase):
    labels = ("rp01", "rp02")

    def setUp(self):
        super().setUp()
        self.file = self.farm(members=["rp01", "rp02"], requests=THREE)

    def selected(self, *flags, **more):
        outcome = self.request(self.file, "--json", "--dry-run", *flags, **more)
        self.assert_code(outcome, 0)
        return [f"{name}/{member}" for name, member, _ in self.states(outcome)]

    ALL = [f"{name}/{member}" for name in THREE for member in ("rp01", "rp02")]

    def test_only(self):
        rows = [
            (["--only", "api"], ["api/rp01", "api/rp02"]),
            (["--only", "api/rp02"], ["api/rp02"]),
            (["--only", "mail", "--only", "web/rp01"], ["web/rp01", "mail/rp01", "mail/rp02"]),
            (["--only", "api", "--only", "api/rp01"], ["api/rp01", "api/rp02"]),
        ]
        for flags, expected in rows:
            with self.subTest(flags):
                self.assertEqual(self.selected(*flags), expected)

    def test_a_typing_mistake_names_the_nearest(self):
        rows = [(["--only", "ap"], "api"), (["--only", "api/rp03"], "api/rp0"), (["--member", "rp03"], "rp0")]
        for flags, near in rows:
            with self.subTest(flags):
                outcome = self.request(self.file, "--json", *flags, fault="")
                self.assert_one_error_object(outcome, 2)
                self.assertIn(f"did you mean {near}", outcome.error()["hint"])
                self.assertFalse(self.trace.exists(), "no token was opened")
                self.assertFalse(self.out.exists())

    def test_member_by_flag_and_by_environment(self):
        of_rp02 = [f"{name}/rp02" for name in THREE]
        self.assertEqual(self.selected("--member", "rp02"), of_rp02)
        self.assertEqual(self.selected(env={"HSMREQ_MEMBER": "rp02"}), of_rp02)
        self.assertEqual(self.selected("--member", "rp01", env={"HSMREQ_MEMBER": "rp02"})[0], "web/rp01")

    def test_another_member_s_token_need_not_be_there(self):
        text = pathlib.Path(self.file).read_text().replace("token=rp02", "token=elsewhere")
        outcome = self.request(self.write("other.toml", text), "--json", "--member", "rp01")
        self.assert_code(outcome, 0)
        self.assertEqual({state for _, _, state in self.states(outcome)}, {"created"})

    def test_shards_are_disjoint_and_complete(self):
        for count in (1, 2, 4, 9):
            with self.subTest(count):
                parts = [self.selected("--shard", f"{i}/{count}") for i in range(1, count + 1)]
                self.assertEqual(sorted(sum(parts, [])), sorted(self.ALL))

    def test_bad_shards_are_usage_errors(self):
        for word in ("0/2", "3/2", "1/0", "1", "/", "a/b", "-1/2", "1/2/3", "1/99999999999999999999"):
            with self.subTest(word):
                self.assert_one_error_object(self.request(self.file, "--json", "--shard", word), 2)

    def test_shards_write_summaries_of_their_own(self):
        for index in (1, 2):
            self.assert_code(self.request(self.file, "--shard", f"{index}/2"), 0)
        self.assertEqual([n for n in self.names() if n.startswith("summary")],
                         ["summary.1-of-2.json", "summary.2-of-2.json"])  # fmt: skip
        text = (self.out / "summary.2-of-2.json").read_text()
        self.assert_valid(text, "request")
        self.assertEqual(json.loads(text)["shard"], "2/2")
        self.assertEqual(len(list(self.out.glob("*.csr"))), 6)

    def test_many_jobs_make_the_same(self):
        names = {f"r{i:02}": [f"r{i:02}.example.com"] for i in range(24)}
        farm = self.farm(members=["rp01", "rp02"], requests=names)
        outcome = self.request(farm, "--json", "--jobs", "7", fault="")
        self.assert_code(outcome, 0)
        self.assertEqual(self.states(outcome),
                         [(name, member, "created") for name in names for member in ("rp01", "rp02")])  # fmt: skip
        self.assertEqual(self.calls("C_Login"), 2)
        self.assertEqual([farms.pairs(self.tokens, label) for label in self.labels], [(24, 24)] * 2)
        keys = {self.public_key(path.stem) for path in self.out.glob("*.csr")}
        self.assertEqual(len(keys), 48)


class Failures(request_case.RequestCase):
    def broken_second(self, *flags):
        """Three items; the second one's key can't be used to sign."""
        farm = self.farm(requests=THREE)
        return self.request(farm, "--json", *flags, fault="C_Sign#2=return:54")  # CKR_FUNCTION_NOT_SUPPORTED

    def test_the_others_go_on(self):
        for flags in ([], ["--keep-going"]):
            with self.subTest(flags):
                outcome = self.broken_second(*flags, "--only", "web", "--only", "api", "--only", "mail")
                self.assert_one_error_object(outcome, 7)
                self.assertEqual([state for _, _, state in self.states(outcome)][1], "failed")
                self.assertEqual(outcome.error()["function"], "C_Sign")
                self.assertEqual(outcome.error()["rv"], "CKR_FUNCTION_NOT_SUPPORTED")
                self.assertNotIn("api.rp01.csr", self.names())
                self.assertIn("mail.rp01.csr", self.names())
                for path in self.out.glob("*.csr"):
                    path.unlink()

    def test_fail_fast_stops_there(self):
        outcome = self.broken_second("--fail-fast")
        self.assert_one_error_object(outcome, 7)
        items = outcome.json()["items"]
        self.assertEqual([item["state"] for item in items], ["created", "failed", "failed"])
        self.assertIn("--fail-fast", items[2]["error"]["message"])
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (2, 2))
        self.assert_code(self.request(self.farm(requests=THREE)), 0)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (3, 3))

    def test_both_at_once_is_a_usage_error(self):
        outcome = self.request(self.farm(), "--json", "--keep-going", "--fail-fast")
        self.assert_one_error_object(outcome, 2)

    def test_the_code_is_that_of_the_first_failure_in_plan_order(self):
        farm = self.farm(requests=THREE)
        self.assert_code(self.request(farm), 0)
        changed = pathlib.Path(farm).read_text().replace("'mail.example.com'", "'post.example.com'")
        (self.out / "api.rp01.csr").unlink()
        outcome = self.request(self.write("changed.toml", changed), "--json", fault="C_Sign=flip")
        self.assert_one_error_object(outcome, 8)
        self.assertEqual([i["error"] and i["error"]["code"] for i in outcome.json()["items"]], [None, 8, 9])

    def test_every_failed_item_is_told_about(self):
        outcome = self.request(self.farm(requests=THREE), fault="C_Sign=return:54")
        self.assert_code(outcome, 7)
        self.assertEqual(outcome.stderr.count("hsmreq: error: C_Sign failed: CKR_FUNCTION_NOT_SUPPORTED"), 3, outcome)

    def test_a_missing_token_fails_its_items_only(self):
        text = farms.generic(self.tokens, members=["rp01", "rp02"])
        outcome = self.request(self.write("farm.toml", text), "--json")
        self.assert_one_error_object(outcome, 5)
        self.assertEqual(self.states(outcome), [("web", "rp01", "created"), ("web", "rp02", "failed")])
        self.assertIn("rp01", outcome.error()["message"] + outcome.error()["hint"])  # the candidates


class Records(request_case.RequestCase):
    def test_reason_date_operator_and_farm_file_are_in_the_evidence(self):
        farm = self.farm()
        self.assert_code(self.request(farm, "--reason", "change 4711 \u00fc \"x\"", "--date", "2026-03-04"), 0)
        run = self.evidence("web.rp01")["run"]
        self.assertEqual((run["reason"], run["date"]), ("change 4711 \u00fc \"x\"", "2026-03-04"))
        self.assertRegex(run["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertTrue(run["operator"] and run["host"])
        self.assertEqual(self.evidence("web.rp01")["farm"]["sha256"], farms.tool("sha256sum", farm).split()[0])
        module = self.evidence("web.rp01")["module"]
        self.assertEqual(module["sha256"], farms.tool("sha256sum", module["path"]).split()[0])
        summary = json.loads((self.out / "summary.json").read_text())
        self.assertEqual(summary["date"], "2026-03-04")

    def test_a_reason_that_is_no_plain_line_is_a_usage_error(self):
        for reason in (b"caf\xe9", b"two\nlines"):
            arguments = [b"request", self.farm().encode(), b"--out", str(self.out).encode(), b"--reason", reason]
            self.assert_code(harness.run(arguments, env=self.tokens.env), 2)
        self.assertFalse(self.out.exists())

    def test_a_trusted_module_is_on_record(self):
        self.assert_code(self.request(self.farm(), fault=""), 0)
        self.assertIn("fault", self.evidence("web.rp01")["module"]["path"])

    def test_the_document_stands_on_standard_output_whatever_the_code(self):
        farm = self.farm()
        rows = [
            (2, [farm, "--only", "nothing"]),
            (4, [self.farm(file="bad.toml", requests={"web": ["a_b.example.com"]})]),
            (5, [farm, "--module", "/nowhere.so"]),
            (6, [farm, "--pin-source", "env:HSMREQ_NOT_SET"]),
            (9, [farm, "--out", farm]),
        ]
        for code, arguments in rows:
            with self.subTest(code):
                outcome = harness.run(["request", "--json", *arguments], env=self.tokens.env, cwd=self.folder)
                self.assert_one_error_object(outcome, code)
                self.assert_valid(outcome.stdout, "request")
        outcome = harness.run(["request", "--json", self.write("broken.toml", "[farm")], env=self.tokens.env)
        self.assert_one_error_object(outcome, 3)
        self.assertEqual(outcome.stdout, "")


if __name__ == "__main__":
    harness.main()
