"""An installation that is killed at any call of the token is finished by the same command."""

import pathlib
import shutil
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import install_case
import request_case
from install_case import fingerprint, pem, serial
from renewal_case import key_id


class Killed(install_case.InstallCase):
    def setUp(self):
        super().setUp()
        farm = self.ready()
        self.old = self.answer(begins="261001000000Z", ends="270601000000Z")
        self.assert_code(self.install(farm, self.with_chain(self.old)), 0)
        self.new = self.answer()
        self.given = self.with_chain(self.new)

    def at(self, folder):
        """A copy of everything in that folder: the tokens, the farm file, the output directory."""
        shutil.copytree(self.folder / "softhsm", folder / "softhsm")
        shutil.copytree(self.out, folder / "out")
        tokens = harness.Tokens.at(folder / "softhsm", request_case.PIN)
        farm = folder / "farm.toml"
        text = (self.folder / "farm.toml").read_text()
        farm.write_text(text.replace(str(self.tokens.pin_file), str(tokens.pin_file)))
        return tokens, farm

    def command(self, folder, farm):
        return ["install", str(farm), str(self.given), "--store-chain", "--out", str(folder / "out")]

    def killed_once(self, place):
        """Killed at that place, then run again. Returns what is wrong, or nothing."""
        number, how = place
        folder = self.folder / f"{number}-{how}"
        folder.mkdir()
        tokens, farm = self.at(folder)
        environment = {**tokens.env, "HSMREQ_FAULT_REAL": tokens.module, "HSMREQ_FAULT": f"any#{number}={how}"}
        first = harness.run([*self.command(folder, farm), "--module", request_case.FAULT_MODULE, "--trust-module"],
                            env=environment)  # fmt: skip
        if first.code != -signal.SIGKILL:
            return f"{place}: it was not killed: {first}"
        for path in (folder / "out").glob("*.pem"):
            pem(path)  # whatever is there is whole
        again = harness.run(self.command(folder, farm), env=tokens.env)
        if again.code != 0:
            return f"{place}: {again}"
        return self.what_is_wrong(place, folder, tokens)

    def what_is_wrong(self, place, folder, tokens):
        found = {(e["ID"], e.get("serial", "").lower()) for e in farms.objects(tokens, "rp01") if e["kind"] == "Certificate"}
        wanted = {(key_id(), serial(self.new)), (fingerprint(self.ca.root)[:40], serial(self.ca.root))}
        if found != wanted or len(farms.objects(tokens, "rp01")) != 4:
            return f"{place}: {found}"
        out = folder / "out"
        if (out / "web.rp01.fullchain.pem").read_text() != pem(self.new) + pem(self.ca.root):
            return f"{place}: another chain"
        kept = out / f"web.rp01.{serial(self.old)}.fullchain.pem"
        if kept.read_text() != pem(self.old) + pem(self.ca.root):
            return f"{place}: the former chain was not kept"
        return None if self.names(out) == self.finished else f"{place}: {self.names(out)}"

    def test_before_and_after_every_call(self):
        folder = self.folder / "whole"
        folder.mkdir()
        tokens, farm = self.at(folder)
        environment = {**tokens.env, "HSMREQ_FAULT_REAL": tokens.module, "HSMREQ_FAULT": "",
                       "HSMREQ_FAULT_TRACE": str(self.trace)}  # fmt: skip
        done = harness.run([*self.command(folder, farm), "--module", request_case.FAULT_MODULE, "--trust-module"],
                           env=environment)  # fmt: skip
        self.assert_code(done, 0)
        self.finished = self.names(folder / "out")
        self.assertIsNone(self.what_is_wrong("whole", folder, tokens))
        # Until the module is let go of; what follows is the proof, which changes no token.
        calls = self.calls()
        total = calls.index("C_Finalize") + 1
        self.assertGreater(total, 40)
        places = [(number, how) for number in range(1, total + 1) for how in ("kill-before", "kill-after")]
        with ThreadPoolExecutor(4) as pool:
            wrong = [result for result in pool.map(self.killed_once, places) if result]
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    harness.main()
