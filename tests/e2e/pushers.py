# SPDX-License-Identifier: GPL-3.0-or-later
"""Senders that push without a pause, each its own application, and remember what the daemon took."""

import json
import socket
import threading

from harness import DEADLINE, eventually, receive_all


class Pusher(threading.Thread):
    """Pushes its counter until it is told to stop. A push counts as taken when its connection ends without an error."""

    def __init__(self, number, transport, address):
        super().__init__(daemon=True)
        self.name = f"app{number:02}"
        self.transport = transport
        self.address = address  # a function: it may change
        self.taken = 0  # the last value that was taken
        self.sent = 0
        self.count = 0
        self.failures = []  # connections that ended with an error: not taken, or not known to be
        self.answers = []  # pushes that were refused
        self.ending = threading.Event()

    def run(self):
        while not self.ending.is_set():
            self.sent += 1
            try:
                answer = self.push(json.dumps({self.name: f'value{{of="{self.name}"}} {self.sent}'}).encode())
            except OSError as failure:
                self.failures.append(failure)
                self.ending.wait(0.002)  # the daemon may be on its way
                continue
            if answer:
                self.answers.append(answer)
                continue
            self.taken = self.sent
            self.count += 1

    def push(self, document):
        connection = socket.socket(socket.AF_UNIX if self.transport == "unix" else socket.AF_INET)
        with connection:
            connection.settimeout(DEADLINE)
            connection.connect(self.address())
            connection.sendall(document)
            connection.shutdown(socket.SHUT_WR)
            return receive_all(connection)


class Pushers:
    """Some on each transport, for a with statement."""

    def __init__(self, daemon, count=6):
        addresses = {"unix": lambda: daemon.unix_path, "tcp": lambda: ("127.0.0.1", daemon.tcp_port)}
        self.all = [
            Pusher(number, transport, addresses[transport])
            for number, transport in ((number, ("unix", "tcp")[number % 2]) for number in range(count))
        ]

    def __enter__(self):
        for pusher in self.all:
            pusher.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        for pusher in self.all:
            pusher.ending.set()
        for pusher in self.all:
            pusher.join()

    def wait_for_more(self, pushes=5):
        """Until each has had some more pushes taken."""
        wanted = {pusher: pusher.count + pushes for pusher in self.all}
        eventually(lambda: all(pusher.count >= wanted[pusher] for pusher in self.all), "all senders have pushed more")

    def count(self):
        return sum(pusher.count for pusher in self.all)

    def failures(self):
        return [failure for pusher in self.all for failure in pusher.failures]

    def answers(self):
        return [answer for pusher in self.all for answer in pusher.answers]

    def lost(self, daemon):
        """Senders whose last push that was taken is not on the page: neither it nor one that came after it."""
        taken = {pusher: pusher.taken for pusher in self.all}  # before the page is asked for
        values = {}
        for line in daemon.page().decode().splitlines():
            if line.startswith('value{of="'):
                values[line.split('"')[1]] = int(line.split()[-1])
        return [
            (pusher.name, taken[pusher], values.get(pusher.name))
            for pusher in self.all
            if taken[pusher] and not taken[pusher] <= values.get(pusher.name, 0) <= pusher.sent
        ]
