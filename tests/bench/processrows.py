# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows about the process itself: its start, its memory, and what it does when there is nothing to do."""

import os
import re
import shutil
import statistics
import subprocess
import time

import machine
from servers import Daemon
from workbench import Row, RowMakers

ROWS = RowMakers()
MIB = 1 << 20


@ROWS.named("start")
def start(bench, name):
    def measured():
        with Daemon(bench.programs["exporter-proxy"], bench.folder, {}) as daemon:
            return {"ms": daemon.wait_until_answered("/metrics") * 1e3}

    rounds = bench.alternate([], {"ours": measured}, rounds=4 * bench.scale.rounds)
    times = [samples["ours"]["ms"] for samples in rounds.all]
    result = Row(name, "start to first answered scrape", "ms", statistics.median(times)).take(rounds)
    result.notes.append(f"of {len(times)} starts {min(times):.1f} to {max(times):.1f} ms")
    yield result.judge("≤ 40 ms", result.ours, at_most=40)


@ROWS.named("memory-at-start")
def memory_at_start(bench, name):
    with bench.daemon() as daemon:
        resident = machine.resident_bytes(daemon.pid)
        daemon.get("/metrics")
        scraped = machine.resident_bytes(daemon.pid)
    result = Row(name, "RSS at start", "MiB", resident / MIB)
    result.notes.append(f"after the first scrape {scraped / MIB:.1f} MiB")
    yield result.judge("≤ 18 MiB", result.ours, at_most=18)


@ROWS.named("idle")
def idle(bench, name):
    with bench.daemon() as daemon:
        bench.fill(daemon, 100, 1024)
        daemon.get("/metrics")
        time.sleep(bench.scale.settle)
        before = machine.context_switches(daemon.pid)
        time.sleep(bench.scale.watch)
        wakeups = machine.context_switches(daemon.pid) - before
        result = Row(name, f"wake-ups in {bench.scale.watch:g} s, applications stored, nobody calling", "", wakeups)
        result.judge("none", wakeups, at_most=0)
        result.notes.append(system_calls(bench, daemon))
    yield result


def system_calls(bench, daemon):
    """What strace sees of an idle daemon: the call it waits in, and no other."""
    if not shutil.which("strace"):
        return "strace is not installed"
    path = os.path.join(bench.folder, "strace.out")
    command = ["strace", "-f", "-p", str(daemon.pid), "-o", path]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as tracer:
        try:
            time.sleep(min(2.0, bench.scale.watch))
        finally:
            tracer.terminate()
            said = tracer.communicate()[1].strip()
    with open(path, encoding="utf-8", errors="replace") as file:
        calls = [re.match(r"\d+\s+(\w+)\(", line) for line in file]
    names = [call[1] for call in calls if call]
    if not names:
        return f"strace saw nothing: {said}"
    return f"system calls that strace saw: {len(names)} ({', '.join(names[:5])})"
