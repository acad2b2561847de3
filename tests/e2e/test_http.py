# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP side: types, methods, compression, connections that stay open; by curl and by hand."""

import gzip
import http.client
import os
import re
import socket
import subprocess

from harness import DEADLINE, DaemonTest, document, eventually, main, receive_all, tool

KNOWN_PATHS = (
    "/metrics", "/metrics?app=a", "/apps", "/apps?format=json", "/apps/a/metrics", "/", "/-/healthy", "/-/ready",
)  # fmt: skip
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


class TestHttp(DaemonTest):
    def curl(self, *arguments):
        result = subprocess.run(
            [tool("curl"), "--silent", "--show-error", "--noproxy", "*", "--max-time", str(DEADLINE), *arguments],
            capture_output=True,
            check=False,
        )
        self.assertEqual(0, result.returncode, result.stderr.decode())
        return result.stdout

    def url(self, daemon, path):
        return f"http://127.0.0.1:{daemon.http_port}{path}"

    def raw(self, daemon, request):
        """The bytes that come back until the daemon closes."""
        with socket.create_connection(("127.0.0.1", daemon.http_port), timeout=DEADLINE) as connection:
            connection.sendall(request)
            return receive_all(connection)

    def test_types_of_content(self):
        daemon = self.start()
        for path, expected in (
            ("/metrics", re.escape(EXPOSITION)),
            ("/apps", "text/plain; ?charset=utf-8"),
            ("/apps?format=json", "application/json(; ?charset=utf-8)?"),
            ("/", "text/html; ?charset=utf-8"),
            ("/-/healthy", "text/plain.*"),
            ("/-/ready", "text/plain.*"),
        ):
            answer = daemon.request(path)
            self.assertEqual(200, answer.status, path)
            self.assertEqual(1, len(answer.headers.get_all("Content-Type")), path)
            self.assertRegex(answer.headers["Content-Type"], rf"\A{expected}\Z", path)
            self.assertEqual(str(len(answer.body)), answer.headers["Content-Length"], path)

    def test_an_empty_page_is_a_page(self):
        answer = self.start().request("/metrics")
        self.assertEqual((200, b""), (answer.status, answer.body))

    def test_head_is_like_get_without_a_body(self):
        daemon = self.start()
        daemon.push("unix", document(a="x 1\n" * 1000))
        changing = {"Date"}
        for path in KNOWN_PATHS:
            got = daemon.request(path)
            head = self.raw(
                daemon, f"HEAD {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
            )
            fields, _, body = head.partition(b"\r\n\r\n")
            self.assertEqual(b"", body, path)
            self.assertTrue(fields.startswith(b"HTTP/1.1 200 "), fields)
            headers = dict(line.split(": ", 1) for line in fields.decode().splitlines()[1:])
            headers = {name.lower(): value for name, value in headers.items()}
            for name, value in got.headers.items():
                if path.startswith("/apps") and name.lower() == "content-length":
                    continue  # times of fewer digits come and go
                if name not in changing and name.lower() != "connection":
                    self.assertEqual(value, headers.get(name.lower()), f"{path}: {name}")

    def test_head_leaves_the_connection_in_step(self):
        daemon = self.start()
        daemon.push("unix", document(a="x 1\n"))
        connection = http.client.HTTPConnection("127.0.0.1", daemon.http_port, timeout=DEADLINE)
        self.addCleanup(connection.close)
        for _ in range(3):
            for method, body in (("HEAD", b""), ("GET", b"x 1\n")):
                connection.request(method, "/metrics")
                answer = connection.getresponse()
                self.assertEqual((200, body), (answer.status, answer.read()))

    def test_unknown_paths(self):
        daemon = self.start()
        for path in (
            "/nothing", "/metrics/", "/metricsx", "/apps/x/y/z", "/-/", "/-/reload", "/%00", "//", "/../metrics",
        ):  # fmt: skip
            for method in ("GET", "HEAD", "POST"):
                self.assertEqual(404, daemon.request(path, method).status, f"{method} {path}")

    def test_other_methods(self):
        daemon = self.start()
        daemon.push("unix", document(a="x 1\n"))
        for path in KNOWN_PATHS:
            for method in ("POST", "PUT", "DELETE", "PATCH"):
                answer = daemon.request(path, method)
                self.assertEqual(405, answer.status, f"{method} {path}")
                allowed = {name.strip() for name in answer.headers["Allow"].split(",")}
                self.assertEqual({"GET", "HEAD"}, allowed - {"OPTIONS"}, path)
        self.assertEqual(b"x 1\n", daemon.page())

    def test_curl_and_its_compression(self):
        daemon = self.start({"exporter": {"self_metrics": False}})
        texts = {f"app{i}": f"# TYPE x{i} gauge\n" + f'x{i}{{l="größe"}} {i}\n' * (i * 50) for i in range(30)}
        for name, text in texts.items():
            daemon.push("unix", document(**{name: text}))
        plain = self.curl(self.url(daemon, "/metrics"))
        self.assertEqual("".join(text for _, text in sorted(texts.items())).encode(), plain)
        for _ in range(2):  # from the cache as well
            self.assertEqual(plain, self.curl("--compressed", self.url(daemon, "/metrics")))
        daemon.push("unix", document(app3="changed 1\n"))
        self.assertEqual(
            self.curl(self.url(daemon, "/metrics")), self.curl("--compressed", self.url(daemon, "/metrics"))
        )

    def test_gzip_is_used_when_accepted(self):
        daemon = self.start()
        daemon.push("unix", document(a="x 1\n" * 10000))
        for accepted in ("gzip", "deflate, gzip;q=0.5", "GZIP"):
            answer = daemon.request("/metrics", headers={"Accept-Encoding": accepted})
            self.assertEqual("gzip", answer.headers["Content-Encoding"], accepted)
            self.assertIn("accept-encoding", (answer.headers["Vary"] or "").lower())
            self.assertLess(len(answer.body), 4000)
            self.assertEqual(b"x 1\n" * 10000, gzip.decompress(answer.body))
        for refused in ("identity", "deflate", "gzip;q=0", "br, gzip;q=0.0"):
            answer = daemon.request("/metrics", headers={"Accept-Encoding": refused})
            self.assertIsNone(answer.headers["Content-Encoding"], refused)
            self.assertEqual(b"x 1\n" * 10000, answer.body)

    def test_connections_stay_open(self):
        daemon = self.start()
        daemon.push("unix", document(a="x 1\n"))
        reused = self.curl(
            "--write-out", "%{num_connects}\n", "--output", "/dev/null", self.url(daemon, "/metrics"),
            "--output", "/dev/null", self.url(daemon, "/apps"), "--output", "/dev/null", self.url(daemon, "/metrics"),
        )
        self.assertEqual(b"1\n0\n0\n", reused)

    def test_connections_close_when_asked(self):
        daemon = self.start()
        daemon.push("unix", document(a="x 1\n"))
        for request in (
            b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            b"GET /metrics HTTP/1.0\r\n\r\n",
        ):
            answer = self.raw(daemon, request)
            self.assertTrue(answer.endswith(b"\r\n\r\nx 1\n"), answer)

    def test_requests_in_a_pipeline(self):
        daemon = self.start()
        daemon.push("unix", document(a="x 1\n"))
        many = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 9
        answer = self.raw(daemon, many + b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertEqual(10, answer.count(b"\r\n\r\nx 1\n"))

    def test_a_large_page_to_a_slow_reader_and_a_fast_one(self):
        daemon = self.start()
        text = "".join(f'x{{padding="{"p" * 200}",n="{i}"}} {i}\n' for i in range(50_000))
        daemon.push("unix", document(a=text))
        expected = text.encode()
        with socket.create_connection(("127.0.0.1", daemon.http_port), timeout=DEADLINE) as slow:
            slow.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            begun = slow.recv(1)
            self.assertEqual(expected, daemon.page())
            daemon.push("unix", document(a="x 2\n"))
            self.assertEqual(b"x 2\n", daemon.page())
            answer = begun + receive_all(slow)
        self.assertEqual(expected, answer.partition(b"\r\n\r\n")[2])  # the page as it was when it was asked for

    def test_rubbish_is_no_harm(self):
        daemon = self.start()
        for rubbish in (b"\r\n\r\n", b"hello\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01" + bytes(200),
                        b"GET /metrics HTTP/9.9\r\n\r\n", b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", daemon.http_port), timeout=DEADLINE) as connection:
                try:
                    connection.sendall(rubbish)
                    connection.shutdown(socket.SHUT_WR)
                    receive_all(connection)
                except OSError:
                    pass  # closing without a word will do
            self.assertEqual(200, daemon.request("/metrics").status)

    def test_the_landing_page_leads_on(self):
        page = self.start().request("/").body.decode()
        for path in ("/metrics", "/apps"):
            self.assertRegex(page, rf'href="\.?{path}"|href="{path[1:]}"')

    def test_scrapes_are_counted(self):
        daemon = self.start({"exporter": {"self_metrics": True}})
        for _ in range(5):
            daemon.page()
        # The figures on the page may be 100 ms old; asking for it counts as well.
        eventually(lambda: daemon.metric("exporter_proxy_scrapes_total") >= 5, "scrapes are counted")
        self.assertGreater(daemon.metric("exporter_proxy_scrape_bytes_total", encoding="identity"), 1000)
        self.assertEqual(0, daemon.metric("exporter_proxy_scrape_bytes_total", encoding="gzip"))
        daemon.request("/metrics", headers={"Accept-Encoding": "gzip"})
        eventually(
            lambda: daemon.metric("exporter_proxy_scrape_bytes_total", encoding="gzip") > 0, "compressed bytes are too"
        )

    def test_own_metrics_stand_after_the_applications(self):
        daemon = self.start({"exporter": {"self_metrics": True}})
        daemon.push("unix", document(zzz="zzz 1\n"))
        self.assertTrue(daemon.page().startswith(b"zzz 1\n# HELP exporter_proxy_"))
        self.assertEqual(1, daemon.metric("exporter_proxy_apps", state="fresh"))
        self.assertEqual(1, daemon.metric("exporter_proxy_app_up", app="zzz"))
        self.assertEqual(6, daemon.metric("exporter_proxy_app_bytes", app="zzz"))
        self.assertEqual(1, daemon.metric("exporter_proxy_app_updates_total", app="zzz"))
        own = re.findall(r"^([a-zA-Z_:][\w:]*)", daemon.page().decode(), re.MULTILINE)
        self.assertEqual(set(), {name for name in own if not name.startswith("exporter_proxy_")} - {"zzz"})

    def test_own_metrics_speak_of_the_process(self):
        daemon = self.start({"exporter": {"self_metrics": True}})
        for part in ("cpu", "memory", "fds|descriptors", "start_time"):
            self.assertRegex(daemon.page().decode(), rf"\nexporter_proxy_\w*({part})\w* [0-9]", part)
        descriptors = len(os.listdir(f"/proc/{daemon.pid}/fd"))
        self.assertGreater(descriptors, 3)


if __name__ == "__main__":
    main()
