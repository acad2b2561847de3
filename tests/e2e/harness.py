# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the real exporter-proxy on ports and paths of its own, and holds it to a clean end.

Each test has a folder and processes of its own and so runs beside any other. What is waited for is a condition, with a
deadline that only a broken program reaches; time that passes proves nothing.
"""

import contextlib
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = os.environ["EXPORTER_PROXY_BINARY"]
SOURCE = os.environ["EXPORTER_PROXY_SOURCE"]
TOOLS = os.environ["EXPORTER_PROXY_TOOLS"]
# Worker threads of each daemon: what this run of the test is for, or else what whoever runs the tests wants to see.
WORKERS = int(os.environ.get("EXPORTER_PROXY_WORKERS") or 0) or int(os.environ.get("EXPORTER_PROXY_TEST_WORKERS") or 0)
SANITIZED = bool(os.environ.get("EXPORTER_PROXY_SANITIZE"))  # memory is no measure then
SCHEMA = os.path.join(SOURCE, "schema", "metric_data.capnp")

# Generous, because sanitizers and a loaded machine make everything ten times slower and a pass never waits for it.
DEADLINE = 30.0

TRANSPORTS = ("unix", "tcp")

# What a sanitizer or Qt says when the program has a fault that need not end it.
FAULTS = re.compile(
    r"Sanitizer|runtime error:|Timers cannot|"
    r"QObject::|QNetworkReply|QSocketNotifier|QIODevice::|QTcpServer::|QLocalServer::"
)


def tool(name):
    """The path of a program; a test that needs one that is not there fails."""
    unpacked = os.path.join(TOOLS, "root", "usr", "bin", name)
    path = unpacked if os.access(unpacked, os.X_OK) else shutil.which(name)
    if not path:
        raise AssertionError(
            f"{name} is neither installed nor in {TOOLS}: run packaging/dependencies.sh build test and "
            "tests/e2e/fetch-tools.sh"
        )
    return path


# Below the range that the kernel takes ports of outgoing connections and of port 0 from.
PORTS = range(10_000, 32_000)
_port_locks = []


def free_port():
    """A port that no other test of this kind takes, in whatever process, as long as this process runs.

    The lock is the name of an abstract Unix socket, which belongs to the network namespace as ports do and leaves
    nothing behind. Without it, two daemons could be told the same port, and a test ask the wrong one.
    """
    while True:
        port = random.choice(PORTS)
        lock = socket.socket(socket.AF_UNIX)
        try:
            lock.bind(f"\0exporter-proxy-test-port-{port}")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            lock.close()
            continue
        _port_locks.append(lock)
        return port


def eventually(condition, what, seconds=DEADLINE):
    """Waits until condition() is true, and returns what it returned."""
    end = time.monotonic() + seconds
    pause = 0.001
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:g} s in vain until {what}")
        time.sleep(pause)
        pause = min(pause * 2, 0.05)


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(toml(item) for item in value) + "]"


class Response:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # http.client's: case-insensitive
        self.body = body

    def json(self):
        return json.loads(self.body.decode("utf-8"))


class Process:
    """A program of a test's, ended at the latest with the test."""

    def __init__(self, test, name, arguments, **options):
        self.name = name
        self.log_path = os.path.join(test.folder, f"{name}-{len(test.processes)}.log")
        with open(self.log_path, "wb") as log:
            self.popen = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, **options
            )
        test.processes.append(self)

    @property
    def pid(self):
        return self.popen.pid

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def is_running(self):
        return self.popen.poll() is None

    def kill(self):
        if self.is_running():
            self.popen.kill()
        self.popen.wait()

    def stop(self, with_signal=signal.SIGTERM):
        """Asks the program to end and returns its exit code; one that does not end is killed and is a failure."""
        if self.is_running():
            self.popen.send_signal(with_signal)
        try:
            return self.popen.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end within {DEADLINE:g} s of {with_signal!r}") from None


class Daemon(Process):
    """A running exporter-proxy."""

    def __init__(self, test, settings, arguments=(), environment=None, program=BINARY, launcher=(), **options):
        self.http_port = free_port()
        self.http = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=DEADLINE)
        self.tcp_port = free_port()
        self.unix_path = os.path.join(test.folder, f"push-{len(test.processes)}.sock")
        self.settings = {
            "exporter": {
                "scrape_expose_endpoint": f"127.0.0.1:{self.http_port}",
                "self_metrics": False,
                "worker_threads": WORKERS,
            },
            "receiver": {
                "receiver_unix_socket": self.unix_path,
                "receiver_tcp_socket": f"127.0.0.1:{self.tcp_port}",
            },
        }
        for section, values in settings.items():
            self.settings.setdefault(section, {}).update(values)
        self.unix_path = self.settings["receiver"]["receiver_unix_socket"]
        self.config_path = test.write(f"config-{len(test.processes)}.toml", config_text(self.settings))
        self.failed_on_purpose = False
        self.ended = False
        super().__init__(
            test,
            "exporter-proxy",
            [*launcher, program, "--config", self.config_path, *arguments],
            env=daemon_environment(environment),
            cwd=test.folder,
            **options,
        )

    def restart(self, test, arguments=None):
        """Once more after it has ended, with the same configuration or other arguments; true when it is ready."""
        self.http.close()
        self.ended = False
        super().__init__(
            test,
            self.name,
            [BINARY, *(arguments or ("--config", self.config_path))],
            env=daemon_environment(),
            cwd=test.folder,
        )
        test.processes.pop()  # it is there already
        return self.wait_ready()

    # What it is told while it runs

    def configure(self, settings):
        """Writes the configuration anew, with these settings in place of the former ones."""
        for section, values in settings.items():
            self.settings.setdefault(section, {}).update(values)
        with open(self.config_path + ".new", "w", encoding="utf-8") as file:
            file.write(config_text(self.settings))
        os.rename(self.config_path + ".new", self.config_path)

    def reload(self, settings=None):
        """Has it read its configuration again, and returns the log of that."""
        if settings is not None:
            self.configure(settings)
        before = len(self.log())
        self.popen.send_signal(signal.SIGHUP)
        eventually(lambda: re.search(r"daemon: reload.*\n", self.log()[before:]), "it has reloaded")
        return self.log()[before:]

    # Requests

    def request(self, path, method="GET", headers=None):
        """All requests share a connection, so that they fit under the smallest cap on connections."""
        reused = self.http.sock is not None
        try:
            self.http.request(method, path, headers=headers or {})
            response = self.http.getresponse()
            return Response(response.status, response.headers, response.read())
        except (ConnectionError, http.client.HTTPException):
            self.http.close()
            if not reused:
                raise
        return self.request(path, method, headers)

    def page(self):
        response = self.request("/metrics")
        if response.status != 200:
            raise AssertionError(f"/metrics answered {response.status}")
        return response.body

    def apps(self):
        """The applications by name, as /apps has them in JSON."""
        return {app["name"]: app for app in self.request("/apps?format=json").json()["apps"]}

    def metric(self, name, **labels):
        """One of the proxy's own figures; None if the page has no such sample."""
        for line in self.page().decode().splitlines():
            sample = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
            if sample and sample[1] == name:
                if dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', sample[2] or "")) == labels:
                    return float(sample[3])
        return None

    def errors(self, transport):
        """Refused pushes of a receiver by reason, without those that never happened."""
        found = re.findall(
            rf'^exporter_proxy_push_errors_total\{{receiver="{transport}",reason="(\w+)"\}} (\S+)$',
            self.page().decode(),
            re.MULTILINE,
        )
        return {reason: float(count) for reason, count in found if float(count)}

    # Pushes

    def connect(self, transport):
        if transport == "unix":
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(DEADLINE)
            try:
                connection.connect(self.unix_path)
            except OSError:
                connection.close()
                raise
        else:
            connection = socket.create_connection(("127.0.0.1", self.tcp_port), timeout=DEADLINE)
        return connection

    def push(self, transport, *pieces):
        """Sends the pieces in a write each, closes the sending half, and returns what is answered until the end."""
        with self.connect(transport) as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the answer says what went wrong
                for piece in pieces:
                    connection.sendall(piece)
                connection.shutdown(socket.SHUT_WR)
            return receive_all(connection)

    def push_apps(self, **texts):
        """Pushes applications and waits until they are stored."""
        answer = self.push("unix", json.dumps(texts).encode())
        if answer:
            raise AssertionError(f"a push was refused: {answer!r}")

    def nc(self, transport, data):
        """Pushes as a shell would, and returns what nc printed."""
        target = ["-U", self.unix_path] if transport == "unix" else ["127.0.0.1", str(self.tcp_port)]
        result = subprocess.run(
            [tool("nc"), "-N", *target], input=data, capture_output=True, timeout=DEADLINE, check=False
        )
        if result.returncode:
            raise AssertionError(f"nc ended with {result.returncode}: {result.stderr!r}")
        return result.stdout

    # Waiting

    def is_ready(self):
        try:
            return self.request("/-/ready").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def wait_ready(self):
        eventually(lambda: not self.is_running() or self.is_ready(), "the daemon is ready")
        return self.is_running()

    def wait_page(self, expected):
        """Waits until the page is these bytes; shows the difference if it never is."""
        try:
            eventually(lambda: self.page() == expected, "the page is as expected")
        except AssertionError:
            raise AssertionError(f"the page is\n{self.page()!r}\nand not\n{expected!r}") from None

    def expect_exit(self, code):
        """For a daemon that is to end by itself."""
        self.failed_on_purpose = True
        try:
            ended = self.popen.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the daemon runs on where exit code {code} was expected") from None
        if ended != code:
            raise AssertionError(f"exit code {ended} in place of {code}")
        return self.log()

    def stop(self, with_signal=signal.SIGTERM, expected_status=0):
        self.ended = True
        code = super().stop(with_signal)
        if code != expected_status:
            raise AssertionError(f"the daemon ended with {code} after {with_signal!r}")
        return code

    def kill(self):
        self.ended = True
        super().kill()

    def check_end(self):
        self.http.close()
        if not self.ended and not self.failed_on_purpose:
            self.stop()
        fault = FAULTS.search(self.log())
        if fault:
            raise AssertionError(f"the daemon's log tells of a fault: {fault[0]}")


class DaemonTest(unittest.TestCase):
    """A test with a folder of its own, whose processes end with it and whose logs are shown when it fails."""

    maxDiff = 4000

    def run(self, result=None):
        result = result or self.defaultTestResult()
        before = len(result.failures) + len(result.errors)
        self.processes = []
        self.logs = []
        self.transport = None
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            over = f", over {self.transport}" if self.transport else ""
            for name, log in self.logs:
                print(f"---- {self.id()}{over}: log of {name}\n{log[-8000:]}----", file=sys.stderr, flush=True)

    def setUp(self):
        # Under /tmp and not $TMPDIR, because the path of a Unix socket has room for 107 bytes only.
        folder = tempfile.TemporaryDirectory(prefix="exporter-proxy-test-", dir="/tmp")
        self.folder = folder.name
        self.addCleanup(folder.cleanup)
        self.addCleanup(self._end_processes)

    def _end_processes(self):
        faults = []
        for process in reversed(self.processes):
            try:
                if isinstance(process, Daemon):
                    process.check_end()
            except AssertionError as fault:
                faults.append(f"{process.name} (pid {process.pid}): {fault}")
            finally:
                process.kill()
                self.logs.append((process.name, process.log()))
        if faults:
            self.fail("; ".join(faults))

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    def start(self, settings=None, arguments=(), environment=None):
        """A daemon that is ready. Another process may take a port between its choice and its use: then once more."""
        for _ in range(5):
            daemon = Daemon(self, settings or {}, arguments, environment)
            if daemon.wait_ready():
                return daemon
            daemon.failed_on_purpose = True
            if "address in use" not in daemon.log() and "already in use" not in daemon.log():
                break
        self.fail(f"the daemon ended with {daemon.popen.returncode} in place of serving")

    def start_failing(self, code, settings=None, arguments=(), environment=None):
        """A daemon that ends by itself; returns the lines that it logged."""
        daemon = Daemon(self, settings or {}, arguments, environment)
        return daemon.expect_exit(code).splitlines()

    def for_transports(self, settings=None):
        """For the body of a loop: once for each transport, against a new daemon."""
        for self.transport in TRANSPORTS:
            yield self.start(settings), self.transport
        self.transport = None


def config_text(settings):
    """TOML of sections of plain values; `poll_external.endpoint` may be a list of tables."""
    lines = []
    for section, values in settings.items():
        lines.append(f"[{section}]")
        tables = []
        for key, value in values.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                tables += [(key, table) for table in value]
            else:
                lines.append(f"{key} = {toml(value)}")
        for key, table in tables:
            lines.append(f"[[{section}.{key}]]")
            lines += [f"{name} = {toml(value)}" for name, value in table.items()]
    return "\n".join(lines) + "\n"


def daemon_environment(extra=None):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("EXPORTER_PROXY_")}
    environment["LC_ALL"] = "C.UTF-8"  # under another one Qt 6 complains in the log
    environment.update(extra or {})
    return environment


def run_daemon(*arguments, environment=None, cwd=None):
    """For what does not serve: --version, --check-config."""
    return subprocess.run(
        [BINARY, *arguments],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        env=daemon_environment(environment),
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        check=False,
    )


def receive_all(connection):
    """All bytes until the other side closes."""
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


def reset_on_close(connection):
    """Makes close() send a reset in place of an orderly end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def document(**texts):
    return json.dumps(texts, ensure_ascii=False).encode("utf-8")


def main():
    unittest.main(verbosity=2)
