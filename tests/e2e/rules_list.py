"""inspect --list-rules: the table, its page, and that nothing is found that it lacks."""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harness


class ListRules(harness.TestCase):
    def listing(self):
        outcome = harness.run(["inspect", "--list-rules", "--json"])
        self.assert_code(outcome, 0)
        self.assert_valid(outcome.stdout, "inspect")
        return outcome.json()

    def test_every_id_is_there_once_and_in_the_text_too(self):
        ids = [rule["id"] for rule in self.listing()["rules"]]
        self.assertEqual(len(ids), len(set(ids)))
        text = harness.run(["inspect", "--list-rules"])
        self.assert_code(text, 0)
        for identifier in ids:
            self.assertIn(f"\n{identifier} (", text.stdout)

    def test_the_page_is_what_the_table_says(self):
        script = harness.SOURCE / "docs" / "write-rules.py"
        page = subprocess.run([sys.executable, "-B", str(script), harness.PROGRAM], check=True, capture_output=True)
        self.assertEqual(page.stdout.decode(), (harness.SOURCE / "docs" / "rules.md").read_text())

    def test_whatever_the_program_can_find_has_a_row(self):
        ids = {rule["id"] for rule in self.listing()["rules"]}
        raised = re.compile(r'(?:\.finding = |make_finding\(\s*|\badd\(|KeyProblemKind::\w+, |\{)'
                            r'"((?:name|key|usage|policy|edge|csr|cert|pin|subject|ca|evidence|audit|retire|status|trust)\.[a-z0-9]+(?:-[a-z0-9]+)+)"')
        found = set()
        for file in (harness.SOURCE / "src").rglob("*.cpp"):
            found |= set(raised.findall(file.read_text()))
        self.assertGreater(len(found), 40)
        self.assertEqual(found - ids, set())

    def test_every_ca_has_its_facts(self):
        authorities = self.listing()["authorities"]
        self.assertEqual(
            [one["ca"] for one in authorities],
            ["public", "lets-encrypt", "google", "digicert", "sectigo", "private"],
        )

    def test_it_takes_no_file(self):
        self.assert_code(harness.run(["inspect", "--list-rules", "web.csr"]), 2)


if __name__ == "__main__":
    harness.main()
