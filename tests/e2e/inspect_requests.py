"""hsmreq inspect on the requests of other programs: Windows, certreq, keytool, Go, OpenSSL and GnuTLS."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import der
import farms
import harness

NAMES = ("webext.contoso.com", "meet.contoso.com")
CLEAN = {"extensions": der.EXTENSION_REQUEST, "algorithm": der.SHA256_RSA, "hash": "sha256"}


class Requests(harness.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.key = der.Key()

    def inspect(self, content, *args):
        """The one entry of the document, and the outcome."""
        path = self.folder / "request"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        outcome = harness.run(["inspect", "--json", str(path), *args])
        self.assert_valid(outcome.stdout, "inspect")
        (entry,) = outcome.json()["files"]
        return entry, outcome

    def findings(self, content, *args):
        entry, _ = self.inspect(content, *args)
        return {finding["id"]: finding for finding in entry["findings"]}

    def plain(self, *extensions, subject="webext.contoso.com"):
        attributes = [der.attribute(der.EXTENSION_REQUEST, der.sequence(*extensions))] if extensions else []
        return der.request(self.key, der.name((der.COMMON_NAME, subject)), attributes)

    def names(self, *names, critical=False):
        return der.extension(der.SUBJECT_ALT_NAME, der.dns_names(*names), critical)

    def test_the_windows_console(self):
        content = der.pem("NEW CERTIFICATE REQUEST", der.wizard_request(self.key, *NAMES), newline="\r\n")
        entry, outcome = self.inspect(content)
        self.assert_code(outcome, 4)
        self.assertEqual(entry["pem_label"], "NEW CERTIFICATE REQUEST")
        self.assertTrue(entry["signature"]["valid"])
        values = {one["name"]: one["value"] for one in entry["attributes"]}
        self.assertEqual(values["osVersion"], "10.0.19045.2")
        self.assertIn("CONTOSO\\alice", values["clientInformation"])
        self.assertEqual(
            values["cryptographicProvider"],
            "key specification 1, provider Microsoft RSA SChannel Cryptographic Provider",
        )
        texts = {one["name"]: one["text"] for one in entry["extensions"]}
        self.assertEqual(texts["applicationPolicies"], "serverAuth, clientAuth")
        self.assertEqual([one["value"] for one in entry["subject_alternative_names"]], list(NAMES))
        found = {finding["id"]: finding for finding in entry["findings"]}
        self.assertIn("key.sha1", found)
        leak = found["csr.windows-identity-leak"]
        self.assertEqual(leak["severity"], "warning")
        for told in ("ws42.corp.contoso.com", "CONTOSO\\alice", "MMC.EXE"):
            self.assertIn(told, leak["message"])
        judged = farms.tool("openssl", "req", "-verify", "-noout", "-in", self.folder / "request")
        self.assertIn("verify OK", judged)

    def test_certreq_with_the_old_extension_request_and_templates(self):
        template = der.extension("1.3.6.1.4.1.311.20.2", der.bmp("WebServer"))
        information = der.extension(
            "1.3.6.1.4.1.311.21.7",
            der.sequence(der.oid("1.3.6.1.4.1.311.21.8.1.2.3"), der.integer(100), der.integer(4)),
        )
        content = der.request(
            self.key,
            der.name((der.COMMON_NAME, NAMES[0])),
            [der.attribute(der.OLD_EXTENSION_REQUEST, der.sequence(self.names(*NAMES), template, information))],
        )
        entry, _ = self.inspect(content)
        self.assertEqual([one["value"] for one in entry["subject_alternative_names"]], list(NAMES))
        texts = {one["name"]: one["text"] for one in entry["extensions"]}
        self.assertEqual(texts["certificateTemplateName"], "WebServer")
        self.assertEqual(texts["certificateTemplate"], "template 1.3.6.1.4.1.311.21.8.1.2.3, version 100.4")
        self.assertNotIn("csr.windows-identity-leak", [one["id"] for one in entry["findings"]])

    def test_a_pss_signature_is_verified_and_the_product_does_not_take_it(self):
        content = der.wizard_request(
            self.key,
            *NAMES,
            algorithm=der.PSS_SHA256,
            hash="sha256",
            options=("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"),
        )
        entry, _ = self.inspect(content)
        self.assertTrue(entry["signature"]["valid"])
        self.assertNotIn("key.pss-product", [one["id"] for one in entry["findings"]])
        farm = self.folder / "farm.toml"
        farm.write_text((harness.SOURCE / "docs" / "examples" / "contoso.toml").read_text())
        self.assertIn("key.pss-product", self.findings(content, "--farm", str(farm)))

    def test_keytool_go_and_openssl_are_clean(self):
        identifier = der.extension(der.SUBJECT_KEY_IDENTIFIER, der.octets(bytes(20)))
        keytool = der.request(
            self.key,
            der.name((der.COMMON_NAME, NAMES[0])),
            [der.attribute(der.EXTENSION_REQUEST, der.sequence(self.names(*NAMES), identifier))],
        )
        self.assertEqual(self.findings(der.pem("NEW CERTIFICATE REQUEST", keytool)), {})
        go = der.request(
            self.key,
            der.name((der.COMMON_NAME, NAMES[0]), string=der.printable),
            [der.attribute(der.EXTENSION_REQUEST, der.sequence(self.names(*NAMES)))],
        )
        self.assertEqual(self.findings(der.pem("CERTIFICATE REQUEST", go)), {})
        path = self.folder / "openssl.csr"
        farms.tool(
            "openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", self.folder / "key", "-out", path,
            "-subj", f"/CN={NAMES[0]}", "-addext", f"subjectAltName=DNS:{NAMES[0]}",
            "-addext", "keyUsage=critical,digitalSignature,keyEncipherment", "-addext", "extendedKeyUsage=serverAuth",
        )  # fmt: skip
        self.assertEqual(self.findings(path.read_bytes()), {})

    def test_gnutls_marks_extended_key_usage_critical(self):
        template = self.folder / "template"
        template.write_text(f'cn = "{NAMES[0]}"\ndns_name = "{NAMES[0]}"\ntls_www_server\nsigning_key\n')
        key, path = self.folder / "key", self.folder / "gnutls.csr"
        farms.tool("certtool", "--generate-privkey", "--key-type", "rsa", "--bits", "2048", "--outfile", key)
        farms.tool("certtool", "--generate-request", "--load-privkey", key, "--template", template, "--outfile", path)
        self.assertIn("usage.extended-key-usage-critical", self.findings(path.read_bytes()))

    def test_each_finding_is_drawn_by_its_case_and_by_no_other(self):
        usage = der.DIGITAL_SIGNATURE_AND_KEY_ENCIPHERMENT
        good = [
            self.names(NAMES[0]),
            der.extension(der.KEY_USAGE, usage, critical=True),
            der.extension(der.EXTENDED_KEY_USAGE, der.purposes(der.SERVER_AUTH)),
        ]
        email = der.sequence(der.context(2, NAMES[0].encode(), False), der.context(1, b"a@contoso.com", False))
        cases = {
            "csr.san-critical": [self.names(NAMES[0], critical=True), *good[1:]],
            "usage.key-usage-not-critical": [good[0], der.extension(der.KEY_USAGE, usage), good[2]],
            "usage.extended-key-usage-critical": [
                *good[:2],
                der.extension(der.EXTENDED_KEY_USAGE, der.purposes(der.SERVER_AUTH), critical=True),
            ],
            "usage.server-auth-missing": [
                *good[:2],
                der.extension(der.EXTENDED_KEY_USAGE, der.purposes(der.CLIENT_AUTH)),
            ],
            "usage.not-for-tls-server": [good[0], der.extension(der.KEY_USAGE, der.bits(b"\xf0", 4), True), good[2]],
            "name.subject-not-in-san": [self.names(NAMES[1]), *good[1:]],
            "name.internal": [self.names(NAMES[0], "rp01.corp.local"), *good[1:]],
            "name.underscore": [self.names(NAMES[0], "web_ext.contoso.com"), *good[1:]],
            "name.wildcard-public-suffix": [self.names(NAMES[0], "*.co.uk"), *good[1:]],
            "name.other-type": [der.extension(der.SUBJECT_ALT_NAME, email), *good[1:]],
        }
        self.assertEqual(self.findings(self.plain(*good)), {})
        for identifier, extensions in cases.items():
            found = self.findings(self.plain(*extensions))
            self.assertIn(identifier, found)
            self.assertEqual(set(found) - {identifier, "usage.client-auth-public-ca"}, set(), identifier)
            finding = found[identifier]
            self.assertTrue(finding["fix"] and finding["source"] and finding["where"], finding)

    def test_the_ca_decides(self):
        content = self.plain(
            self.names(NAMES[0], "rp01.corp.local"),
            der.extension(der.EXTENDED_KEY_USAGE, der.purposes(der.SERVER_AUTH, der.CLIENT_AUTH)),
        )
        private = self.findings(content, "--ca", "private")
        self.assertEqual(private, {})
        google = self.findings(content, "--ca", "google")
        self.assertEqual(google["usage.client-auth-public-ca"]["severity"], "error")
        public = self.findings(content)
        self.assertEqual(public["usage.client-auth-public-ca"]["severity"], "warning")
        self.assertIn("name.internal", public)
        early = self.findings(content, "--ca", "google", "--date", "2026-01-01")
        self.assertEqual(early["usage.client-auth-public-ca"]["severity"], "warning")

    def test_the_example_farm_finds_what_its_request_lacks(self):
        farm = str(harness.SOURCE / "docs" / "examples" / "contoso.toml")
        content = self.plain(self.names("webext.contoso.com", "stranger.contoso.com"))
        entry, outcome = self.inspect(content, "--farm", farm)
        self.assert_code(outcome, 4)
        self.assertEqual(entry["compared_with"]["farm"], "contoso")
        missing = [one["message"] for one in entry["findings"] if one["id"] == "name.missing"]
        self.assertTrue(any("lyncdiscover.contoso.com" in one and "autodiscover" in one for one in missing), missing)
        unexpected = [one["message"] for one in entry["findings"] if one["id"] == "name.unexpected"]
        self.assertEqual(len(unexpected), 1)
        self.assertIn("stranger.contoso.com", unexpected[0])
        self.assertIn("usage.differs-from-plan", [one["id"] for one in entry["findings"]])

    def test_a_waiver_of_the_farm_is_shown_where_it_acts(self):
        farm = self.write(
            "farm.toml",
            '[farm]\nname = "web"\nproduct = "generic"\nca = "private"\n[[member]]\nname = "rp01"\n'
            'module = "softhsm2"\nuri = "pkcs11:token=rp01"\n[[request]]\nname = "web"\n'
            'names = ["webext.contoso.com", "gone.contoso.com"]\n[[rules.accept]]\nfinding = "name.missing"\n'
            'name = "gone.contoso.com"\nreason = "moves next month"\n',
        )
        found = self.findings(self.plain(self.names("webext.contoso.com")), "--farm", farm)
        self.assertEqual(found["name.missing"]["accepted"], "moves next month")

    def test_any_bytes_end_in_a_finding_or_code_3(self):
        whole = der.wizard_request(self.key, *NAMES)
        for position in range(0, len(whole), 7):
            damaged = bytearray(whole)
            damaged[position] ^= 0x55
            path = self.folder / "damaged"
            path.write_bytes(bytes(damaged))
            self.assertIn(harness.run(["inspect", str(path)]).code, (3, 4), position)


if __name__ == "__main__":
    harness.main()
