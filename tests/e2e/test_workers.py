# SPDX-License-Identifier: GPL-3.0-or-later
"""Many senders: worker threads, and the cap on open connections."""

import os
import socket
import threading
import unittest

from harness import TRANSPORTS, WORKERS, DaemonTest, document, eventually, main, receive_all


class TestWorkers(DaemonTest):
    def test_many_senders_at_once(self):
        daemon = self.start({"exporter": {"self_metrics": True}})
        senders, pushes = 16, 50
        failures = []

        def send(number):
            try:
                transport = TRANSPORTS[number % 2]
                for value in range(1, pushes + 1):
                    own = f'x{{of="{number}"}} {value}'
                    answer = daemon.push(transport, document(**{f"app{number:02}": own, "shared": f"shared {value}"}))
                    if answer:
                        failures.append(answer)
            except Exception as failure:  # a thread's own exception would only be printed
                failures.append(failure)

        threads = [threading.Thread(target=send, args=(number,)) for number in range(senders)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([], failures)
        expected = "".join(f'x{{of="{number}"}} {pushes}\n' for number in range(senders)) + f"shared {pushes}\n"
        texts = daemon.page().partition(b"# HELP exporter_proxy_")[0].decode()
        if not texts.endswith(f"shared {pushes}\n"):  # whoever was last has it
            self.assertRegex(texts, r"\nshared \d+\n\Z")
            expected = expected.replace(f"shared {pushes}", texts.splitlines()[-1])
        self.assertEqual(expected, texts)
        taken = sum(daemon.metric("exporter_proxy_pushes_total", receiver=transport) for transport in TRANSPORTS)
        self.assertEqual(senders * pushes, taken)
        self.assertEqual(senders * pushes, daemon.apps()["shared"]["updates"])
        for transport in TRANSPORTS:
            self.assertEqual({}, daemon.errors(transport))

    def test_receivers_have_the_threads_that_are_asked_for(self):
        for workers in (WORKERS, WORKERS + 3):
            daemon = self.start({"exporter": {"worker_threads": workers}})
            names = []
            for task in os.listdir(f"/proc/{daemon.pid}/task"):
                with open(f"/proc/{daemon.pid}/task/{task}/comm", encoding="ascii") as file:
                    names.append(file.read().strip())
            # By name: a sanitizer brings threads of its own.
            expected = [f"receiver {number}" for number in range(1, workers + 1)]
            self.assertEqual(expected, sorted(name for name in names if name.startswith("receiver ")))


class CapTest(DaemonTest):
    def start_capped(self, cap):
        return self.start({"exporter": {"concurrent_requests": cap, "self_metrics": True}})

    def texts(self, daemon):
        return daemon.page().partition(b"# HELP exporter_proxy_")[0].decode()

    def connections(self, daemon, transport):
        return daemon.metric("exporter_proxy_connections", receiver=transport)

    def send_and_wait(self, daemon, connection, name, rest=b""):
        """A push that is stored on return; what follows it in the same write has been read by then."""
        connection.sendall(document(**{name: f"{name} 1"}) + rest)
        eventually(lambda: f"{name} 1\n" in self.texts(daemon), f"{name} is stored")

    def open(self, daemon, transport):
        connection = daemon.connect(transport)
        self.addCleanup(connection.close)
        return connection


@unittest.skipIf(WORKERS > 1, "with several worker threads each has its own share of the cap")
class TestCap(CapTest):
    def assert_gone(self, connection, transport):
        """Over TCP by a reset: with an orderly end, a push that crosses it would pass for stored."""
        if transport == "tcp":
            self.assertRaises(ConnectionResetError, receive_all, connection)
        else:
            self.assertEqual(b"", receive_all(connection))

    def test_the_connection_idle_for_longest_makes_room(self):
        for transport in TRANSPORTS:
            with self.subTest(transport=transport):
                daemon = self.start_capped(3)
                first, second, third = (self.open(daemon, transport) for _ in range(3))
                self.send_and_wait(daemon, first, "first")
                self.send_and_wait(daemon, second, "second")
                self.send_and_wait(daemon, third, "third")
                self.send_and_wait(daemon, first, "first_again")  # so that now the second has been idle for longest
                fourth = self.open(daemon, transport)
                self.send_and_wait(daemon, fourth, "fourth")
                self.assert_gone(second, transport)
                eventually(lambda: self.connections(daemon, transport) == 3, "three are open")
                for connection, name in ((first, "a"), (third, "b"), (fourth, "c")):
                    self.send_and_wait(daemon, connection, name)

    def test_a_connection_in_a_message_keeps_its_place(self):
        for transport in TRANSPORTS:
            with self.subTest(transport=transport):
                daemon = self.start_capped(2)
                busy, idle = (self.open(daemon, transport) for _ in range(2))
                self.send_and_wait(daemon, busy, "busy", b'{"busy": ')
                self.send_and_wait(daemon, idle, "idle")
                other = self.open(daemon, transport)
                self.send_and_wait(daemon, other, "other")
                self.assert_gone(idle, transport)
                busy.sendall(b'"busy 2"}')
                eventually(lambda: "busy 2\n" in self.texts(daemon), "the busy one ends its message")

    def test_when_all_are_in_a_message_the_stalled_give_way(self):
        for transport in TRANSPORTS:
            with self.subTest(transport=transport):
                daemon = self.start_capped(2)
                held = [self.open(daemon, transport) for _ in range(2)]
                for number, connection in enumerate(held):
                    self.send_and_wait(daemon, connection, f"held{number}", b'{"late": ')
                waiting = [self.open(daemon, transport) for _ in range(3)]  # the kernel lets them in
                for number, connection in enumerate(waiting):
                    connection.sendall(document(**{f"waiting{number}": f"waiting{number} 1"}))
                    connection.shutdown(socket.SHUT_WR)
                for number, connection in enumerate(waiting):
                    self.assertEqual(b"", receive_all(connection))
                    self.assertIn(f"waiting{number} 1\n", self.texts(daemon))
                self.assertIn(b"while all connections were in use", receive_all(held[0]))

    def test_one_that_leaves_makes_room(self):
        for transport in TRANSPORTS:
            with self.subTest(transport=transport):
                daemon = self.start_capped(1)
                held = self.open(daemon, transport)
                self.send_and_wait(daemon, held, "held", b"{")
                waiting = self.open(daemon, transport)
                waiting.sendall(document(waiting="waiting 1"))
                held.close()
                eventually(lambda: "waiting 1\n" in self.texts(daemon), "the next one's push is stored")


class TestManySenders(CapTest):
    def test_far_more_senders_than_the_cap(self):
        """Each gets in, if need be at another try: one that has not begun to send may have to make room."""
        cap = 2 * max(1, WORKERS)
        for daemon, transport in self.for_transports({"exporter": {"concurrent_requests": cap, "self_metrics": True}}):
            answers = []

            def send(number):
                whole = document(**{f"app{number}": f"x {number}"})
                for _ in range(1000):
                    try:
                        with daemon.connect(transport) as connection:
                            connection.sendall(whole[:5])
                            connection.sendall(whole[5:])
                            connection.shutdown(socket.SHUT_WR)
                            answers.append(receive_all(connection))
                            return
                    except OSError:
                        pass

            threads = [threading.Thread(target=send, args=(number,)) for number in range(60)]
            for thread in threads:
                thread.start()
            most = 0
            while any(thread.is_alive() for thread in threads):
                most = max(most, self.connections(daemon, transport))
            for thread in threads:
                thread.join()
            self.assertEqual([b""] * 60, answers)
            self.assertEqual(60, len(daemon.apps()))
            self.assertLessEqual(most, cap)


if __name__ == "__main__":
    main()
