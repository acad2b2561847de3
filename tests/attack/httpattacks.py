# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks on the HTTP port."""

import contextlib
import select
import socket
import unittest

from attacking import MIB, AttackTest, each_second, scaled
from harness import DEADLINE, SANITIZED, document, eventually, receive_all


class TestHttp(AttackTest):
    def test_200_mib_of_http_header(self):
        daemon, bystanders = self.attacked()
        [connection] = self.open_http(daemon, 1)
        sent = 0
        with contextlib.suppress(OSError):
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n")
            while sent < 200 * MIB:
                sent += connection.send(b"A: " + b"x" * 65_000 + b"\r\n")
        connection.settimeout(10)
        answer = b""
        with contextlib.suppress(OSError):
            answer = receive_all(connection)
        self.assertIn(answer[:12], (b"HTTP/1.1 431", b""))  # a reset overtakes it
        self.assertLess(sent, 50 * MIB)  # 16 are read away, and the kernel's buffers hold some
        self.judge(daemon, bystanders, f"431 after 16 KiB ({sent >> 10} KiB were under way)")

    def test_pipelined_scrapes_that_are_never_read(self):
        daemon, bystanders = self.attacked()
        daemon.push("unix", document(large="x" * (8 * MIB)))
        connections = self.open_http(daemon, max(50, scaled(100)))
        for connection in connections:
            connection.setblocking(False)
            with contextlib.suppress(OSError):
                connection.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 200)
        for _ in each_second(2):
            self.assertIn(b"bystander", daemon.page())
        scrapes = daemon.metric("exporter_proxy_scrapes_total")
        # Each of them had one answered, however many were asked for: the others are bystanders'.
        self.judge(daemon, bystanders, "one response for each connection, the other requests wait")
        self.assertLess(scrapes, len(connections) + len(bystanders.times["scrape"]) + 100)

    def silent(self, daemon, address):
        connection = socket.socket()
        connection.bind((address, 0))
        connection.connect(("127.0.0.1", daemon.http_port))
        return connection

    def test_2500_silent_connections(self):
        """From the address of the scraper, so that all are one peer."""
        daemon, bystanders = self.attacked()
        renewed = self.besiege(lambda: self.silent(daemon, "127.0.0.1"), 2500, 4)
        self.judge(daemon, bystanders, f"the silent make room for who comes ({renewed} came again)")

    def test_2500_silent_connections_beside_a_scraper_of_1000_targets(self):
        """No kept connection of a Prometheus that has so many targets here is lost to another address."""
        daemon, bystanders = self.attacked()
        targets = self.open_http(daemon, 1000)
        daemon.push("unix", document(target="x 1\n"))

        def scrape_all():
            for connection in targets:
                connection.settimeout(DEADLINE)
                connection.sendall(b"GET /apps/target/metrics HTTP/1.1\r\nHost: x\r\n\r\n")
                answer = b""
                while not answer.endswith(b"x 1\n"):
                    piece = connection.recv(4096)
                    self.assertTrue(piece, "the connection is kept")
                    answer += piece

        scrape_all()
        self.besiege(lambda: self.silent(daemon, "127.0.0.2"), 2500, 4)
        scrape_all()
        self.judge(daemon, bystanders, "a peer gives way that holds more than half of the places")

    def test_1900_readers_that_take_nothing(self):
        daemon, bystanders = self.attacked()
        daemon.push("unix", document(large="x" * (8 * MIB)))
        for connection in self.open_http(daemon, 1900):
            with contextlib.suppress(OSError):
                connection.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in each_second(3):
            pass
        self.judge(daemon, bystanders,
                   self.log_has(daemon, "too slowly for the memory that limits.max_total_size leaves"), isolated=False)

    def unread(self, path, requests):
        """Many who ask for pages that are made anew for each change, with every change, and read none."""
        daemon, bystanders = self.attacked()
        daemon.push("unix", document(**{f"app {i} {'n' * 200}": "x 1\n" for i in range(9_000)}))
        for number in range(max(30, scaled(120))):
            [connection] = self.open_http(daemon, 1)
            with contextlib.suppress(OSError):
                connection.send(f"GET {path} HTTP/1.1\r\nHost: x{number}\r\n\r\n".encode() * requests)
        eventually(lambda: b"x 1\n" in daemon.page(), "scrapes are answered")
        return daemon, bystanders

    def test_lists_of_9000_applications_that_are_never_read(self):
        daemon, bystanders = self.unread("/apps?format=json", 14)
        self.judge(daemon, bystanders, "one response for each connection, and pages are shared")

    def test_targets_of_9000_applications_that_are_never_read(self):
        # Of another host each, so that none is another one's.
        daemon, bystanders = self.unread("/sd", 1)
        self.judge(daemon, bystanders,
                   self.log_has(daemon, "too slowly for the memory that limits.max_total_size leaves"))

    def test_requests_of_a_byte_a_second(self):
        daemon, bystanders = self.attacked()
        connections = self.open_http(daemon, max(50, scaled(500)))
        for _ in each_second(11):
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.send(b"G")
        answer = b""
        connections[0].settimeout(10)
        with contextlib.suppress(OSError):
            answer = receive_all(connections[0])
        self.assertTrue(answer.startswith(b"HTTP/1.1 408 ") or not answer, answer)
        self.judge(daemon, bystanders, "408 after 10 s")

    @unittest.skipIf(SANITIZED, "it takes half a minute; the unit test of the limits has the same in short")
    def test_scrapers_of_a_byte_a_second(self):
        daemon, bystanders = self.attacked()
        daemon.push("unix", document(large="x" * (8 * MIB)))
        connections = self.open_http(daemon, 50, receive_buffer=4096)
        for connection in connections:
            connection.setblocking(False)
            connection.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        left = {connection.fileno(): connection for connection in connections}
        ended = select.poll()  # what has arrived can be read even behind a reset
        for number in left:
            ended.register(number, 0)
        for _ in each_second(45):
            for number, _ in ended.poll(0):
                ended.unregister(number)
                del left[number]
            for connection in left.values():
                with contextlib.suppress(BlockingIOError):
                    connection.recv(1)
            if not left:
                break
        self.assertFalse(left, "a scraper that reads a byte a second is dropped")
        self.judge(daemon, bystanders, self.log_has(daemon, "reads its response too slowly"))
