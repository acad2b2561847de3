# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Prometheus that scrapes what a test tells it to."""

import json
import os
import urllib.parse
import urllib.request

from harness import DEADLINE, Process, eventually, free_port, tool


def start_prometheus(test, *scrape_configs):
    """Returns a function that asks its query API: the value of each series, by its labels but job and instance."""
    config = {
        "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms"},
        "scrape_configs": list(scrape_configs),
    }
    path = test.write("prometheus.yml", json.dumps(config))  # JSON is YAML
    for _ in range(5):
        port = free_port()
        prometheus = Process(
            test,
            "prometheus",
            [
                tool("prometheus"), f"--config.file={path}", f"--web.listen-address=127.0.0.1:{port}",
                f"--storage.tsdb.path={os.path.join(test.folder, f'tsdb-{port}')}", "--storage.tsdb.retention.time=1h",
            ],
            cwd=test.folder,
        )  # fmt: skip
        base = f"http://127.0.0.1:{port}"
        eventually(lambda: not prometheus.is_running() or answers(base + "/-/ready"), "Prometheus is ready")
        if prometheus.is_running():
            break

    def query(expression):
        url = f"{base}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        with opener.open(url, timeout=DEADLINE) as response:
            result = json.load(response)["data"]["result"]
        return {
            tuple(sorted((k, v) for k, v in series["metric"].items() if k not in ("job", "instance"))):
                float(series["value"][1])
            for series in result
        }  # fmt: skip

    return query


opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def answers(url):
    try:
        with opener.open(url, timeout=DEADLINE) as response:
            return response.status == 200
    except OSError:
        return False
