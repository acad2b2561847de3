# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows about pages: plain and compressed scrapes, what stays in memory after them, and /apps."""

import contextlib
import itertools
import time

import machine
from servers import Failure
from workbench import Row, RowMakers

ROWS = RowMakers()

GZIP = {"Accept-Encoding": "gzip"}
# What scrapeload is told for each.
ENCODINGS = {"plain": [], "gzip": ["--gzip"]}
TEXT = "text/plain; version=0.0.4"


def size_of(page):
    apps, size = page
    return f"{apps} × {size // 1024} KB"


def scrape_rounds(bench, daemon, *arguments, connections=8, peer=None):
    """Scrapes of the daemon, of the bare loop, which answers as many bytes, and of the peer, which never compresses."""
    page = bench.scrape(daemon, *arguments, connections=1)["page"]
    with bench.limit(page=page, gzip="--gzip" in arguments) as limit:
        sides = {
            "ours": lambda: bench.scrape(daemon, *arguments, connections=connections),
            "limit": lambda: bench.scrape(limit, *arguments, connections=connections),
        }
        if peer:
            plain = [argument for argument in arguments if argument != "--gzip"]
            sides["peer"] = lambda: bench.scrape(peer, *plain, connections=connections)
        return bench.alternate([server for server in (daemon, limit, peer) if server], sides), page


def cpu_note(rounds):
    return (
        f"server CPU {rounds.median('ours', 'cpu_us'):.1f} µs a scrape, limit {rounds.median('limit', 'cpu_us'):.1f} µs"
    )


@ROWS.named("scrape-100x10k")
def scrape_page(bench, name):
    yield from bytes_rows(bench, name, bench.scale.page, with_memory=False)


@ROWS.named("scrape-1000x100k")
def scrape_large_page(bench, name):
    yield from bytes_rows(bench, name, bench.scale.large_page, with_memory=True)


def bytes_rows(bench, name, page, with_memory):
    with bench.daemon() as daemon:
        bench.fill(daemon, *page)
        before = machine.resident_bytes(daemon.pid)
        machine.reset_peak(daemon.pid)
        rounds, page_bytes = scrape_rounds(bench, daemon)
        grown = machine.peak_resident_bytes(daemon.pid) - before
    work = f"scrape of {size_of(page)}, 8 connections"
    ours, limit = (rounds.median(side, "bytes_per_second") / 1e9 for side in ("ours", "limit"))
    result = Row(name, work, "GB/s", ours, limit).take(rounds)
    result.compare(rounds.ratio("bytes_per_second", "ours", "limit"))
    result.judge("≥ 0.65 × the limit", result.ratio, at_least=0.65)
    result.notes.append(
        f"server CPU {rounds.median('ours', 'cpu_per_byte') * 1e12:.0f} ms a GB, "
        f"limit {rounds.median('limit', 'cpu_per_byte') * 1e12:.0f} ms"
    )
    yield result
    if with_memory:
        result = Row(f"{name}-memory", f"{work}: RSS grows at most by", "MB", grown / 1e6, page_bytes / 1e6, "page")
        result.compare(grown / page_bytes)
        yield result.judge("< 10 % of the page", result.ratio, at_most=0.1)


@ROWS.named("scrape-10x1k")
def scrape_small_page(bench, name):
    with bench.daemon() as daemon:
        bench.fill(daemon, *bench.scale.small_page)
        rounds, page_bytes = scrape_rounds(bench, daemon)
    work = f"scrape of {size_of(bench.scale.small_page)}, 8 connections"
    ours, limit = (rounds.median(side, "per_second") for side in ("ours", "limit"))
    result = Row(name, work, "/s", ours, limit).take(rounds)
    result.compare(rounds.ratio("per_second", "ours", "limit"))
    result.judge("≥ 0.6 × the limit", result.ratio, at_least=0.6)
    result.notes += [cpu_note(rounds), f"the page with the proxy's own metrics has {page_bytes:,} bytes"]
    yield result


@ROWS.named("prometheus-10x1k")
def prometheus_small_page(bench, name):
    with bench.daemon() as daemon, bench.peer() as peer:
        for server in filter(None, (daemon, peer)):
            bench.fill(server, *bench.scale.small_page)
        gzip_page(daemon)
        for encoding, arguments in ENCODINGS.items():
            rounds, page_bytes = scrape_rounds(bench, daemon, "--prometheus", *arguments, peer=peer)
            work = f"scrape of {size_of(bench.scale.small_page)} as Prometheus 3 asks, {encoding}: server CPU"
            ours, limit = (rounds.median(side, "cpu_us") for side in ("ours", "limit"))
            result = Row(f"{name}-{encoding}", work, "µs", ours, limit).take(rounds)
            result.compare(rounds.ratio("cpu_us", "ours", "limit"))
            result.note_peer(rounds, "cpu_us", "µs", what="peer, plain,")
            result.notes.append(f"{rounds.median('ours', 'per_second'):,.0f}/s, {page_bytes:,} bytes of body")
            yield result.judge("≤ 1.3 × the limit's CPU", result.ratio, at_most=1.3)


@ROWS.named("push-scrape")
def push_and_scrape(bench, name):
    for apps in bench.scale.grown_stores:
        with bench.daemon() as daemon, bench.peer() as peer:
            for server in filter(None, (daemon, peer)):
                bench.fill(server, apps, 1024)
            gzip_page(daemon)
            for encoding, arguments in ENCODINGS.items():
                yield push_and_scrape_row(bench, f"{name}-{apps}-{encoding}", apps, daemon, peer, arguments)


def push_and_scrape_row(bench, name, apps, daemon, peer, arguments):
    def measured(server, *arguments):
        pushes = ("--push", server.unix_path, "--apps", apps)
        return bench.scrape(server, *pushes, *arguments, connections=1)

    sides = {"ours": lambda: measured(daemon, *arguments)}
    if peer and not arguments:
        sides["peer"] = lambda: measured(peer)
    rounds = bench.alternate([daemon] + [peer] * ("peer" in sides), sides, rounds=min(3, bench.scale.rounds))
    work = f"one 1 KB push and the next {'gzip' if arguments else 'plain'} scrape, {apps:,} × 1 KB: server CPU"
    result = Row(name, work, "µs", rounds.median("ours", "cpu_us"), beside_is="peer").take(rounds)
    if "peer" in sides:
        result.beside = rounds.median("peer", "cpu_us")
        result.compare(rounds.ratio("cpu_us", "ours", "peer"))
    result.notes.append(f"p50 {rounds.median('ours', 'p50_us'):.0f} µs")
    if apps == 10_000:
        return result.judge("≤ 2,000 µs", result.ours, at_most=2000)
    if result.ratio and apps <= 100:
        return result.judge("≤ 1.0 × the peer's CPU", result.ratio, at_most=1.0)
    return result


@ROWS.named("scrape-gzip")
def scrape_gzip(bench, name):
    with contextlib.ExitStack() as running:
        daemon = running.enter_context(bench.daemon())
        bench.fill(daemon, *bench.scale.large_page)
        gzip_page(daemon)
        yield gzip_changed_row(bench, f"{name}-changed", daemon)
        rounds, page_bytes = scrape_rounds(bench, daemon, "--gzip", connections=1)
    work = f"gzip scrape of {size_of(bench.scale.large_page)}, nothing changed: server CPU"
    result = Row(f"{name}-again", work, "ms", *(rounds.median(side, "cpu_us") / 1e3 for side in ("ours", "limit")))
    result.compare(rounds.ratio("cpu_us", "ours", "limit")).take(rounds)
    # "The socket's writes only" are the limit's; the rest is for parsing the request.
    result.judge("≤ 1.25 × the limit's CPU", result.ratio, at_most=1.25)
    result.notes.append(f"{page_bytes / 1e6:.1f} MB compressed")
    yield result


def gzip_page(server):
    """A compressed page. The daemon answers plainly while it still compresses a large store for the first time."""
    for _ in range(300):
        status, headers, body = server.get("/metrics", {**GZIP, "Accept": TEXT})
        if status == 200 and headers["Content-Encoding"] == "gzip":
            return body
        time.sleep(0.1)
    raise Failure("no compressed page comes")


def gzip_changed_row(bench, name, daemon):
    apps, size = bench.scale.large_page
    salts = itertools.count(1)

    def scrape_after_change(server, *arguments):
        salt = next(salts)
        first = salt * 37 % (apps * 9 // 10)
        bench.fill(server, max(1, apps // 100), size, "--first-app", first, "--salt", salt, *arguments)
        before, begun = machine.cpu_seconds(server.pid), time.monotonic()
        body = gzip_page(server)
        seconds = time.monotonic() - begun
        time.sleep(0.02)  # the last write is counted when the process has gone to sleep
        return {"cpu_ms": (machine.cpu_seconds(server.pid) - before) * 1e3, "ms": seconds * 1e3, "bytes": len(body)}

    work = f"gzip scrape of {size_of(bench.scale.large_page)}, 1 % changed: server CPU"
    sides = {"ours": lambda: scrape_after_change(daemon)}
    if not bench.programs["pushgateway"]:
        rounds = bench.alternate([daemon], sides)
        result = Row(name, work, "ms", rounds.median("ours", "cpu_ms"), beside_is="Pushgateway").take(rounds)
        result.target = "≥ 150 × less than Pushgateway"
        result.notes.append("prometheus-pushgateway is neither installed nor unpacked: no comparison")
        return result
    with bench.pushgateway() as pushgateway:
        put = ("--format", "put")
        bench.fill(pushgateway, apps, size, *put)
        gzip_page(pushgateway)
        sides["pushgateway"] = lambda: scrape_after_change(pushgateway, *put)
        rounds = bench.alternate([daemon, pushgateway], sides, rounds=min(3, bench.scale.rounds))
        peak = machine.peak_resident_bytes(pushgateway.pid)
    ours, theirs = (rounds.median(side, "cpu_ms") for side in ("ours", "pushgateway"))
    result = Row(name, work, "ms", ours, theirs, "Pushgateway").take(rounds)
    result.compare(rounds.ratio("cpu_ms", "pushgateway", "ours"))
    result.judge("≥ 150 × less than Pushgateway", result.ratio, at_least=150)
    own_peak = machine.peak_resident_bytes(daemon.pid)
    result.notes += [
        f"compressed {rounds.median('ours', 'bytes') / 1e6:.1f} MB, Pushgateway's "
        f"{rounds.median('pushgateway', 'bytes') / 1e6:.1f} MB",
        f"RSS at most {own_peak / 1e6:.0f} MB, Pushgateway's {peak / 1e6:.0f} MB",
    ]
    return result


@ROWS.named("memory-stored")
def memory_stored(bench, name):
    apps, size = bench.scale.large_page
    with bench.daemon() as daemon:
        bench.fill(daemon, apps, size)
        for _ in range(3):
            daemon.get("/metrics")
            gzip_page(daemon)
        resident = machine.resident_bytes(daemon.pid)
    work = f"RSS with {size_of(bench.scale.large_page)} stored, after plain and gzip scrapes"
    result = Row(name, work, "MB", resident / 1e6, apps * size / 1e6, "text")
    result.compare(resident / (apps * size))
    yield result.judge("≤ 1.35 × the text", result.ratio, at_most=1.35)


@ROWS.named("memory-in-use")
def memory_in_use(bench, name):
    apps, size = bench.scale.large_page
    pushes = bench.scale.random_pushes
    with bench.daemon() as daemon:
        bench.fill(daemon, apps, size)
        gzip_page(daemon)
        filled = machine.resident_bytes(daemon.pid)
        driven = ("--push", daemon.unix_path, "--apps", apps, "--size", size, "--pushes", 10)
        bench.scrape(daemon, "--gzip", *driven, "--scrapes", pushes // 10, connections=1)
        resident = machine.resident_bytes(daemon.pid)
    work = f"RSS after {pushes:,} pushes to {size_of(bench.scale.large_page)} at random, a gzip scrape after every 10"
    result = Row(name, work, "MB", resident / 1e6, apps * size / 1e6, "text").compare(resident / (apps * size))
    result.notes.append(f"{filled / 1e6:.0f} MB when filled")
    yield result.judge("≤ 1.35 × the text", result.ratio, at_most=1.35)


@ROWS.named("apps-text")
def apps_text(bench, name):
    apps = bench.scale.table_apps
    with bench.daemon() as daemon:
        bench.fill(daemon, apps, 256)
        sides = {"ours": lambda: bench.scrape(daemon, "--path", "/apps", connections=1)}
        rounds = bench.alternate([daemon], sides)
    latency = rounds.median("ours", "p50_us") / 1e3
    result = Row(name, f"/apps as text with {apps:,} applications: p50", "ms", latency).take(rounds)
    result.judge("≤ 9 ms", latency, at_most=9)
    result.notes.append(f"server CPU {rounds.median('ours', 'cpu_us') / 1e3:.2f} ms")
    yield result
