#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the daemon beside the machine's own limit and beside Debian's Pushgateway, and prints a table.

Starts all of them itself, on 127.0.0.1 and in a temporary folder, and drives them with the programs built from this
folder. Ours and what it is compared with run in turn, round by round, and medians count: the ratios say something, the
absolute figures belong to the machine. Rounds that other processes disturbed are run again, within bounds; how many
processors others used in the worst round that counts stands in the last column.

Pushgateway is taken from --pushgateway, the PATH, or the folder that tests/e2e/fetch-tools.sh unpacks to. It need not be
installed:
    apt-get download prometheus-pushgateway && dpkg-deb -x prometheus-pushgateway_*.deb build/tools/root
With --peer, some rows measure that program in the same rounds and name its figure among the notes.
"""

import argparse
import dataclasses
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time

import machine
import pagerows
import processrows
import pushrows
import report
import workbench
from servers import Failure

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROWS = {**pushrows.ROWS, **pagerows.ROWS, **processrows.ROWS}
OPTIMISED = ("Release", "RelWithDebInfo", "MinSizeRel")
# 20 000 idle connections at the daemon, which keeps as many for its other receiver.
DESCRIPTORS_WANTED = 1 << 16


def refuse(reason):
    sys.exit(f"run.py: {reason}")


def check_build(build, daemon):
    """Refuses a daemon whose figures would say nothing about the one that is shipped."""
    cache = os.path.join(build, "CMakeCache.txt")
    if os.path.exists(cache):
        with open(cache, encoding="utf-8") as file:
            values = dict(re.findall(r"^([A-Za-z_]+):\w+=(.*)$", file.read(), re.MULTILINE))
        build_type = values.get("CMAKE_BUILD_TYPE", "")
        if build_type not in OPTIMISED:
            refuse(f"{build} is a {build_type or 'plain'} build; measure an optimised one, such as the preset release")
        if values.get("EXPORTER_PROXY_SANITIZE"):
            refuse(f"{build} is built with sanitizers; measure an optimised one, such as the preset release")
    with open(daemon, "rb") as file:
        if re.search(rb"__(asan|tsan|ubsan|msan)_[a-z]", file.read()):
            refuse(f"{daemon} is built with sanitizers; measure an optimised one, such as the preset release")


def find_programs(arguments):
    build = os.path.abspath(arguments.build)
    daemon = arguments.daemon or os.path.join(build, "daemon", "exporter-proxy")
    drivers = os.path.join(build, "tests", "bench")
    programs = {name: os.path.join(drivers, name) for name in ("pushload", "scrapeload", "barelimit")}
    programs["exporter-proxy"] = os.path.abspath(daemon)
    for path in programs.values():
        if not os.access(path, os.X_OK):
            refuse(f"{path} is missing: build the preset release, or name the build's folder with --build")
    check_build(build, programs["exporter-proxy"])
    tools = os.environ.get("EXPORTER_PROXY_TOOLS", os.path.join(SOURCE, "build", "tools"))
    unpacked = os.path.join(tools, "root", "usr", "bin", "prometheus-pushgateway")
    pushgateway = arguments.pushgateway or shutil.which("prometheus-pushgateway") or unpacked
    programs["pushgateway"] = pushgateway if os.access(pushgateway, os.X_OK) else None
    programs["peer"] = arguments.peer and os.path.abspath(arguments.peer)
    for named, name in ((arguments.pushgateway, "pushgateway"), (arguments.peer, "peer")):
        if named and not os.access(programs[name] or "", os.X_OK):
            refuse(f"{named} cannot be run")
    return programs


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(SOURCE, "build", "release"), help="the build's folder")
    parser.add_argument("--daemon", help="another daemon than the build's")
    parser.add_argument("--pushgateway", metavar="PATH", help="the program prometheus-pushgateway")
    parser.add_argument("--peer", metavar="PATH", help="another program with the same settings, pushes and page")
    parser.add_argument("--only", action="append", metavar="NAME", help="only rows whose name begins so; repeatable")
    parser.add_argument("--list", action="store_true", help="print the rows' names and end")
    parser.add_argument("--json", metavar="FILE", help="write everything that was measured there")
    scale = parser.add_mutually_exclusive_group()
    scale.add_argument("--quick", action="store_true", help="one short round of each: a first impression")
    scale.add_argument("--smoke", action="store_true", help="tiny counts: only whether everything runs")
    return parser.parse_args()


def main():
    arguments = parse()
    # As an exception, so that what was started is ended on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    prefixes = tuple(arguments.only or [""])
    chosen = {name: make for name, make in ROWS.items() if name.startswith(prefixes)}
    if arguments.list or not chosen:
        print("\n".join(ROWS))
        return 0 if arguments.list else 2
    scale = workbench.QUICK if arguments.quick else workbench.SMOKE if arguments.smoke else workbench.Scale()
    programs = find_programs(arguments)
    descriptors = machine.raise_descriptor_limit(DESCRIPTORS_WANTED)
    begun = time.monotonic()
    rows, failures = [], []
    described = machine.description()
    with tempfile.TemporaryDirectory(prefix="exporter-proxy-bench-") as folder:
        bench = workbench.Workbench(scale, folder, programs, descriptors)
        for name, make in chosen.items():
            try:
                for row in make(bench, name):
                    if arguments.smoke:
                        row.reached = None
                    rows.append(row)
                    report.progress(row)
            except Failure as failure:
                failures.append(f"{name}: {failure}")
                print(failures[-1], file=sys.stderr)
    seconds = time.monotonic() - begun
    print(report.table(rows))
    print(report.footnotes(rows, described, seconds))
    if arguments.json:
        content = {
            "machine": described,
            "scale": dataclasses.asdict(scale),
            "seconds": seconds,
            "rows": [dataclasses.asdict(row) for row in rows],
            "failures": failures,
        }
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1, ensure_ascii=False)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
