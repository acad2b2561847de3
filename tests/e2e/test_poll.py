# SPDX-License-Identifier: GPL-3.0-or-later
"""Polling of real exporters, of a file server, and of endpoints that misbehave beside them."""

import os
import re
import socket
import sys

import httpfixture
from harness import DaemonTest, Process, document, eventually, free_port, main, tool
from httpfixture import Authority, Endpoint, text


def polled(port):
    return f"external_poll: 127.0.0.1:{port}"


class TestPoll(DaemonTest):
    def polling(self, *urls, tables=(), **poll):
        settings = {"poll_other_scrape_endpoints": True, "poll_interval": 0.2, "client_timeout": 5}
        settings.update(poll)
        if urls:
            settings["other_scrape_endpoints"] = list(urls)
        if tables:
            settings["endpoint"] = list(tables)
        return {"poll_external": settings}

    def wait_state(self, daemon, name, state):
        return eventually(
            lambda: (app := daemon.apps().get(name)) and app["state"] == state and app, f"{name} is {state}"
        )

    def start_node_exporter(self):
        for _ in range(5):
            port = free_port()
            exporter = Process(
                self,
                "node-exporter",
                [
                    tool("prometheus-node-exporter"), f"--web.listen-address=127.0.0.1:{port}",
                    # What needs no /sys: some collectors panic in a container that has none.
                    "--collector.disable-defaults",
                    *(f"--collector.{name}" for name in ("loadavg", "meminfo", "netstat", "stat", "uname", "vmstat")),
                ],  # fmt: skip
            )
            eventually(
                lambda: not exporter.is_running() or "Listening on" in exporter.log() or "TLS is" in exporter.log(),
                "the node exporter serves",
            )
            if exporter.is_running():
                return exporter, port
        self.fail("the node exporter does not start")

    def test_the_node_exporter(self):
        exporter, port = self.start_node_exporter()
        daemon = self.start(self.polling(f"http://127.0.0.1:{port}/metrics"))
        app = eventually(
            lambda: (app := daemon.apps()[polled(port)])["state"] == "fresh" and app["updates"] >= 2 and app, "it polls"
        )
        self.assertEqual(("poll", polled(port)), (app["kind"], app["source"]))
        self.assertGreater(app["series"], 100)
        page = daemon.page()
        self.assertIn(b"\nnode_memory_MemTotal_bytes ", page)
        self.assertIn(b"\nnode_exporter_build_info{", page)

        exporter.kill()
        app = self.wait_state(daemon, polled(port), "failing")
        self.assertTrue(app["last_error"]["reason"])
        self.assertNotIn("\n", app["last_error"]["reason"])
        last = daemon.page()
        self.assertIn(b"\nnode_memory_MemTotal_bytes ", last)  # the last good text stays
        eventually(lambda: daemon.apps()[polled(port)]["rejected"] > app["rejected"] + 1, "it tries again")
        self.assertEqual(last, daemon.page())

    def test_a_file_server(self):
        self.write("metrics", "# TYPE from_file gauge\nfrom_file 1")
        server = Process(
            self,
            "file-server",
            [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", self.folder, "0"],
        )
        port = int(eventually(lambda: re.search(r" port (\d+)", server.log()), "the file server serves")[1])
        daemon = self.start(self.polling(f"http://127.0.0.1:{port}/metrics"))
        daemon.wait_page(b"# TYPE from_file gauge\nfrom_file 1\n")
        self.write("new", "from_file 2\n")
        os.rename(os.path.join(self.folder, "new"), os.path.join(self.folder, "metrics"))
        daemon.wait_page(b"from_file 2\n")
        os.remove(os.path.join(self.folder, "metrics"))
        self.assertIn("404", self.wait_state(daemon, polled(port), "failing")["last_error"]["reason"])
        self.assertEqual(b"from_file 2\n", daemon.page())

    def test_what_hangs_or_fails_delays_and_loses_nothing(self):
        count = 0

        def counting():
            nonlocal count
            count += 1
            return f"good {count}\n".encode()

        good = Endpoint(self, text(counting))
        hanging = Endpoint(self, httpfixture.hang)
        dripping = Endpoint(self, httpfixture.drip)
        broken = Endpoint(self, text(b"broken 1\n", status=500))
        closed = free_port()
        daemon = self.start(
            self.polling(
                hanging.url(), dripping.url(), broken.url(), f"http://127.0.0.1:{closed}/metrics", good.url(),
                poll_interval=0.1, client_timeout=0.5,
            )
            | {"exporter": {"self_metrics": True}}
        )
        eventually(lambda: daemon.apps()[polled(good.port)]["updates"], "the good one is polled")
        for port, reason in (
            (hanging.port, "timeout"), (dripping.port, "timeout"), (broken.port, "status"), (closed, "connection"),
        ):
            app = self.wait_state(daemon, polled(port), "failing")
            self.assertEqual((0, None), (app["bytes"], app["last_update"]))
            eventually(
                lambda: daemon.metric("exporter_proxy_poll_errors_total", app=polled(port), reason=reason),
                f"{reason} is counted",
            )
            self.assertEqual(0, daemon.metric("exporter_proxy_app_up", app=polled(port)))
        self.assertEqual(1, daemon.metric("exporter_proxy_app_up", app=polled(good.port)))
        # While one poll of the hanging endpoint runs into its limit, the good one is polled several times.
        tries = len(hanging.requests)
        goods = len(good.requests)
        eventually(lambda: len(hanging.requests) >= tries + 4, "the hanging endpoint is tried on")
        self.assertGreater(len(good.requests) - goods, 4)
        self.assertTrue(daemon.page().startswith(b"good "))
        # Neither does it keep pushes or the stop waiting.
        self.assertEqual(b"", daemon.push("unix", document(a="a 1")))
        daemon.stop()

    def test_only_good_text_is_taken(self):
        answers = {"body": b"x 1\n", "status": 200}
        endpoint = Endpoint(
            self, lambda handler, own: text(answers["body"], answers["status"])(handler, own)
        )
        daemon = self.start(self.polling(endpoint.url()) | {"limits": {"max_message_size": 10_000}})
        name = polled(endpoint.port)
        for bad in (
            {"body": b"x{l=\"\xff\"} 1\n"},
            {"body": b"x 1\n\0"},
            {"body": b"\n <!DOCTYPE html>\n<title>Sign in</title>\n"},
            {"body": b"x" * 10_001},
            {"status": 204, "body": b""},
            {"status": 404},
            {"status": 503},
        ):
            answers.update({"body": b"x 2\n", "status": 200})
            daemon.wait_page(b"x 2\n")
            self.wait_state(daemon, name, "fresh")
            answers.update(bad)
            with self.subTest(**{key: value[:20] if isinstance(value, bytes) else value for key, value in bad.items()}):
                self.wait_state(daemon, name, "failing")
                self.assertEqual(b"x 2\n", daemon.page())

    def test_metrics_that_are_sent_as_html_are_taken(self):
        endpoint = Endpoint(self, text(b"x 1\n", content_type="text/html; charset=utf-8"))
        daemon = self.start(self.polling(endpoint.url()))
        daemon.wait_page(b"x 1\n")
        self.wait_state(daemon, polled(endpoint.port), "fresh")

    def test_an_answer_that_was_cut_off_is_never_taken(self):
        """Very often, because how the pieces and the end of the connection meet at the daemon is a matter of chance."""

        def cut(handler, _):
            chunk = b"cut 1\n" * 200
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
            handler.wfile.write(head + b"%x\r\n%s\r\n" % (len(chunk), chunk))  # and no last chunk
            handler.close_connection = True

        endpoints = [Endpoint(self, cut) for _ in range(4)]
        daemon = self.start(self.polling(*(endpoint.url() for endpoint in endpoints), poll_interval=0.01))
        eventually(lambda: sum(len(endpoint.requests) for endpoint in endpoints) >= 600, "it has polled often")
        for endpoint in endpoints:
            app = daemon.apps()[polled(endpoint.port)]
            self.assertEqual((0, "failing"), (app["updates"], app["state"]))
            self.assertIn("connection closed before the answer was complete", app["last_error"]["reason"])

    def test_names(self):
        good = Endpoint(self, text(b"x 1\n"))
        other = Endpoint(self, text(b"y 1\n"))
        daemon = self.start(
            self.polling(
                good.url("/a/metrics"), good.url("/b/metrics"), good.url("/b/metrics?token=secret"),
                f"http://localhost:{other.port}/metrics",
                tables=[{"url": other.url("/metrics"), "name": "my exporter"}],
            )
        )
        expected = {
            f"external_poll: 127.0.0.1:{good.port}/a/metrics": None,
            f"external_poll: 127.0.0.1:{good.port}/b/metrics": None,
            f"external_poll: 127.0.0.1:{good.port}/b/metrics #2": None,
            f"external_poll: localhost:{other.port}": None,
            "my exporter": f"external_poll: 127.0.0.1:{other.port}",
        }
        for name, source in expected.items():
            app = eventually(lambda: (app := daemon.apps().get(name)) and app["updates"] and app, f"{name} is polled")
            self.assertEqual(source or name, app["source"])
        self.assertEqual(set(expected), set(daemon.apps()))

    def test_what_a_table_sets(self):
        seen = []

        def answer(handler, own):
            seen.append(handler.headers)
            text(b"x 1\n")(handler, own)

        endpoint = Endpoint(self, answer)
        table = {"url": endpoint.url(), "headers": {"X-Scope": "one"}, "interval": 0.1, "timeout": 3}
        password = self.write("password", "open sesame\n")
        token = self.write("token", "abc.def\n")
        daemon = self.start(
            self.polling(
                tables=[
                    table | {"name": "basic", "username": "ali", "password_file": password},
                    table | {"name": "bearer", "bearer_token_file": token},
                ],
                poll_interval=3600,
            )
        )
        for name in ("basic", "bearer"):
            eventually(lambda: daemon.apps()[name]["updates"] >= 3, f"{name} keeps its own interval")
        self.assertEqual(
            {"Basic YWxpOm9wZW4gc2VzYW1l", "Bearer abc.def"}, {headers["Authorization"] for headers in seen}
        )
        self.assertEqual({"one"}, {headers["X-Scope"] for headers in seen})
        self.assertEqual(0.1, daemon.apps()["basic"]["interval_seconds"])

    def test_a_url_as_it_is_copied(self):
        endpoint = Endpoint(self, text(b"x 1\n"))
        daemon = self.start(self.polling(endpoint.url('/federate?match[]={job="a b"}')))
        daemon.wait_page(b"x 1\n")
        self.assertEqual("/federate?match[]=%7Bjob=%22a%20b%22%7D", endpoint.requests[0].path)
        self.assertEqual([polled(endpoint.port)], list(daemon.apps()))

    def test_a_unix_socket(self):
        path = os.path.join(self.folder, "metrics.sock")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            daemon = self.start(
                self.polling(tables=[{"url": "http://app/metrics", "name": "local", "unix_socket": path}])
            )
            connection, _ = listener.accept()
            with connection:
                request = b""
                while b"\r\n\r\n" not in request:
                    request += connection.recv(4096)
                self.assertTrue(request.startswith(b"GET /metrics HTTP/1.1\r\nHost: app\r\n"), request)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nx 1\n")
                daemon.wait_page(b"x 1\n")
        os.unlink(path)
        app = self.wait_state(daemon, "local", "failing")
        self.assertEqual(f"cannot connect to {path}: no such file or directory", app["last_error"]["reason"])

    def test_off_means_off(self):
        endpoint = Endpoint(self, text(b"x 1\n"))
        daemon = self.start(self.polling(endpoint.url(), poll_other_scrape_endpoints=False))
        daemon.push("unix", document(a="a 1"))
        self.assertEqual(["a"], list(daemon.apps()))
        self.assertEqual([], endpoint.requests)

    def test_certificates(self):
        trusted = Authority(self, "trusted")
        good = Endpoint(self, text(b"good 1\n"), trusted.server_context("IP:127.0.0.1"))
        stranger = Endpoint(self, text(b"stranger 1\n"), Authority(self, "unknown").server_context("IP:127.0.0.1"))
        misnamed = Endpoint(self, text(b"misnamed 1\n"), trusted.server_context("IP:127.0.0.2"))
        authority = {"ca_file": trusted.certificate}
        daemon = self.start(
            self.polling(
                tables=[
                    {"url": good.url(scheme="https"), "name": "good", **authority},
                    {"url": stranger.url(scheme="https"), "name": "stranger", **authority},
                    {"url": misnamed.url(scheme="https"), "name": "misnamed", **authority},
                    {"url": good.url("/other", "https"), "name": "without the authority"},
                ]
            )
            | {"exporter": {"self_metrics": True}}
        )
        eventually(lambda: daemon.apps()["good"]["updates"], "the good one is polled")
        for name in ("stranger", "misnamed", "without the authority"):
            app = self.wait_state(daemon, name, "failing")
            self.assertEqual(0, app["updates"])
            eventually(
                lambda: daemon.metric("exporter_proxy_poll_errors_total", app=name, reason="tls"), "it is counted"
            )
        self.assertTrue(daemon.page().startswith(b"good 1\n# HELP exporter_proxy_"))
        self.assertEqual([], stranger.requests)  # refused before anything was said

    def test_invalid_certificates_may_be_allowed(self):
        stranger = Endpoint(self, text(b"stranger 1\n"), Authority(self, "unknown").server_context("DNS:elsewhere"))
        daemon = self.start(self.polling(stranger.url(scheme="https"), allow_invalid_certs=True))
        daemon.wait_page(b"stranger 1\n")


if __name__ == "__main__":
    main()
