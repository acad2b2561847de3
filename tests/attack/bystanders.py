# SPDX-License-Identifier: GPL-3.0-or-later
"""A pusher and a scraper that do everything right, beside an attack, and how long each of their turns took.

They are a process of their own: in the attacker's, they would wait for its interpreter and not for the daemon.
"""

import http.client
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

# A loaded machine may take this long; the figures that are printed are what counts.
TOLERATED = 10.0
PAUSE = 0.005
# table.py asks for more: of ten turns the slowest is no quantile.
MIN_TURNS = int(os.environ.get("EXPORTER_PROXY_ATTACK_TURNS", "10"))
NAMES = ("push", "scrape")
# Turns before the attack: what a turn takes on this machine when nothing else is asked of the daemon.
CALM_TURNS = 30


class Bystanders:
    """Push and scrape in turns on a thread each until stop(). They have had CALM_TURNS when they are made."""

    def __init__(self, daemon, push_format="json"):
        self.faults = []
        self.times = {name: [] for name in NAMES}
        self.calm = {name: [] for name in NAMES}
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [sys.executable, "-B", __file__, push_format, daemon.unix_path, str(daemon.http_port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if self.process.stdout.readline() != b"ready\n":
            self.stop()

    def stop(self):
        if self.process.stdin.closed:
            return
        result, _ = self.process.communicate()
        nothing = {name: [] for name in NAMES}
        self.faults, self.times, self.calm = json.loads(result) if result else (["they have failed"], nothing, nothing)

    @staticmethod
    def quantile(times, share):
        return sorted(times)[int(len(times) * share)]


class Turns:
    """What the process does."""

    def __init__(self, push_format, unix_path, http_port):
        self.push_format = push_format
        self.unix_path = unix_path
        self.http_port = int(http_port)
        self.stopping = threading.Event()
        self.begun = threading.Barrier(len(NAMES) + 1)
        self.faults = []
        self.times = {name: [] for name in NAMES}
        self.calm = {name: [] for name in NAMES}

    def run(self):
        threads = [threading.Thread(target=self._repeat, args=(name,)) for name in NAMES]
        for thread in threads:
            thread.start()
        self.begun.wait()
        print("ready", flush=True)
        select.select([sys.stdin], [], [])  # until it is closed
        self.stopping.set()
        for thread in threads:
            thread.join()
        print(json.dumps([self.faults, self.times, self.calm]))

    def _repeat(self, name):
        self._take_turns(name, self.calm[name], lambda count: count < CALM_TURNS)
        self.begun.wait()
        self._take_turns(name, self.times[name], lambda count: count < MIN_TURNS or not self.stopping.is_set())

    def _take_turns(self, name, times, goes_on):
        turn = getattr(self, name)
        while not self.faults and goes_on(len(times)):
            begin = time.monotonic()
            try:
                turn(len(times))
            except Exception as fault:  # pylint: disable=broad-except
                self.faults.append(f"{name}: {fault!r} after {time.monotonic() - begin:.3f} s")
                return
            times.append(time.monotonic() - begin)
            time.sleep(PAUSE)

    def push(self, count):
        text = "".join(f'bystander{{line="{i}"}} {count}\n' for i in range(100))
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(TOLERATED)
            connection.connect(self.unix_path)
            connection.sendall(self._message(text))
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(4096)
        if answer:
            raise AssertionError(f"refused: {answer!r}")

    def _message(self, text):
        if self.push_format == "json":
            return json.dumps({"bystander": text}).encode()
        # One segment: a struct of two pointers, to a name of 16 bytes and a text (see e2e/capnpmessage.py).
        data = text.encode() + b"\0"
        segment = struct.pack("<IHHIIII", 0, 0, 2, (1 << 2) | 1, (10 << 3) | 2, (2 << 2) | 1, (len(data) << 3) | 2)
        segment += b"bystander".ljust(16, b"\0") + data + bytes(-len(data) % 8)
        return struct.pack("<II", 0, len(segment) // 8) + segment

    def scrape(self, _count):
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=TOLERATED)
        try:
            connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
            response = connection.getresponse()
            body = response.read()
            if response.status != 200 or not body:
                raise AssertionError(f"status {response.status}")
        finally:
            connection.close()


if __name__ == "__main__":
    Turns(*sys.argv[1:]).run()
