"""A test of `hsmreq init`, and the answers for the procedure's own example."""

import harness

INF = harness.SOURCE / "tests" / "data" / "inf"
LYNC = harness.SOURCE / "tests" / "data" / "lync"

# The names of the procedure's own example.
PAGE = [
    "dialin.contoso.com",
    "lyncdiscover.contoso.com",
    "meet.contoso.com",
    "officewebapps01.contoso.com",
    "webdirext.contoso.com",
    "webext.contoso.com",
]

# Every answer for the procedure's example with two proxies, as flags.
PAGE_FLAGS = [
    "--common-name", "webext.contoso.com",
    "--director", "webdirext.contoso.com",
    "--office-web-apps", "officewebapps01.contoso.com",
    "--member", "rp01", "--member", "rp02",
]  # fmt: skip

# In the order of the questions; "" takes what is suggested.
PAGE_ANSWERS = {
    "Friendly name": "",
    "Description": "",
    "Common name": "webext.contoso.com",
    "Country, two letters": "",
    "State or province": "",
    "Locality": "",
    "Organization": "",
    "Organizational unit": "",
    "Product": "",
    "SIP domains": "",
    "Pools": "",
    "Directors": "webdirext.contoso.com",
    "Meeting simple URLs": "",
    "Dial-in simple URL": "",
    "Autodiscover for mobile clients": "",
    "Office Web Apps Servers": "officewebapps01.contoso.com",
    "Further names": "",
    "Key usage": "",
    "Extended key usage": "",
    "Key size": "2048",
    "Make private key exportable": "",
    "Key type": "Exchange",
    "File format": "",
    "File name": "",
    "Farm name": "",
    "Certification authority": "",
    "Members": "rp01, rp02",
    "Tokens": "",
    "Sharing": "",
    "PKCS#11 module": "",
    "Where the PIN comes from": "",
}


class InitCase(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.output = self.folder / "contoso.toml"

    def init(self, *words, input=""):
        return harness.run(["init", *map(str, words)], input=input, cwd=self.folder)

    def plan_of(self, text):
        """What plan makes of a farm file; it must accept it."""
        farm = self.write("planned.toml", text)
        outcome = harness.run(["plan", "--json", farm])
        self.assert_code(outcome, 0)
        return outcome.json()

    def names_of(self, text):
        requests = self.plan_of(text)["requests"]
        return sorted(name["value"] for request in requests for name in request["subject_alternative_names"])

    def only_file_is(self, *names):
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), sorted(names))
