"""A shared key whose copies' token lacks generations: those before it came to the farm, and one never distributed."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import cryptoki
import harness
import install_case


def shared_id(generation):
    return cryptoki.key_id("small", "web", "", generation)


class LateCopies(install_case.InstallCase):
    """rp02 has generations 2 and 4 of a key that rp01 has four of."""

    def setUp(self):
        super().setUp()
        self.tokens.make_token("rp02")
        self.farm = self.trusting(members=["rp01", "rp02"], sharing="shared", policy="wrap-only")
        for generation in range(1, 5):
            self.assert_code((self.request if generation == 1 else self.renew)(self.farm), 0)
            stem = "web" if generation == 1 else f"web.g{generation}"
            self.bundle_file = self.with_chain(self.answer(stem))
            self.assert_code(self.install(self.farm, self.bundle_file), 0)
            if generation in (2, 4):
                self.assert_code(self.run_command("distribute", self.farm), 0)
        self.assertEqual(set(self.held("rp02")), {shared_id(2), shared_id(4)})

    def items(self, command, *more, code=0):
        outcome = self.run_command(command, self.farm, "--json", *more)
        self.assert_code(outcome, code)
        self.assert_valid(outcome.stdout, command)
        return [item for item in outcome.json()["items"] if item["token_member"] == "rp02"]

    def test_are_proved_installed_and_shown(self):
        self.assert_code(self.install(self.farm, self.bundle_file), 0)
        self.assertEqual([(i["generation"], i["state"]) for i in self.items("prove", "--member", "rp02")],
                         [(2, "proved"), (4, "proved")])  # fmt: skip
        (item,) = self.items("status")
        self.assertEqual((item["state"], item["generation"]), ("valid", 4))
        shown = {g["generation"]: "token" in g["sources"] for g in item["generations"]}
        self.assertEqual(shown, {1: False, 2: True, 3: False, 4: True})

    def test_are_shown_as_not_distributed_when_the_newest_is_lacking(self):
        self.assert_code(self.renew(self.farm), 0)
        self.assertEqual(self.items("status")[0]["state"], "renewal-pending")
        self.assert_code(self.install(self.farm, self.with_chain(self.answer("web.g5"))), 0)
        (item,) = self.items("status")
        self.assertEqual((item["state"], item["next"], item["generation"]), ("not-distributed", "distribute", 5))

    def test_are_audited_and_are_no_orphans(self):
        audited = [(i["generation"], i["state"]) for i in self.items("audit")]
        self.assertEqual(audited, [(2, "kept"), (4, "kept")])

    def test_are_retired_one_by_one(self):
        missing = self.retire(self.farm, 3, "--member", "rp02", "--yes", "--json")
        self.assert_one_error_object(missing, 5)
        self.assertEqual(missing.error()["finding"], "key.missing")
        self.assertIn("no generation 3", missing.error()["message"])
        current = self.retire(self.farm, 4, "--member", "rp02", "--yes")
        self.assert_code(current, 4)
        self.assert_code(self.retire(self.farm, 2, "--member", "rp02", "--yes"), 0)
        held = self.held("rp02")
        self.assertEqual((held[shared_id(2)], "Private Key" in held[shared_id(4)]), (["Public Key"], True))
        self.assertEqual(len([kinds for kinds in self.held().values() if "Private Key" in kinds]), 4)

    def test_are_retired_together(self):
        self.assert_code(self.retire(self.farm, 4, "--member", "rp02", "--all", "--yes"), 0)
        self.assertEqual(self.held("rp02"), {})
        self.assertEqual(len(self.held()), 4)


if __name__ == "__main__":
    harness.main()
