# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks by endpoints that are polled."""

import contextlib
import gzip
import re
import time

import httpfixture
from attacking import MIB, AttackTest
from harness import eventually


class TestPolled(AttackTest):
    def polling(self, *handlers):
        endpoints = [httpfixture.Endpoint(self, handler) for handler in handlers]
        return {
            "poll_external": {
                "poll_other_scrape_endpoints": True,
                "other_scrape_endpoints": [endpoint.url() for endpoint in endpoints],
                "poll_interval": 0.5,
                "client_timeout": 1.5,
            }
        }

    def poll_failed(self, daemon, reason):
        def counts():
            return re.findall(
                rf'^exporter_proxy_poll_errors_total{{app="[^"]*",reason="({reason})"}} ([1-9]\S*)$',
                daemon.page().decode(),
                re.MULTILINE,
            )

        eventually(counts, f"a poll failed by {reason}", 60)
        return f'poll_errors_total{{reason="{counts()[0][0]}"}} {sum(float(count) for _, count in counts()):.0f}'

    def test_a_gzip_bomb(self):
        bomb = gzip.compress(bytes(200 * MIB), 9)

        def explode(handler, _):
            handler.connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb
            )

        daemon, bystanders = self.attacked(self.polling(explode))
        limit = self.poll_failed(daemon, "too_large|limit")
        time.sleep(2)  # more than one poll
        self.judge(daemon, bystanders, limit)

    def test_endpoints_that_drip(self):
        def drip(handler, _):
            with contextlib.suppress(OSError):
                handler.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                for _ in range(100):
                    handler.connection.sendall(b"x")
                    time.sleep(0.1)

        daemon, bystanders = self.attacked(self.polling(drip, drip))
        self.judge(daemon, bystanders, self.poll_failed(daemon, "timeout"))

    def test_an_endless_header_line(self):
        def endless(handler, _):
            with contextlib.suppress(OSError):
                handler.connection.sendall(b"HTTP/1.1 200 OK\r\nX-A: ")
                for _ in range(400):
                    handler.connection.sendall(b"a" * MIB)

        daemon, bystanders = self.attacked(self.polling(endless, endless))
        self.judge(daemon, bystanders, self.poll_failed(daemon, "connection"))

    def test_many_large_pages_at_once(self):
        def endless(handler, _):
            with contextlib.suppress(OSError):
                handler.connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                for _ in range(50):
                    handler.connection.sendall(b"x" * MIB)
                time.sleep(1)

        daemon, bystanders = self.attacked(self.polling(*[endless] * 8))
        self.judge(daemon, bystanders, self.poll_failed(daemon, "limit"))
