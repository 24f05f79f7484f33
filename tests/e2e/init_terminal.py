"""hsmreq init on a terminal: one question after the other."""

import pathlib
import re
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harness
import init_case
from init_case import INF, PAGE, PAGE_ANSWERS, PAGE_FLAGS


class Terminal(init_case.InitCase):
    def start(self, *words):
        run = harness.TerminalRun(["init", *map(str, words)], cwd=self.folder)
        self.addCleanup(run.__exit__)
        return run

    def answer(self, run, title, answer):
        """Waits for the prompt below the title, and answers it."""
        run.wait_until(
            lambda: re.search(rf"\n{re.escape(title)}\r?\n[^\0]*: \Z", run.shown) is not None, f"no prompt for {title!r}"
        )
        # What was answered before is never taken for the next prompt.
        run.shown += "\0"
        run.type(answer + "\n")

    def answer_all(self, run, answers, until=None):
        for title, answer in answers.items():
            if title == until:
                return
            self.answer(run, title, answer)

    def test_a_person_answers_the_procedures_example(self):
        run = self.start(self.output)
        self.answer_all(run, PAGE_ANSWERS)
        self.assertEqual(run.finish(), 0, run.shown)
        self.assertEqual(self.names_of(self.output.read_text()), PAGE)
        self.assertIn("[Reverse Proxy Listener for Lync Server]: ", run.shown)
        self.assertIn("[contoso.com=https://meet.contoso.com]: ", run.shown)
        self.assertIn("hsmreq plan", run.shown)

    def test_a_bad_answer_is_asked_for_again_with_the_reason(self):
        run = self.start(self.output)
        self.answer_all(run, PAGE_ANSWERS, until="Common name")
        run.wait_for("\nCommon name")
        for bad, reason in (("", "an answer is needed"), ("web_ext.contoso.com", "underscore"), ("a b", "not a host name")):
            run.type(bad + "\n")
            run.wait_for(reason)
        run.shown += "\0"
        run.type("webext.contoso.com\n")
        rest = list(PAGE_ANSWERS.items())[3:]
        self.answer_all(run, dict(rest))
        self.assertEqual(run.finish(), 0, run.shown)
        self.assertEqual(self.names_of(self.output.read_text()), PAGE)

    def test_the_security_note_comes_with_an_exportable_key(self):
        run = self.start("--sharing", "shared", self.output)
        answers = {**PAGE_ANSWERS, "Make private key exportable": "yes"}
        del answers["Sharing"]
        self.answer_all(run, answers)
        self.assertEqual(run.finish(), 0, run.shown)
        self.assertIn("Security note", run.shown)
        self.assertIn('private_key = "exportable"', self.output.read_text())

    def test_what_does_not_go_together_is_asked_for_again(self):
        run = self.start(self.output)
        self.answer_all(run, {**PAGE_ANSWERS, "Tokens": "rp01=pkcs11:token=rp01"})
        run.wait_for("rp02 has no token")
        self.answer(run, "Tokens", "rp01=pkcs11:token=rp01 rp02=pkcs11:token=other")
        self.assertEqual(run.finish(), 0, run.shown)
        self.assertIn('"pkcs11:token=other"', self.output.read_text())

    def test_flags_are_not_asked_for(self):
        run = self.start(*PAGE_FLAGS, self.output)
        given = ("Common name", "Directors", "Office Web Apps Servers", "Members")
        self.answer_all(run, {title: "" for title in PAGE_ANSWERS if title not in given})
        self.assertEqual(run.finish(), 0, run.shown)
        for title in given:
            self.assertNotIn(f"\n{title}\r\n", run.shown)
        self.assertEqual(self.names_of(self.output.read_text()), PAGE)

    def test_an_imported_file_suggests_the_answers(self):
        run = self.start("--from-inf", INF / "contoso.inf", self.output)
        run.wait_for("\nFriendly name")
        titles = [title for title in PAGE_ANSWERS if title != "Sharing"]
        self.answer_all(run, {title: "" for title in titles})
        self.assertEqual(run.finish(), 0, run.shown)
        self.assertIn("[webdirext.contoso.com]: ", run.shown)
        self.assertEqual(self.names_of(self.output.read_text()), PAGE)

    def test_signals_in_the_middle_end_with_130_and_leave_no_file(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number=number):
                run = self.start(self.output)
                self.answer_all(run, PAGE_ANSWERS, until="Pools")
                run.send_signal(number)
                self.assertEqual(run.finish(), 130, run.shown)
                self.only_file_is()

    def test_control_c_ends_with_130(self):
        run = self.start(self.output)
        run.wait_for("[Reverse Proxy")
        run.type("\x03")
        self.assertEqual(run.finish(), 130, run.shown)
        self.only_file_is()

    def test_the_end_of_input_leaves_no_file(self):
        run = self.start(self.output)
        run.wait_for("[Reverse Proxy")
        run.type("\x04")
        self.assertEqual(run.finish(), 2, run.shown)
        self.assertIn("no file was written", run.shown)
        self.only_file_is()

    def test_an_existing_file_is_refused_before_the_first_question(self):
        self.output.write_text("mine\n")
        run = self.start(self.output)
        self.assertEqual(run.finish(), 9, run.shown)
        self.assertNotIn("Friendly name", run.shown)


if __name__ == "__main__":
    harness.main()
