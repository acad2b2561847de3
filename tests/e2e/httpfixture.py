# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP endpoints for the daemon to poll: good ones, broken ones, and ones behind certificates that openssl makes."""

import http.server
import os
import ssl
import subprocess
import threading

from harness import DEADLINE, tool


class Endpoint:
    """Answers GET with what `answer(handler)` writes, on a free port unless one is given; ended with the test."""

    def __init__(self, test, answer, tls=None, port=0):
        self.requests = []
        self.released = threading.Event()  # what hangs ends with the test
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):  # noqa: N802, the library's name
                if not endpoint.running:
                    self.close_connection = True  # a connection that is kept open outlives the listening socket
                    return
                endpoint.requests.append(self)
                answer(self, endpoint)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_):
                pass  # the daemon may leave whenever it likes

            def get_request(self):
                connection, address = super().get_request()
                if tls:
                    # The handshake is done by the connection's own thread at its first read.
                    connection = tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                return connection, address

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.running = True
        self.thread.start()
        test.addCleanup(self.stop)

    def url(self, path="/metrics", scheme="http"):
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def stop(self):
        if self.running:
            self.running = False
            self.released.set()
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()


def text(body, status=200, content_type="text/plain; version=0.0.4"):
    """An answer of these bytes, or of what a function returns at each request."""

    def answer(handler, _):
        content = body() if callable(body) else body
        handler.send_response(status)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def hang(_, endpoint):
    """Takes the request and says nothing."""
    endpoint.released.wait(10 * DEADLINE)


def drip(handler, endpoint):
    """Sends a byte now and then, so that only a limit on the whole ends it."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not endpoint.released.wait(0.05):
        handler.wfile.write(b"#")


class Authority:
    """A certificate authority of the test's, by openssl."""

    def __init__(self, test, name):
        self.test = test
        self.name = name
        self.key = os.path.join(test.folder, f"{name}.key")
        self.certificate = os.path.join(test.folder, f"{name}.pem")
        self._openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign", "-keyout", self.key,
            "-out", self.certificate,
        )  # fmt: skip

    def _openssl(self, *arguments):
        result = subprocess.run(
            [tool("openssl"), *arguments], capture_output=True, timeout=DEADLINE, stdin=subprocess.DEVNULL, check=False
        )
        if result.returncode:
            raise AssertionError(f"openssl {arguments[0]}: {result.stderr.decode()}")

    def server_context(self, subject_alternative):
        """For a server whose certificate is signed by this authority and holds for that name."""
        base = os.path.join(self.test.folder, f"{self.name}-server-{subject_alternative.replace(':', '-')}")
        extensions = self.test.write(os.path.basename(base) + ".ext", f"subjectAltName={subject_alternative}\n")
        self._openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=server",
            "-keyout", base + ".key", "-out", base + ".csr",
        )  # fmt: skip
        self._openssl(
            "x509", "-req", "-in", base + ".csr", "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
            "-days", "2", "-extfile", extensions, "-out", base + ".pem",
        )  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(base + ".pem", base + ".key")
        return context
