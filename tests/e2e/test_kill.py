# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends that nobody planned, and those that come in the middle of work.

EXPORTER_PROXY_KILL_ROUNDS: how often it is killed in each test; more than the default for a run by hand.
"""

import glob
import json
import os
import random
import time

from harness import DaemonTest, eventually, main
from pushers import Pushers

ROUNDS = int(os.environ.get("EXPORTER_PROXY_KILL_ROUNDS", "0"))


class TestKill(DaemonTest):
    def test_it_starts_again_whenever_it_was_killed(self):
        """Under pushes over both transports; nothing that a killed one left is in the way of the next."""
        daemon = self.start()
        with Pushers(daemon) as pushers:
            for number in range(ROUNDS or 40):
                pushers.wait_for_more(random.randrange(3))
                time.sleep(random.random() * 0.02)
                daemon.kill()
                self.assertTrue(daemon.restart(self), f"round {number}: {daemon.log()}")
            pushers.wait_for_more()
            pushers.stop()
            self.assertEqual([], pushers.lost(daemon))
        self.assertEqual([], pushers.answers())

    def test_a_kill_in_the_middle_of_a_write_leaves_the_state_whole(self):
        """All applications of one message are of one snapshot, and it is never older than one that was there before."""
        path = os.path.join(self.folder, "state")
        new = path + ".new"
        daemon = self.start({"state": {"file": path}})
        filler = "# " + "x" * 500_000 + "\n"
        names = [f"app{number}" for number in range(8)]
        version = 0
        in_a_write = 0
        for number in range(ROUNDS or 50):
            pushed = version + 1
            self.assertEqual(
                b"", daemon.push("unix", json.dumps({name: f"{filler}version {pushed}" for name in names}).encode())
            )
            if number % 2:
                eventually(lambda: os.path.exists(new) or self.version_in(path) == pushed, "it writes")
                time.sleep(random.random() * 0.02)
            elif number % 10:
                time.sleep(random.random() * 0.2)
            else:  # for once not before it has written, which a sanitizer makes slow
                eventually(lambda: self.version_in(path) == pushed, "it has written")
            daemon.kill()
            in_a_write += os.path.exists(new)
            known = self.version_in(path)  # what the file has now is what must come back
            self.assertTrue(daemon.restart(self), daemon.log())
            versions = {line for line in daemon.page().decode().splitlines() if line.startswith("version ")}
            expected = {f"version {known}"} if known else set()
            self.assertEqual(expected, versions, daemon.log())
            self.assertIn(known, (version, pushed))
            self.assertEqual([], glob.glob(path + ".damaged*"))
            version = known
        self.assertGreater(version, 0)
        print(f"killed in the middle of {in_a_write} writes, the state is at version {version}", flush=True)

    def version_in(self, path):
        """Of the texts in a state file: they are in it as they are."""
        try:
            with open(path, "rb") as file:
                content = file.read()
        except FileNotFoundError:
            return 0
        at = content.find(b"\nversion ")
        return int(content[at + 9 : content.index(b"\n", at + 1)])


class TestTerm(DaemonTest):
    def test_what_was_taken_before_the_exit_is_in_the_state(self):
        """The page ends with the daemon; the state file has what would be on it."""
        path = os.path.join(self.folder, "state")
        daemon = self.start({"state": {"file": path}})
        for _ in range(ROUNDS or 5):
            with Pushers(daemon, 8) as pushers:
                pushers.wait_for_more(3)
                time.sleep(random.random() * 0.05)
                self.assertEqual(0, daemon.stop())
            self.assertTrue(daemon.restart(self), daemon.log())
            self.assertEqual([], pushers.lost(daemon))
            self.assertTrue(all(b"the daemon stops" in answer for answer in pushers.answers()), pushers.answers())


if __name__ == "__main__":
    main()
