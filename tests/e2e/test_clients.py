# SPDX-License-Identifier: GPL-3.0-or-later
"""The senders and documents in resources/clients, as their readers will run them."""

import json
import os
import shutil
import subprocess

from harness import DEADLINE, SCHEMA, SOURCE, TOOLS, DaemonTest, main

CLIENTS = os.path.join(SOURCE, "resources", "clients")
PUSHMETRICS = os.environ["EXPORTER_PROXY_PUSHMETRICS"]
CAPNP = {"receiver": {"format": "capnp"}}


def address(daemon, transport):
    return daemon.unix_path if transport == "unix" else f"127.0.0.1:{daemon.tcp_port}"


def run(arguments, text=""):
    return subprocess.run(arguments, input=text, capture_output=True, timeout=DEADLINE, check=False, text=True)


class TestClients(DaemonTest):
    def python(self):
        python = os.path.join(TOOLS, "venv", "bin", "python")
        self.assertTrue(os.access(python, os.X_OK), f"{python} is missing: run tests/e2e/fetch-tools.sh {TOOLS}")
        return [python, "-B", os.path.join(CLIENTS, "push.py")]

    def test_python_sends_json(self):
        for daemon, transport in self.for_transports():
            result = run([*self.python(), address(daemon, transport), "größe \"1\""], "a{l=\"x\\n\"} 1\n")
            self.assertEqual((0, "", ""), (result.returncode, result.stdout, result.stderr))
            self.assertEqual(b"a{l=\"x\\n\"} 1\n", daemon.page())
            self.assertEqual(["größe \"1\""], list(daemon.apps()))

    def test_python_sends_capnp(self):
        for daemon, transport in self.for_transports(CAPNP):
            result = run([*self.python(), address(daemon, transport), "a", SCHEMA], "a 1\n")
            self.assertEqual((0, "", ""), (result.returncode, result.stdout, result.stderr))
            self.assertEqual(b"a 1\n", daemon.page())

    def test_python_tells_of_a_refusal(self):
        for daemon, transport in self.for_transports():
            result = run([*self.python(), address(daemon, transport), ""], "a 1\n")
            self.assertEqual(1, result.returncode)
            self.assertRegex(result.stderr, r"ValueError: error: .*name")

    def confirms(self, command):
        for daemon, transport in self.for_transports({"receiver": {"answer": "always"}}):
            for arguments in ((), ("--confirm",)):
                result = run([*command, *arguments, address(daemon, transport), "a"], "a 1\n")
                self.assertEqual((0, "", ""), (result.returncode, result.stdout, result.stderr))
            result = run([*command, "--confirm", address(daemon, transport), ""], "a 1\n")
            self.assertEqual(1, result.returncode)
            self.assertRegex(result.stderr, r"error: document 1: .*name")
            self.assertEqual(2, daemon.apps()["a"]["updates"])
        for daemon, transport in self.for_transports():
            result = run([*command, "--confirm", address(daemon, transport), "a"], "a 1\n")
            self.assertEqual(1, result.returncode)
            self.assertIn("the push is not confirmed", result.stderr)

    def test_python_wants_a_confirmation(self):
        self.confirms(self.python())

    def test_rust_wants_a_confirmation(self):
        self.confirms([self.rust()])

    def test_cpp_reads_confirmations(self):
        for daemon, transport in self.for_transports({"receiver": {"format": "capnp", "answer": "always"}}):
            texts = [f"a {i}\n" for i in range(200)]
            result = run([PUSHMETRICS, address(daemon, transport), "a", *texts])
            self.assertEqual((0, "", ""), (result.returncode, result.stdout, result.stderr))
            self.assertEqual(texts[-1].encode(), daemon.page())
            result = run([PUSHMETRICS, address(daemon, transport), "", "a 1\n"])
            self.assertRegex(result.stderr, r"^pushmetrics: error: document 1: .*name")

    def test_cpp_sends_capnp(self):
        for daemon, transport in self.for_transports(CAPNP):
            result = run([PUSHMETRICS, address(daemon, transport), "größe", "old 1\n", "new 2\n"])
            self.assertEqual((0, "", ""), (result.returncode, result.stdout, result.stderr))
            self.assertEqual(b"new 2\n", daemon.page())
            self.assertEqual(2, daemon.apps()["größe"]["updates"])

    def test_cpp_tells_of_a_refusal(self):
        for daemon, transport in self.for_transports(CAPNP):
            result = run([PUSHMETRICS, address(daemon, transport), "", "a 1\n"])
            self.assertEqual(1, result.returncode)
            self.assertRegex(result.stderr, r"^pushmetrics: error: .*name")

    def test_cpp_tells_of_a_daemon_that_is_not_there(self):
        result = run([PUSHMETRICS, os.path.join(self.folder, "nobody.sock"), "a", "a 1\n"])
        self.assertEqual(1, result.returncode)
        self.assertRegex(result.stderr, r"nobody\.sock: No such file")

    def rust(self):
        if not shutil.which("rustc"):
            self.skipTest("rustc is not installed: push.rs is neither compiled nor run")
        program = os.path.join(self.folder, "push")
        built = run(["rustc", "--edition", "2021", "-D", "warnings", "-o", program, os.path.join(CLIENTS, "push.rs")])
        self.assertEqual((0, ""), (built.returncode, built.stderr))
        return program

    def test_rust_sends_json(self):
        program = self.rust()
        for daemon, transport in self.for_transports():
            result = run([program, address(daemon, transport), "größe \"1\""], "a{l=\"x\\n\"} 1\n# HELP a \t\u0001ü\n")
            self.assertEqual((0, "", ""), (result.returncode, result.stdout, result.stderr))
            self.assertEqual("a{l=\"x\\n\"} 1\n# HELP a \t\u0001ü\n", daemon.page().decode())
            self.assertEqual(["größe \"1\""], list(daemon.apps()))

    def test_rust_tells_of_a_refusal(self):
        program = self.rust()
        for daemon, transport in self.for_transports():
            result = run([program, address(daemon, transport), ""], "a 1\n")
            self.assertEqual(1, result.returncode)
            self.assertRegex(result.stderr, r"^push: error: .*name")

    def test_the_sample_documents(self):
        for name in ("push-string.json", "push-lines.json"):
            with open(os.path.join(CLIENTS, name), "rb") as file:
                document = file.read()
            for daemon, transport in self.for_transports():
                with self.subTest(document=name):
                    self.assertEqual(b"", daemon.nc(transport, document))
                    self.assertEqual(set(json.loads(document)), set(daemon.apps()))
                    self.assertIn(b"\nbackup_done_timestamp_seconds 1.7e+09\n", daemon.page())


if __name__ == "__main__":
    main()
