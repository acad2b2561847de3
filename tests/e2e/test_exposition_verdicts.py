# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether our parser takes and refuses what a real Prometheus server takes and refuses, and reads the same from it."""

import math
import os
import re
import subprocess

from expositioncases import KNOWN, NEWER, PAGE, STRICT_DIFFERS, STRICTER, mutated
from harness import DEADLINE, DaemonTest, eventually, main
from httpfixture import Endpoint
from prometheusserver import Server, installations

VERDICTS = os.environ["EXPORTER_PROXY_VERDICTS"]
SEED = 20_261_122  # any will do; the same pages each time
MUTATED = 250

def our_verdicts(pages):
    """For each page the samples our parser reads, or its reason as a string."""
    data = b"".join(b"%d\n" % len(page) + page for page in pages)
    result = subprocess.run([VERDICTS], input=data, stdout=subprocess.PIPE, timeout=DEADLINE, check=True)
    lines = result.stdout.decode().splitlines()
    assert len(lines) == len(pages), result.stdout
    return [verdict(line) for line in lines]


def verdict(line):
    word, *fields = line.split("\t")
    if word == "refused":
        return "line {}, column {}: {}".format(*fields)
    samples = {}
    for field in fields:
        series, value, timestamp = field.split(" ")
        name, _, labels = series.partition("{")
        key = (("__name__", name), *re.findall(r'(\w+)="([^"]*)",', labels))
        samples.setdefault(key, (float(value), bool(timestamp)))  # of a series that is there twice the first counts
    return samples


def is_same(one, other):
    return one == other or (math.isnan(one) and math.isnan(other))


class PageServer(Server):
    """A Prometheus that has each of the pages as a target of its own, in one job."""

    def __init__(self, test, pages, program=None):
        self.pages = pages

        def answer(handler, _):
            page = pages[int(handler.path.rpartition("/")[2])]
            handler.send_response(200)
            handler.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            handler.send_header("Content-Length", str(len(page)))
            handler.end_headers()
            handler.wfile.write(page)

        endpoint = Endpoint(test, answer)
        target = f"127.0.0.1:{endpoint.port}"
        configs = [
            {"targets": [target], "labels": {"__metrics_path__": f"/{number}", "page": str(number)}}
            for number in range(len(pages))
        ]
        config = {
            # All targets once within an interval, which the server spreads them over.
            "global": {"scrape_interval": "5s", "scrape_timeout": "5s"},
            "scrape_configs": [{"job_name": "pages", "honor_labels": True, "static_configs": configs}],
        }
        super().__init__(test, config, program)

    def verdicts(self):
        """For each page the samples that the server has stored, or its error as a string."""
        targets = eventually(self.scraped_targets, "Prometheus has read all pages", 4 * DEADLINE)
        samples = [{} for _ in self.pages]
        for series in self.get("/api/v1/query", query='{job="pages"}')["result"]:
            labels = series["metric"]
            if labels["__name__"] == "up" or labels["__name__"].startswith("scrape_"):
                continue
            key = (
                ("__name__", labels["__name__"]),
                *sorted(
                    (name, "".join(escaped(byte) for byte in as_sent(name, value).encode()))
                    for name, value in labels.items()
                    if name not in ("__name__", "job", "instance", "page")
                ),
            )
            samples[int(labels["page"])][key] = float(series["value"][1])
        return [
            targets[number]["lastError"] if targets[number]["health"] != "up"
            else next(filter(None, map(fault_of_name, samples[number])), samples[number])
            for number in range(len(self.pages))
        ]  # fmt: skip

    def scraped_targets(self):
        targets = {int(t["labels"]["page"]): t for t in self.get("/api/v1/targets", state="active")["activeTargets"]}
        is_complete = len(targets) == len(self.pages) and all(t["health"] != "unknown" for t in targets.values())
        return targets if is_complete else None


def fault_of_name(key):
    """What version 2 says: for version 3, which knows names of all characters, blanks before a name belong to it."""
    name = key[0][1]
    return f"{name!r} begins with a blank" if name[0] in " \t" else None


def as_sent(name, value):
    """Version 3 writes 0.0 for a bound of 0 if there is a TYPE; no test has a bound with a fraction of nought."""
    return value.removesuffix(".0") if name in ("le", "quantile") else value


def escaped(byte):
    return chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"%{byte:02x}"


class TestVerdicts(DaemonTest):
    def compare(self, page, ours, servers):
        """Both refuse, or both take and read the same."""
        if isinstance(ours, str) or isinstance(servers, str):
            self.assertEqual(isinstance(servers, str), isinstance(ours, str), f"{page!r}: {ours!r}, server {servers!r}")
            self.assertRegex(ours, r"\Aline \d+, column \d+: [ -~]+\Z")
            return
        # A timestamp of its own can be too old or too new to be stored; the verdict is the same.
        expected = {key: value for key, (value, has_time) in ours.items() if not has_time}
        self.assertLessEqual(expected.keys(), servers.keys(), f"{page!r}")
        self.assertLessEqual(servers.keys(), ours.keys(), f"{page!r}")
        for key, value in expected.items():
            self.assertTrue(is_same(value, servers[key]), f"{page!r}: {key} is {value} and {servers[key]}")

    def test_the_server_and_we_agree(self):
        strange = list(mutated(MUTATED, SEED))
        pages = [page for page, _ in KNOWN.values()] + list(STRICTER.values()) + [PAGE] + strange
        for server in [PageServer(self, pages, program) for program in installations("prometheus")]:
            with self.subTest(server.program):
                self.check_agreement(pages, server.verdicts())

    def check_agreement(self, pages, servers):
        ours = our_verdicts(pages)
        for number, (name, (page, expected)) in enumerate(KNOWN.items()):
            with self.subTest(name):
                self.assertEqual(expected, not isinstance(servers[number], str), f"the server: {servers[number]!r}")
                self.compare(page, ours[number], servers[number])
        for number, name in enumerate(STRICTER, len(KNOWN)):
            with self.subTest(name):
                self.assertIsInstance(servers[number], dict)
                self.assertIsInstance(ours[number], str)
        self.assertEqual({(("__name__", "a"),): 1.0}, servers[len(KNOWN)], "the sample behind the NUL is lost")
        taken = 0
        for number in range(len(KNOWN) + len(STRICTER), len(pages)):
            with self.subTest(page=pages[number]):
                self.compare(pages[number], ours[number], servers[number])
                taken += isinstance(servers[number], dict)
        # Pages of which all are refused, or none, would tell little.
        self.assertGreater(taken, MUTATED // 10)
        self.assertLess(taken, MUTATED * 9 // 10)

    def test_names_in_quotes_are_refused(self):
        for name, ours in zip(NEWER, our_verdicts(list(NEWER.values()))):
            with self.subTest(name):
                self.assertIsInstance(ours, str)

    def test_the_strict_parser_is_another_one(self):
        """promtool reads with Go's expfmt. What it says is not what the server does, in both directions."""
        for name in STRICT_DIFFERS:
            with self.subTest(name):
                page, is_taken = KNOWN[name]
                for promtool in installations("promtool"):
                    result = subprocess.run(
                        [promtool, "check", "metrics"], input=page, capture_output=True, timeout=DEADLINE, check=False
                    )
                    # 1: it cannot read the page; 3: it can, and misses a help text.
                    self.assertEqual(1 if is_taken else 3, result.returncode, result)
                self.assertEqual(is_taken, isinstance(our_verdicts([page])[0], dict))


if __name__ == "__main__":
    main()
