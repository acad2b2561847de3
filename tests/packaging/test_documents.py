# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual pages and completions tell of what there is: every option, setting, page and key. The units are sound."""

import os
import re
import shutil
import subprocess
import tempfile
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
                    said = result.stderr + (result.stdout if command[0] == "mandoc" else "")
                    self.assertEqual((0, ""), (result.returncode, said))

    def test_the_pages_are_of_the_releases_date(self):
        metainfo = read(SOURCE, "packaging", "desktop", "org.exporter_proxy.monitor.metainfo.xml")
        released = re.search(r'<release version="[^"]+" date="([^"]+)"', metainfo)[1]
        for page in pages():
            self.assertRegex(read(DOCUMENTS, page), rf'(?m)^\.TH \S+ [15] "{released}" ', page)

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
        names = re.findall(r'"(\w+)"', read(SOURCE, "common", "model", "appstate.h"))
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
        code = read(SOURCE, "gui", "window", "mainwindow.cpp") + read(SOURCE, "gui", "window", "rowactions.cpp")
        found = re.findall(r"QKeySequence\((Qt::[\w:| ]+)\)", code)
        self.assertGreater(len(found), 10)
        names = {"CTRL": "Ctrl", "SHIFT": "Shift", "ALT": "Alt", "Key_Slash": "/"}
        for keys in found:
            parts = [part.strip().removeprefix("Qt::") for part in keys.split("|")]
            told = "+".join(names.get(part, part.removeprefix("Key_")) for part in parts)
            self.assertRegex(page, rf'(?m)^\.BR? (.* )?{re.escape(told)}( .*)?$')


class Completions:
    """What a program's completions have to do; a class below for each program."""

    program = None
    binary = None
    folder = None
    qt_options = set()  # taken and told, but not in the summary of options as such

    def path(self, shell):
        return os.path.join(self.folder, f"{self.program}.{shell}")

    def complete(self, *words):
        """What bash proposes for the last of the words."""
        script = (
            "compopt() { :; }\n"  # bash knows it only while it completes
            f". {self.path('bash')}\n"
            'COMP_WORDS=("$@")\nCOMP_CWORD=$(($# - 1))\n'
            f"_{self.program.replace('-', '_')}\n"
            'printf "%s\\n" "${COMPREPLY[@]}"\n'
        )
        result = subprocess.run(
            ["bash", "--norc", "-euc", script, "bash", self.program, *words],
            capture_output=True, text=True, timeout=TIMEOUT, check=False,
            cwd=SOURCE,
        )  # fmt: skip
        self.assertEqual((0, ""), (result.returncode, result.stderr))
        return set(result.stdout.split())

    def fish_completes(self, line):
        """What fish proposes at the end of a line."""
        if not shutil.which("fish"):
            self.skipTest("fish is not installed: it is not asked")
        with tempfile.TemporaryDirectory() as home:
            result = subprocess.run(
                ["fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", self.path("fish"), line],
                capture_output=True, text=True, timeout=TIMEOUT, check=False,
                env={**os.environ, "HOME": home},
            )  # fmt: skip
        self.assertEqual((0, ""), (result.returncode, result.stderr))
        return {proposal.split("\t")[0] for proposal in result.stdout.splitlines()}

    def test_bash_is_told_which_program_it_completes(self):
        self.assertIn(f"\ncomplete -F _{self.program.replace('-', '_')} {self.program}\n", read(self.path("bash")))

    def test_every_option_is_proposed(self):
        wanted = options(self.binary) | self.qt_options
        self.assertEqual(wanted, self.complete("-"))
        for shell in SHELLS:
            text = read(self.path(shell))
            for option in wanted:
                name = option.lstrip("-")
                said = rf"-[lso] {name}\b" if shell == "fish" else rf"(?<![\w-]){option}\b"
                self.assertRegex(text, said, shell)

    def test_fish_proposes_every_option(self):
        # Of an option with a short and a long name fish proposes the long one first, and the short one after one dash.
        self.assertEqual(options(self.binary) | self.qt_options, self.fish_completes(f"{self.program} -"))

    def test_the_shells_that_are_installed_can_read_theirs(self):
        for shell in SHELLS:
            with self.subTest(shell=shell):
                if not shutil.which(shell):
                    self.skipTest(f"{shell} is not installed: its completion is not read by it")
                result = subprocess.run(
                    [shell, "-n", self.path(shell)], capture_output=True, text=True, timeout=TIMEOUT, check=False
                )
                self.assertEqual((0, ""), (result.returncode, result.stderr))


class TestDaemonCompletions(Completions, unittest.TestCase):
    program = "exporter-proxy"
    binary = BINARY
    folder = DOCUMENTS

    def test_every_setting_is_proposed(self):
        keys = {
            f"{section}.{key}"
            for section, key in settings()
            if section != "poll_external.endpoint" and section.count(".") == 0
        }
        self.assertGreater(len(keys), 25)
        self.assertEqual({key + "=" for key in keys}, self.complete("--set", ""))
        for shell in SHELLS:
            text = read(self.path(shell))
            self.assertEqual([], [key for key in sorted(keys) if key not in text], shell)

    def test_bash_proposes_every_option_where_nothing_was_begun(self):
        self.assertEqual(options(BINARY), self.complete(""))

    def test_bash_goes_on_with_what_was_begun(self):
        self.assertEqual({"--check-config"}, self.complete("--ch"))
        self.assertEqual({"receiver.format="}, self.complete("-c", "x", "--set", "receiver.fo"))
        self.assertEqual({"warning"}, self.complete("--log-level", "w"))
        self.assertEqual({"config.toml"}, self.complete("--config", "config."))
        self.assertEqual({"config.toml"}, self.complete("-c", "conf"))

    def test_fish_goes_on_with_what_was_begun(self):
        self.assertEqual({"receiver.format="}, self.fish_completes("exporter-proxy --set receiver.fo"))
        self.assertEqual({"warning"}, self.fish_completes("exporter-proxy --log-level w"))


@unittest.skipUnless(MONITOR, "the monitor is not built")
class TestMonitorCompletions(Completions, unittest.TestCase):
    program = "exporter-proxy-monitor"
    binary = MONITOR
    folder = os.path.join(SOURCE, "packaging", "completions")
    qt_options = {"-platform", "-style"}

    def test_bash_goes_on_with_what_was_begun(self):
        self.assertEqual({"--version"}, self.complete("--v"))
        self.assertEqual({"offscreen"}, self.complete("-platform", "o"))
        self.assertEqual({"fusion"}, self.complete("--help", "-style", "f"))
        with open("/etc/hosts", encoding="utf-8") as hosts:
            if re.search(r"^[^#]*\blocalhost\b", hosts.read(), re.MULTILINE):
                self.assertIn("localhost", self.complete("localh"))

    def test_fish_goes_on_with_what_was_begun(self):
        self.assertEqual({"offscreen"}, self.fish_completes("exporter-proxy-monitor -platform o"))


class TestUnits(unittest.TestCase):
    """The units as systemd reads them, with the program that was built in place of the one that is installed."""

    def setUp(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed: the units are not judged by it")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.units = []
        for name in ("exporter-proxy.service", "exporter-proxy.socket"):
            text = read(SOURCE, "packaging", "systemd", name)
            self.units.append(os.path.join(folder.name, name))
            with open(self.units[-1], "w", encoding="utf-8") as file:
                file.write(text.replace("/usr/bin/exporter-proxy", BINARY))

    def analyze(self, *arguments):
        return subprocess.run(
            ["systemd-analyze", *arguments], capture_output=True, text=True, timeout=TIMEOUT, check=False
        )

    def test_nothing_is_to_complain_of(self):
        result = self.analyze("verify", "--man=no", *self.units)
        if "not been booted" in result.stderr or "Failed to initialize" in result.stderr:
            self.skipTest(f"systemd-analyze cannot run here: {result.stderr.strip()}")
        ours = [line for line in result.stderr.splitlines() if "exporter-proxy" in line]
        self.assertEqual((0, []), (result.returncode, ours))

    def test_the_service_is_hardly_exposed(self):
        # In tenths: at most 1.9.
        result = self.analyze("security", "--offline=true", "--threshold=19", "--no-pager", self.units[0])
        if "unrecognized option" in result.stderr:
            self.skipTest("this systemd-analyze judges units that run only")
        self.assertEqual(0, result.returncode, result.stdout[-200:] + result.stderr)
        self.assertRegex(result.stdout, r"Overall exposure level for exporter-proxy\.service: [01]\.\d")


if __name__ == "__main__":
    unittest.main(verbosity=2)
