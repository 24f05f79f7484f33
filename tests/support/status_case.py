"""A test of `status`: certificates of any age, and the judge of its metrics."""

import datetime
import re
import subprocess

import harness
import renewal_case


def day(offset):
    """`openssl ca`'s form of a moment so many days from now."""
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=offset, hours=1)
    return moment.strftime("%y%m%d%H%M%SZ")


def judge_metrics(text):
    """What Debian's promtool has to say."""
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                          timeout=harness.PATIENCE_SECONDS)  # fmt: skip
    if done.returncode != 0 or done.stdout or done.stderr:
        raise AssertionError(f"promtool: {done.stdout}{done.stderr}\n{text}")


def series(text):
    """{(metric, (label, value)...): value} of the text format."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = re.fullmatch(r"(\w+)\{(.*)\} (-?\d+)", line).groups()
        key = (name, *re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels))
        assert key not in found, f"twice: {line}"
        found[key] = int(value)
    return found


class StatusCase(renewal_case.RenewalCase):
    # No PIN can be had from there: whoever asks for one fails.
    def status(self, farm, *more, pin="env:HSMREQ_TEST_NOTHING", **options):
        return self.run_command("status", farm, "--pin-source", pin, *more, **options)

    def told(self, outcome, code=0):
        self.assert_code(outcome, code)
        self.assert_valid(outcome.stdout, "status")
        return outcome.json()

    def item(self, outcome, code=0, number=0):
        return self.told(outcome, code)["items"][number]

    def ids(self, item):
        return [finding["id"] for finding in item["findings"]]
