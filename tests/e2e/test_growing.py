# SPDX-License-Identifier: GPL-3.0-or-later
"""More than one machine: a proxy that polls other proxies, and many proxies behind one Prometheus or several."""

import json
import os
import subprocess
import sys

from harness import BINARY, SOURCE, DaemonTest, eventually, main, tool
from prometheusserver import start_prometheus


class TestTree(DaemonTest):
    def start_tree(self, **settings):
        """Two proxies of hosts and one above that polls them."""
        hosts = [self.start({"exporter": {"self_metrics": False}}) for _ in range(2)]
        endpoints = [
            {"url": f"http://127.0.0.1:{host.http_port}/metrics", "name": f"host{i}", "interval": 0.2, "timeout": 10}
            for i, host in enumerate(hosts)
        ]
        poll = {"poll_other_scrape_endpoints": True, "endpoint": endpoints}
        return hosts, self.start({"poll_external": poll, **settings})

    def test_what_is_pushed_below_stands_on_the_page_above(self):
        hosts, top = self.start_tree()
        hosts[0].push_apps(b="b 1", a="a 1")
        hosts[1].push_apps(c="c 1")
        top.wait_page(b"a 1\nb 1\nc 1\n")
        hosts[1].push_apps(c="c 2")
        top.wait_page(b"a 1\nb 1\nc 2\n")

    def test_a_host_that_is_gone_is_failing_and_costs_the_others_nothing(self):
        hosts, top = self.start_tree()
        hosts[0].push_apps(a="a 1")
        hosts[1].push_apps(c="c 1")
        top.wait_page(b"a 1\nc 1\n")
        self.assertEqual(0, hosts[1].stop())
        eventually(lambda: top.apps()["host1"]["state"] == "failing", "the host that ended is failing")
        hosts[0].push_apps(a="a 2")
        top.wait_page(b"a 2\nc 1\n")
        self.assertEqual("fresh", top.apps()["host0"]["state"])

    def test_the_text_of_a_host_that_is_gone_expires(self):
        hosts, top = self.start_tree(freshness={"expire_after": 1})
        hosts[0].push_apps(a="a 1")
        hosts[1].push_apps(c="c 1")
        top.wait_page(b"a 1\nc 1\n")
        hosts[1].kill()
        hosts[1].failed_on_purpose = True
        top.wait_page(b"a 1\n")

    def test_prometheus_has_each_host_as_a_target_of_the_one_above(self):
        hosts, top = self.start_tree()
        for i, host in enumerate(hosts):
            host.push_apps(a=f'jobs_total{{host="{i}"}} {i}')
        eventually(lambda: top.page().count(b"jobs_total") == 2, "both are polled")
        query = start_prometheus(
            self,
            {
                "job_name": "applications",
                "honor_labels": True,
                "http_sd_configs": [
                    {"url": f"http://127.0.0.1:{top.http_port}/sd", "refresh_interval": "1s"},
                ],
            },
        )
        expected = {(("app", f"host{i}"), ("host", str(i))): float(i) for i in range(2)}
        eventually(
            lambda: {tuple(p for p in key if p[0] != "__name__"): v for key, v in query("jobs_total").items()}
            == expected,
            "the series of both hosts are in Prometheus",
        )


class TestFleet(DaemonTest):
    def test_every_target_of_many_proxies_is_scraped_once(self):
        """tests/bench/fleet.py, small: one server, two that share the targets by hashmod, and one that federates them."""
        daemons, applications = 5, 3
        result = subprocess.run(
            [
                sys.executable, "-B", os.path.join(SOURCE, "tests", "bench", "fleet.py"), "--binary", BINARY,
                "--prometheus", tool("prometheus"), "--daemons", str(daemons), "--applications", str(applications),
                "--series", "10", "--interval", "1", "--scrapes", "2",
            ],
            capture_output=True, text=True, timeout=500, check=False, cwd=self.folder,
        )  # fmt: skip
        self.assertEqual(0, result.returncode, result.stdout + result.stderr)
        figures = json.loads(result.stdout)
        expected = daemons * applications
        self.assertEqual((expected, expected), (figures["one_server"]["targets"], figures["one_server"]["up"]))
        shards = figures["two_shards"]
        self.assertTrue(shards["scraped_once"], shards)
        self.assertEqual(expected, sum(shards["targets_of_each"]))
        self.assertEqual((expected, expected * 10), (shards["federated_up"], shards["federated_series"]))


if __name__ == "__main__":
    main()
