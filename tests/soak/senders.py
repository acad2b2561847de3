# SPDX-License-Identifier: GPL-3.0-or-later
"""Senders of a soak that do everything right: what they have been told is taken must be on every page after that."""

import json
import socket

import capnpmessage
from actor import Actor
from harness import DEADLINE, receive_all
from ledger import App
from pagecheck import text

# Names that are allowed and that a page, a table, JSON, HTML or a log must all get right.
LEGAL_NAMES = (
    'quotes "and" back\\slashes\\',
    "</script><b>bold</b><!--",
    "${jndi:ldap://x}`$(reboot)`",
    "right \u202e to left \u05d0\u05d1",
    "%00%0a../../etc/passwd",
    "wide \u8868\u683c and combined e\u0301\u0301\u0301",
    "x" * 256,
    "zero\u200bwidth\ufeff",
    " spaces around ",
    "{app=\"x\"} 1",
)  # fmt: skip


def encode(push_format, texts, as_lines=False):
    """One message, or as many as there are applications, which is what Cap'n Proto needs."""
    if push_format == "json":
        values = {name: content.split("\n") if as_lines else content for name, content in texts.items()}
        return json.dumps(values, ensure_ascii=False).encode()
    return b"".join(capnpmessage.by_hand(name.encode(), content.encode()) for name, content in texts.items())


class Sender(Actor):
    """Common to those who push applications of the ledger."""

    def __init__(self, soak, seed, transport):
        super().__init__(soak, seed)
        self.transport = transport

    def add(self, name, of, **options):
        return self.soak.ledger.add(App(name, of, **options))

    def connect(self):
        config = self.soak.config
        connection = socket.socket(socket.AF_UNIX if self.transport == "unix" else socket.AF_INET)
        connection.settimeout(DEADLINE)
        try:
            connection.connect(config.unix_path if self.transport == "unix" else ("127.0.0.1", config.tcp_port))
        except OSError:
            connection.close()
            raise
        return connection

    def exchange(self, pieces, pause=0.0):
        """What is answered to these pieces until the daemon closes."""
        with self.connect() as connection:
            failure = None
            try:
                for piece in pieces:
                    connection.sendall(piece)
                    if pause:
                        self.rest(pause)
                connection.shutdown(socket.SHUT_WR)
            except OSError as caught:
                failure = caught  # the answer may say why
            answer = receive_all(connection)
            if failure and not answer:
                raise failure  # which the end of what can be received does not repeat
            return answer

    def push(self, apps, make_pieces, values=1, pause=0.0, may_refuse=()):
        """Pushes new values of these applications; make_pieces(format) has the bytes. True if they were taken."""
        moment = self.soak.config.moment()
        begun = [app.begin(values) for app in apps][0]
        taken = None
        try:
            answer = self.exchange(make_pieces(self.soak.config.format), pause)
        except OSError as failure:
            self.soak.config.tolerate(moment, self, f"a push of {apps[0].of}: {failure!r}")
        else:
            if not answer:
                taken = begun
                self.count["pushes"] += values
            elif any(reason in answer for reason in may_refuse):
                self.count["refused"] += 1
            else:
                self.soak.config.tolerate(moment, self, f"a push of {apps[0].of} was refused: {answer!r}")
        for app in apps:
            app.end(taken, values)
        return taken is not None


class Steady(Sender):
    """One application over and over, in texts of changing size."""

    pause = 0.1

    def __init__(self, soak, seed, transport, number):
        super().__init__(soak, seed, transport)
        self.app = self.add(f"steady {number}", f"steady{number}")

    def turn(self):
        lines = self.random.choice((0, 1, 5, 40))
        as_lines = self.random.random() < 0.3
        content = text(self.app.of, self.app.sent + 1, lines)
        self.push([self.app], lambda kind: [encode(kind, {self.app.name: content}, as_lines)])


class Large(Steady):
    """Many lines, over the limit that holds at times, in pieces that need not end where the daemon's buffers do.
    Now and then so many that scrapers have to wait until they are compressed."""

    pause = 1.0

    def turn(self):
        lines = self.random.choice((300, 1200, 2500)) if self.random.random() < 0.97 else 90_000
        content = text(self.app.of, self.app.sent + 1, lines)

        def pieces(kind):
            whole = encode(kind, {self.app.name: content})
            cut = self.random.randrange(len(whole))
            return [whole[:cut], whole[cut:]]

        self.push([self.app], pieces, may_refuse=(b"max_message_size",))


class Dripping(Steady):
    """A whole message, a few bytes at a time."""

    pause = 0.3

    def turn(self):
        content = text(self.app.of, self.app.sent + 1, 3)

        def pieces(kind):
            whole = encode(kind, {self.app.name: content})
            size = self.random.choice((7, 64, 199))
            return [whole[at : at + size] for at in range(0, len(whole), size)]

        self.push([self.app], pieces, pause=0.002)


class Several(Steady):
    """Several messages on one connection, of which the last one stays."""

    pause = 0.3

    def turn(self):
        values = self.random.randrange(2, 8)
        first = self.app.sent + 1
        contents = [text(self.app.of, first + number, 4) for number in range(values)]
        gap = b" \n" if self.random.random() < 0.5 else b""

        def pieces(kind):
            messages = [encode(kind, {self.app.name: content}) for content in contents]
            return [(gap if kind == "json" else b"").join(messages)]

        self.push([self.app], pieces, values)


class Pair(Sender):
    """Two applications in one document, all or none: a page with two values of them is torn."""

    pause = 0.1

    def __init__(self, soak, seed, transport, number):
        super().__init__(soak, seed, transport)
        self.apps = [self.add(f"pair {number}{side}", f"pair{number}{side}") for side in "ab"]
        soak.ledger.pairs.append(tuple(app.of for app in self.apps))

    def turn(self):
        if self.soak.config.format != "json":
            return  # there, each is a message of its own
        value = self.apps[0].sent + 1
        lines = self.random.choice((0, 3, 60))
        texts = {app.name: text(app.of, value, lines) for app in self.apps}
        self.push(self.apps, lambda _: [encode("json", texts)])


class Guest(Sender):
    """An application of a hostile name that pushes for a while, and then not until it has expired or is forgotten."""

    pause = 0.2

    def __init__(self, soak, seed, transport, number):
        super().__init__(soak, seed, transport)
        self.app = self.add(LEGAL_NAMES[number % len(LEGAL_NAMES)], f"guest{number}", expires=True)

    def turn(self):
        for _ in range(self.random.randrange(1, 8)):
            content = text(self.app.of, self.app.sent + 1, 5)
            self.push([self.app], lambda kind: [encode(kind, {self.app.name: content})], may_refuse=(b"max_apps",))
            self.rest(self.random.uniform(0.01, 0.6))
            if self.soak.ending.is_set():
                return
        self.rest(self.random.uniform(0.5, 2.5) * self.soak.ledger.expire_max)
