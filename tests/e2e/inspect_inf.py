"""hsmreq inspect on certreq's policy files, in the encodings that Windows saves."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import harness

INF = """[Version]
Signature="$Windows NT$"

[NewRequest]
Subject = "CN=webext.contoso.com, O=Contoso, C=DE"
KeyLength = 2048
KeySpec = 1
KeyUsage = {usage}
Exportable = TRUE
HashAlgorithm = {hash}
KeyContainer = "Web"

[EnhancedKeyUsageExtension]
OID=1.3.6.1.5.5.7.3.1

[Extensions]
2.5.29.17 = "{{text}}"
_continue_ = "dns=webext.contoso.com&"
_continue_ = "dns={name}&"
"""


class Inf(harness.TestCase):
    def inspect(self, content, *args):
        path = self.folder / "policy.inf"
        path.write_bytes(content)
        outcome = harness.run(["inspect", "--json", str(path), *args])
        self.assert_valid(outcome.stdout, "inspect")
        return outcome, outcome.json()["files"][0]

    def text(self, name="meet.contoso.com", usage="0xa0", hash="SHA256"):
        return INF.format(name=name, usage=usage, hash=hash)

    def ids(self, entry):
        return [finding["id"] for finding in entry["findings"]]

    def test_every_encoding_says_the_same(self):
        text = self.text().replace("\n", "\r\n")
        for content in (text.encode(), b"\xef\xbb\xbf" + text.encode(), b"\xff\xfe" + text.encode("utf-16-le")):
            outcome, entry = self.inspect(content, "--ca", "private")
            self.assert_code(outcome, 0)
            self.assertEqual(entry["type"], "inf")
            self.assertEqual(entry["dns_names"], ["webext.contoso.com", "meet.contoso.com"])
            self.assertEqual(entry["subject"]["common_name"], "webext.contoso.com")
            self.assertEqual(entry["key"], {"algorithm": "rsa-2048", "hash": "sha256", "purpose": "exchange",
                                            "exportable": True})  # fmt: skip
            self.assertEqual(self.ids(entry), [])
            self.assertIn("[NewRequest] KeyContainer", [one["name"] for one in entry["left_out"]])
        shown = harness.run(["inspect", str(self.folder / "policy.inf")]).stdout
        self.assertIn("certreq policy file", shown)
        self.assertIn("meet.contoso.com", shown)

    def test_what_certreq_would_make_wrong_is_found_once(self):
        outcome, entry = self.inspect(self.text(usage="0xf0", hash="SHA1").encode())
        self.assert_code(outcome, 4)
        self.assertIn("key.sha1", self.ids(entry))
        self.assertEqual(self.ids(entry).count("usage.not-for-tls-server"), 1)

    def test_names_are_judged_by_the_rules_of_farm_files(self):
        content = self.text(name="rp_01.corp.local").encode()
        self.assertIn("name.underscore", self.ids(self.inspect(content)[1]))
        self.assertIn("name.internal", self.ids(self.inspect(content)[1]))
        self.assertNotIn("name.internal", self.ids(self.inspect(content, "--ca", "private")[1]))

    def test_it_is_compared_with_a_farm(self):
        farm = str(harness.SOURCE / "docs" / "examples" / "contoso.toml")
        outcome, entry = self.inspect(self.text().encode(), "--farm", farm)
        self.assert_code(outcome, 4)
        self.assertEqual(entry["compared_with"]["farm"], "contoso")
        missing = [one["message"] for one in entry["findings"] if one["id"] == "name.missing"]
        self.assertFalse([one for one in missing if '"meet.contoso.com"' in one], missing)
        self.assertTrue([one for one in missing if "lyncdiscover" in one], missing)


if __name__ == "__main__":
    harness.main()
