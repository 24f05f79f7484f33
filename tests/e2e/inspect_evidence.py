"""hsmreq inspect on the evidence that hsmreq request leaves, and on what only looks like it."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import farms
import harness


class Evidence(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.tokens = harness.make_token("rp01", self.folder / "softhsm")
        farm = self.write("farm.toml", farms.generic(self.tokens))
        made = harness.run(["request", farm, "--out", str(self.folder / "out")], env=self.tokens.env)
        self.assert_code(made, 0)
        (self.evidence,) = (self.folder / "out").glob("*.evidence.json")
        (self.csr,) = (self.folder / "out").glob("*.csr")

    def inspect(self, *files):
        outcome = harness.run(["inspect", "--json", *map(str, files)])
        self.assert_valid(outcome.stdout, "inspect")
        return outcome

    def test_it_is_shown_and_its_subjects_are_compared_with_the_files_beside_it(self):
        outcome = self.inspect(self.evidence)
        self.assert_code(outcome, 0)
        (entry,) = outcome.json()["files"]
        self.assertEqual(entry["type"], "evidence")
        self.assertEqual(entry["item"], {"farm": "small", "request": "web", "member": "rp01"})
        for subject in entry["subjects"]:
            self.assertEqual(subject["found_sha256"], subject["sha256"])
        claims = {(one["object"], one["attribute"]): one for one in entry["key"]["claims"]}
        self.assertEqual(claims["private", "CKA_EXTRACTABLE"]["read"], "false")
        text = harness.run(["inspect", str(self.evidence)]).stdout
        self.assertIn(f"{self.csr.name}: as stated", text)
        self.assertIn("CKA_EXTRACTABLE = false", text)

    def test_a_changed_request_is_found(self):
        self.csr.write_text(self.csr.read_text() + "\n")
        outcome = self.inspect(self.evidence)
        self.assert_code(outcome, 4)
        (finding,) = outcome.json()["files"][0]["findings"]
        self.assertEqual(finding["id"], "evidence.subject-differs")
        self.assertIn(self.csr.name, finding["message"])

    def test_another_request_differs_in_its_key_too(self):
        farms.tool("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", self.folder / "key",
                   "-subj", "/CN=x", "-out", self.csr)  # fmt: skip
        outcome = self.inspect(self.evidence)
        self.assertEqual([one["id"] for one in outcome.json()["files"][0]["findings"]], ["evidence.subject-differs"] * 2)

    def test_without_the_request_nothing_is_compared(self):
        self.csr.unlink()
        outcome = self.inspect(self.evidence)
        self.assert_code(outcome, 0)
        self.assertEqual([one["found_sha256"] for one in outcome.json()["files"][0]["subjects"]], [None, None])

    def test_a_name_that_leads_elsewhere_is_not_followed(self):
        document = json.loads(self.evidence.read_text())
        document["subject"][0]["name"] = "../" + self.csr.name
        self.evidence.write_text(json.dumps(document))
        (self.folder / self.csr.name).write_text("other")
        outcome = self.inspect(self.evidence)
        self.assertIsNone(outcome.json()["files"][0]["subjects"][0]["found_sha256"])

    def test_other_json_is_refused(self):
        for text in ("{", "{}", json.dumps({"schema": "hsmreq.request/1"}), "{" * 100000):
            outcome = self.inspect(self.write("other.json", text))
            self.assert_code(outcome, 3)
            self.assertIn("no evidence", outcome.json()["files"][0]["error"]["message"])


if __name__ == "__main__":
    harness.main()
