# SPDX-License-Identifier: GPL-3.0-or-later
"""[state] file: what comes back after a restart, and what does not stop the daemon from starting."""

import glob
import os
import resource
import socket
import stat
import time

import httpfixture
from harness import Daemon, DaemonTest, document, eventually, main

QUIET = ("--log-level", "error")


class StateTest(DaemonTest):
    def setUp(self):
        super().setUp()
        os.mkdir(os.path.join(self.folder, "state"))
        self.path = os.path.join(self.folder, "state", "apps.state")

    def settings(self, **others):
        return {"state": {"file": self.path}, "exporter": {"self_metrics": True}, **others}

    def texts(self, daemon):
        return daemon.page().partition(b"# HELP exporter_proxy_")[0]

    def state_metric(self, daemon, name):
        return daemon.metric(f"exporter_proxy_state_{name}")

    def wait_written(self, daemon, more_than=0):
        eventually(lambda: self.state_metric(daemon, "writes_total") > more_than, "the state is written")

    def read_state(self):
        with open(self.path, "rb") as file:
            return file.read()

    def beside(self):
        """What else is in the folder of the state file."""
        return sorted(set(os.listdir(os.path.dirname(self.path))) - {os.path.basename(self.path)})


class TestRestart(StateTest):
    def test_pushed_applications_come_back_as_they_were(self):
        polled = httpfixture.Endpoint(self, httpfixture.text(b"polled 1\n"))
        poll = {"poll_other_scrape_endpoints": True, "other_scrape_endpoints": [polled.url()]}
        daemon = self.start(self.settings(poll_external=poll))
        large = "".join(f"large{{line=\"{line}\"}} 1\n" for line in range(100_000))  # several records
        for transport, texts in (("unix", {"a": "a 1", "größer": large}), ("tcp", {"b": "b 1\n", "empty": ""})):
            self.assertEqual(b"", daemon.push(transport, document(**texts)))
        daemon.push("tcp", document(a="a 2"))
        self.assertIn(b"error", daemon.push("unix", document(b="b\0")))
        eventually(lambda: b"polled 1\n" in daemon.page(), "it has polled")
        before = daemon.apps()
        daemon.stop()

        self.assertEqual(0o600, stat.S_IMODE(os.stat(self.path).st_mode))
        self.assertEqual([], self.beside())
        second = self.start(self.settings())
        after = second.apps()
        self.assertEqual(sorted(set(before) - {f"external_poll: 127.0.0.1:{polled.port}"}), sorted(after))
        for name, app in after.items():
            for key in ("last_update", "source", "kind", "bytes", "series", "updates", "rejected", "last_error", "state"):
                self.assertEqual(before[name][key], app[key], (name, key))
        self.assertEqual(f"a 2\nb 1\n{large}".encode(), self.texts(second))
        self.assertEqual(4, self.state_metric(second, "restored_apps"))
        self.assertEqual(0, self.state_metric(second, "restore_failed"))

        second.push("unix", document(a="a 3"))  # and they go on from there
        self.assertEqual(3, second.apps()["a"]["updates"])

    def test_a_push_is_in_the_state_soon_without_a_stop(self):
        daemon = self.start(self.settings())
        self.assertEqual(b"", daemon.push("unix", document(a="a 1", b="b 1")))
        self.wait_written(daemon)
        first = self.state_metric(daemon, "last_write_timestamp_seconds")
        self.assertAlmostEqual(time.time(), first, delta=60)
        daemon.push("tcp", document(a="a 2"))
        self.wait_written(daemon, more_than=1)  # after the pause
        daemon.kill()
        self.assertTrue(daemon.restart(self))
        self.assertEqual(b"a 2\nb 1\n", self.texts(daemon))
        self.assertEqual([os.path.basename(self.path) + ".lock"], self.beside())
        self.assertGreaterEqual(self.state_metric(daemon, "last_write_timestamp_seconds"), first)

    def test_what_does_not_fit_is_left_out_and_told(self):
        daemon = self.start(self.settings())
        daemon.push("unix", document(**{f"app{number}": f"x{number} 1" for number in range(5)}))
        daemon.stop()
        for limits, left in (({"max_apps": 2}, 3), ({"max_total_size": 9, "max_message_size": 9}, 4)):
            with self.subTest(**limits):
                state = self.read_state()
                daemon = self.start(self.settings(limits=limits))
                self.assertEqual(5 - left, len(daemon.apps()))
                self.assertRegex(daemon.log(), rf"left out {left} applications .*limits\.max_apps")
                daemon.stop()
                self.assertEqual(state, self.read_state())  # nothing was pushed, nothing written

    def test_an_idle_daemon_sleeps(self):
        daemon = self.start(self.settings())
        daemon.push("unix", document(a="a 1"))
        self.wait_written(daemon)
        daemon.http.close()

        def wake_ups():
            count = 0
            for task in os.listdir(f"/proc/{daemon.pid}/task"):
                with open(f"/proc/{daemon.pid}/task/{task}/status", encoding="utf-8") as file:
                    status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
                # Threads of the daemon's own have names; a sanitizer's has the program's and wakes up as it likes.
                if int(task) == daemon.pid or not "exporter-proxy".startswith(status["Name"]):
                    count += int(status["voluntary_ctxt_switches"])
            return count

        def sleeps():
            before = wake_ups()
            time.sleep(1.5)
            return wake_ups() == before

        eventually(sleeps, "it sleeps")


class TestBadFiles(StateTest):
    def good_state(self):
        daemon = self.start(self.settings())
        daemon.push("unix", document(a="a 1", b="b 1"))
        daemon.stop()
        return self.read_state()

    def test_a_bad_file_is_set_aside_and_the_daemon_starts(self):
        good = self.good_state()
        middle = len(good) // 2
        for what, content in {
            "a changed byte": good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :],
            "cut": good[:-1],
            "cut to nothing": b"",
            "more behind it": good + b"x",
            "of a later format": good[:8] + b"\2" + good[9:],
        }.items():
            with self.subTest(what):
                with open(self.path, "wb") as file:
                    file.write(content)
                daemon = self.start(self.settings())
                self.assertEqual(b"", self.texts(daemon))
                self.assertEqual(1, self.state_metric(daemon, "restore_failed"))
                aside = glob.glob(self.path + ".damaged-*")
                self.assertEqual(1, len(aside))
                with open(aside[0], "rb") as file:
                    self.assertEqual(content, file.read())
                self.assertIn(f"damaged and was set aside as {aside[0]}, nothing is restored: ", daemon.log())
                daemon.push("unix", document(c="c 1"))
                daemon.stop()
                self.assertTrue(os.path.exists(aside[0]))
                os.remove(aside[0])
                again = self.start(self.settings())
                self.assertEqual(b"c 1\n", self.texts(again))
                self.assertEqual(0, self.state_metric(again, "restore_failed"))
                again.stop()

    def test_anothers_file_stays_and_stops_the_start(self):
        content = b"root:x:0:0:root:/root:/bin/bash\n" * 100
        with open(self.path, "wb") as file:
            file.write(content)
        self.check_refusal("is no state file of exporter-proxy")
        self.assertEqual(content, self.read_state())
        self.assertEqual([], glob.glob(self.path + ".damaged-*"))

    def check_refusal(self, pattern, settings=None):
        lines = self.start_failing(1, settings or self.settings(), QUIET)
        self.assertEqual(1, len(lines), lines)
        self.assertRegex(lines[0], pattern)

    def test_what_cannot_be_a_state_file_stays_and_stops_the_start(self):
        elsewhere = self.write("elsewhere", "precious\n")
        os.symlink(elsewhere, self.path)
        self.check_refusal("cannot keep the state in .*apps.state: there is a symbolic link of that name")
        self.assertEqual(elsewhere, os.readlink(self.path))
        os.remove(self.path)
        os.mkdir(self.path)
        self.check_refusal("there is a folder of that name")
        os.rmdir(self.path)
        os.mkfifo(self.path)
        self.check_refusal("there is something that is not a file")
        os.remove(self.path)
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(self.path)
        self.check_refusal("there is something that is not a file")

    def test_a_folder_that_is_missing(self):
        path = os.path.join(self.folder, "missing", "state")
        self.check_refusal(f"cannot keep the state in {path}: .*no such file or directory", {"state": {"file": path}})

    def test_a_second_daemon_leaves_the_first_its_file(self):
        first = self.start(self.settings())
        first.push("unix", document(a="a 1"))
        self.check_refusal("cannot keep the state in .*apps.state: another exporter-proxy does")
        first.stop()
        self.assertEqual(b"a 1\n", self.texts(self.start(self.settings())))


class TestFailingWrites(StateTest):
    def check_previous_stays(self, daemon, state, pattern):
        eventually(lambda: self.state_metric(daemon, "write_errors_total") >= 1, "a write has failed")
        self.assertEqual(0, self.state_metric(daemon, "last_write_successful"))
        self.assertRegex(daemon.log(), pattern)
        self.assertEqual(state, self.read_state())

    def test_the_previous_snapshot_stays_and_the_stop_tries_again(self):
        daemon = self.start(self.settings())
        daemon.push("unix", document(a="a 1"))
        self.wait_written(daemon)
        state = self.read_state()
        os.mkdir(self.path + ".new")  # nobody can write there, not even root
        daemon.push("unix", document(a="a 2"))
        self.check_previous_stays(daemon, state, "cannot write the state to .*apps.state: the new file: file exists")
        self.assertEqual(b"a 2\n", self.texts(daemon))  # it serves on
        os.rmdir(self.path + ".new")
        daemon.stop()
        self.assertEqual(b"a 2\n", self.texts(self.start(self.settings())))

    def test_a_stop_that_loses_texts_says_so_by_its_status(self):
        daemon = self.start(self.settings())
        daemon.push("unix", document(a="a 1"))
        self.wait_written(daemon)
        os.mkdir(self.path + ".new")
        daemon.push("unix", document(a="a 2"))
        daemon.stop(expected_status=1)
        self.assertIn("cannot write the state to ", daemon.log())

    def test_no_room_for_the_file(self):
        daemon = Daemon(
            self,
            self.settings(),
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)),
        )
        self.assertTrue(daemon.wait_ready())
        daemon.push("unix", document(a="a 1"))
        self.wait_written(daemon)
        state = self.read_state()
        daemon.push("unix", document(b="b" * 1_000_000))
        self.check_previous_stays(daemon, state, "the new file: file too large; the last whole one stays")
        self.assertEqual([os.path.basename(self.path) + ".lock"], self.beside())
        self.assertEqual(b"", daemon.push("tcp", document(b="b 1")))
        daemon.stop()
        self.assertEqual(b"a 1\nb 1\n", self.texts(self.start(self.settings())))


if __name__ == "__main__":
    main()
