# SPDX-License-Identifier: GPL-3.0-or-later
"""Cap'n Proto over the Unix socket and TCP, from the capnp tool and from an implementation that shares no code."""

import json
import os
import random
import struct
import subprocess

from capnpmessage import by_hand, encode
from harness import DEADLINE, SCHEMA, TOOLS, DaemonTest, main

CAPNP = {"receiver": {"format": "capnp"}}
SAMPLES = [
    ("b", "# HELP b_total Things \\ counted\n# TYPE b_total counter\nb_total{l=\"größe 漢字\"} 1\n"),
    ("a", "a 1\na 2"),
    ("größe 测试", "c 3\n"),
]
SAMPLES_PAGE = ("a 1\na 2\n" + SAMPLES[0][1] + "c 3\n").encode()


class TestPushCapnp(DaemonTest):
    def test_the_capnp_tool_through_nc(self):
        for daemon, transport in self.for_transports(CAPNP):
            self.assertEqual(b"", daemon.nc(transport, encode(("a", "a 1"))))
            self.assertEqual(b"a 1\n", daemon.page())

    def test_several_messages_on_a_connection(self):
        for daemon, transport in self.for_transports(CAPNP):
            self.assertEqual(b"", daemon.nc(transport, encode(*SAMPLES)))
            self.assertEqual(SAMPLES_PAGE, daemon.page())

    def test_pycapnp(self):
        python = os.path.join(TOOLS, "venv", "bin", "python")
        self.assertTrue(os.access(python, os.X_OK), f"{python} is missing: run tests/e2e/fetch-tools.sh {TOOLS}")
        sender = os.path.join(os.path.dirname(os.path.abspath(__file__)), "send_pycapnp.py")
        large = "".join(f'large{{n="{i}"}} {i}\n' for i in range(3000))
        for daemon, transport in self.for_transports(CAPNP):
            target = f"unix:{daemon.unix_path}" if transport == "unix" else f"tcp:{daemon.tcp_port}"
            for messages, page in (
                (SAMPLES, SAMPLES_PAGE),
                ([("b", "b 1"), ("z", large), ("b", "b 2")], ("a 1\na 2\nb 2\nc 3\n" + large).encode()),
            ):
                result = subprocess.run(
                    [python, "-B", sender, SCHEMA, target, json.dumps(messages)],
                    capture_output=True,
                    timeout=DEADLINE,
                    check=False,
                )
                self.assertEqual((0, b""), (result.returncode, result.stdout), result.stderr.decode())
                self.assertEqual(page, daemon.page())

    def test_a_message_counts_when_it_is_complete(self):
        for daemon, transport in self.for_transports(CAPNP):
            with daemon.connect(transport) as connection:
                for value in range(5):
                    message = encode(("a", f"x {value}"))
                    connection.sendall(message[:-1])
                    connection.sendall(message[-1:])
                    daemon.wait_page(f"x {value}\n".encode())

    def test_bytes_that_drip(self):
        whole = encode(*SAMPLES)
        for daemon, transport in self.for_transports(CAPNP):
            with daemon.connect(transport) as connection:
                for i in range(len(whole)):
                    connection.sendall(whole[i : i + 1])
                daemon.wait_page(SAMPLES_PAGE)

    def test_messages_cut_anywhere(self):
        whole = encode(*SAMPLES)
        chance = random.Random(1)
        daemon = self.start(CAPNP)
        for _ in range(50):
            cuts = sorted(chance.sample(range(1, len(whole)), 5))
            pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)])]
            self.assertEqual(b"", daemon.push("unix", *pieces), cuts)
            self.assertEqual(SAMPLES_PAGE, daemon.page(), cuts)

    def test_a_large_text_over_many_reads(self):
        text = "".join(f'metric{{number="{i}",padding="äöü{"x" * 100}"}} {i}\n' for i in range(20000))
        for daemon, transport in self.for_transports(CAPNP):
            self.assertEqual(b"", daemon.push(transport, encode(("a", text), ("b", "b 1"))))
            self.assertEqual((text + "b 1\n").encode(), daemon.page())

    def test_a_push_replaces_all_of_the_old(self):
        for daemon, transport in self.for_transports(CAPNP):
            daemon.push(transport, encode(("a", "old 1\nold 2\nold 3\n"), ("b", "b 1\n")))
            daemon.push(transport, encode(("a", "new 1\n")))
            self.assertEqual(b"new 1\nb 1\n", daemon.page())
            daemon.push(transport, encode(("b", "")))
            self.assertEqual(b"new 1\n", daemon.page())

    def test_messages_made_by_hand_are_like_the_tools(self):
        """The rejections rest on them."""
        daemon = self.start(CAPNP)
        self.assertEqual(b"", daemon.push("unix", by_hand(b"a", b"x 1\n"), by_hand("ä".encode(), b"x 2")))
        self.assertEqual(b"x 1\nx 2\n", daemon.page())

    def test_a_message_in_two_segments(self):
        """Other writers split where the capnp tool does not: the root's struct here, its texts there."""
        name, text = b"a\0" + bytes(6), b"x 1\n\0" + bytes(3)
        # The root's pointer is far: it lies in segment 1, word 0.
        first = struct.pack("<II", (0 << 3) | 2, 1)
        second = struct.pack("<IHH", 0, 0, 2)
        second += struct.pack("<II", (1 << 2) | 1, (2 << 3) | 2) + struct.pack("<II", (1 << 2) | 1, (5 << 3) | 2)
        second += name + text
        header = struct.pack("<IIII", 1, len(first) // 8, len(second) // 8, 0)
        daemon = self.start(CAPNP)
        self.assertEqual(b"", daemon.push("unix", header + first + second))
        self.assertEqual(b"x 1\n", daemon.page())

    def test_json_is_not_taken_here(self):
        daemon = self.start(CAPNP)
        self.assertRegex(daemon.push("unix", b'{"a": "x 1"}'), rb"\Aerror: [^\n]+\n\Z")
        self.assertEqual(b"", daemon.page())


if __name__ == "__main__":
    main()
