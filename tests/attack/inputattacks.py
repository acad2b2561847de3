# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks by the worst input of each reader, again and again; tst_cost has what each costs by its size.

Where it can be, the input is refused at its very end: a page with 60 MiB of text takes a bystander's scrape longer to read
than it takes the daemon to send.
"""

import contextlib
import os
import socket
import threading

import httpfixture
from attacking import MIB, AttackTest, scaled
from harness import document, eventually, receive_all

# Room for the largest message there may be, beside the one that it replaces.
ROOMY = {"limits": {"max_total_size": 384 * MIB}}
QUARANTINE = {**ROOMY, "exposition": {"validation": "quarantine"}}
MERGED = {**QUARANTINE, "exposition": {"validation": "quarantine", "mode": "merge"}}
LARGEST = max(MIB, int(60 * MIB * min(1, scaled(1000) / 1000)))


def filled(piece, size=LARGEST):
    return piece * (size // len(piece))


def same_hash(count):
    """Names of which libstdc++'s std::hash has one value; tests/collidingnames.h says how they are found."""
    with open(os.path.join(os.path.dirname(__file__), "samehash.txt"), encoding="ascii") as file:
        halves = file.read().split()
    half = len(halves) // 2
    return [first + second for first in halves[:half] for second in halves[half:]][:count]


class TestInputs(AttackTest):
    def pushed(self, settings, messages, expected=None, isolated=True):
        """Pushes each message several times over one transport; the answer to each begins with `expected`."""
        daemon, bystanders = self.attacked(settings)
        for _ in range(3):
            for message in messages:
                with daemon.connect("unix") as connection:
                    with contextlib.suppress(OSError):
                        connection.sendall(message)
                        connection.shutdown(socket.SHUT_WR)
                    connection.settimeout(60)
                    answer = receive_all(connection)
                self.assertRegex(answer, expected or b"^$")
        limit = "none: it is taken" if expected is None else f"answer: {expected.decode()}"
        self.judge(daemon, bystanders, limit, 512 * MIB, isolated)

    def test_the_largest_text_of_short_samples(self):
        self.pushed(QUARANTINE, [b'{"a": "' + filled(b"a 1\\n") + b'a x"}'], b"is not a number")

    def test_the_largest_text_that_is_taken(self):
        self.pushed(QUARANTINE, [b'{"a": "' + filled(b"a 1\\n") + b'"}', b'{"a": ""}'])

    def test_the_largest_text_of_short_samples_for_a_merged_page(self):
        # Not so large that it does not fit with what merging keeps of it: it is priced, and refused.
        # A part of it, as with sanitizers, has room.
        self.pushed(MERGED, [b'{"a": "' + filled(b"a 1\\n") + b'"}'], b"^$|limits.max_total_size")

    def test_the_largest_text_of_labels(self):
        labels = b"".join(b'l%d=\\"\\",' % i for i in range(9_000))
        self.pushed(QUARANTINE, [b'{"a": "' + filled(b"a{" + labels + b"} 1\\n") + b'a x"}'], b"is not a number")

    def test_the_largest_text_of_repairs(self):
        self.pushed(QUARANTINE, [b'{"a": "' + filled(b"\\r\\n") + b'a x\\n"}'], b"is not a number")

    def test_the_largest_line(self):
        self.pushed(QUARANTINE, [b'{"a": "a{b=\\"' + filled(b"\\\\\\\\") + b'\\"} 1"}'], b"more than 1048576 bytes")

    def test_the_largest_text_that_is_not_utf8_at_its_end(self):
        self.pushed(ROOMY, [b'{"a": "' + filled(b"\xc3\xa9") + b'\xff"}'], b"invalid UTF-8")

    def test_the_largest_array_of_lines(self):
        self.pushed(ROOMY, [b'{"a": ["' + filled(b'x", "') + b'"], "": ""}'], b"name is empty")

    def test_samples_with_as_many_labels_as_fit(self):
        labels = b"".join(b'l%d=\\"1\\",' % i for i in range(40_000))
        self.pushed(QUARANTINE, [b'{"a": "a{' + labels + b'm=\\"\\"} 1\\n"}'] * scaled(20), b"more than 10000 labels")

    def test_applications_of_one_hash(self):
        names = same_hash(10_000)
        message = b"{" + b",".join(b'"%s":"x 1"' % name.encode() for name in names) + b"}"
        self.pushed({}, [message] * scaled(20), b"max_apps")  # the bystander's is one more than there may be

    def test_families_of_one_hash(self):
        names = same_hash(50_000)
        text = "".join(f"{name} 1\n" for name in names)
        self.pushed({"limits": {"max_total_size": 384 * MIB}, "exposition": {"mode": "merge"}},
                    [document(a=text)] * scaled(5), isolated=False)  # what a bystander scrapes is larger by it

    def test_series_that_are_counted_late(self):
        """The first JSON of /apps after a full store has the samples of all texts to count."""
        daemon, bystanders = self.attacked(ROOMY)
        text = b"a 1\\n" * (4 * MIB // 5)
        for app in range(scaled(90)):
            self.assertEqual(b"", daemon.push("unix", b'{"app%d": "%s"}' % (app, text)))
        response = daemon.request("/apps?format=json")
        self.assertEqual(200, response.status)
        self.judge(daemon, bystanders, "none: it is counted in steps", 512 * MIB)

    def test_selections_of_thousands(self):
        daemon, bystanders = self.attacked()
        self.assertEqual(b"", daemon.push("unix", document(**{f"{i:x}": "x 1\n" for i in range(3000)})))
        known = "&".join(f"app={i:x}" for i in range(1800))
        unknown = "&".join(f"app=~{i:x}" for i in range(1600))
        self.ask(daemon, [f"/metrics?{known}", f"/metrics?{unknown}", "/metrics?" + "app=0&" * 2500])
        self.judge(daemon, bystanders, "none: they are answered")

    def ask(self, daemon, targets, peers=4):
        """Each peer asks for all of them, sent ahead, and reads what it gets."""
        request = b"".join(f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode() for target in targets)
        last = b"GET /-/healthy HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

        def talk():
            with socket.create_connection(("127.0.0.1", daemon.http_port), timeout=60) as connection:
                sender = threading.Thread(target=connection.sendall, args=(request * scaled(20) + last,))
                sender.start()
                answers = receive_all(connection)
                sender.join()
            self.assertIn(b"healthy\n", answers[-20:])

        threads = [threading.Thread(target=talk) for _ in range(peers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def test_heads_of_thousands_of_fields(self):
        daemon, bystanders = self.attacked()
        fields = "a:\r\n" * 4000
        self.ask(daemon, [f"/metrics HTTP/1.1\r\n{fields}A: HTTP/1.1"] * 5)
        self.judge(daemon, bystanders, "none: they are answered")

    def test_the_largest_polled_text(self):
        page = filled(b"a 1\n", 40 * LARGEST // 60)

        def large(handler, _):
            with contextlib.suppress(OSError):
                handler.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(page) + page)

        endpoints = [httpfixture.Endpoint(self, large) for _ in range(2)]
        daemon, bystanders = self.attacked({**QUARANTINE, "poll_external": {
            "poll_other_scrape_endpoints": True,
            "other_scrape_endpoints": [endpoint.url() for endpoint in endpoints],
            "poll_interval": 1,
            "client_timeout": 1,
        }})
        eventually(lambda: all(app["updates"] > 2 for app in daemon.apps().values() if app["kind"] == "poll"),
                   "each was polled some times", 60)
        self.judge(daemon, bystanders, "none: it is taken", 512 * MIB)
