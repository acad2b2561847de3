# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks on every port: memory stays bounded, bystanders are served, and a named limit ends each of them."""

import contextlib
import gzip
import os
import re
import resource
import select
import socket
import struct
import sys
import time

import httpfixture
from bystanders import Bystanders
from harness import DEADLINE, SANITIZED, DaemonTest, document, eventually, main, receive_all

SCALE = float(os.environ.get("EXPORTER_PROXY_ATTACK_SCALE", "1"))
# A sanitizer's shadow and quarantine are no measure of the program's memory.
MEASURES_MEMORY = not SANITIZED

MIB = 1 << 20
TOTAL = 64 * MIB
ALLOWED = TOTAL + 64 * MIB
SECONDS = 3 * SCALE  # of an attack that only needs time


def vm(daemon, key):
    with open(f"/proc/{daemon.pid}/status", encoding="ascii") as status:
        return int(re.search(rf"^{key}:\s+(\d+) kB", status.read(), re.MULTILINE)[1]) * 1024


class AttackTest(DaemonTest):
    def attacked(self, settings=None, arguments=(), **options):
        """A daemon of a small total with bystanders."""
        merged = {"exporter": {"self_metrics": True}, "limits": {"max_total_size": TOTAL}}
        for section, values in (settings or {}).items():
            merged.setdefault(section, {}).update(values)
        daemon = self.start(merged, arguments, **options)
        daemon.push_apps(kept="kept 1\n")
        bystanders = Bystanders(daemon)
        self.addCleanup(bystanders.stop)
        with open(f"/proc/{daemon.pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")  # VmHWM starts anew
        return daemon, bystanders

    def judge(self, daemon, bystanders, limit):
        """Memory, bystanders, and the limit: a sample of the own metrics or a line of the log."""
        eventually(lambda: bystanders.faults or len(bystanders.times["scrape"]) > 5, "the scraper was served")
        bystanders.stop()
        self.assertEqual([], bystanders.faults)
        peak = vm(daemon, "VmHWM")
        print(f"\n  {self.id().split('.')[-1]}: peak {peak / MIB:.0f} MiB, {bystanders.summary()}; {limit}", file=sys.stderr)
        if MEASURES_MEMORY:
            self.assertLess(peak, ALLOWED)
        for name in ("push", "scrape"):
            times = sorted(bystanders.times[name])
            self.assertTrue(times, name)
            self.assertLess(times[int(len(times) * 0.99)], 5 if MEASURES_MEMORY else 30)
        self.assertIn(b"kept 1\n", daemon.page())

    def open(self, daemon, transport, count):
        opened = []
        for _ in range(count):
            connection = daemon.connect(transport)
            self.addCleanup(connection.close)
            opened.append(connection)
        return opened

    def open_http(self, daemon, count):
        opened = []
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", daemon.http_port))
            self.addCleanup(connection.close)
            opened.append(connection)
        return opened

    def log_has(self, daemon, pattern):
        eventually(lambda: re.search(pattern, daemon.log()), f"the log has {pattern}", 60)

    def counted(self, daemon, transport, reason, at_least=1):
        eventually(lambda: daemon.errors(transport).get(reason, 0) >= at_least, f"{reason} is counted", 60)
        return f'push_errors_total{{reason="{reason}"}} {daemon.errors(transport)[reason]:.0f}'


class TestReceivers(AttackTest):
    def test_a_byte_a_second_on_many_connections(self):
        daemon, bystanders = self.attacked({"receiver": {"message_timeout": 2}})
        connections = self.open(daemon, "tcp", 2000)
        for connection in connections:
            connection.sendall(b'{"slow": "')
        end = time.monotonic() + max(SECONDS, 4)
        while time.monotonic() < end:
            time.sleep(1)
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.send(b"x")
        self.judge(daemon, bystanders, self.counted(daemon, "tcp", "timeout", 1900))

    def unfinished(self, transport, begin, piece):
        daemon, bystanders = self.attacked()
        count = 300
        connections = self.open(daemon, transport, count)
        for connection in connections:
            connection.setblocking(False)
        waiting = {connection: begin + piece for connection in connections}
        end = time.monotonic() + 60
        # Sent wherever there is room: 300 MiB, of which none ever ends.
        while waiting and time.monotonic() < end:
            _, writable, _ = select.select([], list(waiting), [], 1)
            for connection in writable:
                try:
                    sent = connection.send(waiting[connection])
                    waiting[connection] = waiting[connection][sent:]
                except BlockingIOError:
                    continue
                except OSError:
                    waiting[connection] = b""
                if not waiting[connection]:
                    del waiting[connection]
        self.assertFalse(waiting)
        self.judge(daemon, bystanders, self.counted(daemon, transport, "too_much_pending"))

    def test_large_unfinished_messages(self):
        for transport in ("tcp", "unix"):
            with self.subTest(transport=transport):
                self.unfinished(transport, b'{"big": "', b"x" * MIB)

    def test_many_unfinished_applications(self):
        # Each of the short names costs many times its bytes.
        names = b",".join(b'"n%d":""' % i for i in range(9_000))
        daemon, bystanders = self.attacked()
        for connection in self.open(daemon, "tcp", 600):
            with contextlib.suppress(OSError):
                connection.sendall(b"{" + names)
        self.judge(daemon, bystanders, self.counted(daemon, "tcp", "too_much_pending"))

    def test_refused_messages_leave_nothing(self):
        daemon, bystanders = self.attacked()
        for _ in range(int(20 * max(1, SCALE))):
            connections = self.open(daemon, "tcp", 5)
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.sendall(b'{"big": "' + b"x" * (4 * MIB) + b'", "": ""}')
            for connection in connections:
                with contextlib.suppress(OSError):
                    receive_all(connection)
                connection.close()
        self.judge(daemon, bystanders, self.counted(daemon, "tcp", "bad_name"))

    def test_many_names(self):
        daemon, bystanders = self.attacked()
        for first in range(0, 100_000, 500):
            answer = daemon.push("tcp", document(**{f"app {i} {'n' * 200}": "x 1\n" for i in range(first, first + 500)}))
            if first > 11_000:
                self.assertIn(b"limits.max_apps", answer)
        self.judge(daemon, bystanders, self.counted(daemon, "tcp", "too_many_apps"))

    def test_json_a_million_deep(self):
        daemon, bystanders = self.attacked()
        for begin in (b"[", b'{"a":', b'{"a":['):
            for _ in range(5):
                self.assertIn(b"error: ", daemon.push("tcp", begin * 1_000_000))
        self.judge(daemon, bystanders, self.counted(daemon, "tcp", "wrong_type"))


class TestCapnp(AttackTest):
    def attacked_capnp(self):
        return self.start(
            {"exporter": {"self_metrics": True}, "limits": {"max_total_size": TOTAL}, "receiver": {"format": "capnp"}}
        )

    def test_lying_headers(self):
        daemon = self.attacked_capnp()
        for _ in range(100):
            for header in (
                struct.pack("<I", 0xFFFFFFFF) + b"\xff" * 4096,
                struct.pack("<II", 0, 0xFFFFFFFF) + bytes(4096),
                struct.pack("<I", 511) + struct.pack("<I", 0xFFFFFFFF) * 512 + bytes(4096),
            ):
                self.assertIn(b"error: ", daemon.push("tcp", header))
        self.assertEqual({"malformed": 100, "message_too_large": 200}, daemon.errors("tcp"))
        if MEASURES_MEMORY:
            self.assertLess(vm(daemon, "VmHWM"), ALLOWED)

    def test_large_unfinished_messages(self):
        daemon = self.attacked_capnp()
        header = struct.pack("<II", 0, 8 * MIB // 8)
        for connection in self.open(daemon, "tcp", 100):
            with contextlib.suppress(OSError):
                connection.sendall(header + bytes(3 * MIB))
        self.counted(daemon, "tcp", "too_much_pending")
        print(f"\n  capnp unfinished: peak {vm(daemon, 'VmHWM') / MIB:.0f} MiB", file=sys.stderr)
        if MEASURES_MEMORY:
            self.assertLess(vm(daemon, "VmHWM"), ALLOWED)


class TestHttp(AttackTest):
    def test_a_header_of_200_mib(self):
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
        self.judge(daemon, bystanders, f"431 after {sent >> 10} KiB")

    def test_pipelined_scrapes_that_are_never_read(self):
        daemon, bystanders = self.attacked()
        daemon.push("unix", document(large="x" * (8 * MIB)))
        connections = self.open_http(daemon, 100)
        for connection in connections:
            connection.setblocking(False)
            with contextlib.suppress(OSError):
                connection.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 200)
        self.log_has(daemon, "sends requests without reading the responses")
        self.judge(daemon, bystanders, "16 unread responses")

    def test_unread_lists_of_many_applications(self):
        """/apps is made anew for each reader, and shared with nobody."""
        daemon = self.start({"exporter": {"self_metrics": True}, "limits": {"max_total_size": TOTAL}})
        daemon.push("unix", document(**{f"app {i} {'n' * 200}": "x 1\n" for i in range(9_000)}))
        for connection in self.open_http(daemon, 30):
            with contextlib.suppress(OSError):
                connection.send(b"GET /apps?format=json HTTP/1.1\r\nHost: x\r\n\r\n" * 14)
        self.log_has(daemon, "too slowly for the memory that limits.max_total_size leaves")
        eventually(lambda: b"x 1\n" in daemon.page(), "scrapes are answered")
        self.assertEqual(b"", daemon.push("unix", document(after="x 1\n")))
        print(f"\n  unread lists: peak {vm(daemon, 'VmHWM') / MIB:.0f} MiB", file=sys.stderr)
        if MEASURES_MEMORY:
            self.assertLess(vm(daemon, "VmHWM"), ALLOWED)

    def test_slow_requests(self):
        daemon, bystanders = self.attacked()
        connections = self.open_http(daemon, 500)
        end = time.monotonic() + 11
        while time.monotonic() < end:
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.send(b"G")
            time.sleep(1)
        answer = b""
        connections[0].settimeout(10)
        with contextlib.suppress(OSError):
            answer = receive_all(connections[0])
        self.assertTrue(answer.startswith(b"HTTP/1.1 408 ") or not answer, answer)
        self.judge(daemon, bystanders, "408 after 10 s")


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
        def count():
            return sum(
                float(value)
                for value in re.findall(
                    rf'^exporter_proxy_poll_errors_total{{app="[^"]*",reason="{reason}"}} (\S+)$',
                    daemon.page().decode(),
                    re.MULTILINE,
                )
            )

        eventually(count, f"a poll failed by {reason}", 60)
        return f'poll_errors_total{{reason="{reason}"}} {count():.0f}'

    def test_a_gzip_bomb(self):
        bomb = gzip.compress(bytes(200 * MIB), 9)

        def explode(handler, _):
            handler.connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb
            )

        daemon, bystanders = self.attacked(self.polling(explode))
        self.judge(daemon, bystanders, self.poll_failed(daemon, "(?:too_large|limit)"))

    def test_endpoints_that_drip(self):
        def drip(handler, _):
            with contextlib.suppress(OSError):
                handler.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                for _ in range(100):
                    handler.connection.sendall(b"x")
                    time.sleep(0.1)

        daemon, bystanders = self.attacked(self.polling(drip, drip))
        self.judge(daemon, bystanders, self.poll_failed(daemon, "timeout"))

    def test_many_large_pages_at_once(self):
        def endless(handler, _):
            with contextlib.suppress(OSError):
                handler.connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                for _ in range(50):
                    handler.connection.sendall(b"x" * MIB)
                time.sleep(1)

        daemon, bystanders = self.attacked(self.polling(*[endless] * 8))
        self.judge(daemon, bystanders, self.poll_failed(daemon, "limit"))


class TestDescriptors(AttackTest):
    def test_descriptors_run_out(self):
        """64 descriptors, and more clients than that: no spin, no lost listener, and all is well when they leave."""
        daemon = self.start({"exporter": {"self_metrics": True}})
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (64, 64))
        opened = []
        for _ in range(100):
            for place in (("127.0.0.1", daemon.tcp_port), ("127.0.0.1", daemon.http_port)):
                connection = socket.create_connection(place, timeout=DEADLINE)
                with contextlib.suppress(OSError):
                    connection.send(b" ")  # the kernel keeps a silent one back
                opened.append(connection)
        for where in ("cannot accept on", "cannot accept connections"):
            self.log_has(daemon, where)
        before, begin = cpu_seconds(daemon), time.monotonic()
        time.sleep(1)
        share = (cpu_seconds(daemon) - before) / (time.monotonic() - begin)
        print(f"\n  out of descriptors: {share:.1%} of a processor", file=sys.stderr)
        self.assertLess(share, 0.5)
        for connection in opened:
            connection.close()
        for transport in ("tcp", "unix"):
            eventually(lambda t=transport: daemon.push(t, document(after="x 1\n")) == b"", "pushes are taken again")
        eventually(lambda: b"x 1\n" in daemon.page(), "scrapes are answered again")
        eventually(lambda: daemon.metric("exporter_proxy_connections", receiver="tcp") == 0, "connections are gone")
        self.assertEqual(64, daemon.metric("exporter_proxy_process_max_fds"))


def cpu_seconds(daemon):
    with open(f"/proc/{daemon.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
