# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the runner still measures every row. With tiny counts: it says nothing about speed."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ["EXPORTER_PROXY_BUILD"]


def run(*arguments):
    command = [sys.executable, "-B", os.path.join(HERE, "run.py"), "--build", BUILD, *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=110)


class TestRunner(unittest.TestCase):
    def test_measures_every_row(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "rows.json")
            result = run("--smoke", "--json", path)
            self.assertEqual(0, result.returncode, result.stdout + result.stderr)
            with open(path, encoding="utf-8") as file:
                measured = json.load(file)
        self.assertEqual([], measured["failures"])
        rows = {row["name"]: row for row in measured["rows"]}
        names = run("--list").stdout.split()
        self.assertGreater(len(names), 15)
        for name in names:
            self.assertTrue(any(row.startswith(name) for row in rows), f"no row {name}")
        for name, row in rows.items():
            with self.subTest(row=name):
                self.assertIn(f"| {name} ", result.stdout)
                if name == "idle":
                    self.assertEqual("", row["unit"])
                elif not name.endswith("-memory"):
                    self.assertGreater(row["ours"], 0)
                if row["ratio"] is not None:
                    self.assertGreater(row["beside"], 0)

    def test_refuses_what_is_not_optimised(self):
        for key, value, said in [
            ("EXPORTER_PROXY_SANITIZE", "thread", "sanitizers"),
            ("CMAKE_BUILD_TYPE", "Debug", "a Debug build"),
        ]:
            with self.subTest(key=key), tempfile.TemporaryDirectory() as folder:
                for name in ("daemon", "tests"):
                    os.symlink(os.path.join(BUILD, name), os.path.join(folder, name))
                with open(os.path.join(folder, "CMakeCache.txt"), "w", encoding="utf-8") as file:
                    file.write(f"CMAKE_BUILD_TYPE:STRING=Release\n{key}:STRING={value}\n")
                result = run("--smoke", "--build", folder)
                self.assertNotEqual(0, result.returncode)
                self.assertIn(said, result.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
