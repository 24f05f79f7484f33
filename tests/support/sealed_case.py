"""A test of `hsmreq distribute` between tokens apart: offer, seal, accept."""

import json

import distribute_case


class SealedCase(distribute_case.DistributeCase):
    def setUp(self):
        super().setUp()
        self.shared = self.farm_with_key()
        self.offer_file = self.folder / "offer.pem"
        self.sealed_file = self.folder / "sealed.json"

    def offer(self, *more, member="rp02", **options):
        return self.distribute(self.shared, "--member", member, "--output", str(self.offer_file), *more,
                               step=["offer"], **options)  # fmt: skip

    def offered(self):
        outcome = self.offer("--json", "--replace")
        self.assert_code(outcome, 0)
        self.assert_valid(outcome.stdout, "distribute")
        return outcome.json()["offer"]

    def seal(self, fingerprint, *more, **options):
        flags = ["--request", "web", "--offer", str(self.offer_file), "--fingerprint", fingerprint]
        return self.distribute(self.shared, *flags, "--output", str(self.sealed_file), *more, step=["seal"], **options)

    def sealed(self, *more):
        """The content of a sealed file for a fresh offer."""
        self.assert_code(self.seal(self.offered()["fingerprint"], "--replace", *more), 0)
        text = self.sealed_file.read_text()
        self.assert_valid(text, "sealed")
        return json.loads(text)

    def accept(self, *more, member="rp02", farm=None, **options):
        return self.distribute(farm or self.shared, str(self.sealed_file), "--member", member, *more, step=["accept"],
                               **options)  # fmt: skip
