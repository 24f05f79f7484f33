"""A test of `trust`: an internal CA of two tiers, servers on the loopback, a farm file that leads to them."""

import datetime

import authority
import harness
import servers

FARM = """[farm]
name = "contoso"
product = "lync-server-2013"
sip_domains = ["contoso.com"]
ca = "private"

[[pool]]
external_web_fqdn = "webext.contoso.com"
backend = "{pool}"
{more}
[simple_urls]
dialin = ["https://dialin.contoso.com"]
meet_pattern = "https://meet.{{sip_domain}}"

[token]
module = "softhsm2"
[[member]]
name = "rp01"
uri = "pkcs11:token=rp01"
{trust}
"""


def day(offset):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=offset, hours=1)
    return moment.strftime("%y%m%d%H%M%SZ")


class TrustCase(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.ca = authority.Authority(self.folder)
        self.root = self.ca.make("Contoso root", ca=True, days=3650)
        self.issuing = self.ca.make("Contoso issuing", self.root, ca=True, days=1825)
        self.out = self.folder / "out"

    def leaf(self, issuer=None, name="localhost", **options):
        return self.ca.make(name, issuer or self.issuing, **options)

    def serve(self, leaf, *more, chain=True):
        """The port on which the leaf is served, with what it sends beside it."""
        sent = ["-cert_chain", self.issuing.file] if chain else []
        return servers.port_of(servers.tls(self, leaf.key, leaf.file, *sent, *more))

    def farm(self, backend, roots=None, more="", accept=""):
        roots = [self.root] if roots is None else roots
        trust = f"[trust]\ninternal_roots = [{', '.join(repr(str(root.file)) for root in roots)}]\n" if roots else ""
        return self.write("farm.toml", FARM.format(pool=backend, more=more, trust=trust + accept))

    def trust(self, farm, *more, **options):
        return harness.run(["trust", farm, "--out", str(self.out), *more], **options)

    def told(self, outcome, code=0):
        self.assert_code(outcome, code)
        self.assert_valid(outcome.stdout, "trust")
        return outcome.json()

    def ids(self, item):
        return sorted(finding["id"] for finding in item["findings"])

    def judged(self, port, code, *more, **options):
        """(state, findings) of the one backend on that port."""
        item = self.told(self.trust(self.farm(f"localhost:{port}", **options), "--json", *more), code)["items"][0]
        return item["state"], self.ids(item)

    def bundle(self):
        return self.out / "internal-ca-bundle.pem"
