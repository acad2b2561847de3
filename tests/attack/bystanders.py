# SPDX-License-Identifier: GPL-3.0-or-later
"""A pusher and a scraper that do everything right, beside an attack, and how long each of their turns took."""

import http.client
import json
import threading
import time

# A loaded machine may take this long; the figures that are printed are what counts.
TOLERATED = 10.0


class Bystanders:
    """Push and scrape in turns on a thread each until stop()."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.stopping = threading.Event()
        self.faults = []
        self.times = {"push": [], "scrape": []}
        self.threads = [threading.Thread(target=self._run, args=(name,)) for name in self.times]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def summary(self):
        def quantiles(times):
            times = sorted(times)
            return "{:.1f}/{:.1f} ms".format(*(1000 * times[int(len(times) * q)] for q in (0.5, 0.99)))

        return ", ".join(f"{name} {quantiles(times)} ({len(times)})" for name, times in self.times.items() if times)

    def _run(self, name):
        turn = self._push if name == "push" else self._scrape
        count = 0
        while not self.stopping.is_set():
            count += 1
            begin = time.monotonic()
            try:
                turn(count)
            except Exception as fault:  # pylint: disable=broad-except
                self.faults.append(f"{name}: {fault!r}")
                return
            self.times[name].append(time.monotonic() - begin)
            self.stopping.wait(0.005)

    def _push(self, count):
        text = "".join(f'bystander{{line="{i}"}} {count}\n' for i in range(100))
        answer = self.daemon.push("unix", json.dumps({"bystander": text}).encode())
        if answer:
            raise AssertionError(f"refused: {answer!r}")

    def _scrape(self, _count):
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.http_port, timeout=TOLERATED)
        try:
            connection.request("GET", "/metrics")
            response = connection.getresponse()
            body = response.read()
            if response.status != 200 or not body:
                raise AssertionError(f"status {response.status}")
        finally:
            connection.close()
