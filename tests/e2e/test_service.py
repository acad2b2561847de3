# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service manager sees: the protocol of sd_notify(3) and sd_listen_fds(3), spoken by this test in systemd's place.

systemd-socket-activate, where it is installed, passes the sockets in the same way. The units run under systemd itself in
packaging/test-packages.sh, which needs root and minutes.
"""

import contextlib
import os
import re
import signal
import socket
import stat
import threading

from harness import Daemon, DaemonTest, document, eventually, main, receive_all

class Manager:
    """Holds the sockets and hears what the service says."""

    def __init__(self, test, sockets=True):
        self.test = test
        self.path = os.path.join(test.folder, "notify.sock")
        self.heard = []
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(self.path)
        self.notify.setblocking(False)
        test.addCleanup(self.notify.close)
        self.listeners = []
        if sockets:
            self.unix_path = os.path.join(test.folder, "held.sock")
            local = socket.socket(socket.AF_UNIX)
            local.bind(self.unix_path)
            tcp = socket.socket()
            tcp.bind(("127.0.0.1", 0))
            self.tcp_port = tcp.getsockname()[1]
            for listener in (local, tcp):
                listener.listen(512)
                test.addCleanup(listener.close)
                self.listeners.append(listener)

    def start(self, settings=None, environment=None):
        settings = settings or {}
        if self.listeners:
            settings.setdefault("receiver", {}).update(
                receiver_unix_socket=self.unix_path, receiver_tcp_socket=f"127.0.0.1:{self.tcp_port}"
            )
        variables = {"NOTIFY_SOCKET": self.path, **(environment or {})}
        options = {}
        if self.listeners:
            variables["LISTEN_FDS"] = str(len(self.listeners))
            # Onto 3 and 4, where the protocol has them. Far up first: one of them could be 3 already.
            numbers = [listener.fileno() for listener in self.listeners]

            def place():
                copies = [os.dup2(number, 100 + i) for i, number in enumerate(numbers)]
                for i, copy in enumerate(copies):
                    os.dup2(copy, 3 + i, inheritable=True)

            options = {"preexec_fn": place, "close_fds": False}
            # The shell becomes the daemon, and knows the number that LISTEN_PID must have.
            options["launcher"] = ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$0" "$@"']
        daemon = Daemon(self.test, settings, environment=variables, **options)
        if not daemon.wait_ready():
            raise AssertionError(f"the daemon did not start:\n{daemon.log()}")
        daemon.tcp_port = getattr(self, "tcp_port", daemon.tcp_port)
        return daemon

    def messages(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                self.heard.append(self.notify.recv(4096).decode())
        return self.heard

    def wait_for(self, pattern):
        eventually(lambda: any(re.search(pattern, message) for message in self.messages()), f"{pattern} is heard")


class TestNotifications(DaemonTest):
    def test_ready_reloading_and_stopping_are_told(self):
        manager = Manager(self, sockets=False)
        daemon = manager.start()
        manager.wait_for(r"^READY=1\nSTATUS=0 applications$")
        manager.heard.clear()
        daemon.push_apps(a="a 1")
        os.kill(daemon.pid, signal.SIGHUP)
        manager.wait_for(r"^RELOADING=1\nMONOTONIC_USEC=\d+$")
        manager.wait_for(r"^READY=1\nSTATUS=1 application$")
        daemon.stop()
        manager.wait_for(r"^STOPPING=1\n")

    def test_the_watchdog_is_fed_and_the_status_kept(self):
        manager = Manager(self, sockets=False)
        daemon = manager.start(environment={"WATCHDOG_USEC": "200000"})
        daemon.push_apps(a="a 1", b="b 1")
        manager.wait_for(r"^WATCHDOG=1$")
        manager.wait_for(r"^STATUS=2 applications$")

    def test_a_main_loop_that_hangs_feeds_no_watchdog(self):
        manager = Manager(self, sockets=False)
        daemon = manager.start(environment={"WATCHDOG_USEC": "200000"})
        manager.wait_for(r"^WATCHDOG=1$")
        os.kill(daemon.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, daemon.pid, signal.SIGCONT)
        eventually(lambda: state_of(daemon.pid) == "T", "the daemon is stopped")
        manager.messages()
        manager.heard.clear()
        threading.Event().wait(0.5)  # five times what it may take
        self.assertEqual([], manager.messages())

    def test_nobody_is_told_where_nobody_asks(self):
        daemon = self.start()
        daemon.push_apps(a="a 1")
        self.assertEqual(0, daemon.stop())


class TestSockets(DaemonTest):
    def test_pushes_come_in_through_the_managers_sockets(self):
        manager = Manager(self)
        inode = os.stat(manager.unix_path).st_ino
        daemon = manager.start()
        for transport in ("unix", "tcp"):
            self.assertEqual(b"", daemon.push(transport, document(**{transport: "x 1"})))
        self.assertEqual({"tcp": f"127.0.0.1:{manager.tcp_port}", "unix": manager.unix_path},
                         {name: app["source"] for name, app in daemon.apps().items()})  # fmt: skip
        daemon.stop()
        # Its file is the manager's, and there is no lock of ours beside it.
        self.assertEqual(inode, os.stat(manager.unix_path).st_ino)
        self.assertFalse(os.path.exists(manager.unix_path + ".lock"))

    def test_a_push_while_nobody_runs_waits(self):
        for transport in ("unix", "tcp"):
            with self.subTest(transport=transport):
                manager = Manager(self)
                daemon = manager.start()
                daemon.stop()
                with daemon.connect(transport) as waiting:
                    waiting.sendall(document(late="late 1"))
                    waiting.shutdown(socket.SHUT_WR)
                    successor = manager.start()
                    self.assertEqual(b"", receive_all(waiting))
                    successor.wait_page(b"late 1\n")
                    successor.stop()
                os.unlink(manager.path)
                os.unlink(manager.unix_path)

    def test_no_push_is_refused_while_the_daemon_restarts_under_load(self):
        manager = Manager(self)
        daemon = manager.start()
        taken = [0] * 6
        refused = []
        enough = threading.Event()

        def send(sender):
            transport = "unix" if sender % 2 else "tcp"
            while not enough.is_set():
                try:
                    with daemon.connect(transport) as connection:
                        connection.sendall(document(**{f"app{sender}": f"x {taken[sender] + 1}"}))
                        connection.shutdown(socket.SHUT_WR)
                        answer = receive_all(connection)
                except OSError as fault:
                    answer = repr(fault)
                if answer:
                    refused.append((transport, answer))
                    return
                taken[sender] += 1

        senders = [threading.Thread(target=send, args=(sender,)) for sender in range(len(taken))]
        for sender in senders:
            sender.start()
        try:
            for _ in range(5):
                before = list(taken)
                eventually(lambda: refused or all(a > b + 20 for a, b in zip(taken, before)), "all have pushed")
                daemon.stop()
                daemon = manager.start()
            eventually(lambda: refused or sum(taken) > 500, "they go on")
        finally:
            enough.set()
            for sender in senders:
                sender.join()
        self.assertEqual([], refused)
        page = daemon.page().decode()
        for count in taken:
            self.assertIn(f"x {count}\n", page)

    def test_a_socket_that_no_setting_names_is_told_of(self):
        manager = Manager(self)
        daemon = manager.start({"receiver": {"receive_on_tcp_socket": False}})
        self.assertRegex(daemon.log(), rf"the service manager listens on 127\.0\.0\.1:{manager.tcp_port}, which no setting")

    def connected(self, daemon):
        """As soon as somebody listens, which is a moment after the socket is there."""
        found = []

        def attempt():
            with contextlib.suppress(ConnectionRefusedError):
                found.append(daemon.connect("unix"))
            return found

        return eventually(attempt, "somebody listens")[0]

    def test_systemd_socket_activate_passes_the_same(self):
        tool = "/usr/bin/systemd-socket-activate"
        if not os.access(tool, os.X_OK):
            self.skipTest("systemd-socket-activate is not installed")
        path = os.path.join(self.folder, "activated.sock")
        daemon = Daemon(
            self, {"receiver": {"receiver_unix_socket": path, "receive_on_tcp_socket": False}},
            launcher=[tool, "--listen", path],
        )  # fmt: skip
        eventually(lambda: os.path.exists(path), "the tool listens")
        self.assertTrue(stat.S_ISSOCK(os.stat(path).st_mode))
        with self.connected(daemon) as first:  # starts the daemon
            first.sendall(document(a="a 1"))
            first.shutdown(socket.SHUT_WR)
            self.assertEqual(b"", receive_all(first))
        eventually(daemon.is_ready, "the daemon serves")
        self.assertEqual(b"a 1\n", daemon.page())
        daemon.stop()
        self.assertTrue(os.path.exists(path))


def state_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0]


if __name__ == "__main__":
    main()
