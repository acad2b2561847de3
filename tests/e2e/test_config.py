# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line and the configuration: what is wrong is said with its place, and nothing starts."""

import os
import re

from harness import SOURCE, DaemonTest, main, run_daemon

# A file, the line and column of its fault, and what the line must say besides.
FAULTS = [
    ('[receiver]\nfromat = "json"\n', 2, 1, r'unknown key.*fromat.*"format"'),
    ('[receiver]\nformat = "jsonn"\n', 2, 10, r"jsonn"),
    ("[receiver]\nformat = 5\n", 2, 10, r"json.*capnp.*integer"),
    ('[exporter]\n\n  worker_thread = 1\n', 3, 3, r'worker_thread.*"worker_threads"'),
    ("[exporter]\nworker_threads = -1\n", 2, 18, r"worker_threads"),
    ('[exporter]\nworker_threads = "four"\n', 2, 18, r"worker_threads"),
    ("[exporter]\nconcurrent_requests = 0\n", 2, 23, r"concurrent_requests"),
    ('[exporter]\nself_metrics = "yes"\n', 2, 16, r"self_metrics"),
    ('[exporter]\nscrape_expose_endpoint = "localhost:http"\n', 2, 26, r"localhost:http"),
    ('[receiver]\nreceiver_tcp_socket = "127.0.0.1:65536"\n', 2, 23, r"65536"),
    ('[receiver]\nunix_socket_mode = "0999"\n', 2, 20, r"0999"),
    ("[receiver]\nmessage_timeout = 0\n", 2, 19, r"message_timeout"),
    ('[limits]\nmax_message_size = "64 parsecs"\n', 2, 20, r"parsecs"),
    ('[limitz]\nmax_apps = 5\n', 1, 2, r'limitz.*limits'),
    ('[log]\nlevel = "loud"\n', 2, 9, r"loud"),
    ('[poll_external]\nother_scrape_endpoints = ["http://127.0.0.1:1/metrics",\n  "ftp://x/"]\n', 3, 3, r"URL"),
    ('[[poll_external.endpoint]]\nname = "x"\n', 1, None, r"url"),
    ('[[poll_external.endpoint]]\nurl = "http://127.0.0.1/"\ncafile = "x"\n', 3, 1, r'cafile.*"ca_file"'),
    ("[receiver\n", 1, None, ""),
    ('[receiver]\nformat = "json\n', 2, None, ""),
    ('[receiver]\nformat = "json"\nformat = "capnp"\n', 3, None, ""),
]


class TestConfiguration(DaemonTest):
    def test_faults_have_a_place(self):
        for number, (content, line, column, pattern) in enumerate(FAULTS):
            path = self.write(f"bad-{number}.toml", content)
            for arguments in (("--config", path), ("-c", path, "--check-config")):
                with self.subTest(content=content, arguments=arguments):
                    result = run_daemon(*arguments, cwd=self.folder)
                    self.assertEqual(2, result.returncode, result.stderr)
                    place = f"{path}:{line}:{column if column else ''}"
                    lines = [text for text in result.stderr.splitlines() if place in text]
                    self.assertEqual(1, len(lines), result.stderr)
                    if pattern:
                        self.assertRegex(lines[0], pattern)
                    if column:
                        self.assertRegex(lines[0], rf"{re.escape(place)}\b")

    def test_all_faults_at_once(self):
        path = self.write("bad.toml", "[receiver]\nformt = 1\n[exporter]\nworker_threads = true\n")
        result = run_daemon("--config", path, "--check-config")
        self.assertEqual(2, result.returncode)
        self.assertIn(f"{path}:2:1", result.stderr)
        self.assertIn(f"{path}:4:18", result.stderr)

    def test_a_good_file_is_good(self):
        path = self.write("good.toml", '[receiver]\nformat = "capnp"\n')
        result = run_daemon("--config", path, "--check-config")
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertEqual([], [name for name in os.listdir(self.folder) if name != "good.toml"])

    def test_the_configuration_that_comes_with_it(self):
        result = run_daemon("--config", os.path.join(SOURCE, "config.toml"), "--check-config")
        self.assertEqual(0, result.returncode, result.stderr)

    def test_no_file_is_needed(self):
        self.assertEqual(0, run_daemon("--check-config", cwd=self.folder).returncode)

    def test_a_file_that_is_not_there(self):
        path = os.path.join(self.folder, "missing.toml")
        for result in (
            run_daemon("--config", path, "--check-config"),
            run_daemon("--check-config", environment={"EXPORTER_PROXY_CONFIG": path}),
        ):
            self.assertEqual(2, result.returncode)
            self.assertEqual(1, len(result.stderr.splitlines()), result.stderr)
            self.assertIn(path, result.stderr)
            self.assertRegex(result.stderr.lower(), "no such file")

    def test_a_folder_is_no_file(self):
        result = run_daemon("--config", self.folder, "--check-config")
        self.assertEqual((2, 1), (result.returncode, len(result.stderr.splitlines())), result.stderr)

    def test_a_fifo_is_no_file(self):
        """Nobody writes to it: to wait for that would hang the start."""
        path = f"{self.folder}/fifo"
        os.mkfifo(path)
        result = run_daemon("--config", path, "--check-config")
        self.assertEqual((2, 1), (result.returncode, len(result.stderr.splitlines())), result.stderr)
        self.assertIn("it is not a file", result.stderr)

    def test_the_environment_names_a_file(self):
        path = self.write("env.toml", "[receiver]\nbad = 1\n")
        result = run_daemon("--check-config", environment={"EXPORTER_PROXY_CONFIG": path})
        self.assertEqual(2, result.returncode)
        self.assertIn(f"{path}:2:1", result.stderr)
        good = self.write("good.toml", "")
        result = run_daemon("--config", good, "--check-config", environment={"EXPORTER_PROXY_CONFIG": path})
        self.assertEqual(0, result.returncode, "the command line is stronger")

    def test_set_is_stronger_than_the_file(self):
        other = os.path.join(self.folder, "other.sock")
        daemon = self.start(
            arguments=[
                "--set", f"receiver.receiver_unix_socket={other}", "--set=exporter.self_metrics=true",
                "--set", "limits.max_apps=1",
            ]
        )  # fmt: skip
        self.assertFalse(os.path.exists(daemon.unix_path))
        daemon.unix_path = other
        self.assertEqual(b"", daemon.push("unix", b'{"a": "a 1"}'))
        self.assertTrue(daemon.push("unix", b'{"b": "b 1"}').startswith(b"error: "))
        self.assertIn(b"exporter_proxy_build_info", daemon.page())

    def test_set_that_is_wrong(self):
        for assignment in ("receiver.fromat=json", "receiver.format=xml", "format", "nowhere.key=1", "="):
            with self.subTest(assignment=assignment):
                result = run_daemon("--set", assignment, "--check-config")
                self.assertEqual(2, result.returncode)
                self.assertEqual(1, len(result.stderr.splitlines()), result.stderr)
                self.assertIn("--set", result.stderr)

    def test_version(self):
        result = run_daemon("--version")
        self.assertEqual((0, ""), (result.returncode, result.stderr))
        self.assertRegex(result.stdout, r"\Aexporter-proxy \d+\.\d+\.\d+[^\n]*\n\Z")
        self.assertIn(self.start().request("/apps?format=json").json()["version"], result.stdout)

    def test_help(self):
        result = run_daemon("--help")
        self.assertEqual((0, ""), (result.returncode, result.stderr))
        for word in ("--config", "--set", "--check-config", "--log-level", "--version", "--help"):
            self.assertIn(word, result.stdout)

    def test_command_lines_that_are_wrong(self):
        for arguments in (["--nonsense"], ["stray"], ["--config"], ["--set"], ["--log-level", "loud"], ["-x"]):
            with self.subTest(arguments=arguments):
                result = run_daemon(*arguments, "--check-config")
                if arguments[-1] in ("--config", "--set"):
                    result = run_daemon(*arguments)
                self.assertEqual(2, result.returncode, result.stderr)
                self.assertEqual("", result.stdout)
                self.assertIn(arguments[-1].lstrip("-"), result.stderr)

    def test_levels_of_the_log(self):
        quiet = self.start(arguments=["--log-level", "error"])
        quiet.stop()
        self.assertEqual("", quiet.log())
        usual = self.start()
        usual.stop()
        self.assertNotEqual("", usual.log())
        talkative = self.start({"log": {"level": "debug"}})
        talkative.stop()
        self.assertGreaterEqual(len(talkative.log()), len(usual.log()))


if __name__ == "__main__":
    main()
