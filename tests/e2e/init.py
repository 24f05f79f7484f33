"""hsmreq init as its user meets it: at a pipe, with flags, and what becomes of its file."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import init_case
from init_case import INF, PAGE, PAGE_ANSWERS, PAGE_FLAGS


class Flags(init_case.InitCase):
    def test_the_procedures_example_has_the_procedures_names(self):
        outcome = self.init("--no-input", *PAGE_FLAGS, self.output)
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.stdout, "")
        self.assertIn("is written and plans 2 certificates with 6 names", outcome.stderr)
        plan = self.plan_of(self.output.read_text())
        request = plan["requests"][0]
        self.assertEqual(sorted(name["value"] for name in request["subject_alternative_names"]), PAGE)
        self.assertEqual(request["subject"]["common_name"], "webext.contoso.com")
        self.assertEqual(request["friendly_name"], "Reverse Proxy Listener for Lync Server")
        self.assertEqual(request["key_usage"], {"critical": True, "values": ["digitalSignature", "keyEncipherment"]})
        self.assertEqual(request["key"]["algorithm"], "rsa-2048")
        self.assertEqual(request["key"]["purpose"], "exchange")
        self.assertEqual([finding["id"] for finding in plan["findings"]], ["usage.client-auth-public-ca"])

    def test_every_answer_can_be_a_flag(self):
        outcome = self.init(
            "--no-input", "--friendly-name", 'The "proxy"', "--description", "For people", "--common-name", "web.example.com",
            "--country", "DE", "--state", "Bayern", "--locality", "München", "--organization", "Contoso, Inc.",
            "--organizational-unit", "IT", "--product", "skype-for-business-2019", "--sip-domain", "example.com",
            "--sip-domain", "example.net", "--pool", "web.example.com=pool.corp.example.com", "--pool", "web2.example.com",
            "--director", "dir.example.com=dir.corp.example.com", "--meet", "https://lync.example.com/example.com/meet",
            "--meet", "example.net=https://lync.example.com/example.net/meet", "--dialin", "https://lync.example.com/dialin",
            "--autodiscover", "http", "--office-web-apps", "owa.example.com", "--extra-name", "www.example.com",
            "--key-usage", "digitalSignature", "--extended-key-usage", "serverAuth", "--algorithm", "ec-p384",
            "--private-key", "wrap-only", "--hash", "sha384", "--default-extensions", "add", "--template", "Web",
            "--file-format", "binary", "--file-name", "{farm}.{member}", "--name", "example", "--ca", "private",
            "--member", "a", "--member", "b", "--token-uri", "a=pkcs11:token=t1", "--token-uri", "b=pkcs11:token=t2",
            "--sharing", "shared", "--module", "/opt/hsm/lib.so", "--pin-source", "env:PIN",
        )  # fmt: skip
        self.assert_code(outcome, 0)
        request = self.plan_of(outcome.stdout)["requests"][0]
        self.assertEqual(request["friendly_name"], 'The "proxy"')
        self.assertEqual(request["description"], "For people")
        self.assertEqual(request["subject"]["organization"], "Contoso, Inc.")
        self.assertEqual(request["subject"]["locality"], "München")
        self.assertEqual(
            [name["value"] for name in request["subject_alternative_names"]],
            ["web.example.com", "web2.example.com", "dir.example.com", "lync.example.com", "owa.example.com", "www.example.com"],
        )
        self.assertEqual(request["extended_key_usage"]["values"], ["serverAuth"])
        for key, value in {"algorithm": "ec-p384", "hash": "sha384", "private_key": "wrap-only", "sharing": "shared"}.items():
            self.assertEqual(request["key"][key], value)
        self.assertEqual(request["ad_cs_template"], "Web")
        self.assertEqual(request["file_format"], "binary")
        self.assertEqual(request["members"], ["a", "b"])
        for line in ('backend           = "pool.corp.example.com"', 'module     = "/opt/hsm/lib.so"', 'uri  = "pkcs11:token=t2"'):
            self.assertIn(line, outcome.stdout)

    def test_a_generic_farm(self):
        outcome = self.init(
            "--no-input", "--product", "generic", "--common-name", "www.example.com", "--dns-name", "www.example.com,example.com",
            "--request-name", "www", "--ca", "lets-encrypt", "--algorithm", "p-256",
        )  # fmt: skip
        self.assert_code(outcome, 0)
        request = self.plan_of(outcome.stdout)["requests"][0]
        self.assertEqual(request["name"], "www")
        self.assertEqual([name["value"] for name in request["subject_alternative_names"]], ["www.example.com", "example.com"])
        self.assertEqual(request["key_usage"]["values"], ["digitalSignature"])

    def test_flags_that_say_what_is_so_anyway_are_taken(self):
        outcome = self.init(
            "--no-input", "--common-name", "webext.contoso.com", "--algorithm", "ec-p256", "--purpose", "signature",
            "--sharing", "shared",
        )  # fmt: skip
        self.assert_code(outcome, 0)
        self.assertEqual(self.plan_of(outcome.stdout)["requests"][0]["key"]["sharing"], "shared")

    def test_every_flag_is_in_the_documents(self):
        help_text = self.init("--help").stdout
        page = (harness.SOURCE / "docs" / "init.md").read_text()
        manual = (harness.SOURCE / "docs" / "man" / "hsmreq-init.1").read_text()
        flags = re.findall(r"^  --([a-z-]+)", help_text, re.MULTILINE)
        self.assertGreater(len(flags), 40)
        for flag in flags:
            self.assertIn(f"-{flag}", manual)
            if flag not in ("quiet", "verbose", "color", "date", "help", "version"):
                self.assertIn(f"--{flag}", page)

    def test_bad_answers_are_refused_with_flag_and_reason(self):
        cases = {
            ("--common-name", "web_ext.contoso.com"): "has an underscore",
            ("--common-name", "https://webext.contoso.com"): "is a URL",
            ("--common-name", "192.0.2.1"): "is an IP address",
            ("--country", "Germany"): "is not a country code",
            ("--product", "exchange"): "is none of the choices",
            ("--product", "skype"): "is none of the choices",
            ("--algorithm", "rsa-1024"): "is none of the choices",
            ("--meet", "http://meet.contoso.com"): "is not an https URL",
            ("--member", "rp.01"): "rp.01",
            ("--pin-source", "1234"): "PIN source",
            ("--file-name", "a/b"): "slash",
            ("--extended-key-usage", "serverauth"): "is not an extended key usage",
        }
        for (flag, value), reason in cases.items():
            with self.subTest(flag=flag, value=value):
                given = [] if flag == "--common-name" else ["--common-name", "webext.contoso.com"]
                outcome = self.init("--no-input", *given, flag, value, self.output)
                self.assert_code(outcome, 2)
                self.assertIn(reason, outcome.stderr)
                self.assertIn(flag, outcome.stderr)
                self.only_file_is()

    def test_answers_that_do_not_go_together_are_refused(self):
        cases = {
            ("--product", "generic", "--sip-domain", "contoso.com"): "(--sip-domain)",
            ("--meet", "https://meet.example.org"): "does not tell which SIP domain",
            ("--token-uri", "rp02=pkcs11:token=rp02"): "there is no member rp02",
            ("--member", "a", "--member", "b", "--token-uri", "a=pkcs11:token=a"): "b has no token",
            ("--pool", "webext.contoso.com", "--pool", "WEBEXT.contoso.com"): "stands twice",
        }
        for words, reason in cases.items():
            with self.subTest(words=words):
                outcome = self.init("--no-input", "--common-name", "webext.contoso.com", *words, self.output)
                self.assert_code(outcome, 2)
                self.assertIn(reason, outcome.stderr)
                self.only_file_is()

    def test_a_required_answer_that_is_missing_is_named(self):
        outcome = self.init("--no-input", self.output)
        self.assert_code(outcome, 2)
        self.assertIn("--common-name", outcome.stderr)
        self.only_file_is()

    def test_a_pin_is_not_repeated(self):
        outcome = self.init("--no-input", *PAGE_FLAGS, "--token-uri", "pkcs11:token=rp01;pin-value=48151623")
        self.assert_code(outcome, 2)
        self.assertNotIn("48151623", outcome.stderr + outcome.stdout)

    def test_flags_of_another_command_and_of_both(self):
        self.assert_code(self.init("--jobs", "2"), 2)
        outcome = harness.run(["request", "--member", "a", "--member", "b", "farm.toml"])
        self.assert_code(outcome, 2)
        self.assertIn("--member is given 2 times", outcome.stderr)
        outcome = harness.run(["plan", "--sip-domain", "contoso.com", "farm.toml"])
        self.assert_code(outcome, 2)
        self.assertIn("hsmreq init", outcome.stderr)


class Requests(init_case.InitCase):
    def test_the_procedures_request_is_made_from_the_file(self):
        tokens = harness.make_token("rp01", self.folder / "softhsm")
        outcome = self.init(
            "--no-input", *PAGE_FLAGS[:-4], "--member", "rp01", "--module", tokens.module,
            "--pin-source", f"file:{tokens.pin_file}", "--ca", "private", self.output,
        )  # fmt: skip
        self.assert_code(outcome, 0)
        made = harness.run(["request", str(self.output), "--out", str(self.folder / "out")], env=tokens.env)
        self.assert_code(made, 0)
        text = farms.openssl_request(self.folder / "out" / "reverse-proxy.rp01.csr")
        self.assertEqual(sorted(re.findall(r"DNS:([^,\s]+)", text)), PAGE)
        self.assertRegex(text, "Subject: CN ?= ?webext.contoso.com")
        self.assertIn("Public-Key: (2048 bit)", text)
        self.assertRegex(text, r"Key Usage: critical\s+Digital Signature, Key Encipherment")
        self.assertRegex(text, r"Extended Key Usage: \s+TLS Web Server Authentication, TLS Web Client Authentication")
        self.assertIn("sha256WithRSAEncryption", text)


class Files(init_case.InitCase):
    def test_an_existing_file_stays_unless_it_may_be_replaced(self):
        self.output.write_text("mine\n")
        outcome = self.init("--no-input", *PAGE_FLAGS, self.output)
        self.assert_code(outcome, 9)
        self.assertIn("--replace", outcome.stderr)
        self.assertEqual(self.output.read_text(), "mine\n")
        self.assert_code(self.init("--no-input", *PAGE_FLAGS, "--replace", self.output), 0)
        self.assertEqual(self.names_of(self.output.read_text()), PAGE)

    def test_without_a_name_or_with_a_dash_it_goes_to_standard_output(self):
        for words in ([], ["-"]):
            outcome = self.init("--no-input", *PAGE_FLAGS, *words)
            self.assert_code(outcome, 0)
            self.assertEqual(self.names_of(outcome.stdout), PAGE)

    def test_a_folder_that_is_no_folder_is_refused(self):
        self.write("file", "")
        outcome = self.init("--no-input", *PAGE_FLAGS, self.folder / "file" / "contoso.toml")
        self.assert_code(outcome, 9)

    def test_a_name_that_ends_in_a_slash_makes_no_folder(self):
        outcome = self.init("--no-input", *PAGE_FLAGS, "new/")
        self.assert_code(outcome, 9)
        self.only_file_is()

    def test_json(self):
        outcome = self.init("--json", "--no-input", "--from-inf", INF / "wrong.inf", self.output)
        self.assert_code(outcome, 0)
        self.assert_valid(outcome.stdout, "init")
        document = outcome.json()
        self.assertEqual(document["items"][0]["text"], self.output.read_text())
        self.assertTrue(document["items"][0]["written"])
        left_out = {item["name"] for item in document["items"][1:]}
        self.assertIn("[NewRequest] EncryptionAlgorithm", left_out)
        self.assertIn("key.sha1", {finding["id"] for finding in document["findings"]})
        self.assertEqual(outcome.stderr, "")

    def test_json_error(self):
        self.assert_one_error_object(self.init("--json", "--no-input"), 2)

    def test_quiet_says_nothing(self):
        outcome = self.init("--quiet", "--no-input", *PAGE_FLAGS, self.output)
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.stdout + outcome.stderr, "")


class Pipe(init_case.InitCase):
    def test_lines_answer_in_order(self):
        outcome = self.init(self.output, input="\n".join(PAGE_ANSWERS.values()) + "\n")
        self.assert_code(outcome, 0)
        self.assertEqual(self.names_of(self.output.read_text()), PAGE)

    def test_flags_leave_fewer_questions(self):
        outcome = self.init("--friendly-name", "x", "--description", "y", input="webext.contoso.com\nDE\n")
        self.assert_code(outcome, 0)
        self.assertIn('country = "DE"', outcome.stdout)

    def test_the_end_takes_defaults(self):
        outcome = self.init(input="\n\nwebext.contoso.com")
        self.assert_code(outcome, 0)
        self.assertIn("lyncdiscover.contoso.com", self.names_of(outcome.stdout))

    def test_the_end_before_a_required_answer(self):
        outcome = self.init(self.output, input="\n")
        self.assert_code(outcome, 2)
        self.assertIn("--common-name", outcome.stderr)
        self.only_file_is()

    def test_a_bad_line_is_named(self):
        outcome = self.init(self.output, input="\n\nweb_ext.contoso.com\n")
        self.assert_code(outcome, 2)
        self.assertIn("line 3", outcome.stderr)
        self.only_file_is()

    def test_bytes_that_are_no_text(self):
        outcome = self.init(self.output, input=b"\xff\xfe\x00\n" * 4)
        self.assert_code(outcome, 2)
        self.only_file_is()


if __name__ == "__main__":
    harness.main()
