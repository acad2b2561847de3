# SPDX-License-Identifier: GPL-3.0-or-later
"""Does what README.md and REFERENCE.md say, and holds them to what they show.

A block whose first line is ```sh test or ```python test is run, and what it prints must be the block ```text output
that follows, or nothing if none follows; "…" there stands for anything, alone on a line for any lines. The blocks of a
section (##) talk to one daemon, which has the defaults, from a folder with what they use of the tree; `capnp` or
`quarantine` behind `test` asks for one that is set so, `rust` for the test to be left out where there is no rustc. A block
```cpp test FILE is written to FILE for those that follow. A block ```toml test is a good configuration of the daemon, ```yaml test one of
Prometheus, ```yaml test rules its rules.

Replaced in a command are the default ports and the default path of the Unix socket, by those of the test's daemon; in
what it prints, these by the defaults. Times and ages are compared as "some time", and runs of blanks and dashes as one,
because the width of a table follows what is in it.
"""

import os
import re
import shutil
import subprocess
import sys

from harness import (
    BINARY, DEADLINE, SOURCE, TOOLS, DaemonTest, daemon_environment, eventually, free_port, main, run_daemon,
)  # fmt: skip
from prometheusserver import promtools

SOCKET = "/var/run/exporter-proxy-receiver.sock"
BLOCK = re.compile(r"^```(?P<words>\w.*)\n(?P<text>(?:.*\n)*?)^```$|^## (?P<section>.*)$", re.MULTILINE)
VOLATILE = [
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?"), "TIME"),
    (re.compile(r'("age_seconds": )[\d.]+'), r"\1AGE"),
    (re.compile(r" {2,}"), " "),
    (re.compile(r"-{2,}"), "--"),
]


DOCUMENTS = ("README.md", "REFERENCE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "tests/bench/README.md")

KINDS = {
    "capnp": {"receiver": {"format": "capnp"}},
    "quarantine": {"exposition": {"validation": "quarantine"}},
}


def read(name):
    with open(os.path.join(SOURCE, name), encoding="utf-8") as file:
        return file.read()


def blocks(text):
    """The blocks to test: section, line, words behind ```, text, and what it is to print."""
    found = []
    section = None
    for match in BLOCK.finditer(text):
        if match["section"]:
            section = match["section"]
        elif match["words"] == "text output":
            found[-1][-1] = match["text"]
        elif "test" in match["words"].split():
            found.append([section, 1 + text[: match.start()].count("\n"), match["words"].split(), match["text"], ""])
    return found


def leads_somewhere(document, link):
    """Whether a link in the document names a file of the tree, and a heading of it where it names one."""
    path, _, anchor = link.partition("#")
    path = os.path.normpath(os.path.join(os.path.dirname(document), path)) if path else document
    if not os.path.exists(os.path.join(SOURCE, path)):
        return False
    headings = re.findall(r"^#+ (.*)$", read(path), re.MULTILINE) if anchor else []
    # As the common hosts of repositories make them.
    return not anchor or anchor in [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]


def comparable(text):
    for pattern, replacement in VOLATILE:
        text = pattern.sub(replacement, text)
    return text.strip("\n")


def pattern_of(expected):
    lines = [".*" if line == "…" else re.escape(line).replace("…", "[^\n]*") for line in expected.split("\n")]
    return re.compile("\n".join(lines), re.DOTALL)


def is_made_of(code, words, parts):
    """Whether the words stand in the code in so many pieces at most: a message is put together where it has its values."""
    if parts == 0 or not words:
        return not words
    return any(
        " ".join(words[:end]) in code and is_made_of(code, words[end:], parts - 1)
        for end in range(len(words), 0, -1)
    )


class TestReadme(DaemonTest):
    def daemon_for(self, daemons, words):
        kind = next((kind for kind in KINDS if kind in words), "")
        if kind not in daemons:
            daemons[kind] = self.start({"exporter": {"self_metrics": True}, **KINDS.get(kind, {})})
        return daemons[kind]

    def tree(self):
        """A folder that blocks may write into."""
        folder = os.path.join(self.folder, "tree")
        if not os.path.exists(folder):
            os.mkdir(folder)
            for name in ("schema", "resources", "config.toml"):
                os.symlink(os.path.join(SOURCE, name), os.path.join(folder, name))
        return folder

    def places(self, daemon):
        return [(r"\b6554\b", str(daemon.tcp_port)), (r"\b6555\b", str(daemon.http_port)),
                (re.escape(SOCKET), daemon.unix_path)]  # fmt: skip

    def with_own_places(self, text, daemon):
        for default, own in self.places(daemon):
            text = re.sub(default, own, text)
        return text

    def run_block(self, words, text, daemon):
        text = self.with_own_places(text, daemon)
        python = os.path.join(TOOLS, "venv", "bin", "python") if "capnp" in words else sys.executable
        path = [os.path.dirname(BINARY), os.path.join(TOOLS, "root", "usr", "bin"), os.environ["PATH"]]
        result = subprocess.run(
            ["sh", "-c", text] if words[0] == "sh" else [python, "-B", "-c", text],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=daemon_environment({"PATH": os.pathsep.join(path)}),
            cwd=self.tree(),
            timeout=DEADLINE,
            check=False,
        )
        printed = result.stdout.decode()
        for default, own in self.places(daemon):
            printed = re.sub(re.escape(own), SOCKET if own == daemon.unix_path else default.strip(r"\b"), printed)
        return printed

    def check_file(self, words, text):
        # Where the package puts what the tree has here.
        text = text.replace("/usr/share/exporter-proxy/prometheus", os.path.join(SOURCE, "packaging", "prometheus"))
        path = self.write(f"block.{words[0]}", text)
        results = {
            "toml": lambda: [run_daemon("--config", path, "--check-config")],
            "yaml": lambda: promtools("check", "rules" if "rules" in words else "config", path, text=True),
        }[words[0]]
        for result in results():
            self.assertEqual(0, result.returncode, result.stdout + result.stderr)

    def test_every_block_of_the_readme_does_what_is_shown(self):
        self.run_blocks("README.md")

    def test_every_block_of_the_reference_does_what_is_shown(self):
        self.run_blocks("REFERENCE.md")

    def run_blocks(self, name):
        found = blocks(read(name))
        self.assertGreater(len(found), 5)
        daemons = {}
        last_section = None
        for section, line, words, text, expected in found:
            if section != last_section:
                daemons, last_section = {}, section
            with self.subTest(section=section, line=line):
                if "rust" in words and not shutil.which("rustc"):
                    self.skipTest("rustc is not installed: this block is not run")
                elif words[0] == "cpp":
                    with open(os.path.join(self.tree(), words[-1]), "w", encoding="utf-8") as file:
                        file.write(self.with_own_places(text, self.daemon_for(daemons, ["capnp"])))
                elif words[0] in ("sh", "python"):
                    printed = comparable(self.run_block(words, text, self.daemon_for(daemons, words)))
                    expected = comparable(expected)
                    if not pattern_of(expected).fullmatch(printed):
                        self.assertEqual(expected, printed)
                else:
                    self.check_file(words, text)

    def test_every_path_metric_and_reason_is_named(self):
        reference = read("REFERENCE.md")
        daemon = self.start(
            {
                "exporter": {"self_metrics": True},
                "poll_external": {
                    "poll_other_scrape_endpoints": True,
                    "other_scrape_endpoints": [f"http://127.0.0.1:{free_port()}/metrics"],
                },
            }
        )
        daemon.push_apps(a="a 1")
        eventually(lambda: b"_poll_duration_" in daemon.page(), "a poll has ended")
        page = daemon.page().decode()
        paths = daemon.request("/nothing").body.decode().partition("there are ")[2].split()
        self.assertGreater(len(paths), 3)
        names = set(re.findall(r"^# TYPE (\w+)", page, re.MULTILINE)) | set(re.findall(r'reason="(\w+)"', page))
        self.assertGreater(len(names), 30)
        missing = [name for name in sorted(names) if f"`{name}`" not in reference]
        missing += [path for path in paths if f"`GET {path}`" not in reference]
        self.assertEqual([], missing)

    def test_every_setting_that_is_named_exists(self):
        settings = set(re.findall(r"[`/ ](?:exporter|receiver|poll_external|limits|exposition|log)\.(\w+)", read("README.md") + read("REFERENCE.md")))
        self.assertGreater(len(settings), 10)
        known = re.findall(r"^#?(\w+) = ", read("config.toml"), re.MULTILINE)
        self.assertEqual([], sorted(settings.difference(known, ["formt", "sock"])))  # a mistake to show, a file

    def test_every_message_that_is_explained_is_in_the_code(self):
        sources = []
        for part in ("common", "daemon"):
            for folder, _, names in os.walk(os.path.join(SOURCE, part)):
                sources += [read(os.path.join(folder, name)) for name in names if name.endswith((".cpp", ".h"))]
        sources += [os.strerror(error).lower() for error in range(1, 134)]
        # A literal may go on in the next line, and has marks where the README has an example.
        code = re.sub(r'"\s*"', "", "\n".join(sources).lower()).replace('\\"', '"')
        troubles = read("README.md").partition("\n## Troubleshooting\n")[2].partition("\n## ")[0]
        messages = [m for m in re.findall(r"^\| `([^`]+)`", troubles, re.MULTILINE) if not m.startswith("nc: ")]
        self.assertGreater(len(messages), 20)
        for message in messages:
            # What is fixed of it: words in lower case, between names, numbers and punctuation.
            fixed = re.findall(r"[a-z][a-z' -]*[a-z]", re.sub(r"\S*[0-9A-Z_/…]\S*", "\n", message.replace("Too many", "too many")))
            missing = [words for words in fixed if not is_made_of(code, words.split(), 3)]
            self.assertEqual([], missing, message)

    def test_links_between_the_documents_lead_somewhere(self):
        for name in DOCUMENTS:
            text = read(name)
            links = re.findall(r"\]\((?!https?:)([^)\s]+)", text)
            links += re.findall(r'src(?:set)?="(?!https?:)([^"]+)"', text)
            with self.subTest(document=name):
                self.assertEqual([], [link for link in links if not leads_somewhere(name, link)])


if __name__ == "__main__":
    main()
