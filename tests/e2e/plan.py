#!/usr/bin/python3
"""hsmreq plan: the reference farm, goldens, what is refused and how, and size."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harness  # noqa: E402
from sample_farm import (  # noqa: E402
    DATA,
    DATE,
    EDGE,
    EDGE_KEY,
    names,
    REQUEST,
    SAMPLE,
    SAMPLE_NAMES,
    TOKEN_URIS,
    variant,
    VariantTest,
)


class Sample(VariantTest):
    def test_the_sample_passes_with_the_warning_for_client_auth(self):
        outcome = harness.run(["plan", self.write("farm.toml", SAMPLE), "--json", *DATE])
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.stderr, "")
        self.assert_valid(outcome.stdout, "plan")
        plan = outcome.json()
        self.assertEqual(list(names(plan).items()), list(SAMPLE_NAMES.items()))
        drawn = [(finding["id"], finding["severity"]) for finding in plan["findings"]]
        self.assertEqual(drawn, [("usage.client-auth-public-ca", "warning")])
        self.assertEqual([item["member"] for item in plan["items"]], ["rp01", "rp02"])

    def test_a_byte_order_mark_and_crlf_change_nothing(self):
        path = self.folder / "farm.toml"
        path.write_bytes(b"\xef\xbb\xbf" + SAMPLE.replace("\n", "\r\n").encode())
        outcome = harness.run(["plan", str(path), "--json", *DATE])
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.json()["requests"], self.plan(SAMPLE)["requests"])

    def test_the_text_says_what_sharing_costs(self):
        for lines, cost in (
            ((), "2 members × per-member = 2 certificates; shared makes 1"),
            (EDGE_KEY, "2 members × shared = 1 certificate; per-member makes 2"),
        ):
            with self.subTest(lines=lines):
                outcome = harness.run(["plan", self.write("farm.toml", variant(*lines)), *DATE])
                self.assert_code(outcome, 0)
                self.assertIn(cost, outcome.stdout)


# Names that would end, split or retype an alternative name if anyone pasted them somewhere.
BREAKING_OUT = [
    "a.contoso.com,DNS:evil.example", "DNS:evil.example", "a.contoso.com\\nevil.example", "a\\u0000.contoso.com",
    "a.contoso.com;evil", "'a.contoso.com'", '\\"a.contoso.com\\"', "a.contoso.com DNS:evil", "URI:https://evil",
    "email:a@contoso.com", "@section", "a=b.contoso.com", "a\\\\.contoso.com", "a．contoso，com", "*", "*.*.contoso.com",
    "a.*.contoso.com", "w*.contoso.com", "${ENV::HOME}", "a..contoso.com", ".contoso.com", "a.contoso.com/", "a\\tb.com",
]  # fmt: skip

NAME_PLACES = [
    lambda name: variant(f'pool: external_web_fqdn = "{name}"'),
    lambda name: variant(f'director: external_web_fqdn = "{name}"'),
    lambda name: variant(f'office_web_apps: external_fqdns = ["{name}"]'),
    lambda name: variant(f'certificate: common_name = "{name}"'),
    lambda name: variant(f'certificate: extra_names = ["{name}"]'),
    lambda name: variant(more=REQUEST.replace("smtp.contoso.com", name)),
]


class NamesThatBreakOut(harness.TestCase):
    def test_are_refused_wherever_they_stand(self):
        for i, name in enumerate(BREAKING_OUT):
            with self.subTest(name=name):
                text = NAME_PLACES[i % len(NAME_PLACES)](name)
                outcome = harness.run(["plan", self.write("farm.toml", text), "--json", *DATE])
                self.assertIn(outcome.code, (3, 4), outcome)
                self.assert_one_error_object(outcome, outcome.code)


# What a person gets wrong although the file is well-formed: (farm file, the only error's id, what it says, its hint).
REFUSED = [
    (
        variant('pool: external_web_fqdn = "https://webext.contoso.com"'),
        "name.not-ldh", "it is a URL, and here the host stands alone", "Write a host name",
    ),
    (
        variant('simple_urls: dialin = ["dialin.contoso.com"]'),
        "name.simple-url-not-https", '"dialin.contoso.com" is not https', "Begin it with https://.",
    ),
    (
        variant('simple_urls: dialin = ["https://dialin.contoso.com:443"]'),
        "name.simple-url-port", "has a port", "clients use 443",
    ),
    (
        variant(without=['"fabrikam.com" = ["https://meet.fabrikam.com"]\n']),
        "name.sip-domain-without-meet", 'The SIP domain "fabrikam.com" has no meeting URL', "Add it to",
    ),
    (
        variant('key: sharing = "shared"'),
        "policy.shared-key-cannot-travel", "one key for 2 tokens", 'Set sharing = "per-member"',
    ),
    (
        variant('key: private_key = "exportable"', more=EDGE),
        "edge.combined-key-must-travel", "the key must be shared", 'Set sharing = "shared"',
    ),
    (
        variant('key: sharing = "shared"', 'token: uri = "pkcs11:token=net"', without=TOKEN_URIS, more=EDGE),
        "edge.combined-key-must-travel", "the key must be exportable", 'edge.server_keys = "hsm"',
    ),
]  # fmt: skip


class Refusals(harness.TestCase):
    def test_each_says_what_is_wrong_and_what_mends_it(self):
        for text, finding, says, hint in REFUSED:
            with self.subTest(finding=finding, says=says):
                outcome = harness.run(["plan", self.write("farm.toml", text), *DATE])
                self.assert_code(outcome, 4)
                error, mend = outcome.stderr.splitlines()
                self.assertTrue(error.startswith(f"hsmreq: error: {finding}: "), outcome)
                self.assertIn(says, error)
                self.assertRegex(error, r", line \d+\)$")
                self.assertTrue(mend.startswith("hsmreq: hint: "), outcome)
                self.assertIn(hint, mend)
                self.assertIn(f"error    {finding}: ", outcome.stdout)


class Goldens(harness.TestCase):
    def test_examples_print_the_expected_text_and_json(self):
        for example in sorted((harness.SOURCE / "docs" / "examples").glob("*.toml")):
            for flags, suffix in (([], "txt"), (["--json"], "json")):
                with self.subTest(example=example.name, suffix=suffix):
                    file = str(example.relative_to(harness.SOURCE))
                    outcome = harness.run(["plan", file, *DATE, *flags], cwd=harness.SOURCE)
                    self.assert_code(outcome, 0)
                    self.assertEqual(outcome.stderr, "")
                    self.assertEqual(outcome.stdout, (DATA / "plan" / f"{example.stem}.{suffix}").read_text())
                    if suffix == "json":
                        self.assert_valid(outcome.stdout, "plan")

    def test_mistakes_print_the_expected_errors(self):
        files = sorted((DATA / "plan" / "errors").glob("*.toml"))
        self.assertTrue(files)
        for file in files:
            with self.subTest(file=file.name):
                outcome = harness.run(["plan", file.name, *DATE], cwd=file.parent)
                self.assert_code(outcome, 3)
                self.assertEqual(outcome.stdout, "")
                self.assertEqual(outcome.stderr, file.with_suffix(".stderr").read_text())
                self.assert_one_error_object(harness.run(["plan", file.name, "--json"], cwd=file.parent), 3)


class UnusableFiles(harness.TestCase):
    def refused(self, path, says):
        outcome = harness.run(["plan", str(path)])
        self.assert_code(outcome, 3)
        self.assertEqual(outcome.stdout, "")
        self.assertRegex(outcome.stderr.splitlines()[0], rf"^hsmreq: error: .*{says}")

    def test_each_is_refused_and_named(self):
        pad = 2**24 - len(SAMPLE.encode())
        contents = {
            "nul.toml": (b"[farm]\nname = \"a\0b\"\n", "a NUL byte .*nul.toml:2:10"),
            "utf16.toml": (SAMPLE.encode("utf-16"), "utf16.toml:1:1"),
            "latin1.toml": ("[farm]\nname = \"Köln\"\n".encode("latin-1"), "not UTF-8 .*latin1.toml:2:10"),
            "large.toml": (SAMPLE.encode() + b"#" + b"x" * pad, "large.toml"),
            "deep.toml": (b"a = " + b"[" * 100000 + b"]" * 100000, "nested too deeply"),
            "dots.toml": (b".".join([b"a"] * 200000) + b" = 1\n", "nested too deeply"),
        }
        for name, (content, says) in contents.items():
            with self.subTest(name=name):
                path = self.folder / name
                path.write_bytes(content)
                self.refused(path, says)
        self.refused(self.folder / "missing.toml", "missing.toml")
        self.refused(self.folder, str(self.folder))

    def test_a_file_of_exactly_the_limit_is_read(self):
        pad = 2**24 - len(SAMPLE.encode()) - 1
        outcome = harness.run(["plan", self.write("farm.toml", SAMPLE + "#" + "x" * pad), *DATE])
        self.assert_code(outcome, 0)


class ManyNames(harness.TestCase):
    def test_a_farm_of_the_largest_file_is_planned_whole(self):
        farm = (
            '[farm]\nname = "big"\nproduct = "generic"\nca = "private"\n[[member]]\nname = "rp01"\n'
            'module = "softhsm2"\nuri = "pkcs11:token=rp01"\n'
        )
        hosts = [f"{i:x}.a.io" for i in range(60000)]
        one = farm + f'[[request]]\nname = "w"\nnames = {json.dumps(hosts)}\n'
        several = farm + "".join(
            f'[[request]]\nname = "w{i}"\nnames = {json.dumps(hosts[i * 100 : i * 100 + 100])}\n' for i in range(600)
        )
        for text in (one, several):
            outcome = harness.run(["plan", self.write("farm.toml", text), "--json", *DATE])
            self.assert_code(outcome, 0)
            planned = [n["value"] for r in outcome.json()["requests"] for n in r["subject_alternative_names"]]
            self.assertEqual(planned, hosts)

    def test_findings_of_one_kind_are_cut_short_for_people_only(self):
        bad = json.dumps([f"a_{i}.contoso.com" for i in range(25)])
        path = self.write("farm.toml", variant(f"certificate: extra_names = {bad}"))
        text = harness.run(["plan", path, *DATE])
        self.assert_code(text, 4)
        self.assertEqual(text.stdout.count("error    name.underscore: "), 11)
        self.assertIn("error    name.underscore: 15 more like these; --json lists them all\n", text.stdout)
        self.assertEqual(text.stderr.count("\n"), 2, text)
        document = harness.run(["plan", path, *DATE, "--json"]).json()
        self.assertEqual([f["id"] for f in document["findings"]], ["name.underscore"] * 25 + ["usage.client-auth-public-ca"])


if __name__ == "__main__":
    harness.main()
