# SPDX-License-Identifier: GPL-3.0-or-later
"""Senders of a soak that are broken or hostile: nothing of theirs is ever on a page, and they are told why."""

import contextlib
import json
import socket

import capnpmessage
from harness import receive_all, reset_on_close
from pagecheck import NEVER, Fault, text
from senders import Sender, encode

ILLEGAL_NAMES = ("", "\x1b[2Jcleared", "a\nb", "a\x00b", "bell\x07", "del\x7f", "c1\x9b31m", "y" * 257, "\t")


class Killed(Sender):
    """Leaves in the middle of a message: orderly, by a reset, or after some silence."""

    pause = 0.2

    def turn(self):
        name = self.random.choice(("steady 0", "pair 0a", "nobody"))
        message = encode(self.soak.config.format, {name: f"{NEVER} 1\n" * self.random.choice((1, 50, 20_000))})
        with contextlib.suppress(OSError), self.connect() as connection:
            connection.settimeout(2)
            connection.sendall(message[: self.random.randrange(len(message) - 1)])
            self.rest(self.random.choice((0, 0, 0.01, 0.5)))
            if self.random.random() < 0.5:
                reset_on_close(connection)
            self.count["killed"] += 1


class Stalling(Sender):
    """Waits in the middle of a message until the daemon has had enough."""

    pause = 1.0

    def turn(self):
        moment = self.soak.config.moment()
        message = encode(self.soak.config.format, {"nobody": f"{NEVER} 1\n"})
        try:
            with self.connect() as connection:
                connection.sendall(message[:20])
                connection.settimeout(0.5)
                while not self.soak.ending.is_set():
                    with contextlib.suppress(TimeoutError):
                        answer = receive_all(connection)
                        break
                else:
                    return
        except OSError as failure:
            self.soak.config.tolerate(moment, self, f"a stalled push: {failure!r}")
            return
        if not answer.startswith(b"error: "):
            self.soak.config.tolerate(moment, self, f"a stalled push was answered {answer!r}")
        self.count["stalled"] += 1


class Hostile(Sender):
    """What must be refused, and is told so."""

    pause = 0.2

    def message(self, kind):
        which = self.random.randrange(5)
        if which < 2:
            name = self.random.choice(ILLEGAL_NAMES)
            if kind == "capnp":
                return capnpmessage.by_hand(name.encode(), NEVER.encode())
            return json.dumps({name: NEVER}, ensure_ascii=self.random.random() < 0.5).encode()
        if which == 2:
            if kind == "capnp":
                return capnpmessage.by_hand(b"nul", NEVER.encode() + b"\0 1")
            return json.dumps({"nul": NEVER + "\0 1"}).encode()
        if which == 3:
            if kind == "capnp":
                return capnpmessage.by_hand(b"\xff\xfe", NEVER.encode())
            return b'{"bytes \xff\xfe": "' + NEVER.encode() + b'"}'
        # In the other format, and with a little behind it that it cannot be taken for a beginning. Nothing that must
        # never be seen: just when the format changes it is the right one.
        return encode("capnp" if kind == "json" else "json", {"other": "# " + "!" * 64})

    def turn(self):
        moment = self.soak.config.moment()
        message = self.message(self.soak.config.format)
        try:
            answer = self.exchange([message])
        except OSError as failure:
            self.soak.config.tolerate(moment, self, f"a hostile push: {failure!r}")
            return
        if not answer.startswith(b"error: ") or not answer.endswith(b"\n") or b"\x1b" in answer or b"\0" in answer:
            self.soak.config.tolerate(moment, self, f"the push {message[:80]!r} was answered {answer!r}")
        self.count["hostile"] += 1


class Junk(Sender):
    """A text that Prometheus would refuse: taken where nobody looks, refused where the configuration says so."""

    pause = 0.5

    def turn(self):
        moment = self.soak.config.moment()
        config = self.soak.config
        is_judged = config.is_judged
        try:
            answer = self.exchange([encode(config.format, {"junk": f"junk{{ {self.random.random()}"})])
        except OSError as failure:
            self.soak.config.tolerate(moment, self, f"a push of junk: {failure!r}")
            return
        if is_judged != (b"line 1, column" in answer) and b"max_apps" not in answer:
            self.soak.config.tolerate(moment, self, f"junk was answered {answer!r}")
        self.count["junk refused" if answer else "junk taken"] += 1


class Dasher(Sender):
    """Leaves with a reset right behind a whole message: it may come in late, or never, but not in part."""

    pause = 0.3

    def __init__(self, soak, seed, transport, number):
        super().__init__(soak, seed, transport)
        self.app = self.add(f"dasher {number}", f"dasher{number}", expires=True, exact=False)
        self.app.ordered = False  # by another thread, an earlier connection may be read after a later one

    def turn(self):
        self.app.begin()
        message = encode(self.soak.config.format, {self.app.name: text(self.app.of, self.app.sent, 30)})
        with contextlib.suppress(OSError), self.connect() as connection:
            connection.sendall(message)
            reset_on_close(connection)
        self.app.end()
        self.count["dashed"] += 1


class Silent(Sender):
    """Connects and says nothing: no error, and nothing that anybody is told."""

    pause = 0.5

    def turn(self):
        moment = self.soak.config.moment()
        try:
            with self.connect() as connection:
                self.rest(self.random.uniform(0, 3))
                connection.shutdown(socket.SHUT_WR)
                answer = receive_all(connection)
        except OSError as failure:
            self.soak.config.tolerate(moment, self, f"a silent connection: {failure!r}")
            return
        if answer:
            raise Fault(f"a silent connection was answered {answer!r}")
        self.count["silent"] += 1
