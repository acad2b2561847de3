# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the tree to its rules, and the rules' checker to finding what it is there for."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

import treecheck

ROOT = os.environ["EXPORTER_PROXY_SOURCE"]
QT_HEADERS = os.environ["EXPORTER_PROXY_QT_HEADERS"]

# Other versions break other lines; the tree follows the one that Debian 12 has.
CLANG_FORMAT_MAJOR = "14"


class TestTree(unittest.TestCase):
    def test_qt_headers_are_where_the_checker_looks(self):
        self.assertTrue(os.path.exists(os.path.join(QT_HEADERS, "QtCore", "QString")), QT_HEADERS)

    def test_layers_include_only_what_is_below_them(self):
        self.assertEqual([], list(treecheck.include_faults(ROOT, QT_HEADERS)))

    def test_every_source_file_says_its_licence(self):
        self.assertEqual([], list(treecheck.without_spdx(ROOT)))

    def test_code_is_formatted(self):
        tool = shutil.which(f"clang-format-{CLANG_FORMAT_MAJOR}") or shutil.which("clang-format")
        if not tool:
            self.skipTest("clang-format is not installed")
        version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
        if not re.search(rf"version {CLANG_FORMAT_MAJOR}\.", version):
            self.skipTest(f"the code is formatted as clang-format {CLANG_FORMAT_MAJOR} does, this is {version.strip()}")
        code = [os.path.join(ROOT, path) for path in treecheck.files(ROOT) if path.endswith((".h", ".cpp"))]
        self.assertGreater(len(code), 10)
        result = subprocess.run([tool, "--dry-run", "--Werror", *code], capture_output=True, text=True)
        self.assertEqual(0, result.returncode, result.stderr[:4000])


class TestChecker(unittest.TestCase):
    """A checker that finds nothing looks like a clean tree."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name

    def write(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def faults(self, path, include):
        self.write(path, f"// {treecheck.SPDX}\n#include {include}\n")
        return list(treecheck.include_faults(self.root, QT_HEADERS))

    def test_finds_what_is_forbidden(self):
        for path, include in [
            ("common/a.h", '"daemon/http/x.h"'),
            ("common/a.h", '"gui/x.h"'),
            ("common/a.h", '"../daemon/x.h"'),
            ("common/a.h", '"x.h"'),
            ("common/a.cpp", "<QTcpSocket>"),
            ("common/a.cpp", "<QtNetwork/QTcpSocket>"),
            ("common/a.cpp", "<qtcpsocket.h>"),
            ("common/a.cpp", "<QHttpServer>"),
            ("common/a.cpp", "<QtWidgets>"),
            ("common/a.cpp", "<QColor>"),
            ("common/a.cpp", "<sys/socket.h>"),
            ("daemon/a.cpp", '"gui/x.h"'),
            ("daemon/a.cpp", "<QtWidgets/QLabel>"),
            ("gui/a.cpp", '"daemon/x.h"'),
            ("gui/a.cpp", "<QtHttpServer/QHttpServer>"),
        ]:
            with self.subTest(path=path, include=include):
                self.assertEqual(1, len(self.faults(path, include)))
                os.remove(os.path.join(self.root, path))

    def test_lets_the_rest_pass(self):
        for path, include in [
            ("common/a.cpp", '"common/model/x.h"'),
            ("common/a.cpp", '"schema/metric_data.capnp.h"'),
            ("common/a.cpp", "<QByteArray>"),
            ("common/a.cpp", "<QtCore/QString>"),
            ("common/a.cpp", "<queue>"),
            ("daemon/a.cpp", "<QTcpServer>"),
            ("daemon/a.cpp", "<sys/socket.h>"),
            ("daemon/a.cpp", '"a.moc"'),
            ("tests/a.cpp", '"daemon/http/x.h"'),
            ("build/common/a.h", '"daemon/http/x.h"'),
        ]:
            with self.subTest(path=path, include=include):
                self.assertEqual([], self.faults(path, include))
                os.remove(os.path.join(self.root, path))

    def test_finds_files_without_a_licence(self):
        self.write("a.cpp", "int a;\n")
        self.write("CMakeLists.txt", "project(a)\n")
        self.write("tool", "#!/bin/sh\n")
        self.write("notes.md", "no source\n")
        self.write("b.py", f"# {treecheck.SPDX}\n")
        self.assertEqual(["CMakeLists.txt", "a.cpp", "tool"], sorted(treecheck.without_spdx(self.root)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
