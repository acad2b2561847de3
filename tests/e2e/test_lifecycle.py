# SPDX-License-Identifier: GPL-3.0-or-later
"""Start and stop: what is left behind, what is taken over, and what refuses to start and says so in one line."""

import contextlib
import grp
import http.client
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import threading

import httpfixture
from harness import BINARY, DEADLINE, Daemon, DaemonTest, document, eventually, main, receive_all

IS_ROOT = os.geteuid() == 0
QUIET = ("--log-level", "error")


class TestLog(DaemonTest):
    def test_a_log_that_is_not_read_stops_nothing(self):
        """With a full pipe at standard error it starts, receives and serves; later it says how many lines are missing."""
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        os.set_blocking(writer, False)
        with self.assertRaises(BlockingIOError):
            while True:
                os.write(writer, b"x" * 4096)
        os.set_blocking(writer, True)
        # The harness reads the file that it gives the daemon; what the daemon writes goes into the pipe.
        launcher = ("sh", "-c", f'exec 2>&{writer}; exec "$0" "$@"')
        daemon = Daemon(self, {}, launcher=launcher, pass_fds=(writer,))
        self.assertTrue(daemon.wait_ready())
        os.close(writer)
        self.assertIn(b"error: ", daemon.push("tcp", b"no JSON"))
        daemon.push("tcp", document(a="a 1"))
        daemon.wait_page(b"a 1\n")
        os.set_blocking(reader, False)
        with self.assertRaises(BlockingIOError):
            while os.read(reader, 65536):
                pass
        daemon.push("tcp", b"no JSON either")
        log = b""

        def is_told():
            nonlocal log
            with contextlib.suppress(BlockingIOError):
                log += os.read(reader, 65536)
            return re.search(rb"warning daemon: \d+ log lines were dropped: .*\n.*rejected a push", log)

        eventually(is_told, "the dropped lines are told")
        self.assertNotIn(b"exporter-proxy 0", log)
        own = daemon.request("/-/metrics").body.decode()
        self.assertRegex(own, r"(?m)^exporter_proxy_log_lines_dropped_total [1-9]\d*$")


class TestSecrets(DaemonTest):
    def test_secrets_that_everybody_can_read_are_warned_of(self):
        endpoint = {"url": "http://user:secret@127.0.0.1:9/metrics"}
        poll = {"poll_other_scrape_endpoints": True, "other_scrape_endpoints": [], "endpoint": [endpoint]}
        daemon = self.start({"poll_external": poll})
        os.chmod(daemon.config_path, 0o640)
        self.assertNotIn("everybody can read it", daemon.reload())
        os.chmod(daemon.config_path, 0o644)
        self.assertIn("everybody can read it: chmod o-r", daemon.reload())


class TestStop(DaemonTest):
    def test_signals_end_it_in_order(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                daemon = self.start()
                daemon.push("unix", document(a="a 1"))
                self.assertTrue(stat.S_ISSOCK(os.stat(daemon.unix_path).st_mode))
                self.assertEqual(0, daemon.stop(number))
                self.assertFalse(os.path.exists(daemon.unix_path))

    def test_nothing_is_left_of_the_socket(self):
        folder = os.path.join(self.folder, "run")
        os.mkdir(folder)
        daemon = self.start({"receiver": {"receiver_unix_socket": os.path.join(folder, "push.sock")}})
        daemon.stop()
        self.assertEqual([], [name for name in os.listdir(folder) if not name.endswith(".lock")])

    def test_open_connections_do_not_hold_it_up(self):
        hanging = httpfixture.Endpoint(self, httpfixture.hang)
        daemon = self.start(
            {
                "poll_external": {
                    "poll_other_scrape_endpoints": True,
                    "other_scrape_endpoints": [hanging.url()],
                    "client_timeout": 600,
                },
                "receiver": {"message_timeout": 600},
            }
        )
        eventually(lambda: hanging.requests, "a poll is under way")
        with daemon.connect("unix") as idle, daemon.connect("tcp") as busy:
            idle.sendall(document(a="a 1"))
            busy.sendall(document(b="b 1") + b'{"c": "half')
            keep_alive = http.client.HTTPConnection("127.0.0.1", daemon.http_port, timeout=DEADLINE)
            self.addCleanup(keep_alive.close)
            keep_alive.request("GET", "/metrics")
            keep_alive.getresponse().read()
            daemon.wait_page(b"a 1\nb 1\n")
            daemon.stop()
            self.assertEqual(b"", receive_all(idle))

    def test_a_second_signal_changes_nothing(self):
        daemon = self.start()
        os.kill(daemon.pid, signal.SIGINT)
        os.kill(daemon.pid, signal.SIGTERM)
        daemon.stop()
        self.assertFalse(os.path.exists(daemon.unix_path))

    def test_pushes_that_were_taken_are_in(self):
        """Senders push until the daemon is gone. One whose connection ended cleanly has been taken, and no other."""
        for transport in ("unix", "tcp"):
            with self.subTest(transport=transport):
                daemon = self.start({"exporter": {"self_metrics": True}})
                taken = [0] * 8

                def send(sender):
                    for value in range(1, 1_000_000):
                        try:
                            with daemon.connect(transport) as connection:
                                connection.sendall(document(**{f"app{sender}": f"x {value}"}))
                                connection.shutdown(socket.SHUT_WR)
                                answer = receive_all(connection)
                        except OSError:
                            return  # refused or reset: this sender knows that its push was not taken
                        if answer:
                            raise AssertionError(answer)
                        taken[sender] = value

                senders = [threading.Thread(target=send, args=(sender,)) for sender in range(len(taken))]
                for sender in senders:
                    sender.start()
                eventually(lambda: min(taken) > 50, "all senders have pushed")
                daemon.stop()
                for sender in senders:
                    sender.join()
                self.assertRegex(daemon.log(), rf"\b{sum(taken)} push(es)?\b")


class TestStart(DaemonTest):
    def check_line(self, lines, thing, cause):
        """One line that names the thing and the cause."""
        self.assertEqual(1, len(lines), lines)
        self.assertIn(thing, lines[0])
        self.assertRegex(lines[0].lower(), cause)

    def test_a_socket_that_a_crash_left_is_taken_over(self):
        first = self.start()
        first.push("unix", document(a="a 1"))
        first.kill()
        self.assertTrue(stat.S_ISSOCK(os.stat(first.unix_path).st_mode))
        second = self.start({"receiver": {"receiver_unix_socket": first.unix_path}})
        self.assertEqual(b"", second.push("unix", document(b="b 1")))
        self.assertEqual(b"b 1\n", second.page())
        second.stop()
        self.assertFalse(os.path.exists(first.unix_path))

    def test_a_second_instance_leaves_the_first_alone(self):
        first = self.start()
        inode = os.stat(first.unix_path).st_ino
        for _ in range(2):
            lines = self.start_failing(1, {"receiver": {"receiver_unix_socket": first.unix_path}}, QUIET)
            self.check_line(lines, first.unix_path, "in use|already|another")
        self.assertEqual(inode, os.stat(first.unix_path).st_ino)
        self.assertEqual(b"", first.push("unix", document(a="a 1")))
        self.assertEqual(b"a 1\n", first.page())

    def test_addresses_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            for settings in (
                {"receiver": {"receiver_tcp_socket": address}},
                {"exporter": {"scrape_expose_endpoint": address}},
            ):
                with self.subTest(**settings):
                    daemon = Daemon(self, settings, QUIET)
                    self.check_line(daemon.expect_exit(1).splitlines(), address, "in use")
                    self.assertFalse(os.path.exists(daemon.unix_path))

    def test_an_address_that_is_not_ours(self):
        lines = self.start_failing(1, {"receiver": {"receiver_tcp_socket": "192.0.2.1:6554"}}, QUIET)
        self.check_line(lines, "192.0.2.1:6554", "address|assign|available")

    def test_a_folder_that_is_missing(self):
        path = os.path.join(self.folder, "missing", "push.sock")
        lines = self.start_failing(1, {"receiver": {"receiver_unix_socket": path}}, QUIET)
        self.check_line(lines, path, "no such file or directory|does not exist|missing folder")

    def test_a_path_that_is_too_long(self):
        path = os.path.join(self.folder, "x" * 108)
        lines = self.start_failing(2, {"receiver": {"receiver_unix_socket": path}}, QUIET)
        self.check_line(lines, "receiver.receiver_unix_socket", f"path has {len(path)} bytes")

    def test_a_folder_that_is_not_writable(self):
        folder = os.path.join(self.folder, "closed")
        os.mkdir(folder, 0o555)
        path = os.path.join(folder, "push.sock")
        if not IS_ROOT:
            lines = self.start_failing(1, {"receiver": {"receiver_unix_socket": path}}, QUIET)
            self.check_line(lines, path, "permission denied")
            return
        # Root may write anywhere, so somebody else has to try, with a copy of the program that they can reach.
        os.chmod(self.folder, 0o755)
        program = shutil.copy(BINARY, os.path.join(self.folder, "exporter-proxy"))
        nobody = pwd.getpwnam("nobody")
        daemon = Daemon(
            self,
            {"receiver": {"receiver_unix_socket": path}},
            QUIET,
            program=program,
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
        )
        self.check_line(daemon.expect_exit(1).splitlines(), path, "permission denied")

    def test_a_file_that_is_no_socket_stays(self):
        path = self.write("precious", "data\n")
        lines = self.start_failing(1, {"receiver": {"receiver_unix_socket": path}}, QUIET)
        self.check_line(lines, path, "socket|exists")
        with open(path, encoding="utf-8") as file:
            self.assertEqual("data\n", file.read())

    def test_unknown_users_and_groups(self):
        for key in ("user", "group"):
            with self.subTest(key=key):
                lines = self.start_failing(1, {"receiver": {f"unix_socket_{key}": "no-such-one"}}, QUIET)
                self.check_line(lines, "no-such-one", key)
        if not IS_ROOT:
            lines = self.start_failing(1, {"receiver": {"unix_socket_user": "root"}}, QUIET)
            self.check_line(lines, "root", "permitted|permission")

    def test_mode_and_owner_of_the_socket(self):
        for mode in (None, "0600", "0666", "0770"):
            old = os.umask(0o077)  # the mode is the configuration's, not the umask's
            try:
                daemon = self.start({"receiver": {"unix_socket_mode": mode} if mode else {}})
            finally:
                os.umask(old)
            status = os.stat(daemon.unix_path)
            self.assertEqual(int(mode or "0660", 8), stat.S_IMODE(status.st_mode))
            self.assertEqual((os.geteuid(), os.getegid()), (status.st_uid, status.st_gid))

    def test_another_owner_of_the_socket(self):
        if not IS_ROOT:
            self.skipTest("only root can give a socket away")
        user = pwd.getpwnam("nobody")
        group = grp.getgrnam("daemon")
        daemon = self.start({"receiver": {"unix_socket_user": user.pw_name, "unix_socket_group": group.gr_name}})
        status = os.stat(daemon.unix_path)
        self.assertEqual((user.pw_uid, group.gr_gid), (status.st_uid, status.st_gid))

    def test_it_says_where_it_listens(self):
        daemon = self.start()
        for place in (daemon.unix_path, f"127.0.0.1:{daemon.tcp_port}", f"127.0.0.1:{daemon.http_port}"):
            self.assertTrue(re.search(rf"{re.escape(place)}", daemon.log()), place)


if __name__ == "__main__":
    main()
