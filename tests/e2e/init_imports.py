"""hsmreq init from a certreq file and from a Lync topology."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harness
import init_case
from init_case import INF, LYNC, PAGE


class Imports(init_case.InitCase):
    def test_the_procedures_inf_gives_the_procedures_names(self):
        for name in ("contoso.inf", "contoso-utf16le.inf"):
            outcome = self.init("--no-input", "--from-inf", INF / name, "--member", "rp01", "--member", "rp02")
            self.assert_code(outcome, 0)
            self.assertEqual(self.names_of(outcome.stdout), PAGE)
            self.assertIn('private_key = "exportable"', outcome.stdout)
            self.assertIn('sharing     = "shared"', outcome.stdout)
            self.assertNotIn("key_usage", outcome.stdout)
            for left in ("MachineKeySet", "ProviderName", "ProviderType", "RequestType"):
                self.assertIn(left, outcome.stdout)
                self.assertIn(left, outcome.stderr)

    def test_a_web_servers_inf_gives_a_generic_farm(self):
        outcome = self.init("--no-input", "--from-inf", INF / "symbols.inf")
        self.assert_code(outcome, 0)
        self.assertEqual(self.names_of(outcome.stdout), ["mail.example.com", "www.example.com"])
        for line in ('organization        = "Contoso, Ltd."', 'algorithm   = "rsa-4096"', 'hash        = "sha512"'):
            self.assertIn(line, outcome.stdout)
        self.assertNotIn("hunter2", outcome.stdout + outcome.stderr)

    def test_flags_stand_over_the_inf(self):
        outcome = self.init("--no-input", "--from-inf", INF / "contoso.inf", "--private-key", "no", "--friendly-name", "Mine")
        self.assert_code(outcome, 0)
        self.assertIn('private_key = "non-exportable"', outcome.stdout)
        self.assertIn('friendly_name = "Mine"', outcome.stdout)

    def test_what_the_inf_gets_wrong_is_a_finding_and_not_in_the_farm(self):
        outcome = self.init("--no-input", "--from-inf", INF / "wrong.inf", "--ca", "private")
        self.assert_code(outcome, 0)
        for finding in ("key.sha1", "csr.san-critical", "usage.not-for-tls-server", "key.rsa-too-small", "key.pss-product"):
            self.assertIn(finding, outcome.stderr)
        plan = self.plan_of(outcome.stdout)
        request = plan["requests"][0]
        self.assertEqual(request["key"]["hash"], "sha256")
        self.assertNotIn("nonRepudiation", request["key_usage"]["values"])
        self.assertIn("serverAuth", request["extended_key_usage"]["values"])

    def test_every_sample_gives_a_farm_or_an_error(self):
        for sample in sorted(INF.glob("*.inf")):
            with self.subTest(sample=sample.name):
                outcome = self.init("--no-input", "--from-inf", sample, "--ca", "private")
                self.assert_code(outcome, 0)
                self.assertIn("[farm]", outcome.stdout)

    def test_the_lync_topology(self):
        for name in ("contoso.json", "contoso-utf16le.json"):
            outcome = self.init("--no-input", "--from-lync", LYNC / name, "--office-web-apps", "officewebapps01.contoso.com")
            self.assert_code(outcome, 0)
            expected = sorted([*PAGE, "lyncdiscover.fabrikam.com", "meet.fabrikam.com"])
            self.assertEqual(self.names_of(outcome.stdout), expected)
            self.assertIn('backend           = "pool01.corp.contoso.com"', outcome.stdout)
            self.assertIn("admin.contoso.com", outcome.stderr)

    def test_topology_and_inf_together(self):
        outcome = self.init("--no-input", "--from-lync", LYNC / "contoso.json", "--from-inf", INF / "contoso.inf")
        self.assert_code(outcome, 0)
        self.assertIn('friendly_name = "Reverse Proxy Listener for Lync Server"', outcome.stdout)
        self.assertIn('extra_names   = ["officewebapps01.contoso.com"]', outcome.stdout)
        self.assertIn("lyncdiscover.fabrikam.com", self.names_of(outcome.stdout))

    def test_unreadable_files_end_with_3_and_leave_nothing(self):
        binary = self.folder / "binary"
        binary.write_bytes(bytes(range(256)) * 64)
        large = self.folder / "large"
        large.write_bytes(b";" * (2**20 + 1))
        empty = self.folder / "empty"
        empty.write_bytes(b"")
        for flag in ("--from-inf", "--from-lync"):
            for file in (binary, large, empty, self.folder / "missing", self.folder):
                with self.subTest(flag=flag, file=file.name):
                    outcome = self.init("--no-input", flag, file, self.output)
                    self.assert_code(outcome, 3)
                    self.assertIn(str(file), outcome.stderr)
                    self.assertFalse(self.output.exists())

    def test_imports_do_not_take_standard_input(self):
        outcome = self.init("--from-inf", "-", input="[NewRequest]\n")
        self.assert_code(outcome, 2)


if __name__ == "__main__":
    harness.main()
