"""A shared key's whole life on two tokens, from the request to the end of its first generation, with a CA of the openssl tool."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import install_case
import issuing

NAMES = ["web.example.com", "meet.example.com"]


class WholeLife(install_case.InstallCase):
    def setUp(self):
        super().setUp()
        self.tokens.make_token("rp02")

    def proved(self, farm, *more):
        """(token's member, generation) of each proof, all of which hold."""
        outcome = self.run_command("prove", farm, "--json", *more)
        self.assert_code(outcome, 0)
        self.assert_valid(outcome.stdout, "prove")
        items = outcome.json()["items"]
        self.assertEqual({(i["state"], tuple(i["names"])) for i in items}, {("proved", tuple(NAMES))})
        self.assertEqual({tuple(h["protocol"] for h in i["handshakes"]) for i in items}, {("TLSv1.2", "TLSv1.3")})
        return sorted((i["token_member"], i["generation"]) for i in items)

    def state(self, farm):
        outcome = self.run_command("status", farm, "--json")
        self.assert_code(outcome, 0)
        return {(i["token_member"], i["state"], i["generation"], tuple(i["older"])) for i in outcome.json()["items"]}

    def carry_on(self, farm, generation):
        """The CA's answer into both tokens: installed, distributed, installed where it could not go before, proved."""
        leaf = self.answer(f"web{'' if generation == 1 else f'.g{generation}'}")
        bundle = self.with_chain(leaf)
        self.assert_code(self.install(farm, bundle), 0)
        self.assert_code(self.run_command("distribute", farm), 0)
        self.assert_code(self.install(farm, bundle), 0)
        return issuing.public_key_sha256(leaf, "x509")

    def keys_by_openssl(self, label):
        """SHA-256 of each public key in the token, read by pkcs11-tool."""
        found = set()
        for entry in farms.objects(self.tokens, label):
            if entry["kind"] != "Public Key":
                continue
            der = self.folder / "public.der"
            farms.tool("pkcs11-tool", "--module", self.tokens.module, "--token-label", label, "--read-object", "--type",
                       "pubkey", "--id", entry["ID"], "--output-file", der, env=self.tokens.env)  # fmt: skip
            found.add(farms.tool("sh", "-c", 'openssl pkey -pubin -inform DER -in "$1" -outform DER | sha256sum', "sh",
                                 der).split()[0])  # fmt: skip
        return found

    def live(self, algorithm):
        farm = self.trusting(members=["rp01", "rp02"], sharing="shared", policy="wrap-only", algorithm=algorithm,
                             requests={"web": NAMES})  # fmt: skip
        self.assert_code(self.request(farm), 0)
        first = self.carry_on(farm, 1)
        self.assertEqual(self.proved(farm), [("rp01", 1), ("rp02", 1)])
        self.assertEqual(self.proved(farm, "--member", "rp02"), [("rp02", 1)])
        self.assertEqual([self.keys_by_openssl(label) for label in ("rp01", "rp02")], [{first}, {first}])

        self.assert_code(self.renew(farm), 0)
        second = self.carry_on(farm, 2)
        self.assertNotEqual(first, second)
        self.assertEqual(self.proved(farm), [("rp01", 1), ("rp01", 2), ("rp02", 1), ("rp02", 2)])
        self.assertEqual({(member, generation, older) for member, _, generation, older in self.state(farm)},
                         {("rp01", 2, (1,)), ("rp02", 2, (1,))})  # fmt: skip

        for member in ("rp01", "rp02"):
            self.assert_code(self.retire(farm, 1, "--member", member, "--yes"), 0)
        self.assertEqual(self.proved(farm), [("rp01", 2), ("rp02", 2)])
        for label in ("rp01", "rp02"):
            shown = sorted(self.held(label).values())
            self.assertEqual(shown, [["Certificate", "Private Key", "Public Key"], ["Public Key"]])
        self.assertEqual({(member, generation, older) for member, _, generation, older in self.state(farm)},
                         {("rp01", 2, ()), ("rp02", 2, ())})  # fmt: skip
        self.assert_code(self.run_command("audit", farm), 0)

    def test_with_an_ec_key(self):
        self.live("ec-p256")

    def test_with_an_rsa_key(self):
        self.live("rsa-2048")


if __name__ == "__main__":
    harness.main()
