# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Prometheus servers that scrape what a test tells them to: Debian's, and one of version 3 where it could be built."""

import json
import os
import re
import subprocess
import urllib.parse
import urllib.request

from harness import DEADLINE, TOOLS, Process, eventually, free_port, tool

NEWER = os.path.join(TOOLS, "prometheus3")  # see prometheus3/build.sh


def installations(name):
    """The paths of a program of Prometheus, one for each version."""
    newer = os.path.join(NEWER, name)
    return [tool(name), newer] if os.path.exists(newer) else [tool(name)]


def newer(test, name):
    """The path of version 3's program; skips the test where it could not be built."""
    path = os.path.join(NEWER, name)
    if not os.path.exists(path):
        with open(os.path.join(NEWER, "reason"), encoding="utf-8") as reason:
            test.skipTest("without Prometheus 3: " + reason.read().strip())
    return path


def promtools(*arguments, **options):
    """The result of each version's promtool."""
    return [
        subprocess.run([path, *arguments], capture_output=True, timeout=DEADLINE, check=False, **options)
        for path in installations("promtool")
    ]


class Server:
    """A running server. A program that is no path is Debian's."""

    def __init__(self, test, config, program=None):
        self.program = program or tool("prometheus")
        path = test.write("prometheus.yml", json.dumps(config))  # JSON is YAML
        for _ in range(5):
            port = free_port()
            process = Process(
                test,
                "prometheus",
                [
                    self.program, f"--config.file={path}", f"--web.listen-address=127.0.0.1:{port}",
                    f"--storage.tsdb.path={os.path.join(test.folder, f'tsdb-{port}')}",
                    "--storage.tsdb.retention.time=1h",
                    # New targets are scraped at once, not after 5 s.
                    "--scrape.discovery-reload-interval=100ms",
                ],
                cwd=test.folder,
            )  # fmt: skip
            self.base = f"http://127.0.0.1:{port}"
            eventually(lambda: not process.is_running() or self.is_ready(), "Prometheus is ready")
            if process.is_running():
                return
        test.fail("Prometheus does not start")

    def is_ready(self):
        try:
            with opener.open(self.base + "/-/ready", timeout=DEADLINE) as response:
                return response.status == 200
        except OSError:
            return False

    def get(self, path, **query):
        with opener.open(f"{self.base}{path}?{urllib.parse.urlencode(query)}", timeout=DEADLINE) as response:
            return json.load(response)["data"]

    def query(self, expression):
        """The value of each series, by its labels but job and instance."""
        return {
            tuple(sorted((k, v) for k, v in series["metric"].items() if k not in ("job", "instance"))):
                float(series["value"][1])
            for series in self.get("/api/v1/query", query=expression)["result"]
        }  # fmt: skip

    def own_metric(self, name):
        """The server's own metric of that name, which has no labels."""
        with opener.open(self.base + "/metrics", timeout=DEADLINE) as response:
            return float(re.search(rf"^{name} (.*)$", response.read().decode(), re.MULTILINE)[1])


def configuration(*scrape_configs):
    return {
        "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms"},
        "scrape_configs": list(scrape_configs),
    }


def start_prometheus(test, *scrape_configs):
    """Starts a server of each version, and returns a function that asks them: Server.query(), when all say the same."""
    config = configuration(*scrape_configs)
    servers = [Server(test, config, program) for program in installations("prometheus")]

    def query(expression):
        answers = []

        def agree():
            answers[:] = [server.query(expression) for server in servers]
            return all(answer == answers[0] for answer in answers)

        eventually(agree, f"all servers say the same to {expression}")
        return answers[0]

    return query


opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
