"""The example farm from farm file to requests, judged by programs that are not ours."""

import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness

CONTOSO = harness.SOURCE / "docs" / "examples" / "contoso.toml"
DAY = "2026-11-23"  # public CAs still issue clientAuth
NAMES = [
    "webext.contoso.com",
    "webdirext.contoso.com",
    "meet.contoso.com",
    "meet.fabrikam.com",
    "dialin.contoso.com",
    "officewebapps01.contoso.com",
    "lyncdiscover.contoso.com",
    "lyncdiscover.fabrikam.com",
]


class Contoso(harness.TestCase):
    @classmethod
    def setUpClass(cls):
        import tempfile

        cls.holder = tempfile.TemporaryDirectory(prefix="hsmreq-test-")
        cls.addClassCleanup(cls.holder.cleanup)
        root = pathlib.Path(cls.holder.name)
        cls.tokens = harness.Tokens(root / "softhsm", pin="73105264")
        for label in ("rp01", "rp02"):
            cls.tokens.make_token(label)
        cls.out = root / "out"
        cls.first = cls.request("--json")
        if cls.first.code != 0:
            raise AssertionError(cls.first)
        cls.files = sorted(path.name for path in cls.out.iterdir())

    @classmethod
    def request(cls, *more):
        pin = f"file:{cls.tokens.pin_file}"
        arguments = ["request", str(CONTOSO), "--out", str(cls.out), "--pin-source", pin, "--date", DAY, *more]
        return harness.run(arguments, env=cls.tokens.env)

    def requests(self):
        return [self.out / f"reverse-proxy.{member}.csr" for member in ("rp01", "rp02")]

    def test_first_run_creates_one_request_for_each_member(self):
        self.assert_code(self.first, 0)
        self.assert_valid(self.first.stdout, "request")
        items = self.first.json()["items"]
        self.assertEqual([(i["request"], i["member"], i["state"], i["origin"]) for i in items],
                         [("reverse-proxy", m, "created", "generated") for m in ("rp01", "rp02")])
        self.assertEqual(self.first.stderr, "")
        self.assertEqual(self.files, sorted(
            [f"reverse-proxy.{m}.{kind}" for m in ("rp01", "rp02") for kind in ("csr", "evidence.json")]
            + ["summary.json"]))

    def test_openssl_sees_names_and_usages_as_planned(self):
        for path in self.requests():
            text = farms.openssl_request(path)
            self.assertRegex(text, "Subject: CN ?= ?webext.contoso.com\n")
            self.assertIn("Public-Key: (2048 bit)", text)
            self.assertIn("Version: 1 (0x0)", text)
            self.assertIn(", ".join(f"DNS:{name}" for name in NAMES) + "\n", text)
            self.assertRegex(text, r"Key Usage: critical\n\s+Digital Signature, Key Encipherment\n")
            self.assertRegex(text, r"Extended Key Usage: *\n\s+TLS Web Server Authentication, TLS Web Client Authentication\n")
            self.assertRegex(text, r"Alternative Name: *\n")
            self.assertIn("Signature Algorithm: sha256WithRSAEncryption", text)

    def test_certtool_sees_names_and_usages_as_planned(self):
        for path in self.requests():
            text = farms.certtool_request(path)
            self.assertEqual(re.findall(r"DNSname: (\S+)", text), NAMES)
            self.assertIn("Subject Alternative Name (not critical)", text)
            self.assertRegex(text, r"Key Usage \(critical\):\s+Digital signature.\s+Key encipherment.\s")
            self.assertRegex(text, r"Key Purpose \(not critical\):\s+TLS WWW Server.\s+TLS WWW Client.\s")

    def test_requests_carry_two_different_keys(self):
        keys = {farms.tool("openssl", "req", "-in", path, "-noout", "-pubkey") for path in self.requests()}
        self.assertEqual(len(keys), 2)

    def test_nothing_of_the_machine_is_in_a_request(self):
        for path in self.requests():
            attributes = re.findall(r"\s(\d+(?:\.\d+){4,})", farms.openssl_request(path))
            self.assertEqual(attributes, [])

    def test_outside_readers_see_the_policy_in_the_token(self):
        for label in ("rp01", "rp02"):
            found = farms.objects(self.tokens, label)
            private = next(o for o in found if o["kind"] == "Private Key")
            public = next(o for o in found if o["kind"] == "Public Key")
            self.assertEqual(len(found), 2, found)
            self.assertEqual(private["Usage"], "decrypt, sign")
            self.assertEqual(private["Access"], "sensitive, always sensitive, never extractable, local")
            self.assertEqual(public["Usage"], "verify")
            self.assertEqual(private["ID"], public["ID"])
            self.assertEqual(private["label"], f"contoso.reverse-proxy.{label}.g1")

    def test_p11tool_reads_the_same(self):
        for label in ("rp01", "rp02"):
            text = farms.tool("p11tool", "--provider", self.tokens.module, "--login", "--set-pin", self.tokens.pin,
                              "--list-all", f"pkcs11:token={label}", env=self.tokens.env)
            self.assertIn("CKA_NEVER_EXTRACTABLE", text)
            self.assertIn("CKA_SENSITIVE", text)
            for flag in ("CKA_WRAP", "CKA_UNWRAP", "CKA_EXTRACTABLE"):
                self.assertNotRegex(text, rf"Flags:.*{flag};")

    def test_evidence_is_an_in_toto_statement_about_these_bytes(self):
        for path in self.requests():
            text = path.with_name(path.name.replace(".csr", ".evidence.json")).read_text()
            self.assert_valid(text, "evidence")
            statement = json.loads(text)
            self.assertEqual(statement["_type"], "https://in-toto.io/Statement/v1")
            self.assertEqual(statement["predicateType"], "urn:hsmreq:evidence:1")
            of_file = farms.tool("sha256sum", path).split()[0]
            key = farms.tool("sh", "-c", 'openssl req -in "$1" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum',
                             "sh", path).split()[0]
            self.assertEqual([s["digest"]["sha256"] for s in statement["subject"]], [of_file, key])
            claims = {(a["object"], a["attribute"]): a for a in statement["predicate"]["key"]["attributes"]}
            extractable = claims["private", "CKA_EXTRACTABLE"]
            self.assertEqual((extractable["asked"], extractable["read"], extractable["source"]),
                             ("false", "false", "probe-tested"))

    def test_key_id_is_the_documented_digest(self):
        printed = farms.tool("sh", "-c", r"printf 'hsmreq/1\0contoso\0reverse-proxy\0rp01\0001\0' | sha256sum")
        found = farms.objects(self.tokens, "rp01")
        self.assertEqual({o["ID"] for o in found}, {printed[:40]})

    def test_second_run_changes_nothing(self):
        before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns)
                  for path in self.out.iterdir() if path.name != "summary.json"}
        again = self.request()
        self.assert_code(again, 0)
        self.assertEqual(again.stdout.count("unchanged  "), 2, again)
        after = {path.name: (path.read_bytes(), path.stat().st_mtime_ns)
                 for path in self.out.iterdir() if path.name != "summary.json"}
        self.assertEqual(before, after)
        self.assertEqual([farms.pairs(self.tokens, label) for label in ("rp01", "rp02")], [(1, 1), (1, 1)])

    def test_pin_is_nowhere_in_what_was_written(self):
        for path in self.out.iterdir():
            self.assertNotIn(self.tokens.pin.encode(), path.read_bytes())


if __name__ == "__main__":
    harness.main()
