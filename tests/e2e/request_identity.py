"""Names are identity: generations, renamed items, existing keys, shared and per-member keys."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import request_case
from cryptoki import key_id


class Generations(request_case.RequestCase):
    def test_the_highest_without_a_gap_is_current(self):
        for generation in (1, 2, 4):  # 4 lies behind a gap
            self.hand().generate(key_id("small", "web", "rp01", generation))
        outcome = self.request(self.farm(), "--json")
        self.assert_code(outcome, 0)
        item = self.item(outcome)
        self.assertEqual((item["generation"], item["origin"]), (2, "adopted"))
        self.assertEqual(self.names(), ["summary.json", "web.rp01.g2.csr", "web.rp01.g2.evidence.json"])
        self.assertIn(f"id=%{'%'.join(key_id('small', 'web', 'rp01', 2)[i:i+2] for i in range(0, 40, 2))}".lower(),
                      item["key_uri"].lower())  # fmt: skip

    def test_a_retired_one_is_a_marker_and_stays(self):
        for generation in (1, 2):
            self.hand().generate(key_id("small", "web", "rp01", generation))
        self.hand().destroy("private", key_id("small", "web", "rp01", 1))
        outcome = self.request(self.farm(), "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.item(outcome)["generation"], 2)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 2))

    def test_files_of_a_later_generation_mean_that_its_key_is_missing(self):
        second = key_id("small", "web", "rp01", 2)
        for generation in (1, 2):
            self.hand().generate(key_id("small", "web", "rp01", generation))
        self.assert_code(self.request(self.farm()), 0)
        self.hand().destroy("private", second)
        self.hand().destroy("public", second)
        self.assert_finding(self.request(self.farm(), "--json"), 5, "key.missing")


class Renamed(request_case.RequestCase):
    labels = ("rp01", "rp02")

    def test_a_renamed_or_dropped_item_stops_the_run(self):
        self.assert_code(self.request(self.farm(members=["rp01", "rp02"])), 0)
        rows = [
            ("request", {"members": ["rp01", "rp02"], "requests": {"portal": ["web.example.com"]}}),
            ("member", {"members": ["rp01"]}),
            ("farm", {"members": ["rp01", "rp02"], "name": "other"}),
        ]
        before = self.contents()
        for what, options in rows:
            with self.subTest(what):
                outcome = self.request(self.farm(**options), "--json")
                self.assert_finding(outcome, 4, "key.renamed-or-dropped")
                self.assertIn("--accept-new-keys", outcome.error()["hint"])
                self.assertEqual(self.contents(), before)
                self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))

    def test_accept_new_keys_goes_on(self):
        self.assert_code(self.request(self.farm()), 0)
        renamed = self.farm(requests={"portal": ["web.example.com"]})
        outcome = self.request(renamed, "--json", "--accept-new-keys")
        self.assertEqual(self.states(outcome), [("portal", "rp01", "created")])
        self.assert_code(outcome, 0)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (2, 2))
        self.assert_code(self.request(renamed), 0)

    def test_an_added_item_is_no_rename(self):
        self.assert_code(self.request(self.farm()), 0)
        more = self.farm(requests={"web": ["web.example.com"], "api": ["api.example.com"]})
        self.assertEqual(self.states(self.request(more, "--json")),
                         [("web", "rp01", "unchanged"), ("api", "rp01", "created")])  # fmt: skip

    def test_a_shard_minds_the_whole_plan_s_summary_too(self):
        self.assert_code(self.request(self.farm()), 0)
        renamed = self.farm(requests={"portal": ["web.example.com"]})
        self.assert_finding(self.request(renamed, "--json", "--shard", "1/2"), 4, "key.renamed-or-dropped")

    def test_a_foreign_summary_is_not_overwritten(self):
        self.out.mkdir()
        (self.out / "summary.json").write_text('{"not": "ours"}')
        outcome = self.request(self.farm(), "--json")
        self.assert_one_error_object(outcome, 9)
        self.assertEqual((self.out / "summary.json").read_text(), '{"not": "ours"}')
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 0))


class ExistingKey(request_case.RequestCase):
    def farm_with(self, uri, **options):
        return self.farm(request=f'[request.key]\nuri = "{uri}"', **options)

    def test_by_id_it_is_used_and_never_made(self):
        self.hand().generate("abcd", label="old key")
        outcome = self.request(self.farm_with("pkcs11:id=%ab%cd"), "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.item(outcome)["origin"], "adopted")
        self.assertIn("id=%ab%cd", self.item(outcome)["key_uri"].lower())
        farms.openssl_request(self.out / "web.rp01.csr")
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))
        self.assertEqual(self.states(self.request(self.farm_with("pkcs11:id=%ab%cd"), "--json")),
                         [("web", "rp01", "unchanged")])  # fmt: skip

    def test_by_label_too(self):
        self.hand().generate("abcd", label="old key")
        self.assert_code(self.request(self.farm_with("pkcs11:object=old%20key")), 0)

    def test_none_and_several_are_errors(self):
        outcome = self.request(self.farm_with("pkcs11:id=%ab%cd"), "--json")
        self.assert_finding(outcome, 5, "key.missing")
        for identity in ("abcd", "abce"):
            self.hand().generate(identity, label="old key")
        outcome = self.request(self.farm_with("pkcs11:object=old%20key"), "--json", "--repair")
        self.assert_finding(outcome, 5, "key.ambiguous")
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (2, 2))

    def test_a_loose_one_is_refused_and_stays(self):
        self.hand().generate("abcd", private={"EXTRACTABLE": True})
        outcome = self.request(self.farm_with("pkcs11:id=%ab%cd"), "--json")
        self.assert_finding(outcome, 4, "policy.attribute-differs")
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))


class Sharing(request_case.RequestCase):
    labels = ("rp01", "rp02")

    def test_a_shared_key_is_made_once_where_the_file_says(self):
        farm = self.farm(members=["rp01", "rp02"], policy="wrap-only", sharing="shared", key='generate_on = "rp02"')
        outcome = self.request(farm, "--json")
        self.assert_code(outcome, 0)
        item = self.item(outcome)
        self.assertEqual((item["member"], item["token_member"]), (None, "rp02"))
        self.assertEqual(self.names(), ["summary.json", "web.csr", "web.evidence.json"])
        self.assertEqual([farms.pairs(self.tokens, label) for label in self.labels], [(0, 0), (1, 1)])
        found = {entry["ID"] for entry in farms.objects(self.tokens, "rp02")}
        self.assertEqual(found, {key_id("small", "web")})

    def test_a_member_without_the_shared_key_has_nothing_to_do(self):
        farm = self.farm(members=["rp01", "rp02"], policy="wrap-only", sharing="shared")
        outcome = self.request(farm, "--json", env={"HSMREQ_MEMBER": "rp02"})
        self.assert_code(outcome, 0)
        self.assertEqual(self.states(outcome), [])
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 0))

    def test_members_may_share_a_token(self):
        text = farms.generic(self.tokens, members=["rp01", "rp02"]).replace("token=rp02", "token=rp01;model=SoftHSM%20v2")
        outcome = self.request(self.write("farm.toml", text), "--json", fault="")
        self.assert_code(outcome, 0)
        self.assertEqual(self.states(outcome), [("web", "rp01", "created"), ("web", "rp02", "created")])
        self.assertIn("policy.members-share-token", [f["id"] for f in outcome.json()["findings"]])
        self.assertEqual(self.calls("C_Login"), 1)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (2, 2))
        self.assertNotEqual(self.public_key("web.rp01"), self.public_key("web.rp02"))


if __name__ == "__main__":
    harness.main()
