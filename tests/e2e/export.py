"""An exportable key leaves its token for a file, and what outside programs find in it."""

import json
import pathlib
import re
import stat
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import export_case
import farms
import harness

PROVIDER = "Microsoft Software Key Storage Provider"
AES = "PBES2, PBKDF2, AES-256-CBC, Iteration 600000, PRF hmacWithSHA256"
TRIPLE_DES = "pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 600000"
TARGETS = {
    "windows-server-2019": ("sha256", AES),
    "lync-edge": ("sha256", AES),
    "windows-server-2016": ("sha1", TRIPLE_DES),
    "tmg-2010": ("sha1", TRIPLE_DES),
}


class Pfx(export_case.ExportCase):
    def assert_whole(self, file):
        """Key and certificate belong together, and to the request that the token signed."""
        self.assertEqual(self.public_half(self.key_in(file)), self.public_key("web"))
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)

    def assert_gnutls_opens_the_key(self, shown, password):
        """certtool shows the key as it lies in the file, encrypted; opening it is another call."""
        pem = re.search("-----BEGIN ENCRYPTED PRIVATE KEY-----.*?-----END ENCRYPTED PRIVATE KEY-----\n", shown, re.DOTALL)
        file = self.secret_file("key.p8", pem.group())
        opened = farms.tool("certtool", "--key-info", "--pkcs8", "--infile", file, "--password", password)
        self.assertIn("Key Security Level", opened)

    def test_each_target_gets_the_algorithms_it_reads(self):
        farm = self.ready()
        for target, (mac, cipher) in TARGETS.items():
            with self.subTest(target):
                file = self.folder / f"{target}.pfx"
                item = self.exported(farm, target=target, output=file)
                self.assertEqual(item["state"], "created")
                text = self.info(file)
                self.assertRegex(text, rf"MAC: {mac}, Iteration 600000\n")
                self.assertEqual(len(re.findall(re.escape(cipher), text)), 2, text)
                self.assertNotIn("RC2", text)
                self.assert_whole(file)

    def test_gnutls_and_java_read_both_kinds(self):
        farm = self.ready()
        for target in ("windows-server-2019", "tmg-2010"):
            with self.subTest(target):
                self.exported(farm, "--replace", target=target)
                shown = farms.tool("certtool", "--p12-info", "--inder", "--infile", self.pfx, "--password",
                                   export_case.PASSWORD)  # fmt: skip
                self.assertIn("Friendly name: Lync-Zugang für alle", shown)
                self.assertEqual(len(re.findall("BEGIN CERTIFICATE", shown)), 2)
                self.assert_gnutls_opens_the_key(shown, export_case.PASSWORD)
                shown = farms.tool("keytool", "-list", "-v", "-storetype", "PKCS12", "-keystore", self.pfx, "-storepass",
                                   export_case.PASSWORD)  # fmt: skip
                self.assertIn("Entry type: PrivateKeyEntry", shown)
                self.assertIn("Certificate chain length: 2", shown)
                self.assertIn("Owner: CN=web.example.com", shown)

    def test_what_windows_wants_to_know_is_in_it(self):
        for purpose, bits in (("exchange", "10"), ("signature", "80")):
            with self.subTest(purpose):
                self.out = self.folder / f"{purpose}-requests"
                farm = self.ready(file=f"{purpose}.toml", name=purpose, key=f'purpose = "{purpose}"')
                file = self.folder / f"{purpose}.pfx"
                self.exported(farm, "--windows-provider", PROVIDER, output=file)
                text = self.info(file)
                end = text.index("-----BEGIN PRIVATE KEY")
                border = text.rindex("Bag Attributes", 0, end)
                attributes, rest = text[border:end], text[:border]
                self.assertIn("friendlyName: Lync-Zugang", attributes)
                self.assertIn(f"Microsoft CSP Name: {PROVIDER}", attributes)
                self.assertRegex(attributes, rf"Key Attributes\s+X509v3 Key Usage: {bits}")
                ids = re.findall(r"localKeyID: ([0-9A-F ]+)", text)
                self.assertEqual(len(ids), 2)
                self.assertEqual(len(set(ids)), 1)
                self.assertIn("friendlyName: Lync-Zugang", rest)
                self.assertNotIn("Microsoft CSP Name", rest)

    def test_an_ec_key_has_neither_key_type_nor_provider(self):
        for algorithm in ("ec-p256", "ec-p384"):
            with self.subTest(algorithm):
                self.out = self.folder / algorithm
                file = self.folder / f"{algorithm}.pfx"
                farm = self.ready(file=f"{algorithm}.toml", name=algorithm, algorithm=algorithm)
                self.exported(farm, output=file)
                self.assert_whole(file)
                text = self.info(file)
                self.assertIn("Key Attributes: <No Attributes>", text)
                self.assertNotIn("CSP", text)

    def test_the_chain_is_in_order_and_the_root_left_out(self):
        farm = self.export_farm()
        self.assert_code(self.request(farm), 0)
        deeper = self.authority.make("Test Deeper CA", self.issuer, ca=True)
        self.certify(issuer=deeper)
        stranger = self.authority.make("Stranger", ca=True)
        chain = [self.root, self.issuer, stranger, deeper]
        (self.out / "web.chain.pem").write_text("".join(one.pem for one in chain))
        item = self.exported(farm)
        names = ["CN=Test Deeper CA", "CN=Test Issuing CA"]
        self.assertEqual(item["chain"], names)
        subjects = [f"subject={name}" for name in ["CN=web.example.com", *names]]
        self.assertEqual(self.certificates_in(self.info()), subjects)

    def test_a_certificate_straight_from_the_root_has_no_chain(self):
        farm = self.export_farm()
        self.assert_code(self.request(farm), 0)
        self.certify(issuer=self.root)
        (self.out / "web.chain.pem").unlink()
        self.assertEqual(self.exported(farm)["chain"], [])
        self.assertEqual(self.certificates_in(self.info()), ["subject=CN=web.example.com"])

    def test_a_key_of_each_member_is_picked_by_member(self):
        self.tokens.make_token("rp02")
        farm = self.ready(("web.rp01", "web.rp02"), sharing="per-member", members=["rp01", "rp02"])
        outcome = self.export(farm)
        self.assert_code(outcome, 2)
        self.assertIn("--member", outcome.stderr)
        item = self.exported(farm, "--member", "rp02")
        self.assertEqual((item["member"], item["token_member"]), ("rp02", "rp02"))
        self.assertEqual(self.public_half(self.key_in()), self.public_key("web.rp02"))

    def test_the_current_generation_goes(self):
        farm = self.ready()
        self.assert_code(self.run_command("renew", farm), 0)
        outcome = self.export(farm, "--json")
        self.assert_one_error_object(outcome, 5)
        self.assertIn("web.g2.pem", outcome.error()["message"])
        self.assertIn("hsmreq install", outcome.error()["hint"])
        self.certify("web.g2")
        self.assertEqual(self.exported(farm)["generation"], 2)
        self.assertEqual(self.evidence_files(), ["web.g2.export.1.evidence.json"])
        self.assertEqual(self.public_half(self.key_in()), self.public_key("web.g2"))

    def test_passwords_beyond_ascii_open_elsewhere_too(self):
        farm = self.ready()
        password = "Übergrößenträger Žluťoučký 密码"
        self.password_file = self.secret_file("password", password)
        for target in ("windows-server-2019", "windows-server-2016"):
            with self.subTest(target):
                item = self.exported(farm, "--replace", target=target)
                self.assertEqual([f["id"] for f in item["findings"]], ["export.password-not-ascii"])
                self.assertIn("BEGIN PRIVATE KEY", self.info(password=password))
                shown = farms.tool("certtool", "--p12-info", "--inder", "--infile", self.pfx, "--password", password)
                self.assert_gnutls_opens_the_key(shown, password)

    def test_one_newline_at_the_end_of_the_source_is_no_part_of_the_password(self):
        farm = self.ready()
        for name, text in (("lf", "correct horse battery\n"), ("crlf", "correct horse battery\r\n")):
            with self.subTest(name):
                self.password_file = self.secret_file("password", text)
                self.exported(farm, "--replace")
                self.assertIn("BEGIN PRIVATE KEY", self.info())


class Records(export_case.ExportCase):
    def test_the_evidence_says_who_when_why_and_for_whom(self):
        farm = self.ready(more='[[member]]\nname = "tmg01"\nreceives = "pfx"\nserver = "tmg"\n')
        item = self.exported(farm, target="tmg-2010")
        self.assertEqual(item["recipients"], ["tmg01"])
        self.assertEqual(item["files"]["evidence"], "web.export.1.evidence.json")
        statement = self.export_evidence()
        subjects = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
        self.assertEqual(subjects["web.pfx"], farms.tool("sha256sum", self.pfx).split()[0])
        self.assertEqual(subjects["SubjectPublicKeyInfo"], item["public_key_sha256"])
        predicate = statement["predicate"]
        self.assertEqual(predicate["run"]["reason"], "ticket 4711")
        self.assertTrue(predicate["run"]["operator"])
        exported = predicate["export"]
        self.assertEqual(exported["recipients"], ["tmg01"])
        self.assertEqual(exported["target"], "tmg-2010")
        self.assertEqual(exported["acknowledged_by"], "flag")
        self.assertEqual(exported["certificate"]["subject"], "CN=web.example.com")
        self.assertIn("CKM_AES_KEY_WRAP_PAD", exported["mechanisms"])
        self.assertFalse(exported["short_password_allowed"])

    def test_each_export_has_a_record_of_its_own(self):
        farm = self.ready()
        self.exported(farm)
        first = (self.out / "web.export.1.evidence.json").read_bytes()
        self.assertEqual(self.exported(farm, output=self.folder / "other.pfx")["state"], "created")
        self.assertEqual(self.evidence_files(), ["web.export.1.evidence.json", "web.export.2.evidence.json"])
        self.assertEqual((self.out / "web.export.1.evidence.json").read_bytes(), first)

    def test_the_record_of_a_file_that_was_taken_away_is_not_written_over(self):
        farm = self.ready()
        self.exported(farm)
        first = (self.out / "web.export.1.evidence.json").read_bytes()
        self.pfx.unlink()
        self.assertEqual(self.exported(farm)["state"], "created")
        self.assertEqual(self.evidence_files(), ["web.export.1.evidence.json", "web.export.2.evidence.json"])
        self.assertEqual((self.out / "web.export.1.evidence.json").read_bytes(), first)

    def test_what_is_there_already_is_left_or_replaced_by_wish_alone(self):
        farm = self.ready()
        self.exported(farm)
        before = self.pfx.read_bytes()
        item = self.exported(farm, fault="")
        self.assertEqual((item["state"], item["files"]["evidence"]), ("unchanged", None))
        self.assertEqual(self.calls("C_WrapKey"), 0)
        self.password_file = self.secret_file("password", "another long password")
        outcome = self.export(farm, "--json", fault="")
        self.assert_one_error_object(outcome, 9)
        self.assertEqual(self.calls("C_WrapKey"), 0)
        self.assertEqual(self.pfx.read_bytes(), before)
        self.assertEqual(self.exported(farm, "--replace")["state"], "replaced")
        self.assertIn("BEGIN PRIVATE KEY", self.info(password="another long password"))

    def test_a_file_that_others_can_read_is_not_as_it_should_be(self):
        farm = self.ready()
        self.exported(farm)
        self.pfx.chmod(0o644)
        self.assert_code(self.export(farm), 9)
        self.exported(farm, "--replace")
        self.assertEqual(stat.S_IMODE(self.pfx.stat().st_mode), 0o600)

    def test_a_dry_run_logs_in_and_takes_nothing_out(self):
        farm = self.ready()
        outcome = self.export(farm, "--dry-run", "--json", note=False, fault="")
        self.assert_code(outcome, 0)
        self.assert_valid(outcome.stdout, "export")
        self.assertEqual(outcome.json()["items"][0]["state"], "planned")
        self.assertEqual(self.calls("C_Login"), 1)
        self.assertEqual(self.calls("C_WrapKey") + self.calls("C_CreateObject"), 0)
        self.assert_nothing_exported()

    def test_the_note_is_shown_and_the_password_is_not(self):
        farm = self.ready()
        outcome = self.export(farm, "--quiet")
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.stdout, "")
        self.assertIn("can pose as every server", outcome.stderr)
        text = self.export(farm, "--verbose", "--replace")
        for shown in (outcome.stdout, outcome.stderr, text.stdout, text.stderr):
            self.assertNotIn(export_case.PASSWORD, shown)

    def test_nothing_of_the_key_is_on_disk_but_in_the_encrypted_file(self):
        temporary = self.folder / "temporary"
        temporary.mkdir()
        farm = self.ready()
        self.exported(farm, env={"TMPDIR": str(temporary)}, cwd=str(temporary))
        pieces = [number[8:24] for number in self.secret_numbers(self.key_in())]
        self.assertEqual(len(pieces), 6)
        self.assertEqual(list(temporary.iterdir()), [])
        for path in self.folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                self.assertFalse(any(p in content or p[::-1] in content for p in pieces), path)


class Pem(export_case.ExportCase):
    def test_haproxy_gets_leaf_chain_and_key_and_no_password_is_asked_for(self):
        farm = self.ready()
        file = self.folder / "web.pem"
        self.assertEqual(self.exported(farm, target="haproxy", password=None, output=file)["state"], "created")
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        text = file.read_text()
        self.assertEqual(re.findall("BEGIN ([A-Z ]+)-", text), ["CERTIFICATE", "CERTIFICATE", "PRIVATE KEY"])
        self.assertEqual(self.certificates_in(text), ["subject=CN=web.example.com", "subject=CN=Test Issuing CA"])
        self.assertEqual(self.public_half(self.key_in(file)), self.public_key("web"))
        self.assertEqual(self.exported(farm, target="haproxy", password=None, output=file)["state"], "unchanged")
        exported = json.loads((self.out / "web.export.1.evidence.json").read_text())["predicate"]["export"]
        self.assertEqual((exported["key_type"], exported["friendly_name"]), (None, None))
        self.assertIn("without encryption", exported["protection"])

    def test_a_password_source_is_not_read_for_it(self):
        farm = self.ready()
        outcome = self.export(farm, "--password-source", "file:/nowhere", target="haproxy", password=None)
        self.assert_code(outcome, 0)
        self.assertIn("--password-source is not used", outcome.stderr)


class Terminal(export_case.ExportCase):
    def at_terminal(self, farm, *more):
        words = ["export", farm, "--out", str(self.out), "--request", "web", "--for", "windows-server-2019", "--output",
                 str(self.pfx), "--reason", "ticket 4711", "--password-source", "prompt", *more]  # fmt: skip
        return harness.TerminalRun(words, env=self.tokens.env)

    def test_the_note_is_acknowledged_and_the_password_typed_twice(self):
        farm = self.ready()
        with self.at_terminal(farm) as run:
            run.wait_for("Type export to go on")
            self.assertIn("can pose as every server", run.shown)
            run.type("export\n")
            run.wait_for("Password for the file")
            run.wait_until(lambda: not run.echoes(), "the password would be shown")
            run.type(export_case.PASSWORD + "\n")
            run.wait_for("The same again")
            run.wait_until(lambda: not run.echoes(), "the password would be shown")
            run.type(export_case.PASSWORD + "\n")
            self.assertEqual(run.finish(), 0, run.shown)
            self.assertNotIn(export_case.PASSWORD, run.shown)
        self.assertIn("BEGIN PRIVATE KEY", self.info())
        self.assertEqual(self.export_evidence()["predicate"]["export"]["acknowledged_by"], "terminal")

    def test_any_other_word_ends_it(self):
        farm = self.ready()
        for word in ("yes", "", "Export"):
            with self.subTest(word), self.at_terminal(farm) as run:
                run.wait_for("Type export to go on")
                run.type(word + "\n")
                self.assertEqual(run.finish(), 130, run.shown)
                self.assert_nothing_exported()

    def test_two_passwords_that_differ(self):
        farm = self.ready()
        with self.at_terminal(farm, export_case.NOTE) as run:
            run.wait_for("Password for the file")
            run.wait_until(lambda: not run.echoes(), "the password would be shown")
            run.type(export_case.PASSWORD + "\n")
            run.wait_for("The same again")
            run.wait_until(lambda: not run.echoes(), "the password would be shown")
            run.type("correct horse batteries\n")
            self.assertEqual(run.finish(), 6, run.shown)
            self.assertIn("the two passwords differ", run.shown)
        self.assert_nothing_exported()


if __name__ == "__main__":
    harness.main()
