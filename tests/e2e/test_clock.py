# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall clock is set while the daemon runs: ages and expiry do not notice, and what is shown follows it."""

import glob
import os
import re
import time
import unittest

from harness import SANITIZED, DaemonTest, eventually, main

DAY = 86_400


def libfaketime():
    """The library that lies about the time; skips the test where it is not or cannot be used."""
    if SANITIZED:
        raise unittest.SkipTest("a sanitizer does not go with a preloaded library")
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        raise unittest.SkipTest("libfaketime is not installed (package faketime)")
    return found[0]


class TestClock(DaemonTest):
    def start_lied_to(self, settings):
        self.lie = self.write("lie", "+0")
        daemon = self.start(
            settings,
            environment={
                "LD_PRELOAD": libfaketime(),
                "FAKETIME_TIMESTAMP_FILE": self.lie,
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "DONT_FAKE_MONOTONIC": "1",
            },
        )
        return daemon

    def set_clock(self, seconds):
        """Sets the daemon's wall clock by so much, as seen from the true time."""
        self.write("lie.new", f"{seconds:+d}")
        os.rename(self.lie + ".new", self.lie)

    def shown_now(self, daemon):
        text = daemon.request("/apps?format=json").json()["now"]
        return time.mktime(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone

    def check_shift(self, daemon, seconds):
        eventually(lambda: abs(self.shown_now(daemon) - time.time() - seconds) < 60, "the pages show the new time")

    def test_a_clock_set_forward_expires_nothing(self):
        daemon = self.start_lied_to({"freshness": {"stale_after": 3600, "expire_after": 7200}})
        daemon.push_apps(a="a 1\n")
        before = daemon.apps()["a"]
        self.set_clock(DAY)
        self.check_shift(daemon, DAY)
        after = daemon.apps()["a"]
        self.assertEqual("fresh", after["state"])
        self.assertLess(after["age_seconds"], 3600)
        self.assertEqual(b"a 1\n", daemon.page())
        self.assertNotEqual(before["last_update"][:10], after["last_update"][:10])
        self.assertIn("the wall clock was set", daemon.log())

    def test_a_clock_set_back_keeps_nothing_fresh(self):
        daemon = self.start_lied_to({"freshness": {"stale_after": 0.3}})
        daemon.push_apps(a="a 1\n")
        self.set_clock(-DAY)
        self.check_shift(daemon, -DAY)
        eventually(lambda: daemon.apps()["a"]["state"] == "stale", "it becomes stale all the same")

    def test_an_age_is_kept_over_a_restart_with_a_wrong_clock(self):
        state = os.path.join(self.folder, "state")
        daemon = self.start({"state": {"file": state}})
        daemon.push_apps(a="a 1\n")
        eventually(lambda: daemon.apps()["a"]["age_seconds"] > 0.2, "it has an age")
        daemon.stop()
        lied_to = self.start_lied_to({"state": {"file": state}})
        self.assertGreater(lied_to.apps()["a"]["age_seconds"], 0.2)
        lied_to.stop()
        behind = self.start(
            {"state": {"file": state}},
            environment={
                "LD_PRELOAD": libfaketime(),
                "FAKETIME": f"-{30 * DAY}s",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "DONT_FAKE_MONOTONIC": "1",
            },
        )
        # How long it was down is not known; its age when the state was written is.
        age = behind.apps()["a"]["age_seconds"]
        self.assertGreater(age, 0)
        self.assertLess(age, 60)

    def test_own_metrics_show_the_new_time(self):
        daemon = self.start_lied_to({"exporter": {"self_metrics": True}})
        daemon.push_apps(a="a 1\n")
        self.set_clock(DAY)
        name = "exporter_proxy_app_last_update_timestamp_seconds"

        def updated():
            found = re.search(rf"^{name}\{{app=\"a\",[^}}]*\}} (\S+)$", daemon.page().decode(), re.MULTILINE)
            return float(found[1])

        eventually(lambda: abs(updated() - time.time() - DAY) < 60, "the own metrics show the new time")


if __name__ == "__main__":
    main()
