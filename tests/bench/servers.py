# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that are measured: the daemon, the bare limit, Pushgateway. On 127.0.0.1 only, each ended by its own id."""

import http.client
import json
import os
import socket
import subprocess
import time

# For a start or an end; only something broken takes so long.
DEADLINE = 30


class Failure(Exception):
    """Something that the measuring itself cannot do; one sentence."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A process with an HTTP port (where it has one), a TCP port and a Unix socket to push to. A context manager."""

    http_port = tcp_port = unix_path = None

    def _launch(self, folder, arguments, **options):
        self._log_path = os.path.join(folder, f"{os.path.basename(arguments[0])}-{free_port()}.log")
        self.began = time.monotonic()
        with open(self._log_path, "wb") as log:
            self.popen = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stderr=log, **options)
        self.pid = self.popen.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                self.popen.kill()
        self.popen.wait()
        if self.popen.stdout:
            self.popen.stdout.close()

    def get(self, path, headers=None):
        """The status, the headers and the body of one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=300)
        try:
            connection.request("GET", path, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def wait_until_answered(self, path, pause=0.0002):
        """Seconds from the launch to the first 200."""
        while True:
            try:
                if self.get(path)[0] == 200:
                    return time.monotonic() - self.began
            except ConnectionError:
                pass
            if self.popen.poll() is not None or time.monotonic() - self.began > DEADLINE:
                with open(self._log_path, encoding="utf-8", errors="replace") as log:
                    raise Failure(f"{self.popen.args[0]} does not answer; it said: {log.read()[-500:].strip()}")
            time.sleep(pause)


class Daemon(Server):
    """The daemon as it is shipped, but for addresses, paths and the given settings {"section.key": value}."""

    def __init__(self, program, folder, settings):
        self.http_port, self.tcp_port = free_port(), free_port()
        self.unix_path = os.path.join(folder, f"push-{self.tcp_port}.sock")
        config = os.path.join(folder, f"config-{self.tcp_port}.toml")
        values = {
            "exporter.scrape_expose_endpoint": f"127.0.0.1:{self.http_port}",
            "receiver.receiver_unix_socket": self.unix_path,
            "receiver.receiver_tcp_socket": f"127.0.0.1:{self.tcp_port}",
            **settings,
        }
        with open(config, "w", encoding="utf-8") as file:
            file.writelines(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        self._launch(folder, [program, "--config", config], stdout=subprocess.DEVNULL)

    def held_connections(self, receiver):
        """Open connections of "unix" or "tcp", as the daemon counts them."""
        page = self.get("/metrics")[2].decode()
        prefix = f'exporter_proxy_connections{{receiver="{receiver}"}} '
        return next(int(line[len(prefix) :]) for line in page.splitlines() if line.startswith(prefix))


class Peer(Daemon):
    """Another implementation of the same pushes, page and settings: it wants every setting
    named, has no other page than /metrics, and does not compress."""

    def __init__(self, program, folder):
        settings = {
            "exporter.worker_threads": 0,
            "exporter.concurrent_requests": 4096,
            "receiver.format": "json",
            "receiver.receive_on_unix_socket": True,
            "receiver.unix_socket_user": "current_user",
            "receiver.unix_socket_group": "current_group",
            "receiver.receive_on_tcp_socket": True,
            "poll_external.poll_other_scrape_endpoints": False,
            "poll_external.other_scrape_endpoints": [],
            "poll_external.poll_interval": 5,
            "poll_external.client_timeout": 2,
            "poll_external.allow_invalid_certs": False,
        }
        super().__init__(program, folder, settings)
        self.wait_until_answered("/metrics", pause=0.01)


class Limit(Server):
    """barelimit: takes pushes on a Unix socket or TCP ("unix", "tcp"), or answers every request with `page` bytes, of
    which it says with `gzip` that they are compressed."""

    def __init__(self, program, folder, transport, page=None, gzip=False):
        arguments = [program]
        if transport == "unix":
            self.unix_path = os.path.join(folder, f"limit-{free_port()}.sock")
            arguments += ["--unix", self.unix_path]
        else:
            arguments += ["--tcp", "0"]
        if page is not None:
            arguments += ["--page", str(page)] + ["--gzip"] * gzip
        self._launch(folder, arguments, stdout=subprocess.PIPE, text=True)
        word, _, port = self.popen.stdout.readline().partition(" ")
        if word != "ready":
            raise Failure(f"{program} does not start")
        self.tcp_port = self.http_port = int(port)


class Pushgateway(Server):
    """Debian's, without the check of each push against all others: what is measured is the scrape."""

    def __init__(self, program, folder):
        self.http_port = self.tcp_port = free_port()
        arguments = [program, f"--web.listen-address=127.0.0.1:{self.http_port}", "--push.disable-consistency-check"]
        self._launch(folder, arguments, stdout=subprocess.DEVNULL)
        self.wait_until_answered("/-/ready", pause=0.01)
