#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the table of attacks: each alone, several times, the figures' medians in Markdown.

    tests/attack/table.py build/ci/daemon/exporter-proxy [--runs 3] [--workers 4] [--only NAME] [--strict]

For a machine that has nothing else to do; with --strict, a p99 of 50 ms and more is a failure.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))


def environment(options, results):
    added = {
        "EXPORTER_PROXY_BINARY": os.path.abspath(options.binary),
        "EXPORTER_PROXY_SOURCE": SOURCE,
        "EXPORTER_PROXY_TOOLS": os.path.join(SOURCE, "build", "tools"),
        "EXPORTER_PROXY_WORKERS": str(options.workers),
        "EXPORTER_PROXY_ATTACK_RESULTS": results,
        "EXPORTER_PROXY_ATTACK_TURNS": "200",
        "PYTHONPATH": os.path.join(SOURCE, "tests", "e2e"),
    }
    if options.strict:
        added["EXPORTER_PROXY_ATTACK_STRICT"] = "1"
    return {**os.environ, **added}


def attacks(only):
    """The names of all attacks, in the order of the files."""
    names = []
    for suite in unittest.defaultTestLoader.loadTestsFromName("test_attacks"):
        for test in suite:
            name = test.id().removeprefix("test_attacks.").rpartition(".")
            full = f"{type(test).__name__}.{name[2]}"
            if only in full and "Descriptors" not in full:
                names.append(full)
    return names


def measured(name, options):
    """The rows of all runs of one attack."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as results:
        for _ in range(options.runs):
            run = subprocess.run(
                [sys.executable, "-B", os.path.join(HERE, "test_attacks.py"), name],
                env=environment(options, results.name),
                capture_output=True,
                text=True,
                check=False,
            )
            if run.returncode:
                print(f"{name} has failed:\n{run.stderr[-3000:]}", file=sys.stderr)
        return [json.loads(line) for line in results]


def cells(rows):
    def median(name, index):
        return statistics.median(row[name][index] for row in rows)

    yield rows[0]["attack"]
    yield f"{max(row['peak'] for row in rows):.0f} MiB"
    for name in ("push", "scrape"):
        yield " / ".join(f"{median(name, index):.1f}" for index in (0, 1))
    yield rows[-1]["limit"].replace("|", "\\|")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--only", default="")
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args()
    os.environ.update(environment(options, os.devnull))
    sys.path[:0] = [HERE, os.path.join(SOURCE, "tests", "e2e")]
    print("| Attack | Peak RSS (highest) | Push p50 / p99, ms | Scrape p50 / p99, ms | What ended it |")
    print("|---|---|---|---|---|")
    for name in attacks(options.only):
        if rows := measured(name, options):
            print(f"| {' | '.join(cells(rows))} |", flush=True)


if __name__ == "__main__":
    main()
