"""inspect --list-rules: the table, its page, and that nothing is found that it lacks."""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harness


PLAN = harness.SOURCE / "src" / "plan"
TABLES = {PLAN / name for name in ("rule_table.cpp", "inspection_rules.cpp", "run_rules.cpp")}
SOURCES = sorted(set((harness.SOURCE / "src").rglob("*.[ch]pp")) - TABLES)
ID = r'"([a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*)"'
ROW = re.compile(rf"Rule\{{\s*(?:\.id = )?{ID}")


def ids_in_the_source(ids):
    """Every literal outside the tables that is one, or can be nothing else: file names by id."""
    families = {one.split(".")[0] for one in ids} | {"trust", "deploy", "status"}
    keys = set(re.findall(r"^\| `([a-z_.]+)`", (harness.SOURCE / "docs" / "farm-file.md").read_text(), re.MULTILINE))
    # What is handed to these is an id, whatever it begins with.
    raised = re.compile(rf"(?:\.finding = |make_finding\(\s*|make_error\(\s*|\badd\(){ID}")
    found = {}
    for file in SOURCES:
        text = file.read_text()
        literals = [one for one in re.findall(ID, text) if one.split(".")[0] in families and one not in keys]
        for identifier in literals + raised.findall(text):
            found.setdefault(identifier, set()).add(file.name)
    return found


def checks_of_rows():
    """(id, text) of each row for farm files."""
    parts = ROW.split((PLAN / "rule_table.cpp").read_text())
    return list(zip(parts[1::2], parts[2::2]))


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
        raised = ids_in_the_source(ids)
        self.assertGreater(len(raised), 60)
        self.assertEqual({one: files for one, files in raised.items() if one not in ids}, {})

    def test_every_row_is_found_by_something(self):
        ids = {rule["id"] for rule in self.listing()["rules"]}
        raised = set(ids_in_the_source(ids))
        # A row of the farm files' segment has its check beside it; that the check draws it is for the cases to show.
        checked = set(ROW.findall((PLAN / "rule_table.cpp").read_text()))
        self.assertEqual(ids - raised - checked, set())
        for identifier, body in checks_of_rows():
            with self.subTest(rule=identifier):
                self.assertIn("check::", body)

    def test_what_ends_a_run_is_an_error_in_the_table(self):
        severities = {rule["id"]: rule["severity"] for rule in self.listing()["rules"]}
        ends = re.compile(rf'(?:\.finding = |make_error\(\s*){ID}')
        found = {name for file in SOURCES for name in ends.findall(file.read_text())}
        self.assertGreater(len(found), 15)
        self.assertEqual({name: severities.get(name) for name in found}, dict.fromkeys(found, "error"))

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
