# SPDX-License-Identifier: GPL-3.0-or-later
"""What the attacks have in common: a daemon of a small total, bystanders, and the verdict on both.

In the environment:
EXPORTER_PROXY_ATTACK_SCALE    how much is sent; 1 where nothing is said, less in a build with sanitizers
EXPORTER_PROXY_ATTACK_STRICT   the bystanders' p99 must be under 50 ms, which a loaded machine cannot promise
EXPORTER_PROXY_ATTACK_PART     "slow": only attacks that wait for a deadline and hardly load the machine; "loud": the others
EXPORTER_PROXY_ATTACK_RESULTS  a file to which each attack adds a line of JSON (see table.py)
"""

import json
import os
import re
import resource
import select
import socket
import sys
import time

from bystanders import Bystanders
from harness import SANITIZED, WORKERS, DaemonTest, eventually

SCALE = float(os.environ.get("EXPORTER_PROXY_ATTACK_SCALE") or (0.1 if SANITIZED else 1))
PART = os.environ.get("EXPORTER_PROXY_ATTACK_PART")
STRICT = bool(os.environ.get("EXPORTER_PROXY_ATTACK_STRICT"))
RESULTS = os.environ.get("EXPORTER_PROXY_ATTACK_RESULTS")
# A sanitizer's shadow and quarantine are no measure of the program's memory.
MEASURES = not SANITIZED

MIB = 1 << 20
TOTAL = 64 * MIB
ALLOWED = TOTAL + 64 * MIB
# Of a bystander's turn, in seconds. The first is what is promised; the second only tells served from starved.
P99 = 0.05 if STRICT else 5 if MEASURES else 30
# What a loaded machine can promise: the median turn during the attack, as a multiple of that before it. Below the floor
# no multiple says anything: it is what a few turns of the event loop take, and the attacker needs a processor as well.
TIMES_CALM = 5
FLOOR = 0.04


def scaled(count):
    return max(1, int(count * SCALE))


def vm(daemon, key):
    with open(f"/proc/{daemon.pid}/status", encoding="ascii") as status:
        return int(re.search(rf"^{key}:\s+(\d+) kB", status.read(), re.MULTILINE)[1]) * 1024


def cpu_seconds(daemon):
    with open(f"/proc/{daemon.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class AttackTest(DaemonTest):
    @classmethod
    def setUpClass(cls):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def setUp(self):
        super().setUp()
        part = "slow" if re.search("byte_a_second|drip", self.id()) else "loud"
        if PART and PART != part:
            self.skipTest(f"it is {part}")

    def attacked(self, settings=None, push_format="json"):
        """A daemon that is about to be attacked, and its bystanders."""
        merged = {
            "exporter": {"self_metrics": True, "worker_threads": WORKERS},
            "limits": {"max_total_size": TOTAL},
            "receiver": {"format": push_format},
        }
        for section, values in (settings or {}).items():
            merged.setdefault(section, {}).update(values)
        daemon = self.start(merged)
        bystanders = Bystanders(daemon, push_format)
        self.addCleanup(bystanders.stop)
        with open(f"/proc/{daemon.pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")  # VmHWM starts anew
        return daemon, bystanders

    def judge(self, daemon, bystanders, limit, allowed=ALLOWED, isolated=True):
        """Memory and bystanders; `limit` is a sample of the own metrics or a line of the log. `isolated`: a bystander's
        own turn is as much work as before, because its page is no larger."""
        bystanders.stop()
        self.assertEqual([], bystanders.faults)
        peak = vm(daemon, "VmHWM")
        row = {"attack": self.id().split(".")[-1].removeprefix("test_").replace("_", " "), "peak": peak / MIB,
               "limit": limit}
        shown = []
        for name, times in bystanders.times.items():
            row[name] = [1000 * bystanders.quantile(times, share) for share in (0.5, 0.99)]
            calm = bystanders.quantile(bystanders.calm[name], 0.5)
            shown.append(f"{name} {row[name][0]:.1f}/{row[name][1]:.1f} ms ({len(times)}; calm {1000 * calm:.1f})")
        print(f"\n  {row['attack']}: peak {row['peak']:.0f} MiB, {', '.join(shown)}; {limit}", file=sys.stderr)
        if RESULTS:
            with open(RESULTS, "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        if MEASURES:
            self.assertLess(peak, allowed)
        for name, times in bystanders.times.items():
            self.assertLess(bystanders.quantile(times, 0.99), P99, name)
            if MEASURES and isolated:
                calm = bystanders.quantile(bystanders.calm[name], 0.5)
                self.assertLess(bystanders.quantile(times, 0.5), max(TIMES_CALM * calm, FLOOR), name)
        self.assertIn(b"bystander{", daemon.page())

    def open(self, daemon, transport, count):
        opened = []
        for _ in range(count):
            connection = daemon.connect(transport)
            self.addCleanup(connection.close)
            opened.append(connection)
        return opened

    def open_http(self, daemon, count, receive_buffer=None):
        opened = []
        for _ in range(count):
            connection = socket.socket()
            if receive_buffer:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            connection.connect(("127.0.0.1", daemon.http_port))
            self.addCleanup(connection.close)
            opened.append(connection)
        return opened

    def besiege(self, connect, count, seconds):
        """Keeps so many connections open, and opens anew what the daemon closes."""
        ended = select.poll()
        opened = {}
        end = time.monotonic() + seconds
        renewed = -count
        while time.monotonic() < end:
            while len(opened) < count:
                try:
                    connection = connect()
                except OSError:
                    break
                opened[connection.fileno()] = connection
                ended.register(connection, select.POLLRDHUP)
                renewed += 1
            # Closed ones are looked for only now and then: whoever is let in must have a moment to be of use.
            for number, _ in ended.poll(5):
                ended.unregister(number)
                opened.pop(number).close()
        for connection in opened.values():
            self.addCleanup(connection.close)
        return renewed

    def log_has(self, daemon, pattern):
        eventually(lambda: re.search(pattern, daemon.log()), f"the log has {pattern}", 60)
        return f"log: \"{re.search(pattern, daemon.log())[0]}\""

    def counted(self, daemon, transport, reason, at_least=1):
        """The sample that counts refused pushes, once it is that much."""
        eventually(lambda: daemon.errors(transport).get(reason, 0) >= at_least, f"{reason} is counted", 60)
        return f'push_errors_total{{reason="{reason}"}} {daemon.errors(transport)[reason]:.0f}'


def each_second(seconds):
    """For the body of a loop that goes on for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(1)
