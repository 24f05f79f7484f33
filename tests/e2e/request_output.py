"""Output directories of every kind: made, refused with nothing made, full."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import request_case


class OutputDirectory(request_case.RequestCase):
    def refused(self, out, word, **popen):
        outcome = self.request(self.farm(), "--json", out=out, fault="", **popen)
        self.assert_one_error_object(outcome, 9)
        self.assertIn(word, outcome.error()["message"].lower())
        self.assertTrue(outcome.error()["hint"])
        self.assertFalse(self.trace.exists(), "no token was opened")
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 0))
        return outcome

    def test_missing_parents_are_made(self):
        out = self.folder / "a" / "b" / "c"
        self.assert_code(self.request(self.farm(), out=out), 0)
        self.assertIn("web.rp01.csr", self.names(out))

    def test_the_default_is_named_after_the_farm_in_the_working_directory(self):
        work = self.folder / "work"
        work.mkdir()
        outcome = harness.run(["request", self.farm()], env=self.tokens.env, cwd=work)
        self.assert_code(outcome, 0)
        self.assertIn("web.rp01.csr", self.names(work / "small-requests"))

    def test_a_link_to_a_directory_is_followed(self):
        (self.folder / "real").mkdir()
        (self.folder / "link").symlink_to("real")
        self.assert_code(self.request(self.farm(), out=self.folder / "link"), 0)
        self.assertIn("web.rp01.csr", self.names(self.folder / "real"))

    def test_a_file_in_its_place(self):
        path = self.folder / "file"
        path.write_text("kept")
        for out in (path, path / "below"):
            self.refused(out, "directory")
        self.assertEqual(path.read_text(), "kept")

    def test_a_dangling_link(self):
        (self.folder / "link").symlink_to("nowhere")
        self.refused(self.folder / "link", "cannot be")

    def test_an_empty_name(self):
        outcome = harness.run(["request", self.farm(), "--out", "", "--json"], env=self.tokens.env)
        self.assertIn(outcome.code, (2, 9), outcome)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 0))

    def test_links_in_the_place_of_our_files_are_not_followed(self):
        self.out.mkdir()
        victim = self.folder / "victim"
        for name in ("web.rp01.csr", "web.rp01.evidence.json"):
            with self.subTest(name):
                victim.write_text("kept")
                (self.out / name).unlink(missing_ok=True)
                (self.out / name).symlink_to(victim)
                outcome = self.request(self.farm(), "--json", "--replace")
                self.assertIn(outcome.code, (0, 9), outcome)
                self.assertEqual(victim.read_text(), "kept")
                if outcome.code == 0:
                    self.assertFalse((self.out / name).is_symlink())

    def test_leftovers_of_a_killed_run_go(self):
        self.out.mkdir()
        for name in (".web.rp01.csr.hsmreq-tmp", ".web.rp01.evidence.json.hsmreq-tmp", ".summary.json.hsmreq-tmp"):
            (self.out / name).write_text("half")
        self.assert_code(self.request(self.farm()), 0)
        self.assertEqual(self.names(), ["summary.json", "web.rp01.csr", "web.rp01.evidence.json"])

    def test_files_are_readable_by_others_and_writable_by_the_owner(self):
        self.assert_code(self.request(self.farm(), umask=0o077), 0)
        for path in self.out.iterdir():
            self.assertEqual(path.stat().st_mode & 0o777, 0o644, path)


class MountedDirectory(request_case.RequestCase):
    """In a mount namespace of its own, which a container may refuse to an unprivileged user."""

    def setUp(self):
        super().setUp()
        self.mount = self.folder / "mount"
        self.mount.mkdir()

    def mounted(self, options, prepare, *flags):
        """Runs the program with a tmpfs at self.mount; lists what is there afterwards."""
        script = (
            f'mount -t tmpfs -o size=256k tmpfs "$1" || exit 99\n{prepare}\n'
            f'{options} shift; "$@"; code=$?; echo; ls -A "{self.mount}" >&2; exit $code'
        )
        command = ["unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh", self.mount, harness.PROGRAM,
                   "request", self.farm(), "--out", self.mount / "out", *flags]  # fmt: skip
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              env=harness.clean_environment(self.tokens.env), timeout=harness.PATIENCE_SECONDS)  # fmt: skip
        self.assertNotEqual(done.returncode, 99, "a mount namespace is needed: " + done.stderr)
        return done

    def test_a_full_file_system(self):
        done = self.mounted('mkdir "$1/out";', 'head -c 1m /dev/zero > "$1/fill"')
        self.assertEqual(done.returncode, 9, done)
        self.assertIn("free some space", done.stderr)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 0))

    def test_a_read_only_file_system(self):
        done = self.mounted('mount -o remount,ro "$1";', 'mkdir "$1/out"')
        self.assertEqual(done.returncode, 9, done)
        self.assertIn("read-only", done.stderr.lower())
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 0))

    def test_one_that_fills_up_on_the_way_publishes_nothing_by_halves(self):
        # Room for the write test and not for the evidence: the run ends with 9, and a run with room finishes.
        done = self.mounted('mkdir "$1/out"; : ;', 'head -c 244k /dev/zero > "$1/fill"', "--json")
        self.assertEqual(done.returncode, 9, done)
        listing = done.stderr.split("}\n")[-1].split()
        self.assertNotIn("web.rp01.csr", listing)
        self.assert_code(self.request(self.farm()), 0)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))


if __name__ == "__main__":
    harness.main()
