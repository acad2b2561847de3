# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and texts that want to break out: of the table, JSON, HTML, the own metrics, the log, a sender's terminal.

The monitor is put to the same in tests/gui.
"""

import html.parser
import http.client
import os
import re
import shutil
import socket
import subprocess
import unicodedata
import unittest

import appstable
from capnpmessage import encode
from harness import DEADLINE, DaemonTest, document, eventually, main
from prometheusserver import promtools

# Taken: there is nothing wrong with any of them but what somebody else makes of it.
NAMES = (
    "<script>document.title='owned'</script>",
    "\"><img src=x onerror=document.title='owned'>",
    "</td></table><h1>owned</h1>",
    "&lt;b&gt; &amp;#60; {{rows}} {{version}}",
    "quote \" backslash \\ both \\\" newline as two letters \\n",
    'app",state="fresh"} 1',
    "%s%n%1$s ${HOME} $(reboot) `id` ; | & > <",
    "../../etc/passwd",
    "שלום עולם",  # right to left
    "مرحبا 123",
    "x\u202egnp.exe",  # an override: without care it reads "xexe.png"
    "\u2067isolate\u2069 \u200fmark \u061cmark",
    "line\u2028separator\u2029paragraph",
    "zero\u200bwidth\ufeff",
    "e\u0301\u0301\u0301 piled up",
    "漢字 wide 🚀",
    "n" * 256,
    " ",
)

# Refused, with an answer and a line of the log that are harmless.
BAD_NAMES = ("a\x1b[31mred", "a\nline: info daemon: fake", "a\rb", "tab\tb", "del\x7f", "c1\x9b31m", "n" * 257, "")

# Valid text format of a page's as far as Prometheus is concerned.
TEXTS = (
    "# \x1b[2J\x1b]0;owned\x07 comment\nansi_total 1\n",
    'script_total{page="</script><script>document.title=\'owned\'</script>"} 1\n',
    'rtl_total{name="\u202eשלום"} 1\n',
)

REPLACED = "\ufffd"


def shown(name):
    """How a name stands within one line: what would take the line apart or turn it around is replaced."""
    bidirectional = "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    return "".join(REPLACED if c in bidirectional or unicodedata.category(c) == "Cc" else c for c in name)


class Landing(html.parser.HTMLParser):
    """What of a page is text of the first column, and which elements and attributes there are at all."""

    def __init__(self, text):
        super().__init__()
        self.names = []
        self.tags = set()
        self.attributes = set()
        self.cell = 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag == "tr":
            self.cell = 0
        elif tag == "td":
            self.cell += 1
        elif tag == "a" and self.cell == 1:
            self.names.append("")

    def handle_data(self, data):
        if self.names and self.cell == 1:
            self.names[-1] += data

    def handle_endtag(self, tag):
        if tag == "td" and self.cell == 1:
            self.cell = 2


class TestHostile(DaemonTest):
    def pushed(self, settings=None):
        daemon = self.start({"exporter": {"self_metrics": True}, **(settings or {})})
        for i, name in enumerate(NAMES):
            self.assertEqual(b"", daemon.push(("unix", "tcp")[i % 2], document(**{name: TEXTS[i % len(TEXTS)]})), name)
        return daemon

    def check_shown(self, daemon):
        ordered = sorted(NAMES, key=str.encode)

        apps = daemon.request("/apps?format=json").json()["apps"]
        self.assertEqual(ordered, [app["name"] for app in apps])

        table = daemon.request("/apps").body.decode("utf-8")
        rows = [(shown(app["name"]), appstable.time_text(app["last_update"]), app["source"]) for app in apps]
        now = re.search(r"Current time: (\S+ \S+ UTC)", table)[1]
        self.assertEqual(appstable.draw(now, rows), table)
        self.assertEqual(set("\n"), {c for c in table if unicodedata.category(c) == "Cc"})

        targets = daemon.request("/sd").json()
        self.assertEqual(ordered, [target["labels"]["app"] for target in targets])

        own = daemon.request("/-/metrics").body.decode("utf-8")
        values = re.findall(r'^exporter_proxy_app_up\{app="((?:[^"\\\n]|\\["\\n])*)"\} 1$', own, re.MULTILINE)
        unescaped = [re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value) for value in values]
        self.assertEqual(ordered, unescaped)

        page = daemon.request("/")
        self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
        landing = Landing(page.body.decode("utf-8"))
        self.assertEqual([shown(name) for name in ordered], landing.names)
        self.assertFalse(landing.tags & {"script", "img"}, landing.tags)
        self.assertFalse([name for name in landing.attributes if name.startswith("on")])

    def test_names_over_json(self):
        daemon = self.pushed()
        self.check_shown(daemon)
        page = daemon.page()
        for text in TEXTS:
            self.assertIn(text.encode(), page)  # as it was sent: nobody's text is mended

    def test_names_over_capnp(self):
        daemon = self.start({"exporter": {"self_metrics": True}, "receiver": {"format": "capnp"}})
        self.assertEqual(b"", daemon.push("unix", encode(*[(name, TEXTS[0]) for name in NAMES])))
        self.check_shown(daemon)

    def test_the_page_that_labels_samples_with_names_can_be_parsed(self):
        for mode in ("concatenate", "merge"):
            with self.subTest(mode=mode):
                page = self.pushed({"exposition": {"mode": mode, "app_label": "app"}}).page()
                self.assertEqual(len(NAMES), len(re.findall(rb"^(?:ansi|script|rtl)_total\{app=", page, re.MULTILINE)))
                for result in promtools("check", "metrics", input=page):
                    self.assertNotIn(b"error while linting", result.stderr)

    def test_what_is_refused_is_told_harmlessly(self):
        daemon = self.start({"exposition": {"validation": "quarantine"}})
        answers = [daemon.push("unix", document(**{name: "x 1"})) for name in BAD_NAMES]
        answers.append(daemon.push("tcp", document(a="bad \x1b[31m\u202e line")))
        answers.append(daemon.push("tcp", b"\x1b[2J"))
        answers += [daemon.push("tcp", document(**{name: "\x1b[31m bad"})) for name in NAMES]
        answers.append(daemon.push("tcp", b'{"a": \xff\x1b}'))
        for answer in answers:
            # One line, and nothing in it that a terminal obeys.
            self.assertRegex(answer.decode("utf-8"), r"\Aerror: [^\n]+\n\Z")
            self.assert_harmless(answer.decode("utf-8"))
        self.assertEqual({}, daemon.apps())

        for request in (b"GET /\x1b[31m HTTP/1.1\r\n\r\n", b"G\x1bT / HTTP/1.1\r\nHost: \x1b[2J\r\n\r\n",
                        b"GET /metrics?app=%1b%5b31m%0afake HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                        b"GET /apps/%1b%e2%80%ae/metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"):  # fmt: skip
            with socket.create_connection(("127.0.0.1", daemon.http_port), timeout=DEADLINE) as connection:
                connection.sendall(request)
                response = http.client.HTTPResponse(connection)
                response.begin()
                self.assertIn(response.status, (400, 404))
                self.assert_harmless(response.read().decode("utf-8"))

        lines = daemon.log().splitlines()
        self.assertGreater(len(lines), len(BAD_NAMES))
        for line in lines:
            self.assertRegex(line, r"\A\d{4}-\d\d-\d\dT\S+ (debug|info|warning|error) \w+: ")
        self.assert_harmless(daemon.log())

    def assert_harmless(self, text):
        self.assertEqual(text.replace("\n", ""), shown(text.replace("\n", "")))

    def test_a_polled_endpoint_is_told_harmlessly(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        listener.settimeout(DEADLINE)
        port = listener.getsockname()[1]
        daemon = self.start({
            "exposition": {"validation": "quarantine"},
            "poll_external": {
                "poll_other_scrape_endpoints": True,
                "poll_interval": 1,
                "endpoint": [{"url": f"http://127.0.0.1:{port}/metrics", "name": NAMES[10]}],
            },
        })  # fmt: skip
        body = "a 1\n\x1b[31m\u202e bad\n".encode()
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 \x1b[1mOK\r\nContent-Length: %d\r\nX-Odd: \x1b\r\n\r\n%s" % (len(body), body))
            eventually(lambda: "poll failed" in daemon.log(), "the poll has failed")
        self.assert_harmless(daemon.log())
        # In JSON it is whatever it was, escaped; on the page for a browser it is not.
        self.assert_harmless(daemon.request("/").body.decode("utf-8"))

    def test_a_browser_shows_names_and_runs_nothing(self):
        browser = shutil.which("chromium") or shutil.which("google-chrome")
        if not browser:
            raise unittest.SkipTest("no chromium is installed: the page is not put to a browser")
        daemon = self.pushed()
        result = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             f"--user-data-dir={os.path.join(self.folder, 'browser')}", "--dump-dom",
             f"http://127.0.0.1:{daemon.http_port}/"],
            capture_output=True, timeout=4 * DEADLINE, check=False, stdin=subprocess.DEVNULL)  # fmt: skip
        dom = result.stdout.decode("utf-8")
        if "</html>" not in dom:
            raise unittest.SkipTest(f"{browser} does not run here: {result.stderr[-300:]!r}")
        self.assertIn("<title>exporter-proxy</title>", dom)
        landing = Landing(dom)
        self.assertEqual([shown(name) for name in sorted(NAMES, key=str.encode)], landing.names)
        self.assertFalse(landing.tags & {"script", "img"}, landing.tags)


if __name__ == "__main__":
    main()
