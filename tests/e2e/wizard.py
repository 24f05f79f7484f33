"""docs/from-the-windows-wizard.md: what `init` makes of the procedure's example, beside the request of the wizard itself.

The wizard's request is put together byte by byte here, as the Certificates snap-in leaves it for "(No template) Legacy
key": attributes with machine, account, process, Windows version and provider, and the extensions that its twenty steps ask for.
"""

import hashlib
import pathlib
import re
import shlex
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import der
import farms
import harness

PAGE = harness.SOURCE / "docs" / "from-the-windows-wizard.md"
NAMES = ["webext.contoso.com", "webdirext.contoso.com", "meet.contoso.com", "dialin.contoso.com",
         "officewebapps01.contoso.com", "lyncdiscover.contoso.com"]  # fmt: skip
WITH_CLIENT_AUTHENTICATION = "2026-11-24"
WITHOUT = "2027-04-01"


def legacy_request(key):
    """PKCS #10 in DER, its attributes in the order in which Windows writes them."""
    identifier = hashlib.sha1(key_bits(key.public)).digest()
    extensions = der.sequence(
        der.extension(der.KEY_USAGE, der.DIGITAL_SIGNATURE_AND_KEY_ENCIPHERMENT, critical=True),
        der.extension(der.EXTENDED_KEY_USAGE, der.purposes(der.SERVER_AUTH, der.CLIENT_AUTH)),
        der.extension(der.SUBJECT_ALT_NAME, der.dns_names(*NAMES)),
        der.extension(der.SUBJECT_KEY_IDENTIFIER, der.octets(identifier)),
    )
    return der.request(
        key,
        der.name((der.COMMON_NAME, NAMES[0])),
        [
            der.os_version("6.2.9200.2"),
            der.client_information("ws42.corp.contoso.com", "CONTOSO\\alice", "MMC.EXE"),
            der.cryptographic_provider(1, "Microsoft RSA SChannel Cryptographic Provider"),
            der.attribute(der.EXTENSION_REQUEST, extensions),
        ],
        der.SHA1_RSA,
        "sha1",
    )


def key_bits(spki):
    """The BIT STRING's content of an RSA-2048 SubjectPublicKeyInfo: what RFC 5280, 4.2.1.2 hashes."""
    return spki[24:]


def sh_blocks():
    text = PAGE.read_text().replace("\\\n", " ")
    return [line for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S) for line in block.splitlines()]


def listed_differences():
    """The first column of the page's table, each row with a reason in the last."""
    table = re.search(r"differs in this.*?\n\n\|.*?\n\|[-|]*\|\n(.*?)\n\n", PAGE.read_text(), re.S)[1]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return {row[0] for row in rows if len(row) == 4 and row[3]}


class Wizard(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.tokens = harness.Tokens(self.folder / "softhsm")
        for label in ("rp01", "rp02"):
            self.tokens.make_token(label)
        file = self.folder / "wizard.req"
        file.write_text(der.pem("NEW CERTIFICATE REQUEST", legacy_request(der.Key()), newline="\r\n"))
        farms.openssl_request(file)
        self.theirs = self.inspected(file)

    def inspected(self, file):
        outcome = harness.run(["inspect", "--json", str(file)])
        self.assertIn(outcome.code, (0, 4), outcome)
        return outcome.json()["files"][0]

    def made_by(self, command, date):
        """The requests that follow from a command line of the page, once the tokens of this machine are named."""
        words = shlex.split(command)
        self.assertEqual((words[:2], words[-1]), (["hsmreq", "init"], "contoso.toml"))
        farm, out = self.folder / "contoso.toml", self.folder / "out"
        places = ["--module", self.tokens.module, "--pin-source", f"file:{self.tokens.pin_file}", "--replace"]
        self.assert_code(harness.run([*words[1:-1], *places, str(farm)]), 0)
        made = harness.run(["request", str(farm), "--out", str(out), "--date", date, "--replace"], env=self.tokens.env)
        self.assert_code(made, 0)
        files = sorted(out.glob("*.csr"))
        self.assertEqual([file.name for file in files], ["reverse-proxy.rp01.csr", "reverse-proxy.rp02.csr"])
        for file in files:
            farms.openssl_request(file)
        return [self.inspected(file) for file in files]

    def differences(self, ours):
        """The words of the page's table for what differs; what no row allows must be equal."""
        found = {"key"} if ours["public_key"]["sha256"] != self.theirs["public_key"]["sha256"] else set()
        found |= {"signature"} if ours["signature"]["algorithm"] != self.theirs["signature"]["algorithm"] else set()
        found |= {"header of the file"} if ours["pem_label"] != self.theirs["pem_label"] else set()
        attributes = [{one["oid"] for one in request["attributes"]} for request in (ours, self.theirs)]
        self.assertEqual(attributes[0], {der.EXTENSION_REQUEST})
        found |= {"attributes"} if attributes[1] > attributes[0] else set()
        purposes = [set(request["extended_key_usage"]["values"]) for request in (ours, self.theirs)]
        self.assertLessEqual(purposes[0] ^ purposes[1], {"clientAuth"})
        found |= {"client authentication"} if purposes[0] != purposes[1] else set()
        identifiers = [self.identifier(request) for request in (ours, self.theirs)]
        found |= {"subject key identifier"} if identifiers[0] != identifiers[1] else set()
        self.assertEqual(self.the_rest(ours), self.the_rest(self.theirs))
        return found

    def identifier(self, request):
        """Whether the request has one, of its own key."""
        values = [one["value"] for one in request["extensions"] if one["oid"] == der.SUBJECT_KEY_IDENTIFIER]
        own = hashlib.sha1(key_bits(bytes.fromhex(request["public_key"]["der"]))).hexdigest()
        self.assertIn(values, ([], ["0414" + own]))
        return bool(values)

    def the_rest(self, request):
        extensions = sorted((one["oid"], one["critical"]) for one in request["extensions"])
        return {
            "version": request["version"],
            "subject": [(one["type"], one["value"], one["encoding"]) for one in request["subject"]],
            "names": sorted((one["type"], one["value"]) for one in request["subject_alternative_names"]),
            "key usage": (request["key_usage"]["critical"], sorted(request["key_usage"]["values"])),
            "extended key usage": request["extended_key_usage"]["critical"],
            "key": (request["public_key"]["algorithm"], request["public_key"]["public_exponent"]),
            "extensions": [one for one in extensions if one[0] != der.SUBJECT_KEY_IDENTIFIER],
        }

    def test_the_example_differs_in_what_the_page_lists_and_nothing_else(self):
        (plain,) = [line for line in sh_blocks() if line.startswith("hsmreq init") and "--default-extensions" not in line]
        listed = listed_differences()
        self.assertGreaterEqual(len(listed), 6)
        for date, allowed in ((WITHOUT, listed), (WITH_CLIENT_AUTHENTICATION, listed - {"client authentication"})):
            requests = self.made_by(plain, date)
            self.assertEqual(len({one["public_key"]["sha256"] for one in requests}), 2)
            for ours in requests:
                with self.subTest(date=date):
                    self.assertEqual(self.differences(ours), allowed)

    def test_answered_like_the_wizard_the_hash_and_the_attributes_are_left(self):
        (command,) = [line for line in sh_blocks() if line.startswith("hsmreq init") and "--default-extensions" in line]
        for ours in self.made_by(command, WITH_CLIENT_AUTHENTICATION):
            # The header is the file's, not the request's, and no two keys are equal.
            self.assertEqual(self.differences(ours), {"signature", "attributes", "header of the file", "key"})
            self.assertEqual(ours["signature"]["algorithm"], "sha256WithRSAEncryption")
        self.assertEqual(self.theirs["signature"]["algorithm"], "sha1WithRSAEncryption")

    def test_names_are_those_of_the_procedures_table(self):
        (plain, *_) = [line for line in sh_blocks() if line.startswith("hsmreq init")]
        ours = self.made_by(plain, WITH_CLIENT_AUTHENTICATION)[0]
        self.assertEqual(sorted(one["value"] for one in ours["subject_alternative_names"]), sorted(NAMES))


if __name__ == "__main__":
    harness.main()
