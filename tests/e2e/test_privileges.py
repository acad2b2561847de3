# SPDX-License-Identifier: GPL-3.0-or-later
"""What the daemon makes on disk is its own from the first moment, and nobody's link leads it anywhere."""

import ctypes
import os
import random
import re
import stat
import struct
import threading

from harness import Daemon, DaemonTest, document, eventually, main

# As careless a service manager as there is.
UMASK_0 = ("/bin/sh", "-c", 'umask 0; exec "$@"', "sh")


class Watcher:
    """What happens to the entries of a folder, as the kernel tells it (inotify(7)): nothing is too short to be seen."""

    ATTRIB, CREATE = 0x4, 0x100

    def __init__(self, folder):
        library = ctypes.CDLL(None, use_errno=True)
        self.descriptor = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        watch = library.inotify_add_watch(self.descriptor, os.fsencode(folder), self.ATTRIB | self.CREATE)
        if self.descriptor < 0 or watch < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def events(self):
        """(name, event) since the last call."""
        found = []
        while True:
            try:
                data = os.read(self.descriptor, 65536)
            except BlockingIOError:
                return found
            while data:
                _, mask, _, size = struct.unpack_from("iIII", data)
                found.append((os.fsdecode(data[16 : 16 + size].rstrip(b"\0")), mask))
                data = data[16 + size :]

    def close(self):
        os.close(self.descriptor)


class TestPrivileges(DaemonTest):
    def setUp(self):
        super().setUp()
        self.own = os.path.join(self.folder, "own")
        os.mkdir(self.own, 0o700)
        self.socket = os.path.join(self.own, "push.sock")

    def launch(self, settings, **options):
        daemon = Daemon(self, settings, **options)
        daemon.failed_on_purpose = True  # it may or may not start; what it then says is looked at
        return daemon

    def test_files_have_their_mode_from_the_first_moment(self):
        settings = {
            "receiver": {"receiver_unix_socket": self.socket, "unix_socket_mode": "0660"},
            "state": {"file": os.path.join(self.own, "state")},
        }
        watcher = Watcher(self.own)
        self.addCleanup(watcher.close)

        def check(name, kind, mode):
            status = os.lstat(os.path.join(self.own, name))
            self.assertEqual((kind, mode), (stat.S_IFMT(status.st_mode), stat.S_IMODE(status.st_mode)), name)

        for number in range(3):
            daemon = self.launch(settings, launcher=UMASK_0)
            self.assertTrue(daemon.wait_ready(), daemon.log())
            self.assertEqual(b"", daemon.push("unix", document(a=f"round {number}")))
            eventually(lambda: os.path.exists(os.path.join(self.own, "state")), "the state is written")
            events = watcher.events()
            # Made with their modes, and these not changed after: so there was never another one.
            self.assertIn(("push.sock", Watcher.CREATE), events)
            self.assertIn(("state.new", Watcher.CREATE), events)
            self.assertEqual([], [name for name, event in events if event & Watcher.ATTRIB])
            check("push.sock", stat.S_IFSOCK, 0o660)
            for name in ("push.sock.lock", "state", "state.lock"):
                check(name, stat.S_IFREG, 0o600)
            daemon.reload({"receiver": {"unix_socket_mode": "0600"}})
            check("push.sock", stat.S_IFSOCK, 0o600)
            self.assertIn(("push.sock", Watcher.ATTRIB), watcher.events())  # it would have been seen
            if number % 2:
                daemon.stop()
            else:
                daemon.kill()  # the next one finds what it left
            watcher.events()

    def test_a_link_that_comes_and_goes_at_the_socket_leads_nowhere(self):
        victim = self.write("victim", "somebody else's")
        os.chmod(victim, 0o600)
        before = os.stat(victim)
        stop = threading.Event()

        def swap():
            # Whoever may write to the folder can stop the daemon from starting there, and nothing else.
            while not stop.is_set():
                link = self.socket + ".mine"
                os.symlink(victim, link)
                os.rename(link, self.socket)
                stop.wait(random.uniform(0, 0.001))
                try:
                    os.unlink(self.socket)
                except FileNotFoundError:
                    pass
                stop.wait(random.uniform(0, 0.02))  # long enough for a daemon to get past its first look

        swapper = threading.Thread(target=swap)
        swapper.start()
        started = refused = 0
        try:
            while started + refused < 30 or (not refused and started < 1000):
                daemon = self.launch({"receiver": {"receiver_unix_socket": self.socket, "unix_socket_mode": "0666"}})
                if daemon.wait_ready():
                    started += 1
                    daemon.reload({"receiver": {"unix_socket_mode": "0660"}})
                    daemon.stop()
                else:
                    refused += 1
                    self.assertEqual(1, daemon.popen.returncode)
                    self.assertRegex(daemon.log(), rf"error daemon: cannot listen on {re.escape(self.socket)}: ")
        finally:
            stop.set()
            swapper.join()
        self.assertGreater(refused, 0)
        after = os.stat(victim)
        for field in ("st_ino", "st_mode", "st_uid", "st_gid", "st_size", "st_mtime_ns", "st_ctime_ns"):
            self.assertEqual(getattr(before, field), getattr(after, field), field)
        print(f"  started {started} times, refused {refused} times")

    def test_a_link_at_the_lock_or_the_state_leads_nowhere(self):
        victim = os.path.join(self.folder, "victim")
        for link, settings in (
            (self.socket, {"receiver": {"receiver_unix_socket": self.socket}}),
            (self.socket + ".lock", {"receiver": {"receiver_unix_socket": self.socket}}),
            (os.path.join(self.own, "state"), {"state": {"file": os.path.join(self.own, "state")}}),
            (os.path.join(self.own, "state.lock"), {"state": {"file": os.path.join(self.own, "state")}}),
        ):
            with self.subTest(link=os.path.basename(link)):
                os.symlink(victim, link)
                daemon = self.launch(settings)
                eventually(lambda: not daemon.is_running(), "it has refused")
                self.assertEqual(1, daemon.popen.returncode)
                self.assertIn(link.removesuffix(".lock"), daemon.log())
                self.assertTrue(os.path.islink(link))
                self.assertFalse(os.path.lexists(victim))
                os.unlink(link)


if __name__ == "__main__":
    main()
