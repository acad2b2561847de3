#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pushes, polls, scrapes, reloads and expiry all together against one daemon, for as long as it is told to.

    tests/soak/soak.py --build build/tsan --seconds 600 --workers 4

All the time: what a sender was told is taken is on each later page, whole, until it expires; counters never go back;
nobody is refused who should not be; the log tells of no fault. In the end the daemon stops in order in the middle of
all that, and the next one has what was taken.
"""

import argparse
import collections
import os
import random
import re
import sys
import threading
import time
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MIB = 1 << 20

# Before a daemon has all its buffers, and a process all the pages that it frees and takes again.
WARM_UP = 60.0


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    build = os.path.join(SOURCE, "build", "ci")
    parser.add_argument("--build", type=os.path.abspath, default=build, help="the build to take the daemon from")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=int(os.environ.get("EXPORTER_PROXY_TEST_WORKERS") or 0))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("EXPORTER_PROXY_SOAK_SEED") or 1))
    parser.add_argument("--senders", type=int, default=1, help="so many of each kind of sender, on each transport")
    return parser.parse_args()


def prepare_environment(build):
    """What the harness and the sanitizers read; what is set already stays."""
    with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as file:
        sanitize = re.search(r"^EXPORTER_PROXY_SANITIZE:\w+=(.*)$", file.read(), re.MULTILINE)
    suppressions = os.path.join(SOURCE, "tests", "tsan.supp")
    for name, value in {
        "EXPORTER_PROXY_BINARY": os.path.join(build, "daemon", "exporter-proxy"),
        "EXPORTER_PROXY_SOURCE": SOURCE,
        "EXPORTER_PROXY_TOOLS": os.path.join(SOURCE, "build", "tools"),
        "EXPORTER_PROXY_SANITIZE": sanitize[1] if sanitize else "",
        "ASAN_OPTIONS": "exitcode=99",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
        "TSAN_OPTIONS": f"halt_on_error=1 exitcode=99 suppressions='{suppressions}'",
    }.items():
        os.environ.setdefault(name, value)
    sys.path.insert(1, os.path.join(SOURCE, "tests", "e2e"))


OPTIONS = parse()
prepare_environment(OPTIONS.build)

# These read the environment.
from changes import EXPIRE, Changer, Config  # noqa: E402
from endpoints import Exporter, Restarter, faulty, good  # noqa: E402
from harness import FAULTS, SANITIZED, Daemon, DaemonTest, eventually  # noqa: E402
from ledger import Ledger  # noqa: E402
from pagecheck import check_page  # noqa: E402
from rude import Dasher, Hostile, Junk, Killed, Silent, Stalling  # noqa: E402
from scrapers import Filterer, Lister, Raw, Scraper  # noqa: E402
from senders import LEGAL_NAMES, Dripping, Guest, Large, Pair, Several, Steady  # noqa: E402


class Watch:
    """The daemon's memory and descriptors over time."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.began = time.monotonic()
        self.samples = []

    def sample(self):
        with open(f"/proc/{self.daemon.pid}/status", encoding="ascii") as file:
            memory = int(re.search(r"^VmRSS:\s+(\d+)", file.read(), re.MULTILINE)[1]) * 1024
        descriptors = len(os.listdir(f"/proc/{self.daemon.pid}/fd"))
        self.samples.append((time.monotonic() - self.began, memory, descriptors))

    def maxima(self):
        """Of memory and descriptors, in the first half after it has warmed up and in the second."""
        warm = [sample for sample in self.samples if sample[0] > WARM_UP] or self.samples
        half = len(warm) // 2
        parts = (warm[:half], warm[half:])
        return [tuple(max((sample[column] for sample in part), default=0) for part in parts) for column in (1, 2)]


class Soak(DaemonTest):
    def setUp(self):
        super().setUp()
        self.ending = threading.Event()
        self.stopping = threading.Event()  # the daemon is being told to stop
        self.addCleanup(self.ending.set)
        self.faults = []
        self.ledger = Ledger(min(EXPIRE), max(EXPIRE))
        self.config = Config(self, self.folder)
        self.random = random.Random(OPTIONS.seed)
        self.actors = []
        self.log_checked = 0

    def fault(self, what):
        self.faults.append(f"after {time.monotonic() - self.began:.1f} s, {what}")

    def seed(self):
        return self.random.randrange(1 << 32)

    def add(self, kind, *arguments):
        self.actors.append(kind(self, self.seed(), *arguments))

    def add_senders(self):
        number = 0
        for transport in ("unix", "tcp"):
            for _ in range(OPTIONS.senders):
                for kind in (Steady, Steady, Large, Dripping, Several, Pair, Dasher):
                    self.add(kind, transport, number)
                    number += 1
                for kind in (Killed, Stalling, Hostile, Junk, Silent):
                    self.add(kind, transport)
        for number in range(len(LEGAL_NAMES)):
            self.add(Guest, ("unix", "tcp")[number % 2], number)

    def add_readers(self):
        for kind, arguments in (
            (Scraper, (False,)), (Scraper, (True,)), (Scraper, (True,)), (Filterer, ()), (Lister, ()), (Lister, ()),
            (Raw, ()), (Raw, ()),
        ):  # fmt: skip
            self.add(kind, *arguments)

    def test_soak(self):
        self.began = time.monotonic()
        steady = Exporter(self, "polled 1", good, self.seed())
        shaky = Exporter(self, "polled 2", faulty, self.seed(), expires=True)
        self.addCleanup(steady.stop)
        self.add_senders()
        self.add_readers()
        self.add(Restarter, shaky)
        self.add(Changer, min(4.0, OPTIONS.seconds / 15), (steady, shaky))
        self.config.keep_forever(app for app in self.ledger.apps.values() if not app.expires)
        self.config.settings["exporter"]["worker_threads"] = OPTIONS.workers
        self.config.settings["poll_external"]["endpoint"] = [steady.target(0.3, 2), shaky.target(0.3, 1)]
        self.daemon = Daemon(self, self.config.settings)
        self.daemon.http.port = self.config.http_port
        self.assertTrue(self.daemon.wait_ready(), self.daemon.log())
        self.watch = Watch(self.daemon)
        self.began = time.monotonic()
        for actor in self.actors:
            actor.start()
        self.run_for(OPTIONS.seconds)
        self.stop_and_restart()
        for fault in self.faults[:10]:  # one brings others with it
            print(f"fault {fault}", flush=True)
        self.summarize()
        self.assertEqual([], [fault.split("\n", maxsplit=1)[0] for fault in self.faults][:3])
        self.check_growth()
        self.check_activity()

    def run_for(self, seconds):
        told = 0
        self.watch.sample()
        while not self.faults and (now := time.monotonic() - self.began) < seconds:
            if not self.daemon.is_running():
                self.fault(f"the daemon has ended with {self.daemon.popen.returncode}")
                break
            self.watch.sample()
            if now - told >= 30:
                told = now
                self.tell(f"{now:4.0f} s")
                self.check_log()
            self.ending.wait(0.5)

    def tell(self, when):
        count = self.counts()
        memory, descriptors = self.watch.samples[-1][1:]
        expired = self.expiries()
        print(
            f"{when}: {count['pushes']} pushes, {count['scrapes'] + count['gzip scrapes']} scrapes, "
            f"{self.polls()} polls, {count['reloads']} reloads, {expired} expiries, {count['tolerated']} tolerated; "
            f"{memory / MIB:.0f} MiB, {descriptors} descriptors, {len(self.faults)} faults",
            flush=True,
        )

    def counts(self):
        total = collections.Counter()
        for actor in self.actors:
            total.update(actor.count)
        return total

    def polls(self):
        return sum(actor.exporter.requests for actor in self.actors if isinstance(actor, Restarter)) + next(
            actor.exporters[0].requests for actor in self.actors if isinstance(actor, Changer)
        )

    def expiries(self):
        return sum(actor.expiries for actor in self.actors if isinstance(actor, Scraper))

    def check_log(self):
        with open(self.daemon.log_path, encoding="utf-8", errors="replace") as file:
            file.seek(self.log_checked)
            log = file.read()
            self.log_checked += len(log.encode("utf-8", errors="replace"))
        fault = FAULTS.search(log)
        if fault:
            self.fault(f"the log tells of a fault: {log[max(0, fault.start() - 200) : fault.end() + 6000]}")
        control = re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", log)
        if control:
            self.fault(f"the log has a control character: {log[max(0, control.start() - 200) : control.end()]!r}")

    def stop_and_restart(self):
        """While everything goes on: what was taken before the exit must be there again."""
        if self.faults or not self.daemon.is_running():
            self.ending.set()
        self.stopping.set()
        if self.daemon.is_running():
            self.daemon.stop()  # fails unless it ends with 0
        self.ending.set()
        for actor in self.actors:
            actor.join()
        self.check_log()
        if self.faults:
            return
        expected = [app for app in self.ledger.apps.values() if app.exact and not app.expires and app.taken[0]]
        self.config.settings["poll_external"]["poll_other_scrape_endpoints"] = False
        self.daemon.configure(self.config.settings)
        self.daemon.http.port = int(self.config.settings["exporter"]["scrape_expose_endpoint"].rpartition(":")[2])
        self.assertTrue(self.daemon.restart(self), self.daemon.log())
        self.log_checked = 0
        values, own = check_page(self.daemon.page())
        self.assertEqual(0, own["exporter_proxy_state_restore_failed"])
        self.assertGreaterEqual(own["exporter_proxy_state_restored_apps"], len(expected))
        for app in expected:
            if not app.taken[0] <= values.get(app.of, 0) <= app.sent:
                self.fault(f"after the restart {app.of} has {values.get(app.of)}, {app.taken[0]} was taken")
        self.daemon.stop()
        self.check_log()

    def summarize(self):
        self.tell("in all")
        for name, number in sorted(self.counts().items()):
            print(f"  {number} {name}")
        (memory, more_memory), (descriptors, more_descriptors) = self.watch.maxima()
        print(
            f"  at most {memory / MIB:.0f} MiB and {descriptors} descriptors in the first half, "
            f"{more_memory / MIB:.0f} MiB and {more_descriptors} in the second",
            flush=True,
        )

    def check_growth(self):
        """The second half is like the first one, but for chance."""
        (memory, more_memory), (descriptors, more_descriptors) = self.watch.maxima()
        if self.watch.samples[-1][0] < 2 * WARM_UP:
            return  # all of it is warm-up
        self.assertLess(more_descriptors, descriptors + 40)
        if not SANITIZED:  # whose quarantines and shadows grow as they like
            self.assertLess(more_memory, memory * 1.2 + 16 * MIB)

    def check_activity(self):
        """A soak that did nothing finds nothing."""
        count = self.counts()
        for name in ("pushes", "scrapes", "gzip scrapes", "reloads", "lists", "hostile", "killed", "selections"):
            self.assertGreater(count[name], 0, name)
        self.assertGreater(self.polls(), 0)
        if OPTIONS.seconds >= 5 * WARM_UP:  # what is left to chance has happened by then
            for name in ("not modified", "bad reloads", "refused", "junk refused", "junk taken", "exporter restarts"):
                self.assertGreater(count[name], 0, name)
            self.assertGreater(self.expiries(), 0)


if __name__ == "__main__":
    print(
        f"{OPTIONS.build}, {OPTIONS.seconds:g} s, {OPTIONS.workers} worker threads, --seed {OPTIONS.seed}", flush=True
    )
    unittest.main(argv=sys.argv[:1], verbosity=2)
