# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON over the Unix socket and TCP: what is pushed is on the page, byte for byte, as soon as it is complete."""

import json
import socket

from harness import DaemonTest, document, eventually, main, receive_all


class TestPushJson(DaemonTest):
    def test_nc_pushes_both_shapes(self):
        for daemon, transport in self.for_transports():
            pushed = b'{"lines": ["# TYPE a gauge", "a 1"], "text": "b 2\\nb 3\\n"}\n'
            self.assertEqual(b"", daemon.nc(transport, pushed))
            self.assertEqual(b"# TYPE a gauge\na 1\nb 2\nb 3\n", daemon.page())

    def test_a_byte_order_mark_before_a_document_is_skipped(self):
        for daemon, transport in self.for_transports():
            self.assertEqual(b"", daemon.push(transport, b'\xef\xbb\xbf{"a": "a 1"}\r\n\xef\xbb\xbf{"b": "b 2"}\n'))
            self.assertEqual(b"a 1\nb 2\n", daemon.page())

    def test_texts_stay_byte_for_byte(self):
        texts = {
            "a": "x 1\n\n\n# a comment \t\nx{l=\"\\\\ \\n \\\" äöü 漢字 🙂\"} 2 \n",
            "b": "\r\n x 1\r\n",
            "c": "no newline at the end",
            "d": "",
            "e": "\n",
            "f": "controls \x01\x02\x7f\x85\ufeff and the last \U0010ffff\n",
        }
        expected = b"".join(
            (text + ("" if text.endswith("\n") or not text else "\n")).encode() for _, text in sorted(texts.items())
        )
        for daemon, transport in self.for_transports():
            for name, text in texts.items():
                for ascii_only in (True, False):
                    pushed = json.dumps({name: text}, ensure_ascii=ascii_only).encode()
                    self.assertEqual(b"", daemon.push(transport, pushed))
            self.assertEqual(expected, daemon.page())

    def test_text_without_a_last_newline_never_fuses(self):
        for daemon, transport in self.for_transports():
            daemon.push(transport, document(a="a 1"))
            daemon.push(transport, document(b="e5 3"))
            daemon.push(transport, document(c=["c 1", "c 2"]))
            daemon.push(transport, document(d=["d 1\n"]))
            self.assertEqual(b"a 1\ne5 3\nc 1\nc 2\nd 1\n", daemon.page().replace(b"\n\n", b"\n"))

    def test_lines_are_joined_with_a_last_newline(self):
        for daemon, transport in self.for_transports():
            daemon.push(transport, document(a=["a 1", "", "a 2"]))
            self.assertEqual(b"a 1\n\na 2\n", daemon.page())
            daemon.push(transport, document(a=["a 1"]))
            self.assertEqual(b"a 1\n", daemon.page())
            daemon.push(transport, document(a=[]))
            self.assertEqual(b"", daemon.page())

    def test_a_push_replaces_all_of_the_old(self):
        for daemon, transport in self.for_transports():
            daemon.push(transport, document(a="old 1\nold 2\nold 3\n", b="b 1\n"))
            daemon.push(transport, document(a="new 1\n"))
            self.assertEqual(b"new 1\nb 1\n", daemon.page())

    def test_of_one_name_twice_in_a_document_the_last_counts(self):
        for daemon, transport in self.for_transports():
            self.assertEqual(b"", daemon.push(transport, b'{"a": "x 1", "a": "x 2"}'))
            self.assertEqual(b"x 2\n", daemon.page())

    def test_two_applications_may_expose_the_same_metric(self):
        for daemon, transport in self.for_transports():
            daemon.push(transport, document(one="# TYPE x gauge\nx 1\n"))
            daemon.push(transport, document(two="# TYPE x gauge\nx 1\n"))
            self.assertEqual(b"# TYPE x gauge\nx 1\n# TYPE x gauge\nx 1\n", daemon.page())

    def test_the_page_is_ordered_by_name(self):
        names = ["b", "a", "B", "ä", "ab", "漢", "a b", "Z", "0", "~"]
        daemon = self.start()
        for name in names:
            daemon.push("unix", document(**{name: f"x{{of=\"{name}\"}} 1\n"}))
        expected = [f'x{{of="{name}"}} 1' for name in sorted(names, key=str.encode)]
        self.assertEqual(expected, daemon.page().decode().splitlines())

    def test_several_documents_on_a_connection(self):
        for separator in (b"", b" ", b"\n", b" \t\r\n\n "):
            for daemon, transport in self.for_transports():
                documents = [document(**{f"app{i}": f"x{i} 1\n"}) for i in range(20)]
                self.assertEqual(b"", daemon.push(transport, separator + separator.join(documents) + separator))
                expected = "".join(f"x{i} 1\n" for i in sorted(range(20), key=lambda i: f"app{i}"))
                self.assertEqual(expected.encode(), daemon.page())

    def test_a_document_counts_at_its_last_brace(self):
        for daemon, transport in self.for_transports():
            with daemon.connect(transport) as connection:
                for value in range(5):
                    connection.sendall(document(a=f"x {value}")[:-1])
                    connection.sendall(b"}")
                    daemon.wait_page(f"x {value}\n".encode())

    def test_a_document_that_has_begun_shows_nothing(self):
        for daemon, transport in self.for_transports():
            with daemon.connect(transport) as connection:
                whole = document(a="x 1", b="x 2")
                connection.sendall(document(first="x 0") + whole[:-1])
                daemon.wait_page(b"x 0\n")  # what came with it has been read by then
                connection.sendall(whole[-1:])
                daemon.wait_page(b"x 1\nx 2\nx 0\n")

    def test_the_sender_may_close_at_once(self):
        for daemon, transport in self.for_transports():
            with daemon.connect(transport) as connection:
                connection.sendall(document(a="x 1"))
            daemon.wait_page(b"x 1\n")

    def test_a_half_closed_connection_is_closed_without_an_answer(self):
        for daemon, transport in self.for_transports():
            with daemon.connect(transport) as connection:
                connection.sendall(document(a="x 1"))
                connection.shutdown(socket.SHUT_WR)
                self.assertEqual(b"", receive_all(connection))
            self.assertEqual(b"x 1\n", daemon.page())  # and by then it is stored

    def test_nothing_at_all_is_no_error(self):
        for daemon, transport in self.for_transports({"exporter": {"self_metrics": True}}):
            self.assertEqual(b"", daemon.push(transport))
            self.assertEqual(b"", daemon.push(transport, b" \n\t "))
            self.assertEqual(b"", daemon.push(transport, b"{}"))
            self.assertEqual({}, daemon.errors(transport))
            self.assertEqual({}, daemon.apps())

    def test_bytes_that_drip(self):
        whole = document(**{"ä": ["x{l=\"\\\\\"} 1", "y \"2\""], "b": "z 3 漢\n"}) + b" " + document(c="w 4")
        for daemon, transport in self.for_transports():
            with daemon.connect(transport) as connection:
                if transport == "tcp":
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for i in range(len(whole)):
                    connection.sendall(whole[i : i + 1])
                daemon.wait_page("z 3 漢\nw 4\nx{l=\"\\\\\"} 1\ny \"2\"\n".encode())

    def test_a_large_text_over_many_reads(self):
        lines = [f'metric{{number="{i}",padding="äöü{"x" * 100}"}} {i}' for i in range(20000)]
        expected = ("\n".join(lines) + "\n").encode()
        for daemon, transport in self.for_transports():
            self.assertEqual(b"", daemon.push(transport, document(a=lines)))
            self.assertEqual(expected, daemon.page())
            self.assertEqual(b"", daemon.push(transport, json.dumps({"a": expected.decode()}).encode()))
            self.assertEqual(expected, daemon.page())

    def test_the_source_is_where_it_came_in(self):
        for daemon, transport in self.for_transports():
            daemon.push(transport, document(a="x 1\ny 2\n# comment\n"))
            app = daemon.apps()["a"]
            expected = daemon.unix_path if transport == "unix" else f"127.0.0.1:{daemon.tcp_port}"
            self.assertEqual(expected, app["source"])
            self.assertEqual("push", app["kind"])
            self.assertEqual("fresh", app["state"])
            self.assertEqual(2, app["series"])
            self.assertEqual(len("x 1\ny 2\n# comment\n"), app["bytes"])
            self.assertEqual(1, app["updates"])

    def test_pushes_and_connections_are_counted(self):
        for daemon, transport in self.for_transports({"exporter": {"self_metrics": True}}):
            daemon.push(transport, document(a="x 1"), document(b="x 1") + document(c="x 1"))
            eventually(
                lambda: daemon.metric("exporter_proxy_pushes_total", receiver=transport) == 3, "all three are counted"
            )
            eventually(
                lambda: daemon.metric("exporter_proxy_connections", receiver=transport) == 0, "the connection is gone"
            )
            with daemon.connect(transport) as connection:
                connection.sendall(b" ")
                eventually(
                    lambda: daemon.metric("exporter_proxy_connections", receiver=transport) == 1, "one is open"
                )

    def test_one_receiver_alone(self):
        for transport, other in (("unix", "tcp"), ("tcp", "unix")):
            daemon = self.start({"receiver": {f"receive_on_{other}_socket": False}})
            self.assertEqual(b"", daemon.push(transport, document(a="x 1")))
            self.assertEqual(b"x 1\n", daemon.page())
            self.assertEqual(1, len([line for line in daemon.log().splitlines() if "receiving" in line]))


if __name__ == "__main__":
    main()
