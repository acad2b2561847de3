# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks on every port: memory stays bounded, bystanders are served, and a named limit ends each of them."""

import contextlib
import resource
import socket
import sys
import time

from attacking import AttackTest, cpu_seconds
from harness import DEADLINE, document, eventually, main
from httpattacks import TestHttp  # pylint: disable=unused-import
from inputattacks import TestInputs  # pylint: disable=unused-import
from pollattacks import TestPolled  # pylint: disable=unused-import
from receiverattacks import TestCapnp, TestReceivers  # pylint: disable=unused-import
from rewriteattacks import TestRewritten  # pylint: disable=unused-import


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
        for port in (daemon.tcp_port, daemon.http_port):
            self.log_has(daemon, f"cannot accept on 127.0.0.1:{port} for now")
        before, begin = cpu_seconds(daemon), time.monotonic()
        time.sleep(1)
        share = (cpu_seconds(daemon) - before) / (time.monotonic() - begin)
        print(f"\n  out of descriptors: {share:.1%} of a processor", file=sys.stderr)
        self.assertLess(share, 0.5)
        # What has to be opened for a reload is not there: then nothing changes, and nothing is lost.
        log = daemon.reload({"receiver": {"receiver_unix_socket": daemon.unix_path + ".new"}})
        self.assertIn("too many open files", log.lower())
        for connection in opened:
            connection.close()
        for transport in ("tcp", "unix"):
            eventually(lambda t=transport: daemon.push(t, document(after="x 1\n")) == b"", "pushes are taken again")
        eventually(lambda: b"x 1\n" in daemon.page(), "scrapes are answered again")
        eventually(lambda: daemon.metric("exporter_proxy_connections", receiver="tcp") == 0, "connections are gone")
        self.assertEqual(64, daemon.metric("exporter_proxy_process_max_fds"))
        for listener in ("tcp", "http"):
            self.assertGreater(
                daemon.metric("exporter_proxy_accept_errors_total", listener=listener, reason="no_descriptors"), 0
            )


if __name__ == "__main__":
    main()
