# SPDX-License-Identifier: GPL-3.0-or-later
"""Pushes over HTTP: texts by curl, documents, and the API of the Pushgateway, by its clients and beside it."""

import gzip
import http.client
import json
import os
import re
import socket
import subprocess
import threading
import urllib.parse

from capnpmessage import encode
from harness import DEADLINE, DaemonTest, Process, eventually, free_port, main, tool, TOOLS

# Python's client of Prometheus is in an environment of its own.
CLIENT = r"""
import sys
from prometheus_client import CollectorRegistry, Gauge, Histogram, Info
from prometheus_client import push_to_gateway, pushadd_to_gateway, delete_from_gateway, instance_ip_grouping_key
gateway = sys.argv[1]
registry = CollectorRegistry()
Gauge("jobs_done", "Jobs that are done", ["queue"], registry=registry).labels("a\"b\\c\nd").set(3)
histogram = Histogram("job_seconds", "Time of jobs", buckets=(1, 2), registry=registry)
histogram.observe(1.5)
Info("job_build", "Version", registry=registry).info({"version": "1.2"})
push_to_gateway(gateway, job="plain", registry=registry)
push_to_gateway(gateway, job="odd/job ä", registry=registry, grouping_key={"path": "/var/tmp", "empty": "", "instance": "h:1"})
second = CollectorRegistry()
Gauge("jobs_failed", "Jobs that failed", registry=second).set(1)
Gauge("jobs_done", "Jobs that are done", registry=second).set(7)
pushadd_to_gateway(gateway, job="plain", registry=second)
push_to_gateway(gateway, job="gone", registry=second)
delete_from_gateway(gateway, job="gone")
delete_from_gateway(gateway, job="never was")
"""

# Requests to the API of the Pushgateway, which both are to answer with the same status: method, path below /metrics, body.
GATEWAY_CASES = (
    ("PUT", "/job/j", "a 1\n"),
    ("PUT", "/job/j/instance/i", "a 1\nb{x=\"y\"} 2\n"),
    ("POST", "/job/j/instance/i", "b 3\nc 4\n"),
    ("POST", "/job/j/instance/i/", "d 4\n"),
    ("PUT", "/job/j/instance/i", "c 5\n"),
    ("PUT", "/job/own/instance/i", 'a{job="x",instance="y",b="c"} 1\n'),
    ("PUT", "/job@base64/YS9i/path@base64/L3Zhcg==", "a 1\n"),
    ("PUT", "/job/empty/label@base64/=", "a 1\n"),
    ("PUT", "/job/types", "# HELP t x\n# TYPE t summary\nt{quantile=\"0.5\"} 1\nt_sum 1\nt_count 1\n"),
    ("PUT", "/job/histogram", "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"),
    ("PUT", "/job/time", "a 1 1000\n"),
    ("PUT", "/job/bad", "a\n"),
    ("PUT", "/job/bad", "a{b=\"c} 1\n"),
    ("PUT", "/job/twice", "a 1\na 2\n"),
    ("PUT", "/job/twotypes", "# TYPE a gauge\n# TYPE a gauge\na 1\n"),
    ("PUT", "/job/late", "a 1\n# TYPE a gauge\n"),
    ("PUT", "/job@base64/!!", "a 1\n"),
    ("PUT", "/job/j/a", "a 1\n"),
    ("PUT", "/job/j/__name__/x", "a 1\n"),
    ("PUT", "/job/nothing", ""),
    ("DELETE", "/job/twice", None),
    ("DELETE", "/job/own/instance/i", None),
    ("DELETE", "/job/j/a", None),
)


def send(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def series(page):
    """The samples of a page as a set, without those of the gateway itself and the times of pushes."""
    found = set()
    for line in page.decode().splitlines():
        sample = re.fullmatch(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)", line)
        if not sample or re.match(r"go_|process_|pushgateway_|push_(failure_)?time_|exporter_proxy_|promhttp_", line):
            continue
        labels = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', sample[2] or "")
        found.add((sample[1], tuple(sorted(labels)), float(sample[3])))
    return found


class TestPushHttp(DaemonTest):
    def start_receiving(self, **settings):
        receiver = {"receive_on_http": True, **settings.pop("receiver", {})}
        return self.start({"receiver": receiver, **settings})

    def curl(self, *arguments):
        result = subprocess.run(
            [tool("curl"), "-sS", "-w", "\n%{http_code}", *arguments], capture_output=True, timeout=DEADLINE, check=True
        )
        body, _, status = result.stdout.rpartition(b"\n")
        return int(status), body

    def url(self, daemon, path):
        return f"http://127.0.0.1:{daemon.http_port}{path}"

    def test_a_text_by_curl(self):
        daemon = self.start_receiving()
        text = 'up{a="b\\n"} 1\n# a comment\n\n b 2'
        path = self.write("my_app.prom", text)
        self.assertEqual((200, b"ok 1\n"), self.curl("-T", path, self.url(daemon, "/apps/my_app/metrics")))
        self.assertEqual(text.encode() + b"\n", daemon.page())
        app = daemon.apps()["my_app"]
        self.assertEqual(("push", "fresh"), (app["kind"], app["state"]))
        for name in ("a/b c", "größe 🚀", "%", "x/metrics", ".."):
            quoted = urllib.parse.quote(name, safe="")
            status, _ = self.curl("--path-as-is", "-T", path, self.url(daemon, f"/apps/{quoted}/metrics"))
            self.assertEqual(200, status, name)
            self.assertIn(name, daemon.apps())
            self.assertEqual(200, self.curl("-X", "DELETE", "--path-as-is", self.url(daemon, f"/apps/{quoted}"))[0], name)
            self.assertNotIn(name, daemon.apps())
        self.assertEqual(404, self.curl("-X", "DELETE", self.url(daemon, "/apps/never"))[0])
        self.assertEqual(200, self.curl("-X", "DELETE", self.url(daemon, "/apps/my_app"))[0])
        self.assertEqual(b"", daemon.page())

    def test_the_body_may_be_compressed_or_in_chunks(self):
        daemon = self.start_receiving()
        packed = self.write("packed", gzip.compress(b"a 1\n" * 1000))
        target = self.url(daemon, "/apps/a/metrics")
        self.assertEqual(200, self.curl("-T", packed, "-H", "Content-Encoding: gzip", target)[0])
        self.assertEqual(b"a 1\n" * 1000, daemon.page())
        plain = self.write("plain", b"b 2\n" * 100_000)
        self.assertEqual(200, self.curl("-T", plain, "-H", "Transfer-Encoding: chunked", target)[0])
        self.assertEqual(b"b 2\n" * 100_000, daemon.page())
        status, reason = self.curl("-T", plain, "-H", "Content-Encoding: gzip", target)
        self.assertEqual((400, b"the body is not gzip, as its Content-Encoding says\n"), (status, reason))
        self.assertEqual(415, self.curl("-T", plain, "-H", "Content-Encoding: br", target)[0])
        self.assertEqual(b"b 2\n" * 100_000, daemon.page())

    def test_documents_of_json_and_capnp(self):
        daemon = self.start_receiving()
        self.assertEqual((200, b"ok 2\n"), send(daemon.http_port, "POST", "/push", b'{"a": "a 1"}\n{"b": ["b 1", "b 2"]}'))
        self.assertEqual(b"a 1\nb 1\nb 2\n", daemon.page())
        status, reason = send(daemon.http_port, "POST", "/push", b'{"c": "c 1"}{"d": 5}')
        self.assertEqual(400, status)
        self.assertTrue(reason.startswith(b"document 2 (those before it were stored): "), reason)
        self.assertIn(b"c 1\n", daemon.page())
        binary = encode(("e", "e 1\n"), *[("f", "f 1\n")] * 3)
        headers = {"Content-Type": "application/x-capnp"}
        self.assertEqual((200, b"ok 4\n"), send(daemon.http_port, "POST", "/push", binary, headers))
        self.assertIn(b"e 1\nf 1\n", daemon.page())
        packed = gzip.compress(b'{"g": "g 1"}' * 10)
        self.assertEqual((200, b"ok 10\n"), send(daemon.http_port, "POST", "/push", packed, {"Content-Encoding": "gzip"}))

    def test_large_documents_are_judged_in_turn(self):
        daemon = self.start_receiving(exposition={"validation": "quarantine"})
        lines = "".join(f'a{{number="{number}"}} {number}\n' for number in range(10_000))
        documents = "".join(json.dumps({f"app{number:02}": lines}) for number in range(20))
        for headers, body in (({}, documents.encode()), ({"Content-Encoding": "gzip"}, gzip.compress(documents.encode()))):
            self.assertEqual((200, b"ok 20\n"), send(daemon.http_port, "POST", "/push", body, headers))
            self.assertEqual(lines.encode() * 20, daemon.page())
        bad = json.dumps({"bad": lines + "a\n"}).encode()
        status, reason = send(daemon.http_port, "POST", "/push", documents.encode() + bad + documents.encode())
        self.assertEqual(400, status)
        self.assertTrue(reason.startswith(b"document 21 (those before it were stored): bad: line 10001"), reason)
        target = "/metrics/job/large"
        self.assertEqual(200, send(daemon.http_port, "PUT", target, lines.encode() * 1)[0])
        self.assertEqual(200, send(daemon.http_port, "POST", target, b"b 1\n")[0])
        page = daemon.request("/apps/job%3Dlarge/metrics").body
        self.assertEqual(10_003, page.count(b"\n"))
        self.assertTrue(page.endswith(b'b{job="large",instance=""} 1\n'), page[-100:])

    def test_what_is_refused_says_why_and_changes_nothing(self):
        daemon = self.start_receiving(limits={"max_message_size": 1000, "max_apps": 2})
        daemon.push_apps(a="a 1\n")
        cases = (
            ("/apps/a/metrics", b"a\xff 1\n", 400, b"UTF-8", "invalid_utf8"),
            ("/apps/a/metrics", b"a\0 1\n", 400, b"NUL", "nul_byte"),
            ("/apps/%00/metrics", b"a 1\n", 400, b"", "bad_name"),
            ("/apps/%ff/metrics", b"a 1\n", 400, b"not UTF-8", "bad_name"),
            (f"/apps/{'n' * 257}/metrics", b"a 1\n", 400, b"", "bad_name"),
            ("/apps/a/metrics", b"#" * 1001, 413, b"limits.max_message_size", "message_too_large"),
        )
        for path, body, status, reason, _ in cases:
            answer = send(daemon.http_port, "PUT", path, body)
            self.assertEqual(status, answer[0], (path, answer))
            self.assertIn(reason, answer[1])
            self.assertEqual(b"a 1\n", daemon.page())
        bomb = gzip.compress(b"#" * 100_000)
        self.assertEqual(413, send(daemon.http_port, "PUT", "/apps/a/metrics", bomb, {"Content-Encoding": "gzip"})[0])
        daemon.push_apps(b="b 1\n")
        self.assertEqual(507, send(daemon.http_port, "PUT", "/apps/c/metrics", b"c 1\n")[0])
        daemon.reload({"exporter": {"self_metrics": True}})
        errors = daemon.errors("http")
        self.assertEqual(
            {"invalid_utf8": 1, "nul_byte": 1, "bad_name": 3, "message_too_large": 2, "too_many_apps": 1}, errors
        )
        with socket.create_connection(("127.0.0.1", daemon.http_port), timeout=DEADLINE) as connection:
            connection.sendall(b"PUT /apps/a/metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\na 2\n")
        eventually(lambda: daemon.errors("http").get("incomplete") == 1, "a body that ended too early is counted")
        self.assertIn(b"a 1\n", daemon.page())

    def test_off_by_default_and_says_which_setting_lets_it_in(self):
        daemon = self.start()
        for method, path in (("PUT", "/apps/a/metrics"), ("DELETE", "/apps/a"), ("POST", "/push"), ("PUT", "/metrics/job/j")):
            status, reason = send(daemon.http_port, method, path, b"a 1\n" if method != "DELETE" else None)
            self.assertIn(status, (404, 405), path)
            self.assertIn(b"receiver.receive_on_http = true", reason, path)
        self.assertEqual(b"", daemon.page())
        daemon.reload({"receiver": {"receive_on_http": True}})
        self.assertEqual(200, send(daemon.http_port, "PUT", "/apps/a/metrics", b"a 1\n")[0])
        for method, path in (("PUT", "/api/v1/admin/wipe"), ("POST", "/-/reload"), ("POST", "/-/quit"), ("DELETE", "/apps?match=*")):
            status, reason = send(daemon.http_port, method, path)
            self.assertIn(status, (404, 405), path)
            self.assertIn(b"exporter.admin = true", reason, path)
        self.assertEqual(b"a 1\n", daemon.page())

    def test_a_foreign_web_page_changes_nothing(self):
        daemon = self.start_receiving(exporter={"admin": True}, receiver={"http_hosts": "metrics.example.com, other.example"})
        daemon.push_apps(a="a 1\n")
        own = f"127.0.0.1:{daemon.http_port}"
        refused = (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Host": "evil.example:6555", "Origin": "http://evil.example:6555"},
            {"Host": "evil.example"},
        )
        for headers in refused:
            for method, path in (("PUT", "/apps/a/metrics"), ("DELETE", "/apps/a"), ("POST", "/push"), ("POST", "/metrics/job/j"), ("POST", "/-/quit")):
                body = b"a 2\n" if method != "DELETE" else None
                self.assertEqual(403, send(daemon.http_port, method, path, body, headers)[0], (headers, path))
        self.assertEqual(b"a 1\n", daemon.page())
        allowed = (
            {"Origin": f"http://{own}", "Sec-Fetch-Site": "same-origin"},
            {"Host": "localhost:1"},
            {"Host": "Metrics.Example.com"},
            {"Host": "other.example:80"},
            {"Host": "[::1]:6555"},
            {"Host": "exporter-proxy.monitoring.svc:6555"},
            {"Host": "exporter-proxy"},
        )
        for headers in allowed:
            self.assertEqual(200, send(daemon.http_port, "PUT", "/apps/a/metrics", b"a 3\n", headers)[0], headers)

    def test_removal_by_pattern(self):
        daemon = self.start_receiving(exporter={"admin": True})
        daemon.push_apps(**{name: "x 1\n" for name in ("backup-1", "backup-2", "db", "[x]")})
        status, text = send(daemon.http_port, "DELETE", "/apps?match=backup-*&dry_run=1")
        self.assertEqual((200, b"would remove 2\nbackup-1\nbackup-2\n"), (status, text))
        self.assertEqual(4, len(daemon.apps()))
        for query in ("", "?match=", "?match=*&dryrun=1", "?match=a&match=b", "?match=*&dry_run=no"):
            self.assertEqual(400, send(daemon.http_port, "DELETE", "/apps" + query)[0], query)
        self.assertEqual(4, len(daemon.apps()))
        self.assertEqual((200, b"removed 2\nbackup-1\nbackup-2\n"), send(daemon.http_port, "DELETE", "/apps?match=backup-?"))
        self.assertEqual((200, b"removed 1\n[x]\n"), send(daemon.http_port, "DELETE", "/apps?match=[*"))
        self.assertEqual({"db"}, set(daemon.apps()))
        self.assertIn("removed 2 applications that match", daemon.log())
        self.assertIn("as 127.0.0.1:", daemon.log())

    def test_what_was_removed_stays_removed_after_a_restart(self):
        state = os.path.join(self.folder, "state")
        daemon = self.start_receiving(state={"file": state})
        daemon.push_apps(a="a 1\n", b="b 1\n")
        self.assertEqual(200, send(daemon.http_port, "DELETE", "/apps/a")[0])
        daemon.stop()
        self.assertTrue(daemon.restart(self))
        self.assertEqual(b"b 1\n", daemon.page())

    def test_reload_and_quit(self):
        daemon = self.start_receiving(exporter={"admin": True})
        daemon.configure({"exposition": {"app_label": "app"}})
        daemon.push_apps(a="a 1\n")
        self.assertEqual(202, send(daemon.http_port, "POST", "/-/reload")[0])
        eventually(lambda: daemon.page() == b'a{app="a"} 1\n', "it has reloaded")
        former = daemon.http_port
        moved = free_port()
        daemon.configure({"exporter": {"scrape_expose_endpoint": f"127.0.0.1:{moved}"}})
        self.assertEqual(202, send(former, "POST", "/-/reload")[0])

        def is_moved():
            try:
                return send(moved, "GET", "/-/ready")[0] == 200
            except OSError:
                return False

        eventually(is_moved, "it has moved")
        daemon.configure({"exposition": {"mode": "nonsense"}})
        self.assertEqual(202, send(moved, "POST", "/-/reload")[0])
        eventually(lambda: '"nonsense" is not one of' in daemon.log(), "the log says what is wrong")
        self.assertEqual(200, send(moved, "POST", "/-/quit")[0])
        daemon.ended = True
        self.assertEqual(0, daemon.popen.wait(DEADLINE))

    def test_pythons_client_library(self):
        daemon = self.start_receiving()
        python = os.path.join(TOOLS, "venv", "bin", "python")
        subprocess.run([python, "-c", CLIENT, f"127.0.0.1:{daemon.http_port}"], check=True, timeout=DEADLINE)
        apps = daemon.apps()
        self.assertEqual({"job=plain", "job=odd/job ä,empty=,instance=h:1,path=/var/tmp"}, set(apps))
        page = daemon.page().decode()
        for line in (
            'jobs_done{job="plain",instance=""} 7.0',
            'jobs_failed{job="plain",instance=""} 1.0',
            'job_seconds_bucket{job="plain",le="2.0",instance=""} 1.0',
            'job_build_info{job="plain",version="1.2",instance=""} 1.0',
            'jobs_done{job="odd/job ä",empty="",instance="h:1",path="/var/tmp",queue="a\\"b\\\\c\\nd"} 3.0',
        ):
            self.assertIn(line + "\n", page)
        check = subprocess.run([tool("promtool"), "check", "metrics"], input=daemon.request("/apps/job%3Dplain/metrics").body, capture_output=True, timeout=DEADLINE, check=False)
        self.assertNotIn(b"error while linting", check.stdout + check.stderr)

    def test_openmetrics_is_converted(self):
        daemon = self.start_receiving()
        text = b'# TYPE a counter\na_total 3 # {t="1"} 1\n# EOF\n'
        self.assertEqual(200, send(daemon.http_port, "PUT", "/metrics/job/j", text)[0])
        shown = b'# TYPE a_total counter\na_total{job="j",instance=""} 3\n'
        self.assertEqual(shown, daemon.page())
        headers = {"Content-Type": "application/openmetrics-text; version=1.0.0"}
        unmarked = text.replace(b"# EOF\n", b"")
        self.assertEqual(200, send(daemon.http_port, "PUT", "/metrics/job/j", unmarked, headers)[0])
        self.assertEqual(shown, daemon.page())
        self.assertEqual(200, send(daemon.http_port, "PUT", "/apps/a/metrics", unmarked, headers)[0])
        self.assertEqual("openmetrics", daemon.apps()["a"]["format"])
        self.assertEqual(200, send(daemon.http_port, "DELETE", "/apps/a")[0])

    def test_a_group_that_was_stored_by_another_way(self):
        """An application of the socket may have a group's name, and a text that nothing can parse."""
        daemon = self.start_receiving(receiver={"pushgateway_metrics": True})
        for method in ("POST", "PUT"):
            daemon.push("unix", b'{"job=x": ["a 1", "broken line here", "c 1"]}')
            self.assertIn("a", json.loads(send(daemon.http_port, "GET", "/api/v1/metrics")[1])["data"][0])
            self.assertEqual(400, send(daemon.http_port, method, "/metrics/job/x", b"k\n")[0])
            self.assertEqual(200, send(daemon.http_port, method, "/metrics/job/x", b"k 5\n")[0])
            self.assertIn(b'k{job="x",instance=""} 5\n', daemon.page())

    def test_nothing_is_carried_out_with_a_body_that_is_refused(self):
        daemon = self.start_receiving(exporter={"admin": True})
        daemon.push_apps(a="a 1\n")
        for method, path in (("DELETE", "/apps/a"), ("DELETE", "/apps?match=*"), ("POST", "/-/quit")):
            self.assertEqual(413, send(daemon.http_port, method, path, b"x")[0], path)
        headers = {"Content-Encoding": "br"}
        for method, path in (("PUT", "/apps/a/metrics"), ("POST", "/push"), ("PUT", "/metrics/job/j")):
            for body in (None, b"", b"x"):
                self.assertEqual(415, send(daemon.http_port, method, path, body, headers)[0], (path, body))
        self.assertEqual(b"a 1\n", daemon.page())

    def test_what_a_group_takes_is_bounded(self):
        daemon = self.start_receiving(limits={"max_message_size": 100_000}, receiver={"pushgateway_metrics": True})
        lines = "".join(f"a{number} 1\n" for number in range(5_000)).encode()
        status, reason = send(daemon.http_port, "PUT", "/metrics/job/" + "x" * 240, lines)
        self.assertEqual(400, status)
        self.assertIn(b"limits.max_message_size", reason)
        # A group without a text, which has no place for the time of a failure.
        self.assertEqual(200, send(daemon.http_port, "PUT", "/apps/job%3Dl/metrics", b"")[0])
        self.assertEqual(400, send(daemon.http_port, "PUT", "/metrics/job/l", b"bad bad\n")[0])
        for path in ("/metrics%2Fjob/b", "/metrics/job%2fa/b"):
            self.assertIn(send(daemon.http_port, "PUT", path, b"a 1\n")[0], (400, 404), path)

    def test_pushes_of_one_group_at_once_are_all_kept(self):
        daemon = self.start_receiving()
        bodies = ["".join(f"{prefix}{number} 1\n" for number in range(20_000)).encode() for prefix in "ab"]
        senders = [
            threading.Thread(target=send, args=(daemon.http_port, "POST", "/metrics/job/j", body)) for body in bodies
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        self.assertEqual(20_000 * 2, daemon.page().count(b'{job="j"'))
        status, _ = send(daemon.http_port, "POST", "/metrics/job/j", b"")  # takes as long, without a body
        self.assertEqual(200, status)
        self.assertEqual(20_000 * 2, daemon.page().count(b'{job="j"'))

    def test_the_same_as_the_pushgateway(self):
        port = free_port()
        Process(
            self, "pushgateway",
            [tool("prometheus-pushgateway"), f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"],
        )

        def answers():
            try:
                return send(port, "GET", "/-/ready")[0] == 200
            except OSError:
                return False

        eventually(answers, "the Pushgateway answers")
        daemon = self.start_receiving(receiver={"pushgateway_metrics": True})
        for method, path, body in GATEWAY_CASES:
            with self.subTest(method=method, path=path, body=body):
                data = body.encode() if body is not None else None
                theirs = send(port, method, "/metrics" + path, data)
                ours = send(daemon.http_port, method, "/metrics" + path, data)
                self.assertEqual(theirs[0], ours[0], (theirs, ours))
                self.assertEqual(series(send(port, "GET", "/metrics")[1]), series(daemon.page()))
        # A group that has never been pushed well does not exist here; there it exists for the time of its failure.
        for method in ("PUT", "DELETE"):
            self.assertEqual(send(port, method, "/metrics/job/time", b"")[0], send(daemon.http_port, method, "/metrics/job/time", b"")[0])
        self.assertEqual(self.times(send(port, "GET", "/metrics")[1]), self.times(daemon.page()))
        theirs = json.loads(send(port, "GET", "/api/v1/metrics")[1])
        ours = json.loads(send(daemon.http_port, "GET", "/api/v1/metrics")[1])
        self.assertEqual(self.without_times(theirs), self.without_times(ours))
        self.assertEqual("success", json.loads(send(daemon.http_port, "GET", "/api/v1/status")[1])["status"])

    @staticmethod
    def times(page):
        """The labels of the groups that have both times of pushes."""
        names = re.findall(rb"(push_time_seconds|push_failure_time_seconds)\{([^}]*)\}", page)
        return {(name, tuple(sorted(re.findall(rb'(\w+)="([^"]*)"', labels)))) for name, labels in names}

    @staticmethod
    def without_times(answer):
        """The groups by their labels; values as numbers, without when they were pushed."""
        groups = {}
        for group in answer["data"]:
            labels = tuple(sorted(group.pop("labels").items()))
            groups[labels] = group
            for name, family in list(group.items()):
                if not isinstance(family, dict):
                    continue
                if name.startswith("push_"):
                    del group[name]
                    continue
                family.pop("time_stamp")
                family["metrics"] = sorted(json.dumps(metric, sort_keys=True) for metric in family["metrics"])
        return answer["status"], groups


if __name__ == "__main__":
    main()
