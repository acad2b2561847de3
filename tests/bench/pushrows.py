# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows about pushes: server CPU of a push beside the bare loop's, worker threads, idle connections."""

import contextlib
import os
import socket
import time

from servers import Failure
from workbench import Row, RowMakers

ROWS = RowMakers()
MIB = 1 << 20


# Pushes


def push_row(bench, name, work, transport, most, *arguments, daemon_format="json"):
    """CPU of a push beside the bare loop's for the same bytes."""
    with bench.daemon(format=daemon_format) as daemon, bench.limit(transport) as limit:
        sides = {
            "ours": lambda: bench.push(daemon, transport, *arguments),
            "limit": lambda: bench.push(limit, transport, *arguments),
        }
        rounds = bench.alternate([daemon, limit], sides)
    result = Row(name, work, "µs", rounds.median("ours", "cpu_us"), rounds.median("limit", "cpu_us"))
    result.compare(rounds.ratio("cpu_us", "ours", "limit"))
    result.take(rounds)
    result.notes.append(
        f"{rounds.median('ours', 'per_second'):,.0f}/s, limit {rounds.median('limit', 'per_second'):,.0f}/s"
    )
    if most is not None:
        result.judge(f"≤ {most} × the limit's CPU", result.ratio, at_most=most)
    return result


@ROWS.named("push-json-1k-unix")
def push_json_1k_unix(bench, name):
    yield push_row(bench, name, "JSON 1 KB, a connection each, Unix, 64 clients", "unix", 1.2)


@ROWS.named("push-json-1k-tcp")
def push_json_1k_tcp(bench, name):
    yield push_row(bench, name, "the same over TCP", "tcp", 1.15)


@ROWS.named("push-json-64k-string")
def push_json_64k_string(bench, name):
    yield push_row(bench, name, "JSON 64 KB as a string, Unix, 64 clients", "unix", 2, "--size", 65536)


@ROWS.named("push-json-64k-array")
def push_json_64k_array(bench, name):
    arguments = ["--size", 65536, "--format", "array"]
    yield push_row(bench, name, "JSON 64 KB as an array of lines, Unix, 64 clients", "unix", 2, *arguments)


@ROWS.named("push-json-1m")
def push_json_1m(bench, name):
    yield push_row(bench, name, "JSON 1 MB, Unix, 64 clients", "unix", 2.5, "--size", MIB)


def capnp_row(bench, name, work, size, most):
    arguments = ["--format", "capnp", "--stream", "--clients", 1, "--size", size]
    result = push_row(bench, name, work, "unix", None, *arguments, daemon_format="capnp")
    return result.judge(f"≤ {most} µs", result.ours, at_most=most)


@ROWS.named("push-capnp-1k")
def push_capnp_1k(bench, name):
    yield capnp_row(bench, name, "Cap'n Proto 1 KB, one connection, Unix", 1024, 0.95)


@ROWS.named("push-capnp-64k")
def push_capnp_64k(bench, name):
    yield capnp_row(bench, name, "Cap'n Proto 64 KB, one connection, Unix", 65536, 10.7)


@ROWS.named("workers-64k")
def workers_64k(bench, name):
    yield workers_row(bench, name, "JSON 64 KB, 2 worker threads beside none", 65536, 1.2)


@ROWS.named("workers-1m")
def workers_1m(bench, name):
    yield workers_row(bench, name, "JSON 1 MB, 16 clients, 2 worker threads beside none", MIB, 1.0, clients=16)


@ROWS.named("workers-1k")
def workers_1k(bench, name):
    yield workers_row(bench, name, "JSON 1 KB, 2 worker threads beside none", 1024, 1.0)


def workers_row(bench, name, work, size, least, clients=64):
    with bench.daemon(workers=2) as two, bench.daemon() as none:
        sides = {
            "two": lambda: bench.push(two, "unix", "--size", size, "--clients", clients),
            "none": lambda: bench.push(none, "unix", "--size", size, "--clients", clients),
        }
        rounds = bench.alternate([two, none], sides)
    result = Row(name, work, "/s", rounds.median("two", "per_second"), rounds.median("none", "per_second"), "none")
    result.compare(rounds.ratio("per_second", "two", "none"))
    result.take(rounds)
    result.judge(f"≥ {least} × the rate", result.ratio, at_least=least)
    result.notes.append(
        f"CPU {rounds.median('two', 'cpu_us'):.1f} µs a push, with none {rounds.median('none', 'cpu_us'):.1f} µs"
    )
    # The driver needs processors as well: what is left of them bounds what a second worker can bring.
    driver, server = (rounds.median("none", figure) for figure in ("driver_cpu", "server_cpu"))
    cores = len(os.sched_getaffinity(0))
    if server and driver:
        bound = max(driver, server) / max(driver, server / 2, (driver + server) / cores)
        result.notes.append(f"with the driver on the same {cores} processors, {bound:.2f} × is possible")
    return result


# Idle connections


@ROWS.named("idle-connections")
def idle_connections(bench, name):
    for wanted in bench.scale.idle_connections:
        yield idle_row(bench, f"{name}-{wanted}", wanted)


def idle_row(bench, name, wanted):
    # The daemon keeps some descriptors for HTTP and gives each of its two receivers half of the rest.
    possible = (bench.descriptors - 2100) // 2 - 64
    count = min(wanted, possible)
    settings = {} if count < 2048 else {"exporter.concurrent_requests": count + 100}
    with bench.daemon(settings) as daemon:
        check_that_it_holds(daemon, count)
        sides = {
            "none": lambda: bench.push(daemon, "unix", "--clients", 1),
            "idle": lambda: bench.push(daemon, "unix", "--clients", 1, "--idle", count),
        }
        rounds = bench.alternate([daemon], sides)
    work = f"1 KB push, Unix, p50 with {count:,} idle connections open"
    result = Row(name, work, "µs", rounds.median("idle", "p50_us"), rounds.median("none", "p50_us"), "none open")
    result.compare(rounds.ratio("p50_us", "idle", "none")).take(rounds)
    result.judge("≤ 1.1 × none open", result.ratio, at_most=1.1)
    if count < wanted:
        result.notes.append(
            f"{count:,} in place of {wanted:,}: a process may open {bench.descriptors:,} descriptors here, and this "
            "one may not raise that"
        )
    return result


def check_that_it_holds(daemon, count):
    """At its cap the daemon closes what has been idle longest, and the row would say more than was measured."""
    with contextlib.ExitStack() as open_sockets:
        for _ in range(count):
            connection = open_sockets.enter_context(socket.socket(socket.AF_UNIX))
            connection.connect(daemon.unix_path)
        # The daemon's figures of itself may be a tenth of a second old.
        until = time.monotonic() + 2
        while (held := daemon.held_connections("unix")) < count and time.monotonic() < until:
            time.sleep(0.02)
        if held < count:
            raise Failure(f"of {count:,} idle connections the daemon holds only {held:,}")


# Idle HTTP connections


@ROWS.named("idle-http")
def idle_http(bench, name):
    count = bench.scale.idle_http_connections
    with contextlib.ExitStack() as running:
        none, held, peer = (running.enter_context(make()) for make in (bench.daemon, bench.daemon, bench.peer))
        for server in filter(None, (held, peer)):
            running.enter_context(idle_http_connections(server, count))
        servers = {"none": none, "idle": held} | ({"peer": peer} if peer else {})
        for load, arguments in {"8-clients": ["--clients", 8], "paced": ["--clients", 1, "--rate", 430]}.items():
            sides = {
                side: lambda server=server: bench.push(server, "unix", *arguments) for side, server in servers.items()
            }
            rounds = bench.alternate(list(servers.values()), sides)
            said = "8 clients" if load == "8-clients" else "430 pushes/s"
            for figure, what in (("cpu_us", "CPU"), ("p50_us", "p50")):
                work = f"1 KB push, Unix, {said}, {what} with {count:,} idle HTTP connections open"
                ours, beside = (rounds.median(side, figure) for side in ("idle", "none"))
                result = Row(f"{name}-{load}-{what.lower()}", work, "µs", ours, beside, "none open").take(rounds)
                result.compare(rounds.ratio(figure, "idle", "none"))
                result.note_peer(rounds, figure, "µs", what="peer with as many open")
                yield result.judge("≤ 1.1 × none open", result.ratio, at_most=1.1)


@contextlib.contextmanager
def idle_http_connections(server, count):
    """So many keep-alive connections, on each of which one request was answered; all must be open at the end as well."""
    with contextlib.ExitStack() as opened:
        connections = []
        for _ in range(count):
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", server.http_port), 30))
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            if not connection.recv(1 << 16).startswith(b"HTTP/1.1 200"):
                raise Failure("a request on an HTTP connection that is to be idle was not answered")
            connections.append(connection)
        yield
        closed = sum(map(has_ended, connections))
        if closed:
            raise Failure(f"of {count:,} idle HTTP connections the server has closed {closed:,}")


def has_ended(connection):
    """Reads what may be left of the answer, then sees whether the end follows."""
    connection.setblocking(False)
    try:
        while connection.recv(1 << 16):
            pass
        return True
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
