# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of applications that send nothing any more, and each of them as a target of its own."""

import gzip
import os
import time
import unittest
import urllib.parse

from harness import SANITIZED, DaemonTest, document, eventually, main
from httpfixture import Endpoint, hang, text
from prometheusserver import start_prometheus

ODD_NAMES = ("a/b", "a?b=c&d", "100%", "my%20app", "a b+c", "größe 🚀", 'say "hi" \\ <&>', "a#b", "x/metrics", "..")


def path_of(name):
    return f"/apps/{urllib.parse.quote(name, safe='')}/metrics"


class TestStates(DaemonTest):
    def test_an_idle_daemon_is_not_woken(self):
        for freshness in ({}, {"stale_after": 0.2, "expire_after": 60}):
            with self.subTest(freshness=freshness):
                daemon = self.start({"freshness": freshness})
                daemon.push_apps(a="a 1\n")
                # A push that is answered may still be on its way to rest.
                eventually(lambda: is_at_rest(daemon.pid), "the daemon is at rest")
                before = context_switches(daemon.pid)
                time.sleep(1)  # for nothing to happen in
                self.assertEqual(before, context_switches(daemon.pid))
                self.assertEqual("stale" if freshness else "fresh", daemon.apps()["a"]["state"])

    def test_a_rhythm_is_learned_and_missed(self):
        daemon = self.start({"exporter": {"self_metrics": True}})
        daemon.push_apps(once="x 1\n")

        def learned():
            daemon.push_apps(steady="x 1\n")
            time.sleep(0.2)  # the rhythm
            return daemon.apps()["steady"]["interval_seconds"]

        self.assertGreater(eventually(learned, "the rhythm is learned"), 0.1)
        self.assertIsNone(daemon.apps()["once"]["interval_seconds"])
        eventually(lambda: daemon.apps()["steady"]["state"] == "late", "the application is late")
        self.assertGreaterEqual(daemon.apps()["steady"]["age_seconds"], 3)
        eventually(lambda: daemon.metric("exporter_proxy_apps", state="late") == 1, "the metrics say so")
        self.assertEqual(1, daemon.metric("exporter_proxy_app_up", app="steady"))
        self.assertGreater(daemon.metric("exporter_proxy_app_interval_seconds", app="steady"), 0.1)
        self.assertIsNone(daemon.metric("exporter_proxy_app_interval_seconds", app="once"))
        self.assertEqual("fresh", daemon.apps()["once"]["state"])
        self.assertTrue(daemon.page().startswith(b"x 1\nx 1\n"))

    def test_a_stale_application_stays_on_the_page(self):
        daemon = self.start({"exporter": {"self_metrics": True}, "freshness": {"push": {"stale_after": 0.5}}})
        daemon.push_apps(a="a 1\n")
        tag = daemon.request("/apps?format=json").headers["ETag"]
        eventually(lambda: daemon.apps()["a"]["state"] == "stale", "it is stale")
        eventually(lambda: daemon.metric("exporter_proxy_app_up", app="a") == 0, "and not up")
        self.assertNotEqual(tag, daemon.request("/apps?format=json").headers["ETag"])
        self.assertEqual(b"a 1\n", daemon.request("/apps/a/metrics").body)
        self.assertTrue(daemon.page().startswith(b"a 1\n"))

    def test_an_expired_application_leaves_the_page_and_comes_back(self):
        daemon = self.start({"exporter": {"self_metrics": True}, "freshness": {"expire_after": 2}})
        daemon.push_apps(a="a 1\n" * 1000)
        eventually(lambda: not daemon.page().startswith(b"a 1\n"), "its text has left the page")
        self.assertNotIn(b"a 1\n", unzipped(daemon, "/metrics"))
        app = daemon.apps()["a"]
        self.assertEqual(("expired", 0, 0, 1), tuple(app[key] for key in ("state", "bytes", "series", "updates")))
        self.assertEqual(1, daemon.metric("exporter_proxy_apps", state="expired"))
        self.assertEqual(0, daemon.metric("exporter_proxy_app_up", app="a"))
        alone = daemon.request("/apps/a/metrics")
        self.assertEqual(503, alone.status)
        self.assertIn(b'"a" has expired', alone.body)
        self.assertEqual((200, b""), (daemon.request("/metrics?app=a").status, daemon.request("/metrics?app=a").body))
        # More than once, because a busy machine may look too late.
        eventually(lambda: daemon.push_apps(a="a 2\n") or daemon.page().startswith(b"a 2\n"), "it is back")
        self.assertGreater(daemon.apps()["a"]["updates"], 1)

    def test_a_forgotten_application_gives_its_place_back(self):
        daemon = self.start({"limits": {"max_apps": 1}, "freshness": {"expire_after": 0.5, "forget_after": 1}})
        daemon.push_apps(a="a 1\n")
        eventually(lambda: not daemon.apps(), "it is forgotten")
        self.assertEqual(404, daemon.request("/apps/a/metrics").status)
        daemon.push_apps(b="b 1\n")

    @unittest.skipIf(SANITIZED, "a sanitizer keeps what is freed, to find its uses")
    def test_memory_comes_back_with_nobody_looking(self):
        daemon = self.start({"freshness": {"app": {"large": {"expire_after": 1}}}})
        daemon.push_apps(small="x 1\n")
        daemon.push_apps(large="x 1\n" * 5_000_000)
        self.assertGreater(resident(daemon.pid), 20_000_000)
        eventually(lambda: resident(daemon.pid) < 20_000_000 + 20_000_000, "the memory is given back")
        eventually(lambda: daemon.page() == b"x 1\n", "only the large one has gone")

    def test_polled_applications_expire_and_stay_known(self):
        now = text(b"polled 1\n")
        exporter = Endpoint(self, lambda *request: now(*request))
        never = Endpoint(self, hang)
        daemon = self.start(
            {
                "poll_external": {
                    "poll_other_scrape_endpoints": True,
                    "other_scrape_endpoints": [exporter.url(), never.url()],
                    "poll_interval": 0.1,
                    "client_timeout": 0.3,
                },
                "freshness": {"poll": {"expire_after": 1.5, "forget_after": 2}},
            }
        )
        daemon.push_apps(pushed="x 1\n")
        name = f"external_poll: 127.0.0.1:{exporter.port}"
        eventually(lambda: b"polled 1\n" in daemon.page(), "it is polled")
        self.assertEqual(b"polled 1\n", daemon.request(path_of(name)).body)
        waiting = daemon.request(path_of(f"external_poll: 127.0.0.1:{never.port}"))
        self.assertEqual(503, waiting.status)
        self.assertIn(b"has not been polled yet", waiting.body)
        now = text(b"", status=500)
        eventually(lambda: daemon.apps()[name]["state"] == "failing", "it fails")
        failing = daemon.request(path_of(name))
        self.assertEqual(503, failing.status)
        self.assertIn(b'failed: status 500', failing.body)
        self.assertIn(b"polled 1\n", daemon.page())
        eventually(lambda: daemon.apps()[name]["state"] == "expired", "it expires")
        self.assertEqual(b"x 1\n", daemon.page())
        eventually(lambda: daemon.apps()[name]["age_seconds"] > 2.5, "the time to forget has passed")
        self.assertIn(name, daemon.apps())
        now = text(b"polled 2\n")
        eventually(lambda: b"polled 2\n" in daemon.page(), "it is back")


class TestSelection(DaemonTest):
    def test_each_application_alone(self):
        daemon = self.start({"exporter": {"self_metrics": True}})
        for i, name in enumerate(ODD_NAMES):
            daemon.push("unix", document(**{name: f"x {i}\n"}))
        for i, name in enumerate(ODD_NAMES):
            answer = daemon.request(path_of(name))
            self.assertEqual((200, f"x {i}\n".encode()), (answer.status, answer.body), name)
            self.assertEqual("text/plain; version=0.0.4; charset=utf-8", answer.headers["Content-Type"])
            compressed = daemon.request(path_of(name), headers={"Accept-Encoding": "gzip"})
            self.assertEqual("gzip", compressed.headers["Content-Encoding"])
            self.assertEqual(answer.body, gzip.decompress(compressed.body))
        unknown = daemon.request("/apps/nobody%20%C3%A4/metrics")
        self.assertEqual((404, 'there is no application "nobody ä"\n'), (unknown.status, unknown.body.decode()))
        for path in ("/apps//metrics", "/apps/metrics", "/apps/a%2Fb", "/apps/a/b/", "/apps/a/b/metricsx"):
            self.assertEqual(404, daemon.request(path).status, path)
        self.assertEqual(405, daemon.request(path_of("a/b"), "POST").status)
        self.assertEqual((200, b""), (daemon.request(path_of("a/b"), "HEAD").status, b""))

    def test_blocks_follow_the_texts(self):
        daemon = self.start()
        for value in range(50):
            texts = {f"app{i}": f"x {value}\n" * (1 + i * 997) for i in range(4)}
            daemon.push("unix", document(**texts))
            if value % 3 == 0:
                self.assertEqual("".join(texts.values()).encode(), unzipped(daemon, "/metrics"))
            for i in (0, 3):
                self.assertEqual(texts[f"app{i}"].encode(), unzipped(daemon, f"/apps/app{i}/metrics"))
            self.assertEqual((texts["app1"] + texts["app3"]).encode(), unzipped(daemon, "/metrics?app=app3&app=app1"))

    def test_some_of_the_page(self):
        daemon = self.start({"exporter": {"self_metrics": True}})
        daemon.push_apps(**{"a": "a 1", "b c": "b 1", "d+e": "d 1", "ä": "u 1"})
        for query, page in (
            ("app=a", b"a 1\n"),
            ("app=d%2Be&app=b+c&app=a", b"a 1\nb 1\nd 1\n"),
            ("app=b%20c&app=b+c", b"b 1\n"),
            ("x=y&app=%C3%A4", b"u 1\n"),
        ):
            answer = daemon.request(f"/metrics?{query}")
            self.assertEqual((200, page), (answer.status, answer.body), query)
        answer = daemon.request("/metrics?app=a&app=nobody&app=&app=no+one")
        self.assertEqual((404, b'there is no application "nobody", "", "no one"\n'), (answer.status, answer.body))
        self.assertIn(b"exporter_proxy_apps", daemon.request("/metrics?apps=a").body)

    def test_the_proxys_own_metrics_alone(self):
        daemon = self.start({"exporter": {"self_metrics": False}})
        daemon.push_apps(a="a 1")
        own = daemon.request("/-/metrics").body
        self.assertTrue(own.startswith(b"# HELP exporter_proxy_apps "))
        self.assertIn(b'\nexporter_proxy_app_up{app="a"} 1\n', own)
        self.assertIn(b"\nexporter_proxy_process_open_fds ", own)
        self.assertIn(b'\nexporter_proxy_app_up{app="a"} 1\n', unzipped(daemon, "/-/metrics"))
        self.assertEqual(b"a 1\n", daemon.page())

    def test_discovery_names_every_application_by_the_address_it_was_asked_at(self):
        daemon = self.start()
        self.assertEqual([], daemon.request("/sd").json())
        for name in ODD_NAMES:
            daemon.push("unix", document(**{name: "x 1\n"}))
        answer = daemon.request("/sd")
        self.assertEqual("application/json", answer.headers["Content-Type"])
        groups = answer.json()
        self.assertEqual({(f"127.0.0.1:{daemon.http_port}",)}, {tuple(group["targets"]) for group in groups})
        self.assertEqual(sorted(ODD_NAMES, key=str.encode), [group["labels"]["app"] for group in groups])
        for group in groups:
            self.assertEqual({"app", "__metrics_path__"}, set(group["labels"]))
        for host, status in (("h", 200), ("a-b.example.org:80", 200), ("[::1]:6555", 200), ("", 400), ("a b", 400),
                             ('a"b', 400), ("a:", 400), ("a:b", 400), ("a/b", 400), ("[::1", 400), ("x" * 300, 400)):
            answer = daemon.request("/sd", headers={"Host": host})
            self.assertEqual(status, answer.status, host)
            if status == 200:
                self.assertEqual([host], answer.json()[0]["targets"])


class TestPrometheus(DaemonTest):
    def test_each_application_is_a_target_whose_up_tells(self):
        daemon = self.start({"freshness": {"app": {"mortal": {"expire_after": 8}}}})
        prometheus = start_prometheus(
            self,
            {
                "job_name": "applications",
                "honor_labels": True,
                "http_sd_configs": [
                    {"url": f"http://127.0.0.1:{daemon.http_port}/sd", "refresh_interval": "500ms"}
                ],
            },
        )
        for i, name in enumerate(ODD_NAMES):
            daemon.push("unix", document(**{name: f"x {i}\n"}))
        daemon.push_apps(mortal="mortal 1\n")

        def ups():
            return {dict(key)["app"]: value for key, value in prometheus("up").items()}

        everybody = {*ODD_NAMES, "mortal"}
        # Pushed again while Prometheus is slow to begin, so that it is up once on a busy machine too.
        eventually(lambda: daemon.push_apps(mortal="mortal 1\n") or ups() == dict.fromkeys(everybody, 1), "all are up")
        values = {dict(key)["app"]: value for key, value in prometheus("x").items()}
        self.assertEqual({name: i for i, name in enumerate(ODD_NAMES)}, values)

        eventually(lambda: ups() == {**dict.fromkeys(everybody, 1), "mortal": 0}, "one is down, the others are up")
        eventually(lambda: not prometheus("mortal"), "its series are stale")
        self.assertEqual("expired", daemon.apps()["mortal"]["state"])
        daemon.push_apps(mortal="mortal 2\n")
        eventually(lambda: ups()["mortal"] == 1, "it is up again")

    def test_the_target_of_a_dead_exporter_is_down(self):
        exporter = Endpoint(self, text(b"polled 1\n"))
        daemon = self.start(
            {
                "poll_external": {
                    "poll_other_scrape_endpoints": True,
                    "other_scrape_endpoints": [exporter.url()],
                    "poll_interval": 0.2,
                }
            }
        )
        prometheus = start_prometheus(
            self,
            {
                "job_name": "applications",
                "honor_labels": True,
                "http_sd_configs": [
                    {"url": f"http://127.0.0.1:{daemon.http_port}/sd", "refresh_interval": "500ms"}
                ],
            },
        )

        def seen():
            return list(prometheus("up").values()), list(prometheus("polled").values())

        eventually(lambda: seen() == ([1], [1]), "it is up")
        exporter.stop()
        eventually(lambda: seen() == ([0], []), "it is down, and its series are stale")
        self.assertEqual("failing", daemon.apps()[f"external_poll: 127.0.0.1:{exporter.port}"]["state"])
        self.assertEqual(b"polled 1\n", daemon.page())
        Endpoint(self, text(b"polled 2\n"), port=exporter.port)
        eventually(lambda: seen() == ([1], [2]), "it is up again")

    def test_on_the_whole_page_an_expired_application_goes_stale_at_the_next_scrape(self):
        daemon = self.start(
            {"exporter": {"self_metrics": True}, "freshness": {"app": {"mortal": {"expire_after": 5}}}}
        )
        prometheus = start_prometheus(
            self,
            {
                "job_name": "proxy",
                "honor_labels": True,
                "static_configs": [{"targets": [f"127.0.0.1:{daemon.http_port}"]}],
            },
        )
        daemon.push_apps(immortal="immortal 1\n")
        eventually(lambda: daemon.push_apps(mortal="mortal 1\n") or prometheus("mortal"), "its series are there")
        eventually(lambda: not prometheus("mortal"), "its series are stale")
        # Not five minutes after its last sample, which is when Prometheus gives up on what is just not there.
        self.assertLess(daemon.apps()["mortal"]["age_seconds"], 120)
        self.assertEqual([1], list(prometheus("immortal").values()))
        self.assertEqual([1], list(prometheus("up").values()))
        eventually(
            lambda: list(prometheus('exporter_proxy_app_up{app="mortal"}').values()) == [0], "its own metrics stay"
        )


def unzipped(daemon, path):
    answer = daemon.request(path, headers={"Accept-Encoding": "gzip"})
    if answer.status != 200 or answer.headers["Content-Encoding"] != "gzip":
        raise AssertionError(f"{path} answered {answer.status}")
    return gzip.decompress(answer.body)


def context_switches(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)


def is_at_rest(pid):
    before = context_switches(pid)
    time.sleep(0.2)
    return before == context_switches(pid)


def resident(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
