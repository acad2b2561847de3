# SPDX-License-Identifier: GPL-3.0-or-later
"""The alert rules and the dashboard: promtool reads and tests the rules, and both ask for what the daemon has."""

import json
import os
import re

import httpfixture
from harness import SOURCE, DaemonTest, document, eventually, main
from prometheusserver import promtools

FOLDER = os.path.join(SOURCE, "packaging", "prometheus")
RULES = os.path.join(FOLDER, "exporter-proxy.rules.yml")
DASHBOARD = os.path.join(FOLDER, "exporter-proxy.dashboard.json")


def promtool(*arguments):
    """The result of a version that finds fault, or of any if none does."""
    return max(promtools(*arguments, text=True), key=lambda result: result.returncode)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class TestRules(DaemonTest):
    def test_promtool_takes_the_rules(self):
        result = promtool("check", "rules", RULES)
        self.assertEqual(0, result.returncode, result.stdout + result.stderr)
        self.assertRegex(result.stdout, r"SUCCESS: \d+ rules found")

    def test_the_rules_pass_their_unit_tests(self):
        result = promtool("test", "rules", os.path.join(FOLDER, "exporter-proxy.rules.test.yml"))
        self.assertEqual(0, result.returncode, result.stdout + result.stderr)

    def test_every_rule_has_a_unit_test_that_fires_it(self):
        alerts = re.findall(r"- alert: (\w+)", read(RULES))
        tests = read(os.path.join(FOLDER, "exporter-proxy.rules.test.yml"))
        fired = re.findall(r"alertname: (\w+)\n\s+exp_alerts:\n\s+- exp_labels", tests)
        self.assertGreater(len(alerts), 5)
        self.assertEqual(set(alerts), set(fired))

    def test_a_broken_rule_fails_its_unit_test(self):
        rules = read(RULES)
        changed = rules.replace("exporter_proxy_app_up == 0\n", "exporter_proxy_app_up == 7\n")
        self.assertNotEqual(rules, changed)
        self.write("exporter-proxy.rules.yml", changed)
        tests = self.write("tests.yml", read(os.path.join(FOLDER, "exporter-proxy.rules.test.yml")))
        self.assertEqual(1, promtool("test", "rules", tests).returncode)


class TestDashboard(DaemonTest):
    def setUp(self):
        super().setUp()
        self.panels = json.loads(read(DASHBOARD))["panels"]

    def test_panels_are_told_apart_and_do_not_overlap(self):
        self.assertEqual(len(self.panels), len({panel["id"] for panel in self.panels}))
        taken = set()
        for panel in self.panels:
            at = panel["gridPos"]
            self.assertLessEqual(at["x"] + at["w"], 24, panel["title"])
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertFalse(taken & cells, panel["title"])
            taken |= cells

    def test_every_panel_says_what_it_shows(self):
        for panel in self.panels:
            self.assertTrue(panel["title"] and panel["description"], panel["id"])

    def test_prometheus_can_read_every_expression(self):
        expressions = [target["expr"] for panel in self.panels for target in panel["targets"]]
        self.assertGreater(len(expressions), 10)
        filled = [
            expression.replace("$job", "j").replace("$instance", "i").replace("$__rate_interval", "1m")
            for expression in expressions
        ]
        rules = {"groups": [{"name": "d", "rules": [{"record": f"r{i}", "expr": e} for i, e in enumerate(filled)]}]}
        result = promtool("check", "rules", self.write("dashboard.yml", json.dumps(rules)))
        self.assertEqual(0, result.returncode, result.stdout + result.stderr)


class TestMetrics(DaemonTest):
    def test_the_daemon_has_every_metric_that_is_asked_for(self):
        endpoint = httpfixture.Endpoint(self, httpfixture.text("x 1\n"))
        daemon = self.start(
            {
                "exporter": {"self_metrics": True},
                "poll_external": {
                    "poll_other_scrape_endpoints": True,
                    "other_scrape_endpoints": [endpoint.url()],
                    "poll_interval": 0.2,
                },
                "state": {"file": os.path.join(self.folder, "state")},
            }
        )
        daemon.push("unix", document(a="a 1"))
        names = r"\bexporter_proxy_\w+"
        asked = set(re.findall(names, read(RULES))) | set(re.findall(names, read(DASHBOARD)))
        self.assertGreater(len(asked), 15)
        # What a poll has to tell of is there once it has ended.
        eventually(lambda: b"\nexporter_proxy_poll_duration_seconds{" in daemon.page(), "a poll has ended")
        self.assertEqual(set(), asked - set(re.findall(names, daemon.page().decode())))


if __name__ == "__main__":
    main()
