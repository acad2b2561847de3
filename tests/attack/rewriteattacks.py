# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks on what pages keep beside the texts, where exposition.mode and app_label have them rewritten."""

from attacking import AttackTest, scaled
from harness import document

# Samples in a text: as small as they come, so that what is kept of each is many times their size.
SAMPLES = 4000


class TestRewritten(AttackTest):
    def fill(self, exposition, line, name="app {}", apps=80):
        """More than there is room for, then other texts in the place of those that were taken."""
        daemon, bystanders = self.attacked({"exposition": exposition})
        for turn in range(3):
            for app in range(max(apps, scaled(120))):
                text = "".join(line(turn, app, i) for i in range(SAMPLES))
                answer = daemon.push("unix", document(**{name.format(app): text}))
                if answer:
                    self.assertIn(b"limits.max_total_size", answer)
        self.judge(daemon, bystanders, self.counted(daemon, "unix", "total_too_large"))

    def test_merging_families_of_one_sample(self):
        self.fill({"mode": "merge"}, lambda turn, app, i: f"a{turn}_{app}_{i} 1\n")

    def test_merging_the_same_series_of_all(self):
        self.fill({"mode": "merge"}, lambda turn, _, i: f'a{{b="{turn}{i}"}} 1\n')

    def test_merging_families_in_conflict(self):
        types = ("gauge", "counter", "summary")
        self.fill({"mode": "merge"},
                  lambda turn, app, i: f"# TYPE a{i} {types[(turn + app) % 3]}\n# HELP a{i} {app}\na{i} 1\n")

    def test_labelling_short_samples(self):
        # Not with the longest names there may be: then the page alone is as large as all that may be held, and a
        # scraper that is not done when the texts are replaced is rightly dropped. tst_textcost has those.
        self.fill({"app_label": "app"}, lambda turn, _, i: f"a{turn} {i}\n", name="{:03}" + '"' * 8, apps=240)
