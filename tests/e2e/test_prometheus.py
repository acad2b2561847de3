# SPDX-License-Identifier: GPL-3.0-or-later
"""What a real Prometheus makes of the page."""

import re

from harness import DaemonTest, document, eventually, main
from httpfixture import Endpoint, text
from prometheusserver import Server, configuration, newer, promtools, start_prometheus


def job(*targets):
    return {"job_name": "proxy", "honor_labels": True, "static_configs": [{"targets": list(targets)}]}


class TestPrometheus(DaemonTest):
    def start_prometheus(self, *targets):
        return start_prometheus(self, job(*targets))

    def test_pushed_and_polled_series_arrive(self):
        exporter = Endpoint(self, text(b"# HELP polled Things\n# TYPE polled gauge\npolled{l=\"\xc3\xa4\"} 5\n"))
        daemon = self.start(
            {
                "exporter": {"self_metrics": True},
                "poll_external": {
                    "poll_other_scrape_endpoints": True,
                    "other_scrape_endpoints": [exporter.url()],
                    "poll_interval": 0.2,
                },
            }
        )
        daemon.push("unix", document(one=["# TYPE same counter", 'same{from="one"} 1', "shared_total 7"]))
        daemon.push("tcp", document(two='# TYPE same counter\nsame{from="two"} 2'))
        query = self.start_prometheus(f"127.0.0.1:{daemon.http_port}")
        eventually(lambda: list(query("up").values()) == [1], "Prometheus has scraped the daemon")
        name = ("__name__", "same")
        eventually(
            lambda: query("same") == {(name, ("from", "one")): 1, (name, ("from", "two")): 2}, "pushed series are there"
        )
        eventually(lambda: list(query('polled{l="ä"}').values()) == [5], "polled series are there")
        self.assertEqual([7], list(query("shared_total").values()))
        up = query("exporter_proxy_app_up")
        self.assertEqual({"one", "two", f"external_poll: 127.0.0.1:{exporter.port}"}, {dict(key)["app"] for key in up})
        self.assertEqual({1}, set(up.values()))
        # It asks for gzip by itself, and has got it.
        eventually(
            lambda: sum(query('exporter_proxy_scrape_bytes_total{encoding="gzip"} > bool 0').values()) > 0,
            "gzip was asked for",
        )

        daemon.push("unix", document(one='same{from="one"} 42'))
        eventually(lambda: query('same{from="one"}') == {(name, ("from", "one")): 42}, "a new push arrives")
        eventually(lambda: not query("shared_total"), "what a push no longer has goes stale")
        self.assertEqual([1], list(query("up").values()))

    def test_an_empty_proxy_is_up(self):
        daemon = self.start()
        query = self.start_prometheus(f"127.0.0.1:{daemon.http_port}")
        eventually(lambda: list(query("up").values()) == [1], "Prometheus has scraped the daemon")

    def test_an_empty_instance_keeps_the_servers_own_off(self):
        targets = []
        for name, exposition in (("merged", {"mode": "merge"}), ("labelled", {"app_label": "app"})):
            daemon = self.start({"exposition": exposition})
            daemon.push_apps(a=f'{name}{{instance=""}} 2\n{name}_own 3\n')
            targets.append(f"127.0.0.1:{daemon.http_port}")
        query = self.start_prometheus(*targets)
        for name in ("merged", "labelled"):
            eventually(lambda: list(query(f'{name}{{instance=""}}').values()) == [2], "it has no instance")
            self.assertEqual([3], list(query(f'{name}_own{{instance!=""}}').values()))

    def test_version_3_counts_a_series_of_two_applications_unless_a_label_tells_them_apart(self):
        program = newer(self, "prometheus")
        servers = {}
        for label in (None, "app"):
            daemon = self.start({"exposition": {"app_label": label}} if label else {})
            daemon.push_apps(a="shared_total 1\n", b="shared_total 2\n")
            servers[label] = Server(self, configuration(job(f"127.0.0.1:{daemon.http_port}")), program)
        counted = {}
        for label, server in servers.items():
            eventually(lambda: server.query("shared_total"), "Prometheus has scraped the daemon")
            counted[label] = server.own_metric("prometheus_target_scrapes_sample_duplicate_timestamp_total")
        self.assertGreater(counted[None], 0)
        self.assertEqual(0, counted["app"])

    def test_promtool_finds_no_fault_in_our_own_metrics(self):
        exporter = Endpoint(self, text(b"# TYPE polled gauge\npolled 5\n"))
        broken = Endpoint(self, text(b"", status=500))
        daemon = self.start(
            {
                "exporter": {"self_metrics": True},
                "poll_external": {
                    "poll_other_scrape_endpoints": True,
                    "other_scrape_endpoints": [exporter.url(), broken.url()],
                    "poll_interval": 0.2,
                },
            }
        )
        for name in ("plain", "größe 漢字", 'with "quotes" and \\', "x" * 256):
            daemon.push("unix", document(**{name: ""}))
        daemon.push("tcp", b'{"plain": 1}')
        daemon.push("tcp", b'{"')
        for endpoint in (exporter, broken):
            app = f"external_poll: 127.0.0.1:{endpoint.port}"
            eventually(lambda: daemon.metric("exporter_proxy_poll_duration_seconds", app=app), "a poll has ended")
        page = daemon.page()
        own = page[page.index(b"# HELP exporter_proxy_"):]
        for result in promtools("check", "metrics", input=own):
            self.assertEqual((0, b"", b""), (result.returncode, result.stdout, result.stderr), own.decode())
        families = re.findall(r"^# TYPE (\w+) ", own.decode(), re.MULTILINE)
        for family in ("build_info", "apps", "app_up", "app_last_update_timestamp_seconds", "app_updates_total",
                       "app_bytes", "pushes_total", "push_errors_total", "poll_duration_seconds", "poll_errors_total",
                       "connections", "scrapes_total", "scrape_bytes_total", "config_last_reload_successful"):
            self.assertIn(f"exporter_proxy_{family}", families)

    def test_promtool_reads_a_whole_page(self):
        daemon = self.start({"exporter": {"self_metrics": True}})
        daemon.push("unix", document(app=["# HELP app_requests_total Requests", "# TYPE app_requests_total counter",
                                          "app_requests_total 3"]))
        for result in promtools("check", "metrics", input=daemon.page()):
            self.assertEqual(0, result.returncode, result.stderr + result.stdout)

    def test_promtool_does_find_faults(self):
        """Of a check that never fails nothing could be learnt."""
        for result in promtools("check", "metrics", input=b"x{ 1\n"):
            self.assertNotEqual(0, result.returncode)


if __name__ == "__main__":
    main()
