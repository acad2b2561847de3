# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGHUP: what changes while the daemon runs, what does not, and that no push is lost over it."""

import os
import signal
import socket
import stat
import unittest

import capnpmessage
import httpfixture
from harness import (
    TRANSPORTS, WORKERS, Daemon, DaemonTest, document, eventually, free_port, main, receive_all,
)  # fmt: skip
from pushers import Pushers

RELOADS = 30


class ReloadTest(DaemonTest):
    def start_with_metrics(self, settings=None):
        settings = settings or {}
        settings.setdefault("exporter", {})["self_metrics"] = True
        return self.start(settings)

    def texts(self, daemon):
        return daemon.page().partition(b"# HELP exporter_proxy_")[0]

    def was_good(self, daemon):
        return daemon.metric("exporter_proxy_config_last_reload_successful") == 1

    def refuses(self, transport, daemon):
        try:
            daemon.connect(transport).close()
        except OSError:
            return True
        return False


class TestInPlace(ReloadTest):
    def test_nothing_new(self):
        daemon = self.start_with_metrics()
        before = daemon.metric("exporter_proxy_config_last_reload_success_timestamp_seconds")
        inode = os.stat(daemon.unix_path).st_ino
        self.assertIn("nothing has changed", daemon.reload())
        self.assertTrue(self.was_good(daemon))
        self.assertGreater(daemon.metric("exporter_proxy_config_last_reload_success_timestamp_seconds"), before)
        self.assertEqual(inode, os.stat(daemon.unix_path).st_ino)

    def test_own_metrics_and_log_level(self):
        daemon = self.start_with_metrics()
        daemon.push_apps(a="a 1")
        log = daemon.reload({"exporter": {"self_metrics": False}})
        self.assertIn("changed: exporter.self_metrics\n", log)
        self.assertEqual(b"a 1\n", daemon.page())
        daemon.configure({"exporter": {"self_metrics": True}, "log": {"level": "error"}})
        daemon.popen.send_signal(signal.SIGHUP)  # which says nothing any more
        eventually(lambda: b"exporter_proxy_build_info" in daemon.page(), "it has reloaded")
        before = daemon.log()
        self.assertIn(b"error", daemon.push("tcp", b"[]"))
        self.assertEqual(before, daemon.log())

    def test_limits_hold_for_open_connections_too(self):
        for daemon, transport in self.for_transports():
            with daemon.connect(transport) as connection:
                connection.sendall(document(a="a 1"))
                daemon.wait_page(b"a 1\n")
                # The second message has begun before the reload and ends by the limit of then.
                connection.sendall(b'{"b": "b ')
                eventually(lambda: daemon.push(transport, document(c="c 1")) == b"", "others are taken meanwhile")
                self.assertIn("changed: limits.max_message_size\n", daemon.reload({"limits": {"max_message_size": 50}}))
                connection.sendall(b'1234567890123456789012345678901234567890"}')
                eventually(lambda: "b" in daemon.apps(), "the message that had begun is taken")
                connection.sendall(document(a="x" * 50))
                self.assertIn(b"max_message_size", receive_all(connection))
            self.assertIn(b"max_message_size", daemon.push(transport, document(a="x" * 50)))
            daemon.reload({"limits": {"max_message_size": 100}})
            self.assertEqual(b"", daemon.push(transport, document(a="x" * 50)))

    def test_fewer_applications_than_are_held(self):
        daemon = self.start()
        daemon.push_apps(a="a 1", b="b 1", c="c 1")
        daemon.reload({"limits": {"max_apps": 2}})
        self.assertEqual(b"a 1\nb 1\nc 1\n", daemon.page())
        self.assertIn(b"max_apps", daemon.push("unix", document(d="d 1")))
        self.assertEqual(b"", daemon.push("unix", document(c="c 2")))
        daemon.reload({"limits": {"max_apps": 4}})
        self.assertEqual(b"", daemon.push("unix", document(d="d 1")))
        self.assertEqual(b"a 1\nb 1\nc 2\nd 1\n", daemon.page())

    def test_rules_by_which_more_is_held_than_there_is_room_for(self):
        limits = {"max_total_size": "1MiB", "max_message_size": "1MiB"}
        daemon = self.start({"exporter": {"self_metrics": True}, "limits": limits})
        text = "".join(f"family_{i} 1\n" for i in range(5000))
        self.assertEqual(b"", daemon.push("tcp", document(app=text)))
        self.assertEqual(len(text), daemon.metric("exporter_proxy_charged_bytes"))
        log = daemon.reload({"exposition": {"mode": "merge"}})
        self.assertIn("more than the 1048576 of limits.max_total_size: it stays, but pushes are refused", log)
        self.assertGreater(daemon.metric("exporter_proxy_charged_bytes"), 5_000_000)
        self.assertIn(b"family_4999 1\n", daemon.page())
        self.assertIn(b"with what exposition.mode and app_label need", daemon.push("tcp", document(app=text)))
        daemon.reload({"exposition": {"mode": "concatenate"}})
        self.assertEqual(b"", daemon.push("tcp", document(app=text)))

    def test_message_timeout(self):
        daemon = self.start({"receiver": {"message_timeout": 600}})
        daemon.reload({"receiver": {"message_timeout": 0.05}})
        with daemon.connect("tcp") as connection:
            connection.sendall(b'{"a": ')
            self.assertIn(b"message_timeout", receive_all(connection))

    def test_format(self):
        daemon = self.start()
        with daemon.connect("unix") as connection:
            connection.sendall(document(a="a 1"))
            daemon.wait_page(b"a 1\n")
            self.assertIn("changed: receiver.format\n", daemon.reload({"receiver": {"format": "capnp"}}))
            connection.sendall(capnpmessage.encode(("a", "a 2")))
            daemon.wait_page(b"a 2\n")
        for transport in TRANSPORTS:
            self.assertEqual(b"", daemon.push(transport, capnpmessage.encode((transport, "x 1"))))
            self.assertIn(b"error", daemon.push(transport, document(a="a 3")))

    def test_mode_of_the_socket(self):
        daemon = self.start()
        before = os.stat(daemon.unix_path)
        with daemon.connect("unix") as connection:
            daemon.reload({"receiver": {"unix_socket_mode": "0600"}})
            after = os.stat(daemon.unix_path)
            self.assertEqual(before.st_ino, after.st_ino)
            self.assertEqual(0o600, stat.S_IMODE(after.st_mode))
            connection.sendall(document(a="a 1"))
            daemon.wait_page(b"a 1\n")

    def test_what_needs_a_restart_is_named(self):
        daemon = self.start_with_metrics()
        log = daemon.reload(
            {
                "exporter": {"worker_threads": WORKERS + 1, "concurrent_requests": 7},
                "state": {"file": os.path.join(self.folder, "state")},
                "limits": {"max_apps": 17},
            }
        )
        self.assertIn("changed: limits.max_apps\n", log)
        eventually(
            lambda: "only after a restart: exporter.worker_threads, exporter.concurrent_requests, state.file\n"
            in daemon.log(),
            "the others are named",
        )
        self.assertFalse(os.path.exists(os.path.join(self.folder, "state")))


class TestPollTargets(ReloadTest):
    def test_targets_come_and_go_and_the_others_stay(self):
        ends = {name: httpfixture.Endpoint(self, httpfixture.text(f"{name} 1\n".encode())) for name in "abcd"}

        def tables(names, **others):
            return {
                "poll_external": {
                    "poll_other_scrape_endpoints": bool(names),
                    "poll_interval": 600,
                    "endpoint": [{"url": ends[name].url(), "name": name, **others.get(name, {})} for name in names],
                }
            }

        daemon = self.start_with_metrics(tables("abc"))
        eventually(lambda: self.texts(daemon) == b"a 1\nb 1\nc 1\n", "all are polled")
        polls = eventually(
            lambda: (len(ends["a"].requests) >= 1 and [len(end.requests) for end in ends.values()]), "polls are counted"
        )
        before = daemon.apps()["a"]

        log = daemon.reload(tables("abd", b={"interval": 300}))
        self.assertIn("polled endpoints: 1 added, 1 removed, 1 changed\n", log)
        eventually(lambda: self.texts(daemon) == b"a 1\nb 1\nd 1\n", "the new one is polled, the removed one gone")
        eventually(lambda: daemon.apps()["b"]["updates"] >= before["updates"] + 1, "the changed one is polled again")
        apps = daemon.apps()
        self.assertEqual(300, apps["b"]["interval_seconds"])
        for key in ("last_update", "updates", "interval_seconds"):
            self.assertEqual(before[key], apps["a"][key])
        self.assertEqual(polls[0], len(ends["a"].requests))
        self.assertIsNone(daemon.metric("exporter_proxy_poll_duration_seconds", app="c"))
        self.assertIsNotNone(daemon.metric("exporter_proxy_poll_duration_seconds", app="a"))

        daemon.reload(tables(""))
        self.assertEqual({}, daemon.apps())
        daemon.reload(tables("a"))
        eventually(lambda: self.texts(daemon) == b"a 1\n", "it is polled anew")

    def test_a_name_that_is_polled_can_be_pushed_only_after_that(self):
        end = httpfixture.Endpoint(self, httpfixture.text(b"polled 1\n"))
        poll = {"poll_other_scrape_endpoints": True, "poll_interval": 600, "endpoint": [{"url": end.url(), "name": "a"}]}
        daemon = self.start({"poll_external": poll})
        daemon.wait_page(b"polled 1\n")
        self.assertRegex(daemon.push("unix", document(a="pushed 1")), rb"\Aerror: a: the configuration names this")
        self.assertEqual("fresh", daemon.apps()["a"]["state"])
        daemon.reload({"poll_external": {"poll_other_scrape_endpoints": False}})
        daemon.push_apps(a="pushed 1")
        self.assertEqual(b"pushed 1\n", daemon.page())


class TestRebind(ReloadTest):
    def test_push_addresses(self):
        daemon = self.start()
        old_path = daemon.unix_path
        old_tcp = daemon.tcp_port
        daemon.push_apps(a="a 1")
        new_path, new_tcp = os.path.join(self.folder, "other.sock"), free_port()
        log = daemon.reload({"receiver": {"receiver_unix_socket": new_path, "receiver_tcp_socket": f"127.0.0.1:{new_tcp}"}})
        self.assertIn("changed: receiver.receiver_unix_socket, receiver.receiver_tcp_socket\n", log)
        self.assertEqual([], [name for name in os.listdir(self.folder) if name.startswith(os.path.basename(old_path))])
        self.assertTrue(self.refuses("tcp", daemon))
        daemon.unix_path, daemon.tcp_port = new_path, new_tcp
        for transport in TRANSPORTS:
            self.assertEqual(b"", daemon.push(transport, document(**{transport: f"{transport} 1"})))
        self.assertEqual(b"a 1\ntcp 1\nunix 1\n", daemon.page())
        self.assertEqual(new_path, daemon.apps()["unix"]["source"])

        daemon.reload({"receiver": {"receive_on_tcp_socket": False}})
        self.assertTrue(self.refuses("tcp", daemon))
        daemon.reload({"receiver": {"receive_on_tcp_socket": True, "receive_on_unix_socket": False}})
        self.assertFalse(os.path.exists(new_path))
        self.assertEqual(b"", daemon.push("tcp", document(tcp="tcp 2")))
        daemon.reload({"receiver": {"receive_on_unix_socket": True, "receiver_unix_socket": old_path}})
        daemon.unix_path = old_path
        self.assertEqual(b"", daemon.push("unix", document(unix="unix 2")))
        self.assertNotEqual(old_tcp, new_tcp)

    def test_who_is_inside_a_message_is_told(self):
        for daemon, transport in self.for_transports():
            with daemon.connect(transport) as connection:
                connection.sendall(document(a="a 1") + b'{"b": ')
                daemon.wait_page(b"a 1\n")
                daemon.reload(
                    {
                        "receiver": {
                            "receiver_unix_socket": os.path.join(self.folder, f"other-{transport}.sock"),
                            "receiver_tcp_socket": f"127.0.0.1:{free_port()}",
                        }
                    }
                )
                self.assertEqual(
                    b"error: the daemon no longer receives here, and the message is not complete\n",
                    receive_all(connection),
                )

    def test_the_http_port(self):
        daemon = self.start()
        daemon.push_apps(a="a 1")
        self.assertEqual(b"a 1\n", daemon.page())
        new_port = free_port()
        daemon.reload({"exporter": {"scrape_expose_endpoint": f"127.0.0.1:{new_port}"}})
        self.assertEqual(b"a 1\n", daemon.page())  # on the connection that is open
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", daemon.http_port)).close()
        daemon.http.close()
        daemon.http.port = daemon.http_port = new_port
        self.assertEqual(b"a 1\n", daemon.page())


class TestBadConfigurations(ReloadTest):
    def check_nothing_changed(self, daemon, inode):
        self.assertFalse(self.was_good(daemon))
        self.assertEqual(inode, os.stat(daemon.unix_path).st_ino)
        for transport in TRANSPORTS:
            self.assertEqual(b"", daemon.push(transport, document(**{transport: "x" * 100})))
        self.assertFalse(os.path.exists(os.path.join(self.folder, "other.sock")))

    def test_a_bad_file_changes_nothing(self):
        daemon = self.start_with_metrics()
        inode = os.stat(daemon.unix_path).st_ino
        loaded = daemon.metric("exporter_proxy_config_last_reload_success_timestamp_seconds")
        with open(daemon.config_path, encoding="utf-8") as file:
            good = file.read()
        lines = len(good.splitlines())
        with open(daemon.config_path, "w", encoding="utf-8") as file:
            file.write(good + '[limits]\nmax_message_size = 10\nmax_aps = 3\n')
        log = daemon.reload()
        self.assertIn(f'error daemon: reload: {daemon.config_path}:{lines + 3}:1: unknown key "limits.max_aps"', log)
        eventually(lambda: "nothing has changed" in daemon.log(), "it says so")
        self.check_nothing_changed(daemon, inode)
        self.assertEqual(loaded, daemon.metric("exporter_proxy_config_last_reload_success_timestamp_seconds"))
        os.remove(daemon.config_path)
        self.assertIn(f"cannot read {daemon.config_path}", daemon.reload())
        self.check_nothing_changed(daemon, inode)
        daemon.reload({})
        self.assertTrue(self.was_good(daemon))

    def test_an_address_that_is_taken_changes_nothing(self):
        daemon = self.start_with_metrics()
        inode = os.stat(daemon.unix_path).st_ino
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            for settings in (
                {"receiver": {"receiver_tcp_socket": address}},
                {"exporter": {"scrape_expose_endpoint": address}},
                {"receiver": {"receiver_unix_socket": os.path.join(self.folder, "missing", "x.sock")}},
            ):
                with self.subTest(**settings):
                    former = {section: dict(values) for section, values in daemon.settings.items()}
                    daemon.configure({"limits": {"max_message_size": 10}})
                    if "receiver_unix_socket" not in settings.get("receiver", {}):
                        daemon.configure({"receiver": {"receiver_unix_socket": os.path.join(self.folder, "other.sock")}})
                    log = daemon.reload(settings)
                    self.assertRegex(log, r"reload: cannot listen on .*nothing has changed")
                    self.check_nothing_changed(daemon, inode)
                    daemon.settings = former
                    daemon.reload({})
                    self.assertTrue(self.was_good(daemon))

    @unittest.skipIf(os.geteuid() == 0, "root may give a socket to anybody")
    def test_an_owner_that_cannot_be(self):
        daemon = self.start_with_metrics()
        self.assertIn("cannot change owner", daemon.reload({"receiver": {"unix_socket_user": "root"}}))
        self.check_nothing_changed(daemon, os.stat(daemon.unix_path).st_ino)

    def test_without_a_file_it_says_so(self):
        daemon = Daemon(self, {})
        daemon.failed_on_purpose = True
        daemon.kill()
        arguments = [
            f"--set={section}.{key}={value}"
            for section, key, value in (
                ("exporter", "scrape_expose_endpoint", f"127.0.0.1:{daemon.http_port}"),
                ("receiver", "receiver_unix_socket", daemon.unix_path),
                ("receiver", "receiver_tcp_socket", f"127.0.0.1:{daemon.tcp_port}"),
            )
        ]
        self.assertTrue(daemon.restart(self, arguments))
        self.assertIn("started without a configuration file", daemon.reload())
        self.assertTrue(self.was_good(daemon))

    def test_the_command_line_stays_above_the_file(self):
        daemon = self.start({"limits": {"max_apps": 1}}, arguments=("--set", "limits.max_apps=2"))
        self.assertIn("nothing has changed", daemon.reload({"limits": {"max_apps": 3}}))
        self.assertEqual(b"", daemon.push("tcp", document(a="a", b="b")))
        self.assertIn(b"max_apps", daemon.push("tcp", document(c="c")))


class TestUnderLoad(ReloadTest):
    def test_changes_in_place_disturb_nobody(self):
        daemon = self.start_with_metrics()
        with Pushers(daemon) as pushers:
            for number in range(RELOADS):
                pushers.wait_for_more(2)
                log = daemon.reload(
                    {
                        "exporter": {"self_metrics": bool(number % 2)},
                        "limits": {"max_message_size": 10_000 + number, "max_apps": 100 + number},
                        "receiver": {"message_timeout": 10 + number, "unix_socket_mode": ("0600", "0660")[number % 2]},
                    }
                )
                self.assertIn("changed: ", log)
            pushers.wait_for_more()
            pushers.stop()
            self.assertEqual([], pushers.failures())
            self.assertEqual([], pushers.answers())
            self.assertEqual([], pushers.lost(daemon))
            if daemon.settings["exporter"]["self_metrics"]:
                pushes = sum(daemon.metric("exporter_proxy_pushes_total", receiver=name) for name in TRANSPORTS)
                self.assertEqual(pushers.count(), pushes)

    def test_no_push_is_lost_when_the_receivers_move(self):
        """A sender at a former address may find nobody there, or be cut off: then it knows. What was taken is there."""
        daemon = self.start()
        paths = [daemon.unix_path, os.path.join(self.folder, "other.sock")]
        ports = [daemon.tcp_port, free_port()]
        with Pushers(daemon) as pushers:
            for number in range(1, RELOADS + 1):
                pushers.wait_for_more(2)
                to = number % 2
                log = daemon.reload(
                    {"receiver": {"receiver_unix_socket": paths[to], "receiver_tcp_socket": f"127.0.0.1:{ports[to]}"}}
                )
                self.assertIn("changed: receiver.receiver_unix_socket, receiver.receiver_tcp_socket", log)
                daemon.unix_path, daemon.tcp_port = paths[to], ports[to]
                self.assertEqual([], pushers.lost(daemon) if number % 5 == 0 else [])
            pushers.wait_for_more()
            pushers.stop()
            self.assertEqual([], pushers.lost(daemon))
            self.assertTrue(all(b"no longer receives here" in answer for answer in pushers.answers()))


if __name__ == "__main__":
    main()
