# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop file, the metainfo and the icon, checked by the desktop's own tools."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

ROOT = os.environ["EXPORTER_PROXY_SOURCE"]
DESKTOP_FILE = os.path.join(ROOT, "packaging/desktop/exporter-proxy-monitor.desktop")
METAINFO = os.path.join(ROOT, "packaging/desktop/org.exporter_proxy.monitor.metainfo.xml")
ICON = os.path.join(ROOT, "resources/exporter-proxy-monitor.svg")


def validate_desktop_file(path):
    return subprocess.run(["desktop-file-validate", path], capture_output=True, text=True)


def metainfo_faults(path):
    """Errors and warnings, but one: the project has no homepage that it could name, which newer versions warn of."""
    result = subprocess.run(["appstreamcli", "validate", "--no-net", path], capture_output=True, text=True)
    said = result.stdout + result.stderr
    faults = re.findall(r"^\s*[EW]: .*", said, re.MULTILINE)
    # Failed without a word that was understood: then all of it.
    return [line for line in faults or [said] * (result.returncode != 0) if "url-homepage-missing" not in line]


def desktop_keys():
    with open(DESKTOP_FILE, encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line and not line.startswith("#"))


class TestDesktopFiles(unittest.TestCase):
    def broken(self, path, old, new):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        copy = os.path.join(folder.name, os.path.basename(path))
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertIn(old, text)
        with open(copy, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
        return copy

    def test_the_tools_are_installed(self):
        for tool in ("desktop-file-validate", "appstreamcli"):
            self.assertIsNotNone(shutil.which(tool), f"{tool} is missing: packaging/dependencies.sh test")

    def test_the_desktop_file_is_valid(self):
        result = validate_desktop_file(DESKTOP_FILE)
        self.assertEqual((0, ""), (result.returncode, result.stdout + result.stderr))

    def test_a_broken_desktop_file_would_be_noticed(self):
        self.assertNotEqual(0, validate_desktop_file(self.broken(DESKTOP_FILE, "Type=Application", "Type=Sort")).returncode)

    def test_the_metainfo_is_valid(self):
        self.assertEqual([], metainfo_faults(METAINFO))

    def test_broken_metainfo_would_be_noticed(self):
        self.assertNotEqual([], metainfo_faults(self.broken(METAINFO, "<summary>", "<sumary>")))

    def test_the_files_name_each_other(self):
        keys = desktop_keys()
        self.assertEqual("exporter-proxy-monitor", keys["Exec"].split()[0])
        self.assertEqual(os.path.splitext(os.path.basename(ICON))[0], keys["Icon"])
        metainfo = ElementTree.parse(METAINFO)
        self.assertEqual(os.path.basename(DESKTOP_FILE), metainfo.findtext("launchable"))
        self.assertEqual("exporter-proxy-monitor", metainfo.findtext("provides/binary"))
        self.assertEqual(keys["Comment"], metainfo.findtext("summary"))
        self.assertEqual(os.path.basename(METAINFO), metainfo.findtext("id") + ".metainfo.xml")

    def test_the_metainfo_knows_the_released_version(self):
        with open(os.path.join(ROOT, "CMakeLists.txt"), encoding="utf-8") as file:
            self.assertRegex(file.read(), r"VERSION " + ElementTree.parse(METAINFO).find("releases/release").get("version"))

    def test_the_icon_is_square(self):
        icon = ElementTree.parse(ICON).getroot()
        self.assertEqual(icon.get("width"), icon.get("height"))


if __name__ == "__main__":
    unittest.main()
