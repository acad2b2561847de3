# SPDX-License-Identifier: GPL-3.0-or-later
"""Two exporters for the daemon to poll: one that is good, one that fails in every way it can and restarts at times."""

import contextlib
import gzip
import random
import socketserver
import threading

from actor import Actor
from harness import free_port
from ledger import App
from pagecheck import NEVER, text


def whole(body, headers=""):
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def chunked(body):
    half = len(body) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


class Exporter:
    """Answers each request on a connection of its own with the pieces that answer(exporter) gives."""

    def __init__(self, soak, name, answer, seed, **options):
        self.app = soak.ledger.add(App(name, name.replace(" ", ""), exact=False, **options))
        self.answer = answer
        self.random = random.Random(seed)
        self.ending = soak.ending
        self.port = free_port()
        self.lock = threading.Lock()
        self.requests = 0
        self.server = None
        self.start()

    def start(self):
        exporter = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                with contextlib.suppress(OSError):
                    self.request.settimeout(10)
                    request = b""
                    while b"\r\n\r\n" not in request:
                        piece = self.request.recv(4096)
                        if not piece:
                            return
                        request += piece
                    for piece in exporter.next_answer():
                        if isinstance(piece, float):
                            exporter.ending.wait(piece)
                        else:
                            self.request.sendall(piece)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_):
                pass  # the daemon may leave whenever it likes

        self.server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self):
        server, self.server = self.server, None
        if server:
            server.shutdown()
            server.server_close()

    def next_answer(self):
        with self.lock:
            self.requests += 1
            return self.answer(self)

    def new_text(self):
        self.app.sent += 1
        return text(self.app.of, self.app.sent, self.random.choice((2, 50, 400))).encode()

    def target(self, interval, timeout):
        return {
            "url": f"http://127.0.0.1:{self.port}/metrics",
            "name": self.app.name,
            "interval": interval,
            "timeout": timeout,
        }


def good(exporter):
    body = exporter.new_text()
    kind = exporter.random.randrange(4)
    if kind == 0:
        return [chunked(body)]
    if kind == 1:
        return [whole(gzip.compress(body), "Content-Encoding: gzip\r\n")]
    answer = whole(body)
    cut = exporter.random.randrange(len(answer))
    return [answer[:cut], 0.01, answer[cut:]]


def wrong(how):
    return f"{NEVER} 1 # {how}\n".encode() * 100


def faulty(exporter):
    """Of what is cut, dripped or wrong nothing may get on a page: `NEVER` is in it, in front of where it breaks."""
    answers = (
        lambda: good(exporter),
        lambda: good(exporter),
        lambda: [whole(wrong("cut"))[:-500]],
        lambda: [whole(wrong("an error")).replace(b"200 OK", b"500 Broken")],
        lambda: [chunked(wrong("a chunk missing"))[:-5]],
        lambda: [chunked(wrong("a chunk cut"))[:-50]],
        lambda: [whole(wrong("not UTF-8") + b"\xff\xfe 1\n")],
        lambda: [whole(gzip.compress(wrong("cut in gzip"))[:-8], "Content-Encoding: gzip\r\n")],
        lambda: [whole(wrong("dripped"))[:200], *[0.05, b"#"] * 60],
        lambda: [3.0],
        lambda: [],
        lambda: [b"\0\1\2\3" * 100],
        lambda: [b"HTTP/1.1 302 Elsewhere\r\nLocation: /metrics\r\nContent-Length: 0\r\n\r\n"],
    )
    return exporter.random.choice(answers)()


class Restarter(Actor):
    """Ends the faulty exporter now and then, and starts it again on the same port."""

    pause = 4.0

    def __init__(self, soak, seed, exporter):
        super().__init__(soak, seed)
        self.exporter = exporter

    def turn(self):
        self.exporter.stop()
        self.rest(self.random.uniform(0.1, 1.5))
        self.exporter.start()
        self.count["exporter restarts"] += 1

    def close(self):
        self.exporter.stop()
