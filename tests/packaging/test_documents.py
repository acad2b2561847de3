# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual pages and completions tell of what there is: every option, every setting, every page, every key."""

import os
import re
import shutil
import subprocess
import unittest

BINARY = os.environ["EXPORTER_PROXY_BINARY"]
MONITOR = os.environ.get("EXPORTER_PROXY_MONITOR")
SOURCE = os.environ["EXPORTER_PROXY_SOURCE"]
DOCUMENTS = os.environ["EXPORTER_PROXY_DOCUMENTS"]
SHELLS = ("bash", "zsh", "fish")
TIMEOUT = 60


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def source(page):
    """A page's source, with what roff writes in another way as it is read."""
    text = read(DOCUMENTS, page)
    return re.sub(r"\\f[BIR]", "", text).replace("\\-", "-").replace("\\(dq", '"').replace("\\&", "")


def pages():
    return ["exporter-proxy.1", "exporter-proxy.toml.5"] + (["exporter-proxy-monitor.1"] if MONITOR else [])


def help_text(program):
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen"}
    result = subprocess.run(
        [program, "--help"], capture_output=True, text=True, timeout=TIMEOUT, check=True, env=environment
    )
    return result.stdout


def options(program):
    found = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", "\n".join(option_lines(program))))
    assert len(found) > 1, found
    return found


def option_lines(program):
    """Those that name an option at their beginning; what they say of it may name another program's."""
    return [
        match[0]
        for match in re.finditer(r"^ +-[^ ,\n]*(?:, --[a-z-]+)?", help_text(program), re.MULTILINE)
    ]


def settings():
    """Each key of config.toml, which a test of the settings holds to the daemon's own table, with its section."""
    found = []
    section = None
    for line in read(SOURCE, "config.toml").splitlines():
        if header := re.fullmatch(r"#?\[+([\w.]+)(?:\.\"[^\"]*\")?\]+", line):
            section = header[1]
        elif key := re.match(r"#?(\w+) = ", line):
            found.append((section, key[1]))
    return found


class TestManualPages(unittest.TestCase):
    def test_roff_has_nothing_to_warn_of(self):
        for page in pages():
            for command in (
                ["man", "--warnings", "-l"], ["groff", "-man", "-ww", "-Tutf8", "-z"], ["mandoc", "-T", "lint", "-W", "warning"]
            ):  # fmt: skip
                with self.subTest(page=page, program=command[0]):
                    if not shutil.which(command[0]):
                        self.skipTest(f"{command[0]} is not installed: {page} is not checked by it")
                    result = subprocess.run(
                        [*command, os.path.join(DOCUMENTS, page)],
                        capture_output=True, text=True, timeout=TIMEOUT, check=False,
                        env={**os.environ, "LC_ALL": "C.UTF-8", "MANPAGER": "cat", "MANWIDTH": "100"},
                    )  # fmt: skip
                    self.assertEqual((0, ""), (result.returncode, result.stderr))

    def test_nothing_is_left_to_fill_in(self):
        for document in pages() + [f"exporter-proxy.{shell}" for shell in SHELLS]:
            self.assertNotRegex(read(DOCUMENTS, document), r"@[A-Z_]+@", document)

    def test_every_setting_is_told(self):
        page = source("exporter-proxy.toml.5")
        self.assertGreater(len(settings()), 30)
        told = set(re.findall(r"^\.BR? (\w+)", page, re.MULTILINE))
        self.assertEqual([], [key for _, key in settings() if key not in told])
        self.assertEqual([], [section for section, _ in settings() if f"[{section}" not in page])

    def test_every_option_is_told(self):
        page = source("exporter-proxy.1")
        self.assertEqual([], sorted(option for option in options(BINARY) if option not in page))

    def test_every_page_is_told(self):
        page = source("exporter-proxy.1").replace(" ", "").replace("\n", "")
        paths = re.findall(r"^\| `GET (\S+)` \|", read(SOURCE, "REFERENCE.md"), re.MULTILINE)
        self.assertGreater(len(paths), 5)
        self.assertEqual([], [path for path in paths if path not in page])

    def test_every_state_is_told(self):
        page = source("exporter-proxy.1")
        names = re.findall(r'"(\w+)"', read(SOURCE, "common", "model", "appsnapshot.cpp"))
        states = [name for name in names if name in ("fresh", "late", "stale", "expired", "failing", "rejected")]
        self.assertEqual(6, len(set(states)))
        self.assertEqual([], [state for state in states if f"\n.B {state}\n" not in page])


@unittest.skipUnless(MONITOR, "the monitor is not built")
class TestMonitorPage(unittest.TestCase):
    def test_every_option_is_told(self):
        page = source("exporter-proxy-monitor.1")
        self.assertEqual([], sorted(option for option in options(MONITOR) if option not in page))

    def test_every_key_of_the_menus_is_told(self):
        page = source("exporter-proxy-monitor.1")
        code = read(SOURCE, "gui", "window", "mainmenu.cpp") + read(SOURCE, "gui", "window", "rowactions.cpp")
        found = re.findall(r"QKeySequence\((Qt::[\w:| ]+)\)", code)
        self.assertGreater(len(found), 10)
        names = {"CTRL": "Ctrl", "SHIFT": "Shift", "ALT": "Alt", "Key_Slash": "/"}
        for keys in found:
            parts = [part.strip().removeprefix("Qt::") for part in keys.split("|")]
            told = "+".join(names.get(part, part.removeprefix("Key_")) for part in parts)
            self.assertRegex(page, rf'(?m)^\.BR? (.* )?{re.escape(told)}( .*)?$')


class TestCompletions(unittest.TestCase):
    def complete(self, *words):
        """What bash proposes for the last of the words."""
        script = (
            "compopt() { :; }\n"  # bash knows it only while it completes
            f". {DOCUMENTS}/exporter-proxy.bash\n"
            'COMP_WORDS=("$@")\nCOMP_CWORD=$(($# - 1))\n_exporter_proxy\n'
            'printf "%s\\n" "${COMPREPLY[@]}"\n'
        )
        result = subprocess.run(
            ["bash", "--norc", "-euc", script, "bash", "exporter-proxy", *words],
            capture_output=True, text=True, timeout=TIMEOUT, check=False,
            cwd=SOURCE,
        )  # fmt: skip
        self.assertEqual((0, ""), (result.returncode, result.stderr))
        return set(result.stdout.split())

    def test_every_option_is_proposed(self):
        wanted = options(BINARY)
        self.assertEqual(wanted, self.complete(""))
        for shell in SHELLS:
            text = read(DOCUMENTS, f"exporter-proxy.{shell}")
            for option in wanted:
                name = option.lstrip("-")
                said = rf"-[ls] {name}\b" if shell == "fish" else rf"(?<![\w-]){option}\b"
                self.assertRegex(text, said, shell)

    def test_every_setting_is_proposed(self):
        keys = {
            f"{section}.{key}"
            for section, key in settings()
            if section != "poll_external.endpoint" and section.count(".") == 0
        }
        self.assertGreater(len(keys), 25)
        self.assertEqual({key + "=" for key in keys}, self.complete("--set", ""))
        for shell in SHELLS:
            text = read(DOCUMENTS, f"exporter-proxy.{shell}")
            self.assertEqual([], [key for key in sorted(keys) if key not in text], shell)

    def test_bash_goes_on_with_what_was_begun(self):
        self.assertEqual({"--check-config"}, self.complete("--ch"))
        self.assertEqual({"receiver.format="}, self.complete("-c", "x", "--set", "receiver.fo"))
        self.assertEqual({"warning"}, self.complete("--log-level", "w"))
        self.assertEqual({"config.toml"}, self.complete("--config", "config."))
        self.assertEqual({"config.toml"}, self.complete("-c", "conf"))

    def test_the_shells_that_are_installed_can_read_theirs(self):
        for shell in SHELLS:
            with self.subTest(shell=shell):
                if not shutil.which(shell):
                    self.skipTest(f"{shell} is not installed: its completion is not read by it")
                result = subprocess.run(
                    [shell, "-n", os.path.join(DOCUMENTS, f"exporter-proxy.{shell}")],
                    capture_output=True, text=True, timeout=TIMEOUT, check=False,
                )  # fmt: skip
                self.assertEqual((0, ""), (result.returncode, result.stderr))


if __name__ == "__main__":
    unittest.main(verbosity=2)
