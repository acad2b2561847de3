# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks on the ports that take pushes."""

import contextlib
import select
import struct
import time

from attacking import MIB, SCALE, AttackTest, each_second, scaled
from harness import document, eventually, receive_all


class TestReceivers(AttackTest):
    def drip(self, transport):
        daemon, bystanders = self.attacked({"receiver": {"message_timeout": 2}})
        connections = self.open(daemon, transport, scaled(2000))
        for connection in connections:
            connection.sendall(b'{"slow": "')
        for _ in each_second(4):
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.send(b"x")
        self.judge(daemon, bystanders, self.counted(daemon, transport, "timeout", len(connections) * 0.9))

    def test_2000_senders_of_a_byte_a_second_over_tcp(self):
        self.drip("tcp")

    def test_2000_senders_of_a_byte_a_second_over_unix(self):
        self.drip("unix")

    def test_40_senders_of_the_smallest_messages(self):
        daemon, bystanders = self.attacked()
        message = b'{"a":""}' * 8192
        sent = {}
        writable = select.epoll()
        self.addCleanup(writable.close)
        for connection in self.open(daemon, "tcp", 40):
            connection.setblocking(False)
            sent[connection.fileno()] = [connection, 0]
            writable.register(connection, select.EPOLLOUT)
        end = time.monotonic() + max(1, 5 * SCALE)
        while time.monotonic() < end:
            for number, _ in writable.poll(1):
                connection, offset = sent[number]
                with contextlib.suppress(BlockingIOError):
                    sent[number][1] = (offset + connection.send(memoryview(message)[offset:])) % len(message)
        pushes = daemon.metric("exporter_proxy_pushes_total", receiver="tcp")
        self.assertGreater(pushes, 100_000 * SCALE)
        self.judge(daemon, bystanders, f"none: turns are shared by what they take ({pushes:.0f} pushes)")

    def braces(self, transport):
        """More senders than there are places that begin a message, and none ends it; for whoever goes another comes."""
        daemon, bystanders = self.attacked()

        def connect():
            connection = daemon.connect(transport)
            connection.sendall(b"{")
            return connection

        self.besiege(connect, 2500, 4)
        self.judge(daemon, bystanders, self.counted(daemon, transport, "timeout"))

    def test_2500_senders_of_a_brace_over_tcp(self):
        self.braces("tcp")

    def test_2500_senders_of_a_brace_over_unix(self):
        self.braces("unix")

    def unfinished(self, transport, begin, piece, settings=None, **options):
        daemon, bystanders = self.attacked(settings, **options)
        connections = self.open(daemon, transport, max(100, scaled(300)))
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

    def test_300_mib_of_unfinished_messages_over_tcp(self):
        self.unfinished("tcp", b'{"big": "', b"x" * MIB)

    def test_300_mib_of_unfinished_messages_over_unix(self):
        self.unfinished("unix", b'{"big": "', b"x" * MIB)

    def test_unfinished_messages_of_many_applications(self):
        # Each of the short names costs many times its bytes.
        names = b",".join(b'"n%d":""' % i for i in range(9_000))
        daemon, bystanders = self.attacked()
        for connection in self.open(daemon, "tcp", max(200, scaled(600))):
            with contextlib.suppress(OSError):
                connection.sendall(b"{" + names)
        self.judge(daemon, bystanders, self.counted(daemon, "tcp", "too_much_pending"))

    def test_large_messages_that_are_refused_at_their_end(self):
        daemon, bystanders = self.attacked()
        for _ in range(scaled(20)):
            connections = self.open(daemon, "tcp", 5)
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.sendall(b'{"big": "' + b"x" * (4 * MIB) + b'", "": ""}')
            for connection in connections:
                with contextlib.suppress(OSError):
                    receive_all(connection)
                connection.close()
        self.judge(daemon, bystanders, self.counted(daemon, "tcp", "bad_name"))

    def test_100000_application_names(self):
        daemon, bystanders = self.attacked()
        for first in range(0, max(15_000, scaled(100_000)), 500):
            answer = daemon.push("tcp", document(**{f"app {i} {'n' * 200}": "x 1\n" for i in range(first, first + 500)}))
            if first > 11_000:
                self.assertIn(b"limits.max_apps", answer)
        self.judge(daemon, bystanders, self.counted(daemon, "tcp", "too_many_apps"))

    def test_json_nested_a_million_deep(self):
        daemon, bystanders = self.attacked()
        for begin in (b"[", b'{"a":', b'{"a":['):
            for _ in range(5):
                self.assertIn(b"error: ", daemon.push("tcp", begin * 1_000_000))
        self.judge(daemon, bystanders, self.counted(daemon, "tcp", "wrong_type"))

    def test_large_texts_that_nothing_compresses(self):
        """Each change of them is read, stored, and put on pages; and compressed for whoever wants that."""
        daemon, bystanders = self.attacked({"limits": {"max_message_size": 16 * MIB}})
        noise = "".join(chr(0x20 + (i * i * 7919 + i // 3) % 90) for i in range(MIB // 4)).replace('"', "'")
        for turn in range(scaled(12)):
            for app in range(5):
                text = "# " + (noise[turn * 101 + app:] + noise) * 6 + "\n"
                self.assertEqual(b"", daemon.push("unix", document(**{f"noise{app}": text})))
            response = daemon.request("/metrics", headers={"Accept-Encoding": "gzip"})
            self.assertEqual(200, response.status)
        self.judge(daemon, bystanders, "none: it is all that may be stored")


    def test_large_texts_that_always_change(self):
        """Much to be compressed anew for each scrape. A reader holds the texts of its page while newer ones replace them:
        both fit into what may be held, with what the kernel has of the response."""
        daemon, bystanders = self.attacked({"limits": {"max_message_size": 16 * MIB}})
        line = 'requests_total{{path="/{}",code="{}"}} {}\n'
        lines = "".join(line.format(i * 7919 % 99991, i % 7, i * 31 % 1009) for i in range(120_000))
        for turn in range(scaled(20)):
            for app in range(5):
                self.assertEqual(b"", daemon.push("unix", document(**{f"large{app}": f"turn {turn}\n{lines}"})))
        self.judge(daemon, bystanders, "none: it is all that may be stored")


class TestCapnp(AttackTest):
    def test_capnp_headers_that_lie(self):
        """A table of 2^32 segments (the count wraps to none), a segment of 2^32-1 words, and as many words as a table
        of 512 segments, the most that are taken, can declare: 2^41. 2^60 would need 2^28 segments, which the count
        alone gives away; the fourth says so. The fifth keeps to its frame and lies in a pointer."""
        daemon, bystanders = self.attacked(push_format="capnp")
        times = scaled(100)
        headers = (
            struct.pack("<I", 0xFFFFFFFF) + b"\xff" * 4096,
            struct.pack("<II", 0, 0xFFFFFFFF) + bytes(4096),
            struct.pack("<I", 511) + struct.pack("<I", 0xFFFFFFFF) * 512 + bytes(4096),
            struct.pack("<I", (1 << 28) - 1) + b"\xff" * 4096,
            struct.pack("<IIIHHII", 0, 3, 0, 0, 2, (1 << 2) | 1, 0xFFFFFFFA) + bytes(8),
        )
        for _ in range(times):
            for header in headers:
                self.assertIn(b"error: ", daemon.push("tcp", header))
        expected = {"malformed": 3 * times, "message_too_large": 2 * times}
        eventually(lambda: daemon.errors("tcp") == expected, "each is counted for what it is")
        self.judge(daemon, bystanders, f'push_errors_total{{reason="malformed"}} {3 * times}')

    def test_capnp_messages_that_never_end(self):
        daemon, bystanders = self.attacked(push_format="capnp")
        header = struct.pack("<II", 0, 8 * MIB // 8)
        for connection in self.open(daemon, "tcp", max(40, scaled(100))):
            with contextlib.suppress(OSError):
                connection.sendall(header + bytes(3 * MIB))
        self.judge(daemon, bystanders, self.counted(daemon, "tcp", "too_much_pending"))
