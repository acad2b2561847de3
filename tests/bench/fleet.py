#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet on loopback: many exporter-proxies with a few applications each, and real Prometheus servers that discover them
all through /sd. First one server has every target; then two share them by hashmod, and a third federates these two.

    tests/bench/fleet.py [--daemons 200] [--applications 5] [--series 50] [--json FILE]

Every phase has a deadline, everything listens on loopback, and what was started is ended by its process id. Prometheus is
the one that tests/e2e/fetch-tools.sh has unpacked into build/tools, or an installed one.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Loopback is never to be asked for through a proxy of the environment.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def options():
    tools = os.environ.get("EXPORTER_PROXY_TOOLS", os.path.join(TREE, "build", "tools"))
    unpacked = os.path.join(tools, "root", "usr", "bin", "prometheus")
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--daemons", type=int, default=200)
    parser.add_argument("--applications", type=int, default=5, help="of each daemon")
    parser.add_argument("--series", type=int, default=50, help="of each application")
    parser.add_argument("--interval", type=float, default=5, help="seconds between two scrapes of a target")
    parser.add_argument("--scrapes", type=int, default=6, help="how many intervals are measured")
    parser.add_argument("--deadline", type=float, default=120, help="seconds that each phase may take")
    parser.add_argument("--json", metavar="FILE", help="where the figures go as well")
    parser.add_argument(
        "--binary",
        default=os.environ.get("EXPORTER_PROXY_BINARY", os.path.join(TREE, "build/release/daemon/exporter-proxy")),
    )
    parser.add_argument("--prometheus", default=unpacked if os.access(unpacked, os.X_OK) else "prometheus")
    return parser.parse_args()


class Fleet:
    def __init__(self, chosen, folder, processes):
        self.chosen = chosen
        self.folder = folder
        self.processes = processes
        self.daemons = []  # process id and address

    def wait(self, condition, what):
        end = time.monotonic() + self.chosen.deadline
        while not (result := condition()):
            if time.monotonic() > end:
                raise SystemExit(f"fleet.py: waited {self.chosen.deadline:g} s in vain until {what}")
            time.sleep(0.2)
        return result

    def start(self, name, arguments):
        log = os.path.join(self.folder, f"{name}.log")
        with open(log, "wb") as file:
            process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=self.folder)
        self.processes.append(process)
        return process, log

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.processes.remove(process)

    # The daemons

    def start_daemons(self):
        started = [self.start_daemon(number) for number in range(self.chosen.daemons)]
        for number, (process, log) in enumerate(started):
            # Port 0 was asked for: the log has the one that was free.
            port = self.wait(lambda: port_in(log, process), f"daemon {number} serves")
            self.daemons.append((process.pid, f"127.0.0.1:{port}"))
            self.push(number)

    def start_daemon(self, number):
        arguments = [self.chosen.binary, "--config", os.devnull]
        for setting in (
            "exporter.scrape_expose_endpoint=127.0.0.1:0",
            "receiver.receive_on_tcp_socket=false",
            f"receiver.receiver_unix_socket={self.socket(number)}",
        ):
            arguments += ["--set", setting]
        return self.start(f"daemon-{number}", arguments)

    def socket(self, number):
        return os.path.join(self.folder, f"{number}.sock")

    def push(self, number):
        texts = {
            f"app{app}": [
                "# TYPE jobs_done_total counter",
                *(f'jobs_done_total{{host="{number}",queue="{i}"}} {i}' for i in range(self.chosen.series)),
            ]
            for app in range(self.chosen.applications)
        }
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(self.chosen.deadline)
            connection.connect(self.socket(number))
            connection.sendall(json.dumps(texts).encode())
            connection.shutdown(socket.SHUT_WR)
            if refusal := connection.recv(4096):
                raise SystemExit(f"fleet.py: {refusal.decode()}")

    # The servers

    def start_prometheus(self, name, scrape_config):
        config = os.path.join(self.folder, f"{name}.yml")
        interval = f"{int(self.chosen.interval * 1000)}ms"
        with open(config, "w", encoding="utf-8") as file:  # JSON is YAML
            json.dump(
                {
                    "global": {"scrape_interval": interval, "scrape_timeout": interval},
                    "scrape_configs": [scrape_config],
                },
                file,
            )
        for _ in range(5):  # another process may take the port between its choice and its use
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            process, _ = self.start(
                f"{name}-{port}",
                [
                    self.chosen.prometheus, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}",
                    f"--storage.tsdb.path={os.path.join(self.folder, f'tsdb-{name}-{port}')}",
                ],
            )  # fmt: skip
            server = Server(process, f"127.0.0.1:{port}")
            self.wait(lambda: process.poll() is not None or server.is_ready(), f"{name} is ready")
            if process.poll() is None:
                return server
            self.processes.remove(process)
        raise SystemExit(f"fleet.py: {name} does not start; see {config}")

    def discovery(self, shard=None, shards=1):
        config = {
            "job_name": "applications",
            "honor_labels": True,
            "http_sd_configs": [
                {"url": f"http://{address}/sd", "refresh_interval": "5s"} for _, address in self.daemons
            ],
        }
        if shard is not None:
            config["relabel_configs"] = [
                {
                    "source_labels": ["__address__", "__metrics_path__"],
                    "modulus": shards,
                    "target_label": "__tmp_shard",
                    "action": "hashmod",
                },
                {"source_labels": ["__tmp_shard"], "regex": str(shard), "action": "keep"},
            ]
        return config

    def resident_megabytes(self):
        return [resident_bytes(pid) / 1e6 for pid, _ in self.daemons]


class Server:
    def __init__(self, process, address):
        self.process = process
        self.address = address

    def get(self, path):
        with opener.open(f"http://{self.address}{path}", timeout=30) as response:
            return response.read()

    def is_ready(self):
        try:
            return self.get("/-/ready") is not None
        except OSError:
            return False

    def query(self, expression):
        """The one value of an expression; 0 if there is none yet."""
        path = "/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        result = json.loads(self.get(path))["data"]["result"]
        return float(result[0]["value"][1]) if result else 0.0

    def targets(self):
        active = json.loads(self.get("/api/v1/targets?state=active"))["data"]["activeTargets"]
        return [target["scrapeUrl"] for target in active]


def port_in(log, process):
    with open(log, encoding="utf-8", errors="replace") as file:
        text = file.read()
    if process.poll() is not None:
        raise SystemExit(f"fleet.py: a daemon ended with {process.returncode}: {text}")
    found = re.search(r"serving http://127\.0\.0\.1:(\d+)/", text)
    return found and found[1]


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure(fleet, server):
    """The scrapes of some intervals, each target's longest counted."""
    window = f"{int(fleet.chosen.interval * fleet.chosen.scrapes * 1000)}ms"
    time.sleep(fleet.chosen.interval * fleet.chosen.scrapes)
    longest = f"max_over_time(scrape_duration_seconds[{window}])"
    return {
        "targets": len(server.targets()),
        "up": int(server.query("sum(up)")),
        "missed": int(server.query(f"count(min_over_time(up[{window}]) == 0)")),
        "scrape_seconds_p50": server.query(f"quantile(0.5, {longest})"),
        "scrape_seconds_p99": server.query(f"quantile(0.99, {longest})"),
        "scrape_seconds_max": server.query(f"max({longest})"),
    }


def one_server(fleet, expected):
    server = fleet.start_prometheus("prometheus", fleet.discovery())
    fleet.wait(lambda: server.query("sum(up)") == expected, f"all {expected} targets are up")
    figures = measure(fleet, server)
    figures["prometheus_resident_mb"] = resident_bytes(server.process.pid) / 1e6
    fleet.end(server.process)
    return figures


def two_shards(fleet, expected):
    shards = [fleet.start_prometheus(f"shard-{i}", fleet.discovery(i, 2)) for i in (0, 1)]
    fleet.wait(lambda: sum(shard.query("sum(up)") for shard in shards) == expected, f"all {expected} targets are up")
    targets = [shard.targets() for shard in shards]
    federation = {
        "job_name": "federation",
        "honor_labels": True,
        "metrics_path": "/federate",
        "params": {"match[]": ['{job="applications"}']},
        "static_configs": [{"targets": [shard.address for shard in shards]}],
    }
    upper = fleet.start_prometheus("federation", federation)
    fleet.wait(lambda: upper.query('count(up{job="applications"})') == expected, "the federation has all of them")
    figures = {
        "targets_of_each": [len(of_one) for of_one in targets],
        "scraped_once": len(set(targets[0] + targets[1])) == len(targets[0]) + len(targets[1]) == expected,
        "federated_up": int(upper.query('sum(up{job="applications"})')),
        "federated_series": int(upper.query("count(jobs_done_total)")),
    }
    for server in (upper, *shards):
        fleet.end(server.process)
    return figures


def main():
    chosen = options()
    with tempfile.TemporaryDirectory(prefix="fleet-") as folder:
        processes = []
        try:
            fleet = Fleet(chosen, folder, processes)
            began = time.monotonic()
            fleet.start_daemons()
            figures = {"daemons": chosen.daemons, "start_seconds": time.monotonic() - began}
            expected = chosen.daemons * chosen.applications
            figures["one_server"] = one_server(fleet, expected)
            resident = fleet.resident_megabytes()
            figures["daemon_resident_mb"] = {"median": statistics.median(resident), "max": max(resident)}
            figures["two_shards"] = two_shards(fleet, expected)
        finally:
            for process in processes:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
            for process in processes:
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
    text = json.dumps(figures, indent=2)
    print(text)
    if chosen.json:
        with open(chosen.json, "w", encoding="utf-8") as file:
            file.write(text + "\n")


if __name__ == "__main__":
    if not shutil.which(options().prometheus):
        sys.exit("fleet.py: there is no prometheus; run tests/e2e/fetch-tools.sh build/tools")
    main()
