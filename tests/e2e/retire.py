"""`retire`: what still uses a key, its destruction, the marker that stays, and the record of it."""

import pathlib
import shutil
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import issuing
import renewal_case
import request_case
from renewal_case import key_id

MARKER = ["Public Key"]
PAIR = ["Private Key", "Public Key"]


class OlderGeneration(renewal_case.RenewalCase):
    def test_the_public_key_alone_stays(self):
        farm = self.farm()
        self.generations(farm, 2)
        old = issuing.public_key_sha256(self.out / "web.rp01.csr")
        files = self.contents()
        outcome = self.retire(farm, 1, "--yes", "--json", "--reason", "change 4711")
        self.assert_code(outcome, 0)
        self.assert_valid(outcome.stdout, "retire")
        item = outcome.json()["items"][0]
        self.assertEqual((item["generation"], item["state"], item["public_key_sha256"], item["marker_left"]),
                         (1, "retired", old, True))  # fmt: skip
        self.assertEqual((item["private_keys"], item["public_keys"], item["certificates"]), (1, 0, 1))
        self.assertEqual(self.held(), {key_id(1): MARKER, key_id(2): PAIR})
        self.assertEqual({name: files[name] for name in files}, {n: c for n, c in self.contents().items() if n in files})
        record = self.record("web.rp01.retired.json")
        self.assertEqual((record["state"], record["run"]["reason"], record["key"]["public_key_sha256"]),
                         ("done", "change 4711", old))  # fmt: skip
        self.assertEqual(record["key"]["id"], key_id(1))
        self.assertEqual(record["destroyed"]["private_keys"], 1)
        self.assertEqual([c["generation"] for c in record["certificates"]], [1])
        self.assertTrue(record["run"]["operator"] and record["run"]["host"])
        marker = farms.tool("sh", "-c", 'pkcs11-tool --module "$1" --token-label rp01 --read-object --type pubkey --id "$2" '
                            '| sha256sum', "sh", self.tokens.module, key_id(1), env=self.tokens.env)  # fmt: skip
        self.assertIn(old, marker, "it is the public key of the destroyed one")

    def test_what_follows_goes_on_with_the_current_one(self):
        farm = self.farm()
        self.generations(farm, 3)
        self.assert_code(self.retire(farm, 1, "--yes"), 0)
        self.assert_code(self.retire(farm, 2, "--yes"), 0)
        outcome = self.request(farm, "--json")
        self.assertEqual(outcome.json()["items"][0]["generation"], 3)
        self.assertEqual(self.states(outcome), [("web", "rp01", "unchanged")])
        self.certify(3)
        self.assertEqual(self.renew(farm, "--json").json()["items"][0]["generation"], 4)
        self.assertEqual(self.record("web.rp01.g2.retired.json")["key"]["generation"], 2)

    def test_again_changes_nothing(self):
        farm = self.farm()
        self.generations(farm, 2)
        self.assert_code(self.retire(farm, 1, "--yes"), 0)
        files, held = self.contents(), self.held()
        outcome = self.retire(farm, 1, "--yes", "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.json()["items"][0]["state"], "unchanged")
        self.assertEqual((self.contents(), self.held()), (files, held))

    def test_a_dry_run_only_shows(self):
        farm = self.farm()
        self.generations(farm, 2)
        files, held = self.contents(), self.held()
        outcome = self.retire(farm, 1, "--dry-run")
        self.assert_code(outcome, 0)
        self.assertIn("planned", outcome.stdout)
        self.assertIn("1 private key, 1 certificate", outcome.stdout)
        self.assertEqual((self.contents(), self.held()), (files, held))

    def test_a_lost_public_key_is_put_back_as_the_mark(self):
        farm = self.farm(algorithm="rsa-2048")
        self.generations(farm, 2)
        self.hand().destroy("public", key_id(1))
        self.assert_code(self.retire(farm, 1, "--yes"), 0)
        self.assertEqual(self.held()[key_id(1)], MARKER)

    def test_a_certificate_gives_the_mark_where_the_key_is_gone_already(self):
        farm = self.farm()
        self.generations(farm, 2)
        for kind in ("private", "public"):
            self.hand().destroy(kind, key_id(1))
        self.assert_code(self.retire(farm, 1, "--yes"), 0)
        self.assertEqual(self.held()[key_id(1)], MARKER)

    def test_members_have_keys_of_their_own(self):
        self.tokens.make_token("rp02")
        farm = self.farm(members=["rp01", "rp02"])
        self.assert_code(self.request(farm), 0)
        issuing.store(self.tokens, "rp02", self.issuer.issue(self.out / "web.rp02.csr"), key_id(1, "web", "rp02"))
        self.assert_code(self.renew(farm, "--only", "web/rp02"), 0)
        outcome = self.retire(farm, 1, "--yes", "--json")
        self.assert_one_error_object(outcome, 2)
        self.assertIn("--member", outcome.error()["hint"])
        self.assert_code(self.retire(farm, 1, "--yes", "--member", "rp02"), 0)
        self.assertEqual(self.held("rp01"), {key_id(1): PAIR})
        self.assertEqual(self.held("rp02")[key_id(1, "web", "rp02")], MARKER)


class All(renewal_case.RenewalCase):
    def test_nothing_is_left(self):
        farm = self.farm()
        self.generations(farm, 3)
        self.assert_code(self.retire(farm, 1, "--yes"), 0)
        first = self.record("web.rp01.retired.json")
        outcome = self.retire(farm, 3, "--all", "--yes", "--json")
        self.assert_code(outcome, 0)
        self.assertEqual([(i["generation"], i["state"]) for i in outcome.json()["items"]],
                         [(3, "retired"), (2, "retired"), (1, "retired")])  # fmt: skip
        self.assertEqual(self.held(), {})
        self.assertEqual(self.record("web.rp01.retired.json"), first, "an earlier record stays as it was")
        self.assertTrue(self.record("web.rp01.g3.retired.json")["run"]["all"])
        again = self.retire(farm, 3, "--all", "--yes", "--json")
        self.assert_code(again, 0)
        self.assertEqual(again.json()["items"][0]["state"], "unchanged")

    def test_it_begins_with_the_current_one(self):
        farm = self.farm()
        self.generations(farm, 2)
        held = self.held()
        outcome = self.retire(farm, 1, "--all", "--yes", "--json")
        self.assert_finding(outcome, 4, "key.current")
        self.assertIn("--generation 2 --all", outcome.error()["hint"])
        self.assertEqual(self.held(), held)

    def test_a_first_key_that_was_never_used(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        self.assert_code(self.retire(farm, 1, "--all", "--yes"), 0)
        self.assertEqual(self.held(), {})
        self.assert_finding(self.request(farm, "--json"), 5, "key.missing")
        self.assert_code(self.request(farm, "--replace"), 0)
        self.assert_code(self.retire(farm, 1, "--all", "--yes"), 0)
        records = [name for name in self.names() if name.endswith(".retired.json")]
        self.assertEqual(len(records), 2, records)
        self.assertEqual(len({self.record(name)["key"]["public_key_sha256"] for name in records}), 2)


class TwoKeys(renewal_case.RenewalCase):
    def hashes(self, farm):
        import re

        outcome = self.request(farm, "--json", "--accept-new-keys")
        self.assert_finding(outcome, 5, "key.ambiguous")
        self.assertIn("retire --public-key", outcome.error()["hint"])
        return re.findall(r"\b[0-9a-f]{64}\b", outcome.error()["message"])

    def test_one_is_picked_by_its_public_key(self):
        for algorithm in ("ec-p256", "rsa-2048"):
            with self.subTest(algorithm):
                request = algorithm.split("-")[0]
                farm = self.farm(algorithm=algorithm, requests={request: ["web.example.com"]}, file=f"{request}.toml")
                identity = key_id(1, request)
                for _ in range(2):
                    self.hand().generate(identity, algorithm=algorithm, private={"DECRYPT": request == "rsa"})
                first, second = self.hashes(farm)
                outcome = self.retire(farm, 1, "--yes", "--json", request=request)
                self.assert_finding(outcome, 5, "key.ambiguous")
                self.assertIn(first, outcome.error()["message"])
                outcome = self.retire(farm, 1, "--yes", "--json", "--public-key", first.upper(), request=request)
                self.assert_code(outcome, 0)
                self.assertEqual(outcome.json()["items"][0]["public_key_sha256"], first)
                self.assertEqual(self.held()[identity], PAIR)
                self.assert_code(self.request(farm, "--accept-new-keys"), 0)
                self.assertEqual(issuing.public_key_sha256(self.out / f"{request}.rp01.csr"), second)
                self.assertIn(f"{request}.rp01.{first[:16]}.retired.json", self.names())

    def test_a_key_that_is_not_there(self):
        farm = self.farm()
        for _ in range(2):
            self.hand().generate(key_id())
        self.assert_finding(self.retire(farm, 1, "--yes", "--json", "--public-key", "0" * 64), 5, "key.ambiguous")
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (2, 2))

    def test_it_also_guards_the_only_key(self):
        farm = self.farm()
        self.generations(farm, 2)
        held = self.held()
        self.assert_finding(self.retire(farm, 1, "--yes", "--json", "--public-key", "0" * 64), 5, "key.ambiguous")
        self.assertEqual(self.held(), held)
        right = issuing.public_key_sha256(self.out / "web.rp01.csr")
        self.assert_code(self.retire(farm, 1, "--yes", "--public-key", right), 0)


class Killed(renewal_case.RenewalCase):
    """Killed before and after each call of the token, then run again: as if it had run through."""

    def killed_once(self, place):
        number, how, flags, template, wanted = place
        folder = self.folder / f"{number}-{how}"
        shutil.copytree(template, folder)
        tokens = harness.Tokens.at(folder, request_case.PIN)
        farm, out = folder / "farm.toml", folder / "out"
        farm.write_text(farms.generic(tokens))
        arguments = ["retire", str(farm), "--out", str(out), "--request", "web", "--yes", *flags]
        environment = {**tokens.env, "HSMREQ_FAULT_REAL": tokens.module, "HSMREQ_FAULT": f"any#{number}={how}"}
        first = harness.run([*arguments, "--module", request_case.FAULT_MODULE, "--trust-module"], env=environment)
        if first.code == 0:
            return "through"
        if first.code != -signal.SIGKILL:
            return f"{place}: {first}"
        again = harness.run(arguments, env=tokens.env)
        if again.code != 0:
            return f"{place}: {again}"
        held = {}
        for entry in farms.objects(tokens, "rp01"):
            held.setdefault(entry["ID"], []).append(entry["kind"])
        held = {identity: sorted(kinds) for identity, kinds in held.items()}
        if held != wanted:
            return f"{place}: {held}"
        records = sorted(out.glob("*.retired.json"))
        if not records or any('"done"' not in path.read_text() for path in records):
            return f"{place}: {[path.read_text() for path in records]}"
        return None

    def killed_everywhere(self, flags, wanted):
        template = self.folder / "template"
        template.mkdir()
        farm = self.farm()
        self.generations(farm, 2)
        shutil.copytree(self.tokens.folder, template, dirs_exist_ok=True)
        shutil.copytree(self.out, template / "out")
        number, step = 0, 8
        with ThreadPoolExecutor(4) as pool:
            while True:
                places = [(n, how, flags, template, wanted) for n in range(number + 1, number + step + 1)
                          for how in ("kill-before", "kill-after")]  # fmt: skip
                results = list(pool.map(self.killed_once, places))
                self.assertEqual([r for r in results if r not in (None, "through")], [])
                number += step
                if results[-1] == "through":
                    break
        self.assertGreater(number, 16)

    def test_an_older_generation(self):
        self.killed_everywhere(["--generation", "1"], {key_id(1): MARKER, key_id(2): PAIR})

    def test_all(self):
        self.killed_everywhere(["--generation", "2", "--all"], {})


if __name__ == "__main__":
    harness.main()
