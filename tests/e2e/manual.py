"""The manual pages: well formed, and of one mind with the program and the schemas."""

import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness

PAGES = sorted((harness.SOURCE / "docs" / "man").glob("*.[1-8]"))
COMMAND_PAGE = harness.SOURCE / "docs" / "man" / "hsmreq.1"
FARM_PAGE = harness.SOURCE / "docs" / "man" / "hsmreq-farm.5"
COMMANDS = ("plan", "request", "inspect", "install", "prove", "distribute", "export", "renew", "retire", "audit", "status", "trust")


def help_flags(*words):
    outcome = harness.run([*words, "--help"])
    return set(re.findall(r"^  (--[a-z0-9-]+)", outcome.stdout, re.MULTILINE))


def page_flags():
    """Command (or "every command") -> the flags that the page describes for it."""
    described = {}
    for title, body in re.findall(r"^\.Ss Flags of ([\w ]+)\n(.*?)(?=^\.S[sh] )", COMMAND_PAGE.read_text(), re.M | re.S):
        flags = {f"--{name}" for name in re.findall(r"^\.It Fl -([a-z0-9-]+)", body, re.MULTILINE)}
        for who in title.split(" and "):
            described.setdefault(who, set()).update(flags)
    return described


class Manual(harness.TestCase):
    def test_pages_are_well_formed(self):
        self.assertEqual([page.name for page in PAGES], ["hsmreq-farm.5", "hsmreq-init.1", "hsmreq.1"])
        for page in PAGES:
            with self.subTest(page=page.name):
                done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_every_flag_of_the_help_is_in_the_page_and_the_reverse(self):
        described = page_flags()
        everywhere = help_flags()
        self.assertEqual(described["every command"], everywhere)
        for command in COMMANDS:
            with self.subTest(command=command):
                self.assertEqual(described.get(command, set()), help_flags(command) - everywhere)

    def test_every_command_of_the_help_is_in_the_page(self):
        shown = harness.run(["--help"]).stdout
        listed = re.findall(r"^  ([a-z]+) +\S", shown, re.MULTILINE)
        described = re.findall(r"^\.It Cm (\w+) (?:Op )?Ar [A-Z]+", COMMAND_PAGE.read_text(), re.MULTILINE)
        self.assertEqual(described, listed)

    def test_every_exit_code_is_in_the_page_and_the_reverse(self):
        header = (harness.SOURCE / "include" / "hsmreq" / "result.hpp").read_text()
        codes = re.findall(r"^    \w+ = (\d+),", header, re.MULTILINE)
        section = re.search(r"^\.Sh EXIT STATUS\n(.*?)^\.Sh ", COMMAND_PAGE.read_text(), re.M | re.S).group(1)
        self.assertEqual(re.findall(r"^\.It (\d+)$", section, re.MULTILINE), codes)

    def test_every_field_of_the_summary_is_in_the_page(self):
        schema = json.loads((harness.SCHEMAS / "request.schema.json").read_text())
        fields = set()

        def collect(node):
            if isinstance(node, dict):
                fields.update(node.get("properties", {}))
                for value in node.values():
                    collect(value)
            elif isinstance(node, list):
                for value in node:
                    collect(value)

        collect(schema)
        self.assertIn("farm_file_sha256", fields)
        section = re.search(r"^\.Sh JSON\n(.*?)^\.Sh ", COMMAND_PAGE.read_text(), re.M | re.S).group(1)
        words = set(re.findall(r"[a-z0-9_]+", section))
        self.assertEqual(fields - words, set())

    def test_the_example_of_the_farm_page_passes_plan(self):
        example = re.search(r"^\.Bd -literal.*?\n(.*?)^\.Ed", FARM_PAGE.read_text(), re.M | re.S).group(1)
        outcome = harness.run(["plan", self.write("farm.toml", example)])
        self.assert_code(outcome, 0)
        self.assertIn("portal.example.com", outcome.stdout)

    def test_pages_render(self):
        for page, word in ((COMMAND_PAGE, "--accept-new-keys"), (FARM_PAGE, "[[request]]")):
            text = re.sub(".\b", "", farms.tool("mandoc", "-T", "utf8", page))
            self.assertIn(word, text.replace("‐", "-").replace("−", "-"))


if __name__ == "__main__":
    harness.main()
