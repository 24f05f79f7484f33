"""The reference farm and how its variants are made and judged: what the plan scripts share."""

import re

import harness

DATA = harness.SOURCE / "tests" / "data"
SAMPLE = (DATA / "plan" / "sample.toml").read_text()
DATE = ["--date", "2026-11-24"]
OID = "1.3.6.1.4.1.311.10.3.4"

SAMPLE_NAMES = {
    "webext.contoso.com": ["subject", "pool"],
    "webdirext.contoso.com": ["director"],
    "meet.contoso.com": ["meet"],
    "meet.fabrikam.com": ["meet"],
    "dialin.contoso.com": ["dialin"],
    "officewebapps01.contoso.com": ["office-web-apps"],
    "lyncdiscover.contoso.com": ["autodiscover"],
    "lyncdiscover.fabrikam.com": ["autodiscover"],
}


def with_key(text, section, line):
    """The farm file with a line in the first section of that header, in the place of the key's own if it is there."""
    key = re.escape(line.split("=")[0].strip())
    header = f"[[{section}]]" if f"\n[[{section}]]" in text else f"[{section}]"
    before, found, after = text.partition(f"{header}")
    if not found:
        return f"{text}\n[{section}]\n{line}\n"
    rest, following = re.match(r"([^\n]*\n(?:(?!\[).*\n?)*)((?:.|\n)*)", after).groups()
    head, body = rest.split("\n", 1)
    body = re.sub(rf"^{key}\s*=.*\n", "", body, flags=re.MULTILINE)
    return f"{before}{header}{head}\n{line}\n{body}{following}"


def variant(*lines, more="", without=(), text=SAMPLE):
    """The sample with lines such as "key: hash = ..." put in, parts taken out and text added at its end."""
    for part in without:
        assert part in text, part
        text = text.replace(part, "")
    for line in lines:
        section, setting = line.split(": ", 1)
        text = with_key(text, section, setting)
    return text + more


def names_with(added, dropped=()):
    """The names of the sample with some changed; those that are new come where the order of reasons has them."""
    names = {name: reasons for name, reasons in SAMPLE_NAMES.items() if name not in dropped}
    return {**names, **added}


def key(name, value):
    return variant(f'key: {name} = "{value}"'), {f"requests.0.key.{name}": value}


DIRECTOR = '[[director]]\nexternal_web_fqdn = "webdirext.contoso.com"\n'
MEET = (
    '[simple_urls.meet]                 # every SIP domain has at least one; quote the domain\n'
    '"contoso.com"  = ["https://meet.contoso.com"]\n"fabrikam.com" = ["https://meet.fabrikam.com"]\n'
)
TOKEN_URIS = ('uri  = "pkcs11:token=rp01"\n', 'uri  = "pkcs11:token=rp02"\n')
SECOND_POOL = '\n[[pool]]\nexternal_web_fqdn = "webext2.contoso.com"\n'
EDGE = '\n[edge]\naccess_fqdn = "access.contoso.com"\n'
EDGE_KEY = ('key: sharing = "shared"', 'key: private_key = "exportable"')
EDGE_NAMES = {
    "access.contoso.com": ["subject", "edge-access"],
    **names_with({"webext.contoso.com": ["pool"]}),
    "sip.contoso.com": ["edge-sip"],
    "sip.fabrikam.com": ["edge-sip"],
}
PFX_MEMBER = '\n[[member]]\nname = "iis01"\nreceives = "pfx"\n'
WORKSTATION = '\n[[member]]\nname = "desk"\nrole = "workstation"\nuri = "pkcs11:token=desk"\n'
REQUEST = '\n[[request]]\nname = "mail"\nnames = ["mail.contoso.com", "smtp.contoso.com"]\n'
SUBJECT = 'subject = { country = "DE", state = "Bavaria", locality = "Munich", organization = "O", organizational_unit = "U" }'
SUBJECT_FIELDS = {
    "country": "DE", "state": "Bavaria", "locality": "Munich", "organization": "O", "organizational_unit": "U",
}  # fmt: skip
NO_CHANGE = {}


def subject_of(index):
    return {f"requests.{index}.subject.{field}": value for field, value in SUBJECT_FIELDS.items()}


def request(lines, expected):
    """The sample with a further request that has these lines; expectations are about it."""
    return variant(more=REQUEST + lines), {"requests.1." + path: value for path, value in expected.items()}


def of_request(path, value):
    return {f"requests.0.{path}": value}


def at(document, path):
    for part in path.split("."):
        document = document[int(part)] if isinstance(document, list) else document.get(part)
    return document


def names(plan, index=0):
    return {name["value"]: name["reasons"] for name in plan["requests"][index]["subject_alternative_names"]}


class VariantTest(harness.TestCase):
    """Plans variants of the sample; a script hands its table to check_variants()."""

    def plan(self, text, code=0):
        outcome = harness.run(["plan", self.write("farm.toml", text), "--json", *DATE])
        self.assert_code(outcome, code)
        return outcome.json()

    def assert_plan(self, plan, expected):
        special = {
            "names": lambda: names(plan),
            "names 1": lambda: names(plan, 1),
            "eku": lambda: at(plan, "requests.0.extended_key_usage.values"),
        }
        for path, value in expected.items():
            if path == "finding":
                self.assertIn(value, [finding["id"] for finding in plan["findings"]])
            else:
                self.assertEqual(special.get(path, lambda path=path: at(plan, path))(), value, path)

    def check_variants(self, variants):
        sample = self.plan(SAMPLE)
        for name, (text, expected) in variants.items():
            with self.subTest(variant=name):
                expected = dict(expected)
                plan = self.plan(text, expected.pop("code", 0))
                if not expected:
                    self.assertEqual(plan["requests"], sample["requests"])
                    self.assertEqual(plan["items"], sample["items"])
                    # The sample asks a public CA for clientAuth, which draws a warning.
                    drawn = {finding["id"] for finding in plan["findings"]} - {"usage.client-auth-public-ca"}
                    self.assertEqual(drawn, set())
                    continue
                self.assert_plan(plan, expected)
                self.assertNotEqual(plan, sample)
