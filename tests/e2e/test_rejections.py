# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not be taken: answered in one line, counted under its reason, nothing is changed, service goes on."""

import collections
import struct

from capnpmessage import by_hand, encode
from harness import DaemonTest, document, eventually, main, receive_all, reset_on_close

JSON_CASES = {
    "malformed": [
        b"hello",
        b'{"a": "x 1" {"b": "x 2"}',
        b'{"a" "x 1"}',
        b'{"a": "x 1",}',
        b'{"a": ["x 1",]}',
        b'{"a": "x\n1"}',
        b'{"a": "\\x"}',
        b'{"a": "\\u12g4"}',
        b"{'a': 'x 1'}",
        b"}",
        b'{"a": x}',
    ],
    "wrong_type": [
        b'["x 1"]',
        b'"x 1"',
        b"1",
        b"null",
        b'{"a": 1}',
        b'{"a": null}',
        b'{"a": true}',
        b'{"a": {"b": "x 1"}}',
        b'{"a": ["x 1", 2]}',
        b'{"a": [["x 1"]]}',
    ],
    "invalid_utf8": [
        b'{"a": "x{l=\\"\xff\\"} 1"}',
        b'{"a": "\xc3"}',
        b'{"a": "\xed\xa0\x80"}',  # a surrogate
        b'{"a": "\xc0\x80"}',  # an overlong NUL
        b'{"a": "\\ud800"}',
        b'{"a": ["x 1", "\xe6\xbc"]}',
        b'{"\xff": "x 1"}',
    ],
    "bad_name": [
        b'{"": "x 1"}',
        b'{"a\\nb": "x 1"}',
        b'{"a\\u0000b": "x 1"}',
        b'{"\\u001b[31m": "x 1"}',
        b'{"a\\u007f": "x 1"}',
        b'{"%s": "x 1"}' % (b"n" * 257),
        b'{"%s": "x 1"}' % ("ä" * 129).encode(),
        b'{"a": "x 1", "": "x 2"}',
    ],
    "nul_byte": [
        b'{"a": "x 1\\n\\u0000y 1\\n"}',
        b'{"a": ["x 1", "\\u0000"]}',
    ],
    "reserved": [
        b'{"a": "exporter_proxy_app_up{app=\\"k\\"} 1"}',
        b'{"a": ["x 1", "# TYPE exporter_proxy_apps counter"]}',
        b'{"a": "{\\"exporter_proxy_app_up\\"} 1"}',
    ],
    "incomplete": [
        b"{",
        b'{"a": "x 1"',
        b'{"a": "x 1\\',
        b'{"a": ["x 1", ',
        b'{"k": "kept 1"} {"a": "x 1"',
    ],
}

GOOD = encode(("k", "kept 1"))

CAPNP_CASES = {
    "malformed": [
        b"\xff" * 64,  # so many segments that their number wraps
        struct.pack("<II", 511, 0) + bytes(4096),  # the most segments that may be, all of them empty
        struct.pack("<II", 0, 0),  # no root
        struct.pack("<II", 0, 1) + b"\xff" * 8,
        struct.pack("<IIII", 0, 1, 0, 5 << 16),  # a root that points outside
        struct.pack("<III", 512, 1, 1),
        GOOD + struct.pack("<II", 0, 1) + b"\xff" * 8,
    ],
    "invalid_utf8": [by_hand(b"a", b"x{l=\"\xff\"} 1"), by_hand(b"\xc3", b"x 1"), by_hand(b"a", b"\xed\xa0\x80")],
    "bad_name": [
        encode(("", "x 1")),
        encode(("a\nb", "x 1")),
        encode(("n" * 257, "x 1")),
        by_hand(b"a\0b", b"x 1"),
        GOOD + encode(("\x7f", "x 1")),
    ],
    "nul_byte": [by_hand(b"a", b"x 1\n\0y 1\n")],
    "reserved": [encode(("a", "exporter_proxy_apps 1"))],
    "incomplete": [GOOD[:1], GOOD[:7], GOOD[:8], GOOD[:-1], GOOD + GOOD[:-8]],
}


class RejectionTest(DaemonTest):
    """Own metrics are on for the count; the page's texts are compared in what comes before them."""

    def setUp(self):
        super().setUp()
        self.refused = {}

    def texts(self, daemon):
        return daemon.page().partition(b"# HELP exporter_proxy_")[0]

    def check(self, daemon, transport, reason, push, texts):
        """One refused push; `push` sends it and returns the answer. The count is check_counts()'s."""
        answer = push()
        self.assertRegex(answer, rb"\Aerror: [^\n]+\n\Z")
        answer.decode("utf-8")
        self.assertEqual(texts, self.texts(daemon))
        self.refused.setdefault((daemon, transport), collections.Counter())[reason] += 1
        return answer

    def check_counts(self):
        """Each refused push under its reason, and nothing else. The page's figures may be 100 ms old."""
        self.assertTrue(self.refused)
        for (daemon, transport), expected in self.refused.items():
            if daemon.is_running():
                try:
                    eventually(lambda: daemon.errors(transport) == expected, "all is counted", 5)
                except AssertionError:
                    self.assertEqual(dict(expected), daemon.errors(transport))
        self.refused.clear()

    def check_cases(self, cases, settings, good):
        for daemon, transport in self.for_transports(settings):
            self.assertEqual(b"", daemon.push(transport, good))
            for reason, documents in cases.items():
                for refused in documents:
                    with self.subTest(transport=transport, reason=reason, document=refused[:80]):
                        self.check(daemon, transport, reason, lambda: daemon.push(transport, refused), b"kept 1\n")
            self.check_counts()
            self.assertEqual(["k"], list(daemon.apps()))
            # It serves on.
            self.assertEqual(b"", daemon.push(transport, good.replace(b"kept 1", b"kept 2")))
            self.assertEqual(b"kept 2\n", self.texts(daemon))

    def settings(self, **sections):
        return {"exporter": {"self_metrics": True}, **sections}


class TestJsonRejections(RejectionTest):
    def test_each_reason(self):
        self.check_cases(JSON_CASES, self.settings(), document(k="kept 1"))

    def test_nc_prints_the_answer(self):
        for daemon, transport in self.for_transports(self.settings()):
            self.check(daemon, transport, "wrong_type", lambda: daemon.nc(transport, b'{"a": 1}'), b"")
            self.check(daemon, transport, "incomplete", lambda: daemon.nc(transport, b'{"a": "x'), b"")
            self.check(daemon, transport, "malformed", lambda: daemon.nc(transport, b"x 1\n" * 100000), b"")
            self.check_counts()

    def test_the_answer_says_where(self):
        daemon = self.start()
        self.assertRegex(daemon.push("unix", b'{\n  "a": "x 1",\n  "b": 2\n}'), rb"line 3, column 8|byte 2[23]")
        self.assertRegex(daemon.push("unix", b'{"k": "x"} {"a" 1}'), rb"column|byte")

    def test_the_connection_closes_while_the_sender_waits(self):
        for daemon, transport in self.for_transports(self.settings()):
            with daemon.connect(transport) as connection:
                connection.sendall(b'{"a": 1')
                self.assertRegex(receive_all(connection), rb"\Aerror: [^\n]+\n\Z")

    def test_what_came_before_it_stays_and_what_comes_after_is_not_taken(self):
        for daemon, transport in self.for_transports(self.settings()):
            answer = daemon.push(transport, document(a="a 1") + b'{"b": 1}' + document(c="c 1"))
            self.assertRegex(answer, rb"\Aerror: [^\n]+\n\Z")
            self.assertEqual(b"a 1\n", self.texts(daemon))

    def test_of_a_refused_document_nothing_is_taken(self):
        for daemon, transport in self.for_transports(self.settings()):
            daemon.push(transport, document(a="a 1"))
            self.check(
                daemon, transport, "wrong_type", lambda: daemon.push(transport, b'{"a": "a 2", "b": 1}'), b"a 1\n"
            )
            self.check_counts()

    def test_cut_anywhere_it_is_refused_for_the_same_reason(self):
        daemon = self.start(self.settings())
        for reason in ("malformed", "wrong_type", "invalid_utf8", "bad_name", "nul_byte"):
            whole = JSON_CASES[reason][0]
            for cut in range(1, len(whole)):
                with self.subTest(reason=reason, cut=cut):
                    self.check(
                        daemon, "unix", reason, lambda: daemon.push("unix", whole[:cut], whole[cut:]), b""
                    )
        self.check_counts()

    def test_the_longest_name_is_taken(self):
        daemon = self.start()
        self.assertEqual(b"", daemon.push("unix", document(**{"n" * 256: "x 1"})))
        self.assertEqual(b"", daemon.push("unix", document(**{"ä" * 128: "x 2"})))
        self.assertEqual(b"x 1\nx 2\n", daemon.page())

    def test_a_message_that_is_too_large(self):
        limit = 100_000
        for daemon, transport in self.for_transports(self.settings(limits={"max_message_size": limit})):
            frame = len(document(k=""))
            largest = "x" * (limit - frame)
            self.assertEqual(b"", daemon.push(transport, document(k=largest)))
            texts = largest.encode() + b"\n"
            for excess in (1, 1000, 5_000_000):
                refused = document(k=largest + "x" * excess)
                self.check(daemon, transport, "message_too_large", lambda: daemon.push(transport, refused), texts)
            self.check(daemon, transport, "message_too_large", lambda: daemon.nc(transport, refused), texts)
            # The limit is a document's, not a connection's.
            self.assertEqual(b"", daemon.push(transport, document(k=largest) * 3))
            self.check_counts()

    def test_a_sender_that_never_reads_does_not_block_others(self):
        for daemon, transport in self.for_transports(self.settings(limits={"max_message_size": 1000})):
            with daemon.connect(transport) as stubborn:
                stubborn.settimeout(0.5)
                try:
                    while True:
                        stubborn.sendall(b'{"a": "' + b"x" * 100_000)
                except OSError:
                    pass  # refused, and at some point the daemon stops listening to it
                self.assertEqual(b"", daemon.push(transport, document(b="b 1")))
                self.assertEqual(b"b 1\n", self.texts(daemon))

    def test_too_many_applications(self):
        for daemon, transport in self.for_transports(self.settings(limits={"max_apps": 2})):
            daemon.push(transport, document(a="a 1"))
            daemon.push(transport, document(b="b 1"))
            for refused in (document(c="c 1"), document(a="a 2", c="c 1"), document(a="a", b="b", c="c")):
                self.check(daemon, transport, "too_many_apps", lambda: daemon.push(transport, refused), b"a 1\nb 1\n")
            self.assertEqual(b"", daemon.push(transport, document(a="a 3", b="b 3")))
            self.check_counts()

    def test_a_total_that_is_too_large(self):
        limits = {"max_total_size": 100, "max_message_size": 100}
        for daemon, transport in self.for_transports(self.settings(limits=limits)):
            daemon.push(transport, document(a="a" * 59))  # 60 bytes with the newline
            texts = b"a" * 59 + b"\n"
            self.check(
                daemon, transport, "total_too_large", lambda: daemon.push(transport, document(b="b" * 40)), texts
            )
            self.assertEqual(b"", daemon.push(transport, document(b="b" * 39)))
            self.assertEqual(b"", daemon.push(transport, document(a="a 1")))  # makes room
            self.assertEqual(b"", daemon.push(transport, document(c="c" * 40)))
            self.check_counts()

    def test_a_message_that_stalls(self):
        for daemon, transport in self.for_transports(self.settings(receiver={"message_timeout": 0.3})):
            def stall():
                with daemon.connect(transport) as connection:
                    connection.sendall(b'{"a": "x 1"')
                    return receive_all(connection)

            self.check(daemon, transport, "timeout", stall, b"")
            self.check_counts()

    def test_idle_between_messages_is_no_stall(self):
        for daemon, transport in self.for_transports(self.settings(receiver={"message_timeout": 0.2})):
            with daemon.connect(transport) as idle:
                idle.sendall(document(a="x 1"))
                with daemon.connect(transport) as stalling:  # begins later, so by its end idle has idled for longer
                    stalling.sendall(b"{")
                    self.assertRegex(receive_all(stalling), rb"\Aerror: [^\n]+\n\Z")
                idle.sendall(document(a="x 2"))
                eventually(lambda: self.texts(daemon) == b"x 2\n", "the idle connection pushes on")

    def test_a_known_application_shows_it(self):
        for daemon, transport in self.for_transports():
            daemon.push(transport, document(a="a 1", b="b 1"))
            answer = daemon.push(transport, b'{"a": 1}')
            app = daemon.apps()["a"]
            self.assertEqual("rejected", app["state"])
            self.assertEqual(1, app["rejected"])
            self.assertEqual(1, app["updates"])
            self.assertEqual(answer.decode(), f"error: {app['last_error']['reason']}\n")
            self.assertRegex(app["last_error"]["at"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z")
            self.assertEqual("fresh", daemon.apps()["b"]["state"])
            self.assertIsNone(daemon.apps()["b"]["last_error"])

            daemon.push(transport, document(a="a 2"))
            self.assertEqual("fresh", daemon.apps()["a"]["state"])
            self.assertEqual(b"a 2\nb 1\n", daemon.page())

    def test_a_stranger_takes_no_place(self):
        daemon = self.start()
        daemon.push("unix", b'{"stranger": 1}')
        self.assertEqual({}, daemon.apps())

    def test_a_sender_that_resets_is_no_harm(self):
        daemon = self.start(self.settings())
        for _ in range(20):
            connection = daemon.connect("tcp")
            connection.sendall(b'{"a": 1}')
            reset_on_close(connection)
            connection.close()
        self.assertEqual(b"", daemon.push("tcp", document(b="b 1")))
        self.assertEqual(b"b 1\n", self.texts(daemon))

    def test_the_log_is_not_flooded(self):
        daemon = self.start()
        for _ in range(500):
            daemon.push("unix", b'{"a": 1}')
        lines = [line for line in daemon.log().splitlines() if "must be a string" in line]
        self.assertGreaterEqual(len(lines), 1)
        self.assertLess(len(lines), 100)

    def test_a_hostile_name_does_not_reach_the_log_or_the_answer_as_it_is(self):
        daemon = self.start()
        self.assertRegex(daemon.push("unix", b'{"a\\u001b[31m\\nfake line": "x 1"}'), rb"\Aerror: [ -~]+\n\Z")
        self.assertNotIn("\x1b", daemon.log())
        self.assertFalse([line for line in daemon.log().splitlines() if line.startswith("fake")])


class TestCapnpRejections(RejectionTest):
    def settings(self, **sections):
        sections.setdefault("receiver", {})["format"] = "capnp"
        return super().settings(**sections)

    def test_each_reason(self):
        self.check_cases(CAPNP_CASES, self.settings(), GOOD)

    def test_a_message_that_is_too_large(self):
        limit = 100_000
        for daemon, transport in self.for_transports(self.settings(limits={"max_message_size": limit})):
            daemon.push(transport, GOOD)
            for refused in (
                encode(("k", "x" * limit)),
                encode(("k", "x" * 5_000_000)),
                struct.pack("<II", 0, 0xFFFFFFFF),  # 32 GiB that never come
                struct.pack("<II", 0, limit // 8),
            ):
                self.check(
                    daemon, transport, "message_too_large", lambda: daemon.push(transport, refused), b"kept 1\n"
                )
            self.check_counts()

    def test_limits_of_the_model(self):
        limits = {"max_apps": 2, "max_total_size": 300, "max_message_size": 300}
        for daemon, transport in self.for_transports(self.settings(limits=limits)):
            daemon.push(transport, encode(("a", "a 1"), ("b", "b 1")))
            self.check(
                daemon, transport, "too_many_apps", lambda: daemon.push(transport, encode(("c", "c"))), b"a 1\nb 1\n"
            )
            self.assertEqual(b"", daemon.push(transport, encode(("b", "b" * 99))))
            refused = encode(("a", "a" * 230))
            texts = b"a 1\n" + b"b" * 99 + b"\n"
            self.check(daemon, transport, "total_too_large", lambda: daemon.push(transport, refused), texts)
            self.assertEqual("rejected", daemon.apps()["a"]["state"])
            daemon.push(transport, encode(("a", "a 2")))
            self.assertEqual("fresh", daemon.apps()["a"]["state"])
            self.check_counts()

    def test_a_message_that_stalls(self):
        for daemon, transport in self.for_transports(self.settings(receiver={"message_timeout": 0.3})):
            for begun in (GOOD[:4], GOOD[:-8]):
                def stall():
                    with daemon.connect(transport) as connection:
                        connection.sendall(begun)
                        return receive_all(connection)

                self.check(daemon, transport, "timeout", stall, b"")
            self.check_counts()



if __name__ == "__main__":
    main()
