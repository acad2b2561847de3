# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rows of the table are made with: servers, drivers, and rounds that are run in turn."""

import contextlib
import dataclasses
import json
import statistics
import subprocess
import time

import machine
from servers import Daemon, Failure, Limit, Peer, Pushgateway

# Processors used by others from which on a round says little: a tenth of one is the usual noise of a quiet machine.
DISTURBED = 0.15


@dataclasses.dataclass
class Scale:
    """How much is done. The defaults are the table's."""

    rounds: int = 5
    seconds: float = 1.0  # measured in a round
    warmup: float = 0.2
    patience: float = 90.0  # seconds in all that may go into running disturbed rounds again
    small_page: tuple = (10, 1024)  # applications, bytes of each
    page: tuple = (100, 10 * 1024)
    large_page: tuple = (1000, 100 * 1024)
    table_apps: int = 10_000
    idle_connections: tuple = (2_000, 20_000)
    idle_http_connections: int = 2_000
    grown_stores: tuple = (10, 100, 1_000, 10_000)  # applications
    random_pushes: int = 30_000
    settle: float = 3.0  # seconds for what a closed connection leaves behind
    watch: float = 5.0  # seconds for which nothing must happen


QUICK = Scale(rounds=1, seconds=0.5, patience=0, watch=2.0)
# Says nothing about speed, only that everything runs.
SMOKE = Scale(
    rounds=1,
    seconds=0.03,
    warmup=0.01,
    patience=0,
    page=(10, 1024),
    large_page=(100, 2048),
    table_apps=100,
    idle_connections=(20, 50),
    idle_http_connections=20,
    grown_stores=(10, 50),
    random_pushes=100,
    settle=0.1,
    watch=0.2,
)


class RowMakers(dict):
    """What makes rows: functions of a Workbench and a name that yield Row, by that name, in the table's order."""

    def named(self, name):
        def register(function):
            self[name] = function
            return function

        return register


@dataclasses.dataclass
class Row:
    """One line of the table. What ours is compared with is in `beside`."""

    name: str
    work: str
    unit: str
    ours: float
    beside: float | None = None
    beside_is: str = "limit"
    ratio: float | None = None
    target: str = ""
    reached: bool | None = None  # None: no verdict
    other_load: float = 0.0  # processors, in the worst round that counts
    notes: list = dataclasses.field(default_factory=list)
    rounds: list = dataclasses.field(default_factory=list)

    def take(self, rounds):
        self.rounds, self.other_load = rounds.all, rounds.other_load
        return self

    def note_peer(self, rounds, figure, unit, divisor=1, what="peer"):
        """The peer's figure beside ours, if it was measured in the same rounds."""
        if "peer" in rounds.all[0]:
            self.notes.append(f"{what} {rounds.median('peer', figure) / divisor:.3g} {unit}")

    def compare(self, ratio):
        self.ratio = ratio
        return self

    def judge(self, target, value, at_most=None, at_least=None):
        """Holds a value to its bounds; `target` says in words what they are."""
        self.target = target
        self.reached = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
        return self


class Rounds:
    """The rounds that count: by side of the comparison, the sample of each, and others' load."""

    def __init__(self, rounds):
        self.all = [{"other_load": load, **samples} for load, samples in rounds]
        self.other_load = max(load for load, _ in rounds)

    def median(self, side, figure):
        return statistics.median(samples[side][figure] for samples in self.all)

    def ratio(self, figure, above, below):
        """Of the medians; None where there was nothing to divide by."""
        divisor = self.median(below, figure)
        return self.median(above, figure) / divisor if divisor else None


class Workbench:
    def __init__(self, scale, folder, programs, descriptors):
        self.scale = scale
        self.folder = folder
        self.programs = programs  # paths by name; pushgateway may be None
        self.descriptors = descriptors  # that a process may have open
        self._patience = scale.patience

    # Servers

    def daemon(self, settings=None, **more):
        """Started and answering. Settings as {"section.key": value}, or format="capnp", workers=2."""
        settings = dict(settings or {})
        if "format" in more:
            settings["receiver.format"] = more["format"]
        if "workers" in more:
            settings["exporter.worker_threads"] = more["workers"]
        daemon = Daemon(self.programs["exporter-proxy"], self.folder, settings)
        try:
            daemon.wait_until_answered("/-/ready")
        except BaseException:
            daemon.stop()
            raise
        return daemon

    def limit(self, transport="tcp", page=None, gzip=False):
        return Limit(self.programs["barelimit"], self.folder, transport, page, gzip)

    def peer(self):
        """A context manager; gives None where no other implementation is named."""
        program = self.programs["peer"]
        return Peer(program, self.folder) if program else contextlib.nullcontext()

    def pushgateway(self):
        return Pushgateway(self.programs["pushgateway"], self.folder)

    # Drivers

    def _drive(self, driver, server, arguments):
        command = [self.programs[driver], "--pid", str(server.pid), *map(str, arguments)]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        if result.returncode:
            raise Failure(f"{driver} {' '.join(command[3:])}: {result.stderr.strip()}")
        sample = json.loads(result.stdout)
        done = max(sample["operations"], 1)
        sample["per_second"] = sample["operations"] / sample["seconds"]
        sample["bytes_per_second"] = sample["bytes"] / sample["seconds"]
        sample["cpu_us"] = sample["server_cpu"] / done * 1e6
        sample["cpu_per_byte"] = sample["server_cpu"] / max(sample["bytes"], 1)
        return sample

    def push(self, server, transport, *arguments):
        """Pushes for a round; pushload.cpp says what the arguments are."""
        where = ["--unix", server.unix_path] if transport == "unix" else ["--tcp", server.tcp_port]
        timing = ["--seconds", self.scale.seconds, "--warmup", self.scale.warmup]
        return self._drive("pushload", server, [*where, *timing, *arguments])

    def fill(self, server, apps, size, *arguments):
        """Pushes each of so many applications once."""
        transport = "unix" if server.unix_path else "tcp"
        self.push(server, transport, "--fill", "--clients", 8, "--apps", apps, "--size", size, *arguments)

    def scrape(self, server, *arguments, connections=8):
        """Scrapes for a round; scrapeload.cpp says what the arguments are."""
        timing = ["--seconds", self.scale.seconds, "--warmup", self.scale.warmup]
        where = ["--tcp", server.http_port, "--connections", connections]
        return self._drive("scrapeload", server, [*where, *timing, *arguments])

    # Rounds

    def alternate(self, servers, sides, rounds=None):
        """Runs the sides, functions by name that return a sample, in turn: A B A B …, so that what changes on the
        machine meanwhile meets all of them. A round that others disturbed is run again while patience lasts; the
        least disturbed ones count.
        """
        wanted = rounds or self.scale.rounds
        runs = []
        while True:
            begun = time.monotonic()
            load = machine.OtherLoad(servers)
            samples = {name: side() for name, side in sides.items()}
            runs.append((load.processors(), samples))
            if len(runs) > wanted:
                self._patience -= time.monotonic() - begun
            calm = sum(load < DISTURBED for load, _ in runs)
            if calm >= wanted or (len(runs) >= wanted and (self._patience <= 0 or len(runs) >= 2 * wanted)):
                return Rounds(sorted(runs, key=lambda run: run[0])[:wanted])
