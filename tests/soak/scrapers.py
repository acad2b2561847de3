# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers of a soak: what they read must be whole, and show what was taken by the time that they asked."""

import contextlib
import gzip
import http.client
import re
import socket
import time
import urllib.parse

from actor import Actor
from harness import DEADLINE, receive_all, reset_on_close
from pagecheck import Fault, check_counters, check_json, check_page, check_text

COUNTERS = frozenset(
    f"exporter_proxy_{name}_total"
    for name in (
        "pushes", "push_errors", "repaired", "scrapes", "scrape_bytes", "state_writes", "state_write_errors",
        "process_cpu_seconds",
    )
)  # fmt: skip


# How old /apps may be at most while requests wait for each other, in seconds, and a little more.
OUTDATED = 0.3


class Reader(Actor):
    """Keeps a connection over its turns, as Prometheus does."""

    pause = 0.3

    def __init__(self, soak, seed):
        super().__init__(soak, seed)
        self.http = None

    def close(self):
        if self.http:
            self.http.close()
            self.http = None

    def ask(self, path, headers=None, method="GET"):
        """The response and its body; None where a reload may have been in the way."""
        moment = self.soak.config.moment()
        for _ in range(2):
            if self.http and self.http.port != self.soak.config.http_port:
                self.close()
            is_new = self.http is None
            if is_new:
                self.http = http.client.HTTPConnection("127.0.0.1", self.soak.config.http_port, timeout=DEADLINE)
            try:
                self.http.request(method, path, headers=headers or {})
                response = self.http.getresponse()
                body = response.read()
                if response.getheader("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                return response, body
            except (OSError, http.client.HTTPException) as failure:
                self.close()
                if is_new:  # else it had been idle for too long
                    self.soak.config.tolerate(moment, self, f"{method} {path}: {failure!r}")
                    return None, b""
        return None, b""


class Scraper(Reader):
    """The whole page, plain or compressed."""

    def __init__(self, soak, seed, compressed):
        super().__init__(soak, seed)
        self.compressed = compressed
        self.values = {}
        self.own = {}
        self.shown = set()
        self.expiries = 0  # applications that have left the page

    def turn(self):
        moment = self.soak.config.moment()
        merged = self.soak.config.is_merged
        expected = self.soak.ledger.expect()
        response, body = self.ask("/metrics", {"Accept-Encoding": "gzip"} if self.compressed else None)
        if response is None:
            return
        self.judge(response.status, body, expected, merged if self.soak.config.is_quiet_since(moment) else None)
        self.count["gzip scrapes" if response.getheader("Content-Encoding") else "scrapes"] += 1

    def judge(self, status, body, expected, merged):
        if status != 200:
            raise Fault(f"/metrics was answered with {status}: {body[:200]!r}")
        values, own = check_page(body, merged)
        for fault in expected.faults(values):
            raise Fault(fault)
        for left, right in self.soak.ledger.pairs:
            if values.get(left) != values.get(right):
                raise Fault(f"{left} has {values.get(left)} and {right} {values.get(right)}, pushed in one message")
        for of, value in values.items():
            if value < self.values.get(of, 0) and self.soak.ledger.apps[of].ordered:
                raise Fault(f"{of} went back from {self.values[of]} to {value}")
        self.values.update(values)
        self.expiries += len(self.shown - set(values))
        self.shown = set(values)
        check_counters(self.own, own, COUNTERS)
        self.own = own


class Filterer(Reader):
    """Some applications by name, each alone or together."""

    def turn(self):
        apps = self.random.sample(list(self.soak.ledger.apps.values()), self.random.randrange(1, 4))
        expected = self.soak.ledger.expect(apps)
        if self.random.random() < 0.5:
            apps = apps[:1]
            expected = self.soak.ledger.expect(apps)
            path = f"/apps/{urllib.parse.quote(apps[0].name, safe='')}/metrics"
        else:
            path = "/metrics?" + "&".join("app=" + urllib.parse.quote_plus(app.name) for app in apps)
        headers = {"Accept-Encoding": "gzip"} if self.random.random() < 0.5 else None
        response, body = self.ask(path, headers, self.random.choice(("GET", "GET", "HEAD")))
        if response is None:
            return
        self.count["selections"] += 1
        if response.status == 404 or response.status == 503:
            check_text(body, path)
            # One that is not held, of several, is an answer for all.
            if all(app.taken[0] and not app.expires for app in apps):
                raise Fault(f"{path} was answered with {response.status}: {body!r}")
            return
        if response.status != 200:
            raise Fault(f"{path} was answered with {response.status}")
        if response.length == 0 and not body:
            return  # HEAD, or all have expired
        values, _ = check_page(body)
        others = set(values) - {app.of for app in apps}
        if others:
            raise Fault(f"{path} has {others}")
        if path.startswith("/metrics"):
            for fault in expected.faults(values):
                raise Fault(fault)


class Lister(Reader):
    """/apps as table and JSON, by its ETag if it has not changed; discovery and the landing page."""

    def __init__(self, soak, seed):
        super().__init__(soak, seed)
        self.etag = None
        self.apps = None

    def turn(self):
        if self.random.random() < 0.3:
            self.others()
            return
        for _ in range(4):  # so soon again that nothing has changed now and then
            self.json()

    def json(self):
        expected = self.soak.ledger.expect()
        fault = self.list_fault(expected)
        if fault:
            # Of /apps many readers at once get one of a moment ago, but not for longer than that.
            self.count["lists of a moment ago"] += 1
            time.sleep(OUTDATED)
            fault = self.list_fault(expected)
        if fault:
            raise Fault(fault)

    def list_fault(self, expected):
        """What is missing on the list, if anything is."""
        headers = {"If-None-Match": self.etag} if self.etag else {}
        response, body = self.ask("/apps?format=json", headers)
        if response is None:
            return None
        if response.status == 304:
            self.count["not modified"] += 1
            if body:
                raise Fault("304 with a body")
        elif response.status == 200:
            if response.getheader("ETag") == self.etag:
                raise Fault("/apps was sent again under the same ETag")
            self.apps = check_json(body, "/apps")["apps"]
            self.count["lists"] += 1
            names = [app["name"] for app in self.apps]
            if len(set(names)) != len(names):
                raise Fault("/apps has a name twice")
        else:
            raise Fault(f"/apps was answered with {response.status}")
        self.etag = response.getheader("ETag")
        faults = expected.update_faults({app["name"]: app["updates"] for app in self.apps})
        return next((f"{response.status}: {fault}" for fault in faults), None)

    def others(self):
        path = self.random.choice(("/apps", "/sd", "/", "/-/metrics", "/-/healthy", "/nothing", "/apps/nobody/metrics"))
        response, body = self.ask(path)
        if response is None:
            return
        self.count["other pages"] += 1
        if response.status != (404 if path in ("/nothing", "/apps/nobody/metrics") else 200):
            raise Fault(f"{path} was answered with {response.status}")
        check_text(body, path)
        if b"</script><b>bold" in body and path == "/":
            raise Fault("the landing page has a name as HTML")
        if path == "/sd":
            check_json(body.replace(b"\n", b" "), path)


class Raw(Scraper):
    """Scrapes over sockets of its own, as clients do that are in a hurry, slow, or gone."""

    pause = 0.5

    def __init__(self, soak, seed):
        super().__init__(soak, seed, compressed=False)

    def turn(self):
        moment = self.soak.config.moment()
        self.random.choice((self.half_close, self.leave, self.read_slowly, self.pipeline))(moment)

    def open(self, moment):
        try:
            return socket.create_connection(("127.0.0.1", self.soak.config.http_port), timeout=DEADLINE)
        except OSError as failure:
            self.soak.config.tolerate(moment, self, f"connect: {failure!r}")
            return None

    def answer_of(self, moment, use):
        expected = self.soak.ledger.expect()
        connection = self.open(moment)
        if connection is None:
            return
        with connection:
            try:
                raw = use(connection)
            except OSError as failure:
                self.soak.config.tolerate(moment, self, f"{use.__name__}: {failure!r}")
                return
        head, _, body = raw.partition(b"\r\n\r\n")
        if not head:
            self.soak.config.tolerate(moment, self, f"{use.__name__}: no answer")
            return
        length = int(re.search(rb"\r\nContent-Length: (\d+)", head, re.IGNORECASE)[1])
        if len(body) < length:  # a slow reader is not waited for for ever when the port moves
            self.soak.config.tolerate(moment, self, f"{use.__name__}: {len(body)} of {length} bytes")
            return
        self.judge(int(head.split(b" ", 2)[1]), body, expected, None)

    def half_close(self, moment):
        def half_close(connection):
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
            return receive_all(connection)

        self.answer_of(moment, half_close)
        self.count["half-closed"] += 1

    def read_slowly(self, moment):
        def read_slowly(connection):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            received = b""
            while piece := connection.recv(16384):
                received += piece
                self.rest(0.02)
            return received

        self.answer_of(moment, read_slowly)
        self.count["read slowly"] += 1

    def leave(self, moment):
        connection = self.open(moment)
        if connection is None:
            return
        with contextlib.suppress(OSError), connection:
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"[: self.random.choice((10, 100, 100))])
            self.rest(self.random.choice((0, 0, 0.01)))
            if self.random.random() < 0.5:
                connection.recv(self.random.choice((1, 5000)))
            if self.random.random() < 0.5:
                reset_on_close(connection)
        self.count["left"] += 1

    def pipeline(self, moment):
        """Several requests at once, of which the last one ends the connection."""
        connection = self.open(moment)
        if connection is None:
            return
        with connection:
            try:
                request = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n"
                connection.sendall((request + b"\r\n") * 5 + request + b"Connection: close\r\n\r\n")
                answers = receive_all(connection).count(b"healthy\n")
            except OSError as failure:
                self.soak.config.tolerate(moment, self, f"pipeline: {failure!r}")
                return
        if answers != 6:
            self.soak.config.tolerate(moment, self, f"{answers} answers to 6 requests")
        self.count["pipelined"] += 6
